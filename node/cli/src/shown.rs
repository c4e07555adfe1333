//! An entry as commands show it.

use bytes::Bytes;
use serde_json::{Value, json};
use wpsx_proto::{
    api::exchange::v1::ProvenEntry,
    envelope::{Envelope, Leaf, Operation},
    payload::{Slot, SlotState},
    record::{Kind, Reading, Record, Successor, Traits},
};

use super::words::rfc3339;

/// An entry, what it says, and the record if it is here and can be read.
pub(crate) struct Shown {
    /// As it came.
    pub(crate) entry: ProvenEntry,
    /// Whether its payload is here.
    pub(crate) state: SlotState,
    /// What its payload says.
    pub(crate) reading: Option<Reading>,
    /// What its record said last, where the entry takes that back and somebody has looked.
    pub(crate) last: Option<Reading>,
    leaf: Leaf,
}

impl Shown {
    /// Reads an entry.
    pub(crate) fn new(entry: ProvenEntry) -> Self {
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
            state,
            reading,
            last: None,
            leaf,
        }
    }

    /// What the entry announces, unless it needs newer software.
    pub(crate) fn envelope(&self) -> Option<&Envelope> {
        self.leaf.envelope()
    }

    /// What the payload says, or else what its record said last.
    pub(crate) fn said(&self) -> Option<&Reading> {
        self.reading.as_ref().or(self.last.as_ref())
    }

    /// The record, if it is here and of a kind that this software knows.
    pub(crate) fn record(&self) -> Option<&Record> {
        match &self.reading {
            Some(Reading::Readable(record)) => Some(record),
            _ => None,
        }
    }

    /// Why what is here is no record, where its publisher signed something else.
    pub(crate) fn malformed(&self) -> Option<&str> {
        match &self.reading {
            Some(Reading::Malformed(reason)) => Some(reason),
            _ => None,
        }
    }

    /// The exact bytes of the record, if they are here.
    pub(crate) fn payload(&self) -> Option<Bytes> {
        let envelope = self.envelope()?;
        if self.state != SlotState::Full || !envelope.operation.publishes() {
            return None;
        }
        let slot = Slot::new(self.entry.slot.clone()).ok()?;
        Some(Bytes::copy_from_slice(slot.payload()))
    }

    /// The id, or a dash.
    pub(crate) fn id(&self) -> String {
        self.envelope()
            .map_or_else(|| "-".to_owned(), |e| e.record_id.to_string())
    }

    /// The kind's name, or a dash.
    pub(crate) fn kind(&self) -> String {
        self.envelope()
            .map_or_else(|| "-".to_owned(), |e| Kind::new(e.kind).to_string())
    }

    /// The countries that the record names.
    pub(crate) fn countries(&self) -> Vec<String> {
        self.said()
            .map(|reading| reading.header().countries().to_vec())
            .unwrap_or_default()
    }

    /// The title, or why there is none; of what was taken back the last one, behind that it was:
    /// a table cuts long titles at their ends.
    pub(crate) fn title(&self, lang: &str) -> String {
        let titled = |reading: &Reading| reading.header().title(&[lang, "en"]).map(str::to_owned);
        if let Some(title) = self.reading.as_ref().and_then(titled) {
            return title;
        }
        let why = match self.successor() {
            Some(by) => format!("(superseded by {} of {})", by.record_id, by.origin),
            None => format!("({})", self.why_untitled()),
        };
        match self.last.as_ref().and_then(titled) {
            Some(title) => format!("{why} {title}"),
            None => why,
        }
    }

    /// The name of the publisher: a log is named by it first.
    pub(crate) fn publisher(&self) -> &str {
        let origin = &self.entry.origin;
        origin.split('/').next().unwrap_or(origin)
    }

    /// The values of one facet, of `kind` or of `publisher`.
    pub(crate) fn values(&self, facet: &str) -> Vec<String> {
        match facet {
            "kind" => return vec![self.kind()],
            "publisher" => return vec![self.publisher().to_owned()],
            _ => {}
        }
        let values = |traits: Traits| traits.values(facet).map(str::to_owned).collect();
        self.traits().map(values).unwrap_or_default()
    }

    fn traits(&self) -> Option<Traits> {
        let record = match self.said() {
            Some(Reading::Readable(record)) => record,
            _ => return None,
        };
        Traits::read(record.kind().number(), record.payload()).ok()
    }

    /// The years that the record covers, or its date where that says more; empty if it says none.
    pub(crate) fn dates(&self) -> String {
        let Some(traits) = self.traits() else {
            return String::new();
        };
        let years: Vec<u16> = traits.years().collect();
        match (years.as_slice(), traits.date()) {
            ([first, .., last], _) => format!("{first}\u{2013}{last}"),
            (_, Some(date)) => date.to_string(),
            ([year], None) => year.to_string(),
            ([], None) => String::new(),
        }
    }

    /// The record that took its place.
    fn successor(&self) -> Option<Successor> {
        let envelope = self.envelope()?;
        if envelope.operation != Operation::Supersede {
            return None;
        }
        Successor::read(Slot::new(self.entry.slot.clone()).ok()?.payload())
    }

    /// Why there is nothing to read.
    pub(crate) fn why_untitled(&self) -> &'static str {
        match (&self.leaf, &self.reading) {
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
        }
    }

    /// For scripts.
    pub(crate) fn json(&self, lang: &str) -> Value {
        let envelope = self.envelope();
        json!({
            "id": envelope.map(|e| e.record_id.to_string()),
            "kind": envelope.map(|e| Kind::new(e.kind).to_string()),
            "operation": envelope.map(|e| e.operation.to_string()),
            "origin": self.entry.origin,
            "index": self.entry.index,
            "revision": envelope.map(|e| e.revision),
            "time": envelope.map(|e| rfc3339(e.publish_time)),
            "backfill": self.entry.backfill,
            "countries": self.countries(),
            "title": self.title(lang),
            "payload": self.state.to_string(),
            "record": self.reading.as_ref().map(Reading::to_json),
        })
    }
}
