//! What a record can be found by: facets, years, references, a date to sort by.
//!
//! Everything here follows from the options of the schema, so a new kind needs no code.
//! A payload is walked as it lies, once, and parts that hold nothing to find are skipped:
//! an index reads each record that it takes in this way. Whatever a publisher sends, what
//! comes out is bounded in number and in bytes.

mod found;
mod plan;
#[cfg(test)]
mod tests;
mod walk;

pub use self::{
    found::{
        Facet, MAX_BODIES, MAX_FACET_BYTES, MAX_FACET_VALUES, MAX_REFERENCES, MAX_TITLE_PARTS,
        NamedBody, NoRecord, Reference, Sense, Traits, YEARS,
    },
    plan::{facet_names, facet_value},
};
