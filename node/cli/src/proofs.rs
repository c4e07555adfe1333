//! `wpsx check-proof`: a proof file, checked with a card and nothing else.

use std::{fs, io::Read as _, path::Path};

use bytes::Bytes;
use serde_json::json;
use wpsx_client::Trust;
use wpsx_proto::{
    api::exchange::v1::ProvenEntry,
    card::NodeCard,
    envelope::Leaf,
    hash::Hash,
    identity::Identity,
    origin::Origin,
    payload::{Slot, SlotState},
    tlog_proof::{MAX_EXTRA, TlogProof},
};

use super::{
    args::CheckProofArgs, failure::Failure, getting::write, output::Output, peers::read_card,
    shown::Shown, words::rfc3339,
};

/// A larger file is none: its extra data in base64, hashes and a note.
const LARGEST: u64 = 2 * MAX_EXTRA as u64;

/// `wpsx check-proof`
///
/// # Errors
///
/// The file proves nothing, or the cards do not name its publisher.
pub(super) fn check_proof(args: &CheckProofArgs, out: &mut Output) -> Result<(), Failure> {
    let text = read(&args.file)?;
    let not_proven = |error: &dyn std::error::Error| {
        Failure::because(format!("{} proves nothing", args.file.display()), error)
            .remedy("the file was changed, or belongs to another publisher; ask for it anew")
    };
    let proof = TlogProof::parse(&text).map_err(|error| not_proven(&error))?;
    let mut trust = Trust::default();
    for path in &args.card {
        believe(&mut trust, path)?;
    }
    let origin = origin_of(&text).ok_or_else(|| nameless(&args.file))?;
    let key = trust.key(&origin).map_err(|error| {
        Failure::because(format!("the proof is of {origin}"), &error)
            .remedy("name the card of the publisher, or of the node that hosts it, with --card")
    })?;
    let (entry, slot) = proof.entry().ok_or_else(|| nameless(&args.file))?;
    let checkpoint = proof
        .verify(Hash::leaf(&entry), &key)
        .map_err(|error| not_proven(&error))?;
    let leaf = Leaf::read(&entry);
    let state = match (slot.is_empty(), leaf.payload()) {
        (false, Some(claim)) => {
            let sealed = Slot::new(slot.clone()).map_err(|error| not_proven(&error))?;
            sealed.verify(claim).map_err(|error| not_proven(&error))?;
            SlotState::Full
        }
        (false, None) => return Err(nameless(&args.file)),
        (true, Some(_)) => SlotState::NotHeld,
        (true, None) => SlotState::None,
    };
    let shown = Shown::new(ProvenEntry {
        origin: origin.to_string(),
        index: proof.index().value(),
        entry,
        state: state.to_api() as i32,
        slot: slot.clone(),
        inclusion: Bytes::new(),
        backfill: false,
    });
    if let Some(path) = &args.payload {
        let payload = Slot::new(slot).map(|slot| slot.payload_bytes());
        let payload = payload
            .map_err(|_| Failure::failed("the proof file does not hold the record's content"))?;
        write(path, &payload)?;
    }
    if out.is_json() {
        let mut document = shown.json("en");
        document["proven"] = json!({
            "checkpoint_signed": true,
            "included": true,
            "payload_committed": state == SlotState::Full,
            "tree_size": checkpoint.size().value(),
            "root": checkpoint.root().to_string(),
        });
        return Ok(out.document(&document)?);
    }
    out.say(format!("{}\n", shown.title("en")))?;
    if let Some(envelope) = shown.envelope() {
        out.say(format!(
            "id        {}\nkind      {}\nrevision  {}, of {}",
            envelope.record_id,
            shown.kind(),
            envelope.revision,
            rfc3339(envelope.publish_time),
        ))?;
    }
    out.say(format!(
        "log       {origin}\n\n\
         proven: the publisher's key signed a log of {} entries,\n\
         this is entry {} in it{}.\n\
         Not proven: that there is no newer revision. wpsx get asks a node for that.",
        checkpoint.size(),
        proof.index(),
        match state {
            SlotState::Full => ", and the content is exactly what the entry commits to",
            _ => "",
        },
    ))?;
    if let Some(path) = &args.payload {
        out.say(format!("wrote the content to {}", path.display()))?;
    }
    Ok(())
}

fn read(path: &Path) -> Result<String, Failure> {
    let cannot = |error: &dyn std::error::Error| {
        Failure::because(
            format!("cannot read the proof file {}", path.display()),
            error,
        )
    };
    let file = fs::File::open(path).map_err(|error| cannot(&error))?;
    let mut text = String::new();
    file.take(LARGEST)
        .read_to_string(&mut text)
        .map_err(|error| cannot(&error))?;
    Ok(text)
}

/// A node's card, or a publisher's.
fn believe(trust: &mut Trust, path: &Path) -> Result<(), Failure> {
    let text = read_card(path)?;
    let known = match NodeCard::verify(text.as_bytes()) {
        Ok(card) => trust.add_card(&card),
        Err(_) => {
            let notes = [Bytes::from(text.into_bytes())];
            let identity = Identity::verify(&notes).map_err(|error| {
                Failure::because(
                    format!(
                        "{} is neither a node's card nor a publisher's",
                        path.display()
                    ),
                    &error,
                )
            })?;
            trust.add(identity)
        }
    };
    known.map_err(|error| Failure::because("the cards contradict each other", &error))
}

/// The first line of the checkpoint, which stands behind the first empty line.
fn origin_of(proof: &str) -> Option<Origin> {
    let (_, checkpoint) = proof.split_once("\n\n")?;
    Origin::parse(checkpoint.lines().next()?).ok()
}

fn nameless(path: &Path) -> Failure {
    let what = format!("{} does not hold the entry that it proves", path.display());
    Failure::failed(what).remedy("wpsx get ID --proof FILE writes a file that does")
}
