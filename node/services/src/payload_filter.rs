//! Leaves out payloads that name none of the countries a puller asked for.
//!
//! The sender decides by country, from payloads it holds; the puller decides by
//! kind and size, from the envelopes. A record that this software cannot read
//! is sent, for its country is not known here.

use std::collections::HashSet;

use bytes::Bytes;
use wpsx_domain::{NodeError, served::ServedLog};
use wpsx_proto::{
    api::log::v1::PayloadFrame,
    envelope::Leaf,
    index::LeafIndex,
    payload::{SALT, SlotState, encode_frames},
    record::Header,
};

use crate::records;

const MOST_COUNTRIES: usize = 300;

/// The countries that a puller wants.
pub(crate) struct CountryFilter {
    wanted: HashSet<String>,
}

impl CountryFilter {
    /// The filter for a request's list; none for an empty one.
    ///
    /// # Errors
    /// More than 300 countries, or one that is none.
    pub(crate) fn new(countries: &[String]) -> Result<Option<Self>, NodeError> {
        if countries.len() > MOST_COUNTRIES {
            return Err(NodeError::invalid("countries", "at most 300"));
        }
        let wanted: HashSet<String> = records::countries(countries)?.into_iter().collect();
        Ok((!wanted.is_empty()).then_some(Self { wanted }))
    }

    /// The frame with the slots that do not pass as `filtered`; the very same
    /// frame where all pass.
    ///
    /// # Errors
    /// Our own files cannot be read.
    pub(crate) fn apply(
        &self,
        log: &ServedLog,
        frame: PayloadFrame,
        zstd: bool,
    ) -> Result<Vec<PayloadFrame>, NodeError> {
        let mut slots: Vec<(SlotState, Option<Bytes>)> = Vec::with_capacity(frame.states.len());
        let mut changed = false;
        for (index, state) in (frame.start..).zip(&frame.states) {
            let index = LeafIndex::new(index);
            let state = SlotState::try_from(*state).unwrap_or(SlotState::NotHeld);
            let (_, slot) = log.slot(index)?;
            match slot {
                Some(slot) if !self.passes(log, index, &slot)? => {
                    changed = true;
                    slots.push((SlotState::Filtered, None));
                }
                slot => slots.push((state, slot)),
            }
        }
        if !changed {
            return Ok(vec![frame]);
        }
        let level = i32::from(zstd);
        Ok(encode_frames(LeafIndex::new(frame.start), &slots, level))
    }

    fn passes(&self, log: &ServedLog, index: LeafIndex, slot: &Bytes) -> Result<bool, NodeError> {
        let entry = log.entry(index)?;
        match Leaf::read(&entry) {
            Leaf::Known(envelope) if envelope.operation.publishes() => {}
            _ => return Ok(true),
        }
        let payload = slot.get(SALT..).unwrap_or_default();
        let Ok(header) = Header::read(payload) else {
            return Ok(true);
        };
        Ok(header
            .countries()
            .iter()
            .any(|country| self.wanted.contains(country)))
    }
}
