//! Questions about records and their answers, between messages and the domain.

use wpsx_domain::records::{Part, Proven, Question};
use wpsx_proto::{
    api::exchange::v1::{ProvenEntry, RecordFilter},
    hash::Hash,
};

/// A request's filter as a question.
pub(crate) fn question(filter: Option<RecordFilter>) -> Question {
    let filter = filter.unwrap_or_default();
    Question {
        kinds: filter.kinds,
        countries: filter.countries,
        origins: filter.origins,
        include_withdrawn: filter.include_withdrawn,
    }
}

/// Which part of a list a request wants.
pub(crate) fn part(page_size: u32, page_token: String) -> Part {
    Part {
        size: page_size,
        token: page_token,
    }
}

/// A proven entry as it travels.
pub(crate) fn entry(proven: Proven) -> ProvenEntry {
    ProvenEntry {
        origin: proven.origin.to_string(),
        index: proven.index.value(),
        entry: proven.entry,
        state: proven.state.to_api() as i32,
        slot: proven.slot.unwrap_or_default(),
        inclusion: Hash::list_to_bytes(&proven.inclusion),
    }
}
