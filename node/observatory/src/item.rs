//! One record as pages have it.

use wpsx_domain::records::Proven;
use wpsx_proto::{
    api::record::v1::Kind as KindNumber,
    envelope::{Envelope, Leaf, Operation},
    hash::Hash,
    origin::Origin,
    payload::{SALT, SlotState},
    record::{Date, Kind, Reading, Record, Successor, Traits},
};
use wpsx_words::Label;

use crate::{names, texts::Voice};

const ORGANISATION: Kind = Kind::new(KindNumber::Organisation as u32);

/// One entry with what its payload says.
pub(crate) struct Item {
    pub(crate) origin: Origin,
    pub(crate) index: u64,
    pub(crate) envelope: Envelope,
    pub(crate) content: Content,
    /// The record that takes its place, where the entry says so.
    pub(crate) successor: Option<Successor>,
    /// Of the entry in its log.
    pub(crate) hash: Hash,
}

/// What can be shown of an entry.
pub(crate) enum Content {
    /// The payload is here.
    Here(Reading),
    /// It is not, for this reason.
    Hole(SlotState),
}

impl Item {
    /// What a proven entry says; none where its leaf needs newer software.
    pub(crate) fn of(proven: &Proven) -> Option<Self> {
        Self::read(proven, Record::read)
    }

    /// The same without the lists of parts that no list of records shows.
    pub(crate) fn outline(proven: &Proven) -> Option<Self> {
        Self::read(proven, Record::outline)
    }

    fn read(proven: &Proven, read: impl Fn(u32, &[u8]) -> Reading) -> Option<Self> {
        let Leaf::Known(envelope) = Leaf::read(&proven.entry) else {
            return None;
        };
        let supersedes = envelope.operation == Operation::Supersede;
        let said = proven.slot.as_ref().filter(|_| supersedes);
        let successor = said.and_then(|slot| Successor::read(slot.get(SALT..)?));
        let content = match &proven.slot {
            Some(slot) => {
                let payload = slot.get(SALT..).unwrap_or_default();
                Content::Here(read(envelope.kind, payload))
            }
            None => Content::Hole(proven.state),
        };
        Some(Self {
            origin: proven.origin.clone(),
            index: proven.index.value(),
            envelope,
            content,
            successor,
            hash: Hash::leaf(&proven.entry),
        })
    }

    /// The date that it is put in order by, as the schema says which that is.
    pub(crate) fn date(&self) -> Option<Date> {
        let record = self.record()?;
        let traits = Traits::read(record.kind().number(), record.payload()).ok()?;
        traits.date()
    }

    /// Whether it is of an organisation, which others name by its name too.
    pub(crate) fn is_organisation(&self) -> bool {
        self.kind() == ORGANISATION
    }

    pub(crate) fn kind(&self) -> Kind {
        Kind::new(self.envelope.kind)
    }

    pub(crate) fn id(&self) -> String {
        hex::encode(self.envelope.record_id.as_bytes())
    }

    /// It stands as its publisher published it, and was not taken back.
    pub(crate) fn is_current(&self) -> bool {
        let is_erased = matches!(self.content, Content::Hole(SlotState::Erased));
        self.envelope.operation.publishes() && !is_erased
    }

    /// What it says, where this software can read it.
    pub(crate) fn record(&self) -> Option<&Record> {
        match &self.content {
            Content::Here(Reading::Readable(record)) => Some(record),
            _ => None,
        }
    }

    /// Where its page is, without the language: `record/ID`.
    pub(crate) fn path(&self) -> String {
        format!("record/{}", self.id())
    }

    /// Where this very revision stays, without the language: `record/ID/3`.
    pub(crate) fn permanent_path(&self) -> String {
        format!("record/{}/{}", self.id(), self.envelope.revision)
    }

    /// The name in the reader's language of an organisation with that title.
    pub(crate) fn known_as<'a>(&self, title: &str, voice: Voice<'a>) -> Option<Label<'a>> {
        // A body of countries is no organisation of States, whatever it is titled.
        let is_anothers = || !self.countries().is_empty() && names::is_of_states(title, voice);
        let is_body = self.is_organisation() && !is_anothers();
        let known = is_body.then(|| names::known(title, voice))??;
        (!known.is_fallback).then_some(known)
    }

    /// The id that its source gave it.
    pub(crate) fn external_id(&self) -> Option<String> {
        match &self.content {
            Content::Here(reading) => reading.header().external_id().map(str::to_owned),
            Content::Hole(_) => None,
        }
    }

    pub(crate) fn countries(&self) -> Vec<String> {
        match &self.content {
            Content::Here(reading) => reading.header().countries().to_vec(),
            Content::Hole(_) => Vec::new(),
        }
    }
}
