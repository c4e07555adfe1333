//! Loads a log as its files hold it: the right edge alone is read.

use std::{collections::BTreeSet, sync::Arc};

use bytes::Bytes;
use wpsx_proto::{
    bundle::EntryBundle, hash::Hash, identity::Identity, index::BUNDLE, origin::Origin,
};

use crate::{
    error::StoreError,
    format::{
        edge::Edge,
        erased::Erased,
        kept::Kept,
        layout::FileKey,
        payloads::Payloads,
        request::Requests,
        saved::{Saved, name},
    },
    log::{contents::Contents, handle::Log, recent::Recent},
    write::shared::Shared,
};

/// A log as its files hold it: the right edge alone is read.
pub(crate) fn load(shared: &Shared, kept: &Kept) -> Result<Log, StoreError> {
    let state = &shared.state;
    let damaged =
        |what: &str, e: String| StoreError::damaged(&state.path_of(&name(kept.number, what)), e);
    let origin = Origin::parse(&kept.origin).map_err(|e| damaged("log", e.to_string()))?;
    let identity = Identity::verify(&kept.identity).map_err(|e| damaged("log", e.to_string()))?;
    let key = identity
        .log_key(&origin)
        .ok_or_else(|| damaged("log", "its identity does not speak for it".to_owned()))?;
    let log = Log::new(kept.number, kept.own, origin, identity, key, shared.shelf());
    let Some(saved) = Saved::read(state, kept.number)? else {
        return Ok(log);
    };
    let mut contents = Contents {
        applied: saved.applied,
        holes: saved.holes(),
        recent: Recent::after(saved.size),
        ..Contents::default()
    };
    if let Some(bytes) = state.get(&name(kept.number, "erased"))? {
        contents.erased = Erased::parse(&bytes).map_err(|e| damaged("erased", e))?;
    }
    if let Some(bytes) = state.get(&name(kept.number, "requests"))? {
        contents.requests = Requests::parse(&bytes).map_err(|e| damaged("requests", e))?;
    }
    let mut partials = BTreeSet::new();
    let mut partial = |key: FileKey, width: usize| {
        partials.insert((key, width));
        let name = log.name_of(key, Some(width));
        let path = log.files.path_of(&name);
        match log.files.read(&name)? {
            Some(bytes) => Ok((path, bytes)),
            None => Err(StoreError::damaged(&path, "it is missing")),
        }
    };
    contents.edge = Edge::load(saved.size, |level, index, width| {
        let (path, bytes) = partial(FileKey::Tile { level, index }, width)?;
        let hashes =
            Hash::list_from_bytes(&bytes, width).map_err(|e| StoreError::damaged(&path, e))?;
        if hashes.len() == width {
            Ok(hashes)
        } else {
            Err(StoreError::damaged(
                &path,
                format!("it is not {width} hashes long"),
            ))
        }
    })?;
    let width = (saved.size % BUNDLE) as usize;
    if width > 0 {
        let bundle = saved.size / BUNDLE;
        let (path, bytes) = partial(FileKey::Entries(bundle), width)?;
        let entries =
            EntryBundle::parse(bytes.clone()).map_err(|e| StoreError::damaged(&path, e))?;
        let hashes = entries.iter().map(Hash::leaf);
        if !hashes.eq(contents.edge.open_tile(0).1.iter().copied()) {
            return Err(StoreError::damaged(
                &path,
                "its entries do not hash to their tile",
            ));
        }
        contents.open.extend(&bytes);
        let (path, bytes) = partial(FileKey::Payload(bundle), width)?;
        contents.open.slots =
            Payloads::parse(&bytes, true).map_err(|e| StoreError::damaged(&path, e))?;
        if contents.open.slots.len() != width {
            return Err(StoreError::damaged(
                &path,
                format!("it does not hold {width} slots"),
            ));
        }
    }
    let note = |bytes: &Bytes| {
        let known = !bytes.is_empty();
        known
            .then(|| log.checkpoint(bytes).map(Arc::new))
            .transpose()
    };
    contents.head = note(&saved.head)?;
    contents.pending = note(&saved.pending)?;
    if let Some(head) = contents
        .head
        .as_ref()
        .filter(|head| head.size().value() == saved.size)
        && head.root() != contents.edge.frontier().root()
    {
        return Err(log.broken("its tiles do not hash to its head"));
    }
    *log.partials.lock() = partials;
    *log.contents.write() = contents;
    Ok(log)
}
