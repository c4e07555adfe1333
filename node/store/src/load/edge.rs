//! The right edge of a log from its partial files. Each hash in it can be made anew from
//! what is below it, and the signed head says which of two is right.

use bytes::Bytes;
use wpsx_proto::{
    bundle::EntryBundle, checkpoint::VerifiedCheckpoint, hash::Hash, index::BUNDLE, tree::root_of,
};

use crate::{
    error::StoreError,
    format::{edge::Edge, layout::FileKey},
    log::handle::Log,
    stuck::{Stuck, Wanted},
};

/// The open tiles, and the entries of the open bundle.
pub(super) struct RightEdge {
    pub(super) edge: Edge,
    pub(super) entries: Bytes,
}

/// The edge of a log of `size` entries.
pub(super) fn load(
    log: &Log,
    size: u64,
    head: Option<&VerifiedCheckpoint>,
) -> Result<RightEdge, Stuck> {
    let (bundle, width) = (size / BUNDLE, (size % BUNDLE) as usize);
    let (key, tile) = (
        FileKey::Entries(bundle),
        FileKey::Tile {
            level: 0,
            index: bundle,
        },
    );
    let entries = match width {
        0 => Ok(Vec::new()),
        _ => {
            log.partials.lock().insert((key, width));
            open_entries(log, bundle, width)
        }
    };
    let in_file = match width {
        0 => Ok(Vec::new()),
        _ => hashes(log, tile, width),
    };
    let of_entries = entries.as_ref().ok().map(|_| entry_hashes(&entries));
    let right = |edge: &Edge| match head {
        Some(head) if head.size().value() == size => edge.frontier().root() == head.root(),
        // Nothing says which is right where two differ.
        _ => in_file.as_ref().ok() == of_entries.as_ref(),
    };
    let mut candidates: Vec<&Vec<Hash>> = in_file.iter().chain(&of_entries).collect();
    candidates.dedup();
    let mut found = None;
    for anew in [false, true] {
        for leaves in &candidates {
            let edge = with_leaves(log, size, leaves, anew)?;
            if found.is_none() && right(&edge) {
                found = Some((edge, *leaves));
            }
        }
    }
    let Some((edge, leaves)) = found else {
        let whole = |reason: &str| Stuck::from(log.broken(reason));
        return Err(match (&entries, &in_file) {
            (Err(reason), _) => log.damaged_part(key, width, reason).into(),
            (_, Err(reason)) => log.damaged_part(tile, width, reason).into(),
            _ => whole("its tiles do not hash to its head"),
        });
    };
    if of_entries.as_ref() != Some(leaves) {
        let reason = match &entries {
            Err(reason) => reason.as_str(),
            Ok(_) => "its entries do not hash to their tile",
        };
        return Err(Stuck {
            error: log.damaged_part(key, width, reason),
            wanted: Some(Box::new(Wanted {
                bundle,
                hashes: leaves.clone(),
                name: log.name_of(key, Some(width)),
            })),
        });
    }
    for (level, index, open) in edge.open_tiles() {
        let key = FileKey::Tile { level, index };
        log.partials.lock().insert((key, open.len()));
        let reason = match hashes(log, key, open.len()) {
            Ok(hashes) if hashes == open => continue,
            Ok(_) => "it is not what is below it hashes to".to_owned(),
            Err(reason) => reason,
        };
        log.note_damage(key, Some(open.len()), &reason);
    }
    let entries = entries.unwrap_or_default();
    Ok(RightEdge {
        edge,
        entries: entries.into(),
    })
}

/// The edge over these leaves; the levels above from their files, or from what is below
/// them where that is asked for or a file cannot be read.
fn with_leaves(log: &Log, size: u64, leaves: &[Hash], anew: bool) -> Result<Edge, StoreError> {
    Edge::load(size, |level, index, width| {
        let key = FileKey::Tile { level, index };
        if level == 0 {
            return Ok(leaves.to_vec());
        }
        match hashes(log, key, width) {
            Ok(hashes) if !anew => return Ok(hashes),
            _ => {}
        }
        let first = index * BUNDLE;
        let below = (first..first + width as u64).map(|below| {
            let shallow = log.raw_tile(level - 1, below);
            let hashes = shallow.or_else(|_| log.derive(level - 1, below, true))?;
            Ok(root_of(&hashes))
        });
        let below: Result<Vec<Hash>, String> = below.collect();
        below.map_err(|reason| log.damaged_part(key, width, reason))
    })
}

fn open_entries(log: &Log, bundle: u64, width: usize) -> Result<Vec<u8>, String> {
    let bytes = log.raw(FileKey::Entries(bundle), Some(width))?;
    let entries = EntryBundle::parse(bytes.clone()).map_err(|e| e.to_string())?;
    match entries.len() == width {
        true => Ok(bytes.to_vec()),
        false => Err(format!("it does not hold {width} entries")),
    }
}

fn entry_hashes(bytes: &Result<Vec<u8>, String>) -> Vec<Hash> {
    let bytes = bytes.as_deref().unwrap_or_default();
    EntryBundle::parse(Bytes::copy_from_slice(bytes))
        .map(|entries| entries.iter().map(Hash::leaf).collect())
        .unwrap_or_default()
}

fn hashes(log: &Log, key: FileKey, width: usize) -> Result<Vec<Hash>, String> {
    let bytes = log.raw(key, Some(width))?;
    let hashes = Hash::list_from_bytes(&bytes, width).map_err(|e| e.to_string())?;
    match hashes.len() == width {
        true => Ok(hashes),
        false => Err(format!("it is not {width} hashes long")),
    }
}
