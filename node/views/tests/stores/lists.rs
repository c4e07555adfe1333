//! Lists against publishers that say anything of a record's previous entry: at any
//! moment each record is listed once, at its newest entry, and hides no other.

use std::{
    collections::{BTreeMap, BTreeSet},
    convert::Infallible,
};

use wpsx_proto::{
    bundle::EntryBundle,
    checkpoint::Checkpoint,
    envelope::{Envelope, PayloadClaim},
    hash::Hash,
    payload::commit,
    tree::{Frontier, Subtrees, root_of},
};

use super::*;

/// A log whose publisher signs what it likes.
struct Liar {
    publisher: Publisher,
    entries: Vec<Bytes>,
    /// The newest entry of each record, and whether it ended the record.
    newest: BTreeMap<u64, (u64, bool)>,
}

impl Subtrees for Liar {
    type Error = Infallible;

    fn subtree(&self, level: u8, index: u64) -> Result<Hash, Infallible> {
        let run = (index as usize) << level..((index + 1) as usize) << level;
        let leaves: Vec<Hash> = self.entries[run].iter().map(|e| Hash::leaf(e)).collect();
        Ok(root_of(&leaves))
    }
}

impl Liar {
    fn grow(&mut self, dice: &mut Dice) {
        for _ in 0..1 + dice.below(90) {
            let index = self.entries.len() as u64;
            let record = dice.below(40);
            let ends = dice.below(6) == 0;
            let previous = match dice.below(4) {
                0 => None,
                1 => self.newest.get(&record).map(|(index, _)| *index),
                _ => index.checked_sub(1 + dice.below(60)),
            };
            let envelope = Envelope {
                operation: match ends {
                    true => Operation::Withdraw,
                    false => Operation::Publish,
                },
                record_id: id(record),
                revision: match previous {
                    None => 1,
                    Some(_) => 2 + dice.below(5) as u32,
                },
                previous: previous.map(LeafIndex::new),
                kind: 1,
                payload: (!ends).then(|| PayloadClaim {
                    length: 10,
                    commitment: commit(&[1; 32], b"0123456789"),
                }),
                publish_time: START,
                reason: Reason::Unspecified,
            };
            self.entries.push(envelope.encode());
            self.newest.insert(record, (index, ends));
        }
    }

    fn head(&self) -> VerifiedCheckpoint {
        let mut frontier = Frontier::empty();
        frontier.extend(self.entries.iter().map(|entry| Hash::leaf(entry)));
        let origin = self.publisher.origin.clone();
        let signer = self.publisher.signer.named(origin.as_str()).unwrap();
        let checkpoint = Checkpoint {
            origin,
            size: frontier.size(),
            root: frontier.root(),
        };
        VerifiedCheckpoint::sign(checkpoint, &signer).unwrap()
    }

    fn package(&self, run: std::ops::Range<u64>, head: &VerifiedCheckpoint) -> VerifiedPackage {
        let (start, end) = (LeafIndex::new(run.start), TreeSize::new(run.end));
        let mut bytes = Vec::new();
        for entry in &self.entries[run.start as usize..run.end as usize] {
            bytes.extend_from_slice(&(entry.len() as u16).to_be_bytes());
            bytes.extend_from_slice(entry);
        }
        let entries = EntryBundle::parse(bytes.into()).unwrap();
        let Ok(proof) = prove_package(self, start, end, head.size());
        let first = start.bundle_start().value();
        let before = &self.entries[first as usize..run.start as usize];
        let before: Vec<Hash> = before.iter().map(|entry| Hash::leaf(entry)).collect();
        let package = Package::new(start, entries, proof).unwrap();
        package.verify(&before, head).unwrap()
    }

    async fn send(&self, store: &Store, log: &LogHandle) {
        let head = self.head();
        store.set_pending(log.origin(), head.clone()).await.unwrap();
        for run in runs(log.stored().next_index(), head.size()) {
            let package = self.package(run, &head);
            let sent = store.extend(package, Vec::new(), SlotState::NotHeld).await;
            sent.unwrap();
        }
        store.commit_head(log.origin(), head).await.unwrap();
    }
}

#[tokio::test]
async fn a_false_link_neither_hides_nor_doubles_an_entry() {
    let seeds = Dice::asked().map_or(1..6, |seed| seed..seed + 1);
    for seed in seeds {
        println!("seed {seed}");
        let mut dice = Dice(seed);
        let place = Place::on_disk();
        let (store, views) = open(&place);
        let mut liar = Liar {
            publisher: publisher("liar.example"),
            entries: Vec::new(),
            newest: BTreeMap::new(),
        };
        let log = replica(&store, &liar.publisher);
        for _ in 0..12 {
            liar.grow(&mut dice);
            liar.send(&store, &log).await;
            wait(|| views.position(log.number()) == log.stored().value()).await;
            // Once from memory, and once from the table.
            for _ in 0..2 {
                for include_withdrawn in [true, false] {
                    let filter = Filter {
                        include_withdrawn,
                        ..Filter::default()
                    };
                    let listed = views
                        .list(&[log.number()].into(), &filter, None, 1000)
                        .unwrap();
                    let listed: Vec<u64> = listed.into_iter().map(|(_, index)| index).collect();
                    let newest = liar.newest.values();
                    let shown = newest.filter(|(_, ended)| include_withdrawn || !ended);
                    let expected: BTreeSet<u64> = shown.map(|(index, _)| *index).collect();
                    assert_eq!(listed, Vec::from_iter(expected));
                }
                if dice.below(2) == 0 {
                    views.flush().unwrap();
                }
            }
            for (record, (index, _)) in &liar.newest {
                let latest = views.latest(log.number(), &id(*record)).unwrap();
                assert_eq!(latest.unwrap().index, *index);
            }
        }
        check(&store, &log);
    }
}
