//! What an update does to a mirrored log: what came is stored, what was erased is
//! destroyed, and what is missing is asked for.

use std::{
    collections::{BTreeSet, HashMap},
    io,
    ops::Range,
    sync::Arc,
};

use wpsx_proto::{
    api::log::v1::PayloadFrame,
    bundle::EntryBundle,
    checkpoint::VerifiedCheckpoint,
    envelope::{Envelope, Leaf, Operation},
    index::{BUNDLE, LeafIndex, TreeSize},
    origin::RecordId,
    package::VerifiedPackage,
    payload::{SlotState, VerifiedFrame},
};

use super::{LocalLog, kept};
use crate::{
    ClientError,
    mirror::{bundle::stored, folder::damaged},
    pull::{Held, Run},
};

/// Holes that are asked for in one go.
const MOST_HOLES: usize = 65_536;

impl LocalLog {
    /// How many entries are stored, proven or not.
    pub(in crate::mirror) fn stored(&self) -> TreeSize {
        self.tree.size()
    }

    #[expect(
        clippy::expect_used,
        reason = "only entries that the tree has hashed are proven"
    )]
    pub(in crate::mirror) fn held(&self) -> Held {
        let stored = self.tree.size();
        let verified = self.interrupted().or_else(|| self.head.as_deref().cloned());
        Held::of(&self.tree, stored, verified).expect("the tree holds what it has hashed")
    }

    pub(in crate::mirror) fn set_target(&mut self, target: VerifiedCheckpoint) -> io::Result<()> {
        self.folder.keep_note("target", &target.note_bytes())?;
        self.target = Some(target);
        Ok(())
    }

    /// Stores the next entries with their payloads.
    pub(in crate::mirror) fn extend(
        &mut self,
        package: &VerifiedPackage,
        frames: &[VerifiedFrame],
    ) -> io::Result<()> {
        let start = package.start();
        if start != self.tree.size().next_index() {
            return Err(damaged(format!("a package at {start} does not come next")));
        }
        let bundle = start.bundle();
        let mut before = Vec::new();
        let mut entries = package.entries().clone();
        if start.in_bundle() > 0 {
            let old = self.folder.entries(bundle, start.size_before())?;
            let leaves: Vec<Leaf> = old.iter().map(Leaf::read).collect();
            before = self.folder.frames(bundle, &leaves)?;
            entries =
                EntryBundle::from_entries(old.iter().chain(entries.iter())).map_err(damaged)?;
        }
        let all: Vec<PayloadFrame> = before.iter().chain(frames).flat_map(stored).collect();
        // Payloads first: entries whose payloads are not there yet would look like holes.
        self.folder.put_frames(bundle, &all)?;
        self.folder.put_entries(bundle, &entries)?;
        self.tree.extend(package.leaf_hashes().iter().copied());
        if let Some(gaps) = &mut self.gaps {
            gaps.insert(bundle);
        }
        Ok(())
    }

    /// Carries out the erase entries that the tree of `size` has beyond the head: each
    /// destroys the payloads of all earlier entries of its record, whatever their links say.
    fn erase_up_to(&mut self, size: TreeSize) -> io::Result<()> {
        let mut erased: HashMap<RecordId, u64> = HashMap::new();
        self.read_leaves(self.size().value()..size.value(), |index, envelope| {
            if envelope.operation == Operation::Erase {
                erased.insert(envelope.record_id, index);
            }
        })?;
        let end = erased.values().copied().max().unwrap_or_default();
        let mut gone = Vec::new();
        self.read_leaves(0..end, |index, envelope| {
            let before = erased.get(&envelope.record_id);
            if envelope.payload.is_some() && before.is_some_and(|before| index < *before) {
                gone.push(LeafIndex::new(index));
            }
        })?;
        let size = self.tree.size();
        gone.into_iter()
            .try_for_each(|index| self.folder.erase(index, size))
    }

    /// Reads the entries in `range` that can be read, in order.
    fn read_leaves(
        &self,
        range: Range<u64>,
        mut take: impl FnMut(u64, &Envelope),
    ) -> io::Result<()> {
        for bundle in range.start / BUNDLE..range.end.div_ceil(BUNDLE) {
            let entries = self.folder.entries(bundle, self.tree.size())?;
            for (index, entry) in (bundle * BUNDLE..).zip(entries.iter()) {
                if range.contains(&index)
                    && let Leaf::Known(envelope) = Leaf::read(entry)
                {
                    take(index, &envelope);
                }
            }
        }
        Ok(())
    }

    /// Entries up to the head whose payloads are missing, from a bundle on, in runs: at
    /// least a bundle's, about [`MOST_HOLES`]. And where to look next.
    ///
    /// The first time after the log was opened, this reads and checks every payload.
    ///
    /// # Errors
    ///
    /// The first payload that cannot be read or was changed.
    pub(in crate::mirror) fn holes(&mut self, from: u64) -> Result<(Vec<Run>, u64), ClientError> {
        let bundles = self.size().value().div_ceil(BUNDLE);
        let gaps = match self.gaps.take() {
            Some(gaps) => gaps,
            None => {
                let mut gaps = BTreeSet::new();
                for number in 0..bundles {
                    if !self.bundle(number)?.holes().is_empty() {
                        gaps.insert(number);
                    }
                }
                gaps
            }
        };
        let (mut runs, mut found, mut next) = (Vec::new(), 0, bundles);
        let mut closed = Vec::new();
        for number in gaps.range(from..bundles) {
            if found >= MOST_HOLES {
                next = *number;
                break;
            }
            let holes = self.bundle(*number)?.holes();
            if holes.is_empty() {
                closed.push(*number);
            }
            found += holes.iter().map(|run| run.leaves.len()).sum::<usize>();
            runs.extend(holes);
        }
        let mut gaps = gaps;
        gaps.retain(|number| !closed.contains(number));
        self.gaps = Some(gaps);
        Ok((runs, next))
    }

    /// Stores payloads that were missing, as far as the frame brings them.
    pub(in crate::mirror) fn fill(&mut self, frame: &VerifiedFrame) -> Result<(), ClientError> {
        let first = frame.start();
        let filled = |index: LeafIndex| {
            let at = index.value().checked_sub(first.value())?;
            frame.slot(
                usize::try_from(at)
                    .ok()
                    .filter(|at| *at < frame.states().len())?,
            )
        };
        if !frame.states().contains(&SlotState::Full) {
            return Ok(());
        }
        let bundle = self.bundle(first.bundle())?;
        let done = self.folder.fill(&bundle, filled);
        done.map_err(|source| self.kept(source))
    }

    /// What was filled is durable after this.
    pub(in crate::mirror) fn sync(&mut self) -> Result<(), ClientError> {
        self.folder
            .sync()
            .map_err(|source| kept(&self.origin, source))
    }

    /// Everything of a checkpoint is stored: it becomes the head.
    pub(in crate::mirror) fn commit(
        &mut self,
        head: VerifiedCheckpoint,
    ) -> Result<(), ClientError> {
        if self.tree.size() != head.size() || self.tree.root() != head.root() {
            // Only what an interrupted update left can be wrong: it is fetched again.
            let proven = self.size().value() as usize;
            self.tree = self.tree.leaves()[..proven].iter().copied().collect();
            return Err(ClientError::Damaged {
                origin: self.origin.clone(),
                why: "what an interrupted update left was changed; update again".to_owned(),
            });
        }
        let done = (|| {
            self.erase_up_to(head.size())?;
            self.folder.settle(&self.tree, self.size(), head.size())?;
            self.folder.keep_note("checkpoint", &head.note_bytes())?;
            self.index(head.size())
        })();
        done.map_err(|source| self.kept(source))?;
        self.head = Some(Arc::new(head));
        Ok(())
    }
}
