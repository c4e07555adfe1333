//! `wpsx list`, `wpsx get`: records as this node holds them.
//!
//! `get` does not take the node's word: it checks the checkpoint's signature, the
//! entry's inclusion and the payload's commitment, and says which of them held.

use std::{fs, path::Path, sync::Arc};

use serde_json::{Value, json};
use wpsx_client::{Entry, Included};
use wpsx_proto::{
    api::{
        admin::v1::{GetRecordRequest, ListOriginsRequest, ListRecordsRequest},
        exchange::v1::{ProvenEntry, RecordFilter},
    },
    chain,
    checkpoint::{SignedCheckpoint, VerifiedCheckpoint},
    envelope::{Envelope, Leaf, Operation},
    hash::Hash,
    index::LeafIndex,
    note::VerifierKey,
    payload::{Slot, SlotState},
    record::{Kind, Reading, Record},
    tlog_proof::TlogProof,
};

use super::{
    access::Desk,
    args::{GetArgs, ListArgs},
    failure::Failure,
    output::Output,
    words::{many, rfc3339},
};

/// Records asked for in one call.
const PAGE: usize = 500;
/// Longer titles are cut in tables.
const TITLE: usize = 80;

/// `wpsx list`
pub(super) async fn list(
    args: &ListArgs,
    desk: &mut Desk,
    out: &mut Output,
) -> Result<(), Failure> {
    let filter = RecordFilter {
        kinds: args.kind.clone(),
        countries: args.country.clone(),
        origins: args.origin.clone(),
        include_withdrawn: args.withdrawn,
    };
    let mut entries = Vec::new();
    let mut page_token = String::new();
    let mut more = false;
    while entries.len() < args.limit {
        let request = ListRecordsRequest {
            filter: Some(filter.clone()),
            page_size: u32::try_from(PAGE.min(args.limit - entries.len())).unwrap_or(0),
            page_token,
        };
        let answer = desk.admin.list_records(request).await?.into_inner();
        entries.extend(answer.entries);
        page_token = answer.next_page_token;
        more = !page_token.is_empty();
        if !more {
            break;
        }
    }
    let shown: Vec<Shown> = entries.into_iter().map(Shown::new).collect();
    if out.is_json() {
        let records: Vec<Value> = shown.iter().map(|s| s.json(&args.lang)).collect();
        return Ok(out.document(&json!({ "records": records, "more": more }))?);
    }
    // A terminal is narrow, and `wpsx get` shows the revision.
    let revisions = !out.is_terminal();
    let rows = shown
        .iter()
        .map(|s| {
            let (id, revision, time) = s.envelope().map_or_else(
                || ("-".to_owned(), "-".to_owned(), 0),
                |e| {
                    (
                        e.record_id.to_string(),
                        e.revision.to_string(),
                        e.publish_time,
                    )
                },
            );
            let mut row = vec![
                id,
                s.kind(),
                s.countries().join(" "),
                shorten(&s.title(&args.lang)),
                s.entry.origin.clone(),
            ];
            row.extend(revisions.then_some(revision));
            row.push(out.age(time));
            row
        })
        .collect::<Vec<Vec<String>>>();
    let mut header = vec!["id", "kind", "countries", "title", "origin"];
    header.extend(revisions.then_some("revision"));
    header.push("age");
    if rows.is_empty() && out.is_terminal() {
        return Ok(out.say("no record passes this filter")?);
    }
    out.table(&header, &rows)?;
    if out.is_terminal() {
        let all = if more {
            ", and there are more: raise --limit"
        } else {
            ""
        };
        out.say(format!("{}{all}", many(rows.len() as u64, "record")))?;
    } else if more {
        // A script that counts lines is to know that these are not all.
        out.warn("there are more records: raise --limit");
    }
    Ok(())
}

fn shorten(title: &str) -> String {
    if title.chars().count() <= TITLE {
        return title.to_owned();
    }
    let cut: String = title.chars().take(TITLE - 1).collect();
    format!("{}…", cut.trim_end())
}

/// An entry as it is shown.
struct Shown {
    entry: ProvenEntry,
    leaf: Leaf,
    state: SlotState,
    reading: Option<Reading>,
}

impl Shown {
    fn new(entry: ProvenEntry) -> Self {
        let leaf = Leaf::read(&entry.entry);
        let state = SlotState::try_from(entry.state).unwrap_or(SlotState::NotHeld);
        let reading = match (&leaf, state) {
            (Leaf::Known(envelope), SlotState::Full) if envelope.operation.publishes() => {
                Slot::new(entry.slot.clone())
                    .ok()
                    .map(|slot| Record::read(envelope.kind, slot.payload()))
            }
            _ => None,
        };
        Self {
            entry,
            leaf,
            state,
            reading,
        }
    }

    fn envelope(&self) -> Option<&Envelope> {
        match &self.leaf {
            Leaf::Known(envelope) => Some(envelope),
            _ => None,
        }
    }

    fn kind(&self) -> String {
        self.envelope()
            .map_or_else(|| "-".to_owned(), |e| Kind::new(e.kind).to_string())
    }

    fn countries(&self) -> Vec<String> {
        self.reading
            .as_ref()
            .map(|reading| reading.header().countries().to_vec())
            .unwrap_or_default()
    }

    /// The title, or why there is none.
    fn title(&self, lang: &str) -> String {
        if let Some(title) = self
            .reading
            .as_ref()
            .and_then(|reading| reading.header().title(&[lang, "en"]).map(str::to_owned))
        {
            return title;
        }
        let why = match (&self.leaf, &self.reading) {
            (Leaf::Newer { .. }, _) | (_, Some(Reading::NewerKind { .. })) => {
                "needs newer software"
            }
            (Leaf::Unreadable, _) | (_, Some(Reading::Malformed(_))) => "unreadable",
            (Leaf::Known(envelope), _) => match (envelope.operation, self.state) {
                (Operation::Withdraw, _) => "withdrawn",
                (Operation::Supersede, _) => "superseded",
                (Operation::Erase, _) | (_, SlotState::Erased) => "erased",
                (_, SlotState::Filtered) => "not fetched: filtered",
                (_, SlotState::NotHeld) => "not held here",
                (operation, _) if !operation.publishes() => "needs newer software",
                _ => "no title",
            },
        };
        format!("({why})")
    }

    fn json(&self, lang: &str) -> Value {
        let envelope = self.envelope();
        json!({
            "id": envelope.map(|e| e.record_id.to_string()),
            "kind": envelope.map(|e| Kind::new(e.kind).to_string()),
            "operation": envelope.map(|e| e.operation.to_string()),
            "origin": self.entry.origin,
            "index": self.entry.index,
            "revision": envelope.map(|e| e.revision),
            "time": envelope.map(|e| rfc3339(e.publish_time)),
            "countries": self.countries(),
            "title": self.title(lang),
            "payload": self.state.to_string(),
            "record": self.reading.as_ref().map(Reading::to_json),
        })
    }
}

/// `wpsx get`
pub(super) async fn get(args: &GetArgs, desk: &mut Desk, out: &mut Output) -> Result<(), Failure> {
    let request = GetRecordRequest {
        record_id: args.record.0.to_vec().into(),
        origin: args.origin.clone().unwrap_or_default(),
    };
    let answer = desk.admin.get_record(request).await?.into_inner();
    let entry = answer
        .entry
        .ok_or_else(|| Failure::failed("the node answered without a record"))?;
    let key = verifier_key(desk, &entry.origin).await?;
    let proven = prove(&entry, &answer.checkpoint, &key)?;
    let checkpoint = proven.checkpoint();
    let shown = Shown::new(entry);
    if let Some(path) = &args.payload {
        let payload = proven.payload().ok_or_else(|| {
            Failure::failed(format!(
                "this node does not hold the record's content: {}",
                shown.title(&args.lang)
            ))
        })?;
        write(path, payload)?;
    }
    if let Some(path) = &args.proof {
        write(path, proof_file(&shown.entry, checkpoint)?.as_bytes())?;
    }
    let cosigners: Vec<String> = checkpoint
        .claimed_cosigners()
        .iter()
        .map(ToString::to_string)
        .collect();
    if out.is_json() {
        let mut document = shown.json(&args.lang);
        document["proven"] = json!({
            "checkpoint_signed": true,
            "included": true,
            "payload_committed": shown.state == SlotState::Full,
            "tree_size": checkpoint.size().value(),
            "root": checkpoint.root().to_string(),
            "cosigners": cosigners,
        });
        return Ok(out.document(&document)?);
    }
    let rows = readable(&shown, &args.lang, out);
    out.table(&["field", "value"], &rows)?;
    out.say(format!(
        "proven: the publisher's key signed a log of {} entries, this is entry {} in it{}",
        checkpoint.size(),
        shown.entry.index,
        match shown.state {
            SlotState::Full => ", and the content is exactly what the entry commits to",
            _ => "",
        }
    ))?;
    for (path, what) in [(&args.payload, "content"), (&args.proof, "proof file")] {
        if let Some(path) = path {
            out.say(format!("wrote the {what} to {}", path.display()))?;
        }
    }
    Ok(())
}

/// A .tlog-proof. Its extra data holds the entry behind its length, then salt and payload
/// if they are here: with the publisher's key, the file needs nothing else.
fn proof_file(entry: &ProvenEntry, checkpoint: &VerifiedCheckpoint) -> Result<String, Failure> {
    let malformed =
        |error: &dyn std::error::Error| Failure::because("the proof file cannot be made", error);
    let hashes = Hash::list_from_bytes(&entry.inclusion, 64).map_err(|error| malformed(&error))?;
    let length = u16::try_from(entry.entry.len()).map_err(|error| malformed(&error))?;
    let extra = [&length.to_be_bytes(), &entry.entry[..], &entry.slot[..]].concat();
    TlogProof::new(
        Some(extra.into()),
        LeafIndex::new(entry.index),
        hashes,
        checkpoint,
    )
    .map(|proof| proof.to_string())
    .map_err(|error| malformed(&error))
}

async fn verifier_key(desk: &mut Desk, origin: &str) -> Result<VerifierKey, Failure> {
    let answer = desk
        .admin
        .list_origins(ListOriginsRequest {})
        .await?
        .into_inner();
    let log = answer.origins.into_iter().find(|log| log.origin == origin);
    let vkey = log.map(|log| log.vkey).unwrap_or_default();
    VerifierKey::parse(&vkey)
        .map_err(|error| Failure::because(format!("the key of {origin} is unusable"), &error))
}

/// Checks signature, inclusion and payload, as a reader far away would.
fn prove(
    entry: &ProvenEntry,
    checkpoint: &[u8],
    key: &VerifierKey,
) -> Result<Included<Entry>, Failure> {
    let wrong = |error: &dyn std::error::Error| {
        Failure::failed(format!(
            "entry {} of {} is not proven: {}",
            entry.index,
            entry.origin,
            chain(error)
        ))
        .remedy("the store or the node is damaged: run wpsx verify")
    };
    let checkpoint = SignedCheckpoint::parse(checkpoint)
        .and_then(|checkpoint| checkpoint.verify(key))
        .map_err(|error| wrong(&error))?;
    Included::verify(entry.clone(), Arc::new(checkpoint)).map_err(|error| wrong(&error))
}

/// The record, field by field.
fn readable(shown: &Shown, lang: &str, out: &Output) -> Vec<Vec<String>> {
    let row = |name: &str, value: String| vec![name.to_owned(), value];
    let mut rows = Vec::new();
    if let Some(envelope) = shown.envelope() {
        rows.push(row("id", envelope.record_id.to_string()));
        rows.push(row("kind", shown.kind()));
        rows.push(row(
            "revision",
            format!(
                "{} ({}), {} ({} ago)",
                envelope.revision,
                envelope.operation,
                rfc3339(envelope.publish_time),
                out.age(envelope.publish_time),
            ),
        ));
    }
    rows.push(row(
        "origin",
        format!("{}, entry {}", shown.entry.origin, shown.entry.index),
    ));
    match &shown.reading {
        Some(reading) => {
            rows.extend(
                reading
                    .to_lines()
                    .into_iter()
                    .map(|(name, value)| row(&name, value)),
            );
        }
        None => rows.push(row("title", shown.title(lang))),
    }
    rows
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    fs::write(path, bytes)
        .map_err(|error| Failure::because(format!("cannot write {}", path.display()), &error))
}
