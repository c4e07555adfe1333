//! Plans a payload bundle anew whose file is damaged: what its entries commit to stays,
//! the rest becomes holes that a peer may fill.

use bytes::Bytes;
use wpsx_proto::index::BUNDLE;

use super::{Growth, Not, Plan};
use crate::{
    damage::Part,
    error::StoreError,
    format::{
        change::Writer,
        edge::TILE,
        holes::Holes,
        layout::FileKey,
        payloads::{Flawed, Payloads},
    },
    log::handle::{Log, LogHandle},
    write::request::MendPayloads,
};

impl Plan {
    pub(crate) fn mend_payloads(&mut self, ask: &MendPayloads) -> Result<(), Not> {
        if ask.log.inner.is_dropped() {
            return Ok(());
        }
        self.mend(&ask.log, ask.bundle)
    }

    /// Before slots of a bundle change: the change is of what is sound.
    pub(crate) fn mend_before(
        &mut self,
        log: &LogHandle,
        indexes: impl Iterator<Item = u64>,
    ) -> Result<(), Not> {
        let mut before = None;
        for bundle in indexes.map(|index| index / BUNDLE) {
            let damaged = log.inner.damages.has(log.number(), Part::Payloads(bundle));
            if before.replace(bundle) != Some(bundle) && damaged {
                self.mend(log, bundle)?;
            }
        }
        Ok(())
    }

    fn mend(&mut self, log: &LogHandle, bundle: u64) -> Result<(), Not> {
        self.fresh(&log.inner)?;
        let Some((payloads, before)) = log.inner.saved_payloads(bundle)? else {
            log.inner
                .damages
                .mended(log.number(), Part::Payloads(bundle));
            return Ok(());
        };
        let holes = payloads.holes().since(before);
        let frames = payloads.parts().len();
        let mut writer = Writer(&mut self.buffer);
        writer.mend(log.number(), bundle, holes, frames);
        for at in 0..frames {
            writer.whole_frame(&payloads.frame(bundle, at));
        }
        self.draft(&log.inner).growth = Growth::More;
        Ok(())
    }
}

impl Log {
    /// What can be saved of a payload bundle, and the holes that it had; none if its file
    /// is sound, or another is about to be written.
    fn saved_payloads(&self, bundle: u64) -> Result<Option<(Payloads, Holes)>, StoreError> {
        let contents = self.contents.read();
        if bundle >= contents.open_bundle() || contents.queue.payloads.contains_key(&bundle) {
            return Ok(None);
        }
        let bytes = self.raw(FileKey::Payload(bundle), None);
        let (flawed, sound) = match &bytes {
            Err(reason) => (Flawed::wholly(reason.clone()), None),
            Ok(bytes) => match Payloads::read(bytes, TILE) {
                Err(flawed) => (flawed, None),
                Ok(payloads) => (of_sound(bytes, &payloads), Some(payloads)),
            },
        };
        let before = flawed.holes;
        let saved = self.saved_from(&contents, bundle, flawed)?;
        let nothing_lost = |payloads: &Payloads| payloads.holes() == saved.holes();
        if sound.as_ref().is_some_and(nothing_lost) {
            return Ok(None);
        }
        let unknown = Holes {
            erased: saved.holes().erased,
            ..Holes::default()
        };
        Ok(Some((saved, before.unwrap_or(unknown))))
    }
}

/// A bundle whose checksums are right, all of whose payloads are compared with their
/// entries all the same.
fn of_sound(bytes: &Bytes, payloads: &Payloads) -> Flawed {
    Flawed {
        reason: String::new(),
        slots: Payloads::unchecked_slots(bytes),
        holes: Some(payloads.holes()),
    }
}
