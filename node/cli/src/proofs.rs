//! `wpsx check-proof`: a proof file, checked with a card and nothing else.

use std::{fs, io::Read as _, path::Path};

use bytes::Bytes;
use serde_json::json;
use wpsx_client::Trust;
use wpsx_proto::{
    api::exchange::v1::ProvenEntry,
    card::NodeCard,
    checkpoint::VerifiedCheckpoint,
    cosignature::Cosignature,
    envelope::Leaf,
    hash::Hash,
    identity::Identity,
    note::VerifierKey,
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
    let (mut trust, mut nodes) = (Trust::default(), Vec::new());
    for path in &args.card {
        nodes.extend(believe(&mut trust, path)?);
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
    let witnesses = Witnesses::of(&checkpoint, &nodes);
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
            "seen_by": witnesses.json(),
            "cosigners": witnesses.unknown,
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
{}\n\
         Not proven: that there is no newer revision. wpsx get asks a node for that.",
        checkpoint.size(),
        proof.index(),
        match state {
            SlotState::Full => ", and the content is exactly what the entry commits to",
            _ => "",
        },
        witnesses.lines(),
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

/// Who saw the log as the proof shows it, and signed that.
struct Witnesses {
    /// Whose signatures hold, by the cards that were given.
    seen: Vec<Cosignature>,
    /// Whose names stand there without a card to check them.
    unknown: Vec<String>,
}

impl Witnesses {
    /// The node that signs for the publisher is no witness of what it signed.
    fn of(checkpoint: &VerifiedCheckpoint, nodes: &[NodeCard]) -> Self {
        let publisher = checkpoint.origin().publisher();
        let signs = |card: &&NodeCard| {
            let mut hosted = card.publishers().iter();
            hosted.any(|hosted| Some(hosted.name()) == publisher.as_ref())
        };
        let (signing, others): (Vec<&NodeCard>, Vec<_>) = nodes.iter().partition(signs);
        let keys = |cards: Vec<&NodeCard>| -> Vec<VerifierKey> {
            cards.iter().map(|card| card.cosigner().clone()).collect()
        };
        let own = checkpoint.cosignatures(&keys(signing));
        let seen = checkpoint.cosignatures(&keys(others));
        let claimed = checkpoint.claimed_cosigners().into_iter();
        let unknown = claimed.filter(|name| own.iter().chain(&seen).all(|it| it.name != *name));
        Self {
            unknown: unknown.map(str::to_owned).collect(),
            seen,
        }
    }

    fn json(&self) -> Vec<serde_json::Value> {
        let seen = self.seen.iter();
        let seen =
            seen.map(|it| json!({ "name": it.name, "at": rfc3339(it.time.saturating_mul(1000)) }));
        seen.collect()
    }

    /// A line for each.
    fn lines(&self) -> String {
        let seen = self.seen.iter();
        let seen = seen.map(|it| {
            let at = rfc3339(it.time.saturating_mul(1000));
            format!("\nseen by {}\nat {at}, which its key signed.", it.name)
        });
        let unknown = self.unknown.iter();
        let unknown = unknown.map(|name| {
            format!("\nNot checked: the signature of {name};\nname its card with --card too.")
        });
        seen.chain(unknown).collect()
    }
}

/// A node's card, which it gives back, or a publisher's.
fn believe(trust: &mut Trust, path: &Path) -> Result<Option<NodeCard>, Failure> {
    let text = read_card(path)?;
    let mut node = None;
    let known = match NodeCard::verify(text.as_bytes()) {
        Ok(card) => {
            let known = trust.add_card(&card);
            node = Some(card);
            known
        }
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
    known.map_err(|error| Failure::because("the cards contradict each other", &error))?;
    Ok(node)
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

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use wpsx_proto::{
        card::CardParts,
        checkpoint::Checkpoint,
        cosignature::Cosigner,
        index::TreeSize,
        note::NoteSigner,
        origin::{NodeName, TlsKeyHash},
    };

    use super::*;

    #[test]
    fn who_saw_it_is_told_apart_from_who_is_only_named() {
        let origin = Origin::parse("eu.example/wpsx/public").unwrap();
        let signer = NoteSigner::from_seed("eu.example/wpsx/public", &[1; 32]).unwrap();
        let (size, root) = (TreeSize::new(1), Hash::leaf(b"x"));
        let text = Checkpoint { origin, size, root };
        let mut checkpoint = VerifiedCheckpoint::sign(text, &signer).unwrap();
        let [known, other] = [("au.example", 2), ("un.example", 3)]
            .map(|(name, seed)| Cosigner::from_seed(name, &[seed; 32]).unwrap());
        checkpoint.cosign(&known, 1_700_000_000);
        checkpoint.cosign(&other, 1_700_000_001);
        let parts = CardParts {
            name: NodeName::parse("au.example").unwrap(),
            tls_key: TlsKeyHash::from_hash(Hash::of(b"a key")),
            cosigner: known.verifier_key(),
            endpoints: Vec::new(),
            mirrors: Vec::new(),
            publishers: Vec::new(),
            time: 1_700_000_000_000,
            sequence: 1,
        };
        let signs = NoteSigner::from_seed("au.example", &[4; 32]).unwrap();
        let card = NodeCard::sign(parts, &signs).unwrap();
        let witnesses = Witnesses::of(&checkpoint, &[card]);
        assert_eq!(
            witnesses.lines(),
            "\nseen by au.example\nat 2023-11-14T22:13:20Z, which its key signed.\
             \nNot checked: the signature of un.example;\nname its card with --card too."
        );
        assert_eq!(
            witnesses.json(),
            [json!({ "name": "au.example", "at": "2023-11-14T22:13:20Z" })]
        );
        assert_eq!(Witnesses::of(&checkpoint, &[]).unknown.len(), 2);
    }
}
