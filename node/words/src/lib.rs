//! What people call things: labels and help for every field, and the vocabularies whose
//! codes records use, in the six languages of the United Nations.
//!
//! Everything here is data beside the code: Fluent files for labels, tables for
//! vocabularies. Nothing knows a node, a log or a file of a user.
//!
//! | file | its idea |
//! |---|---|
//! | `language` | the six languages |
//! | `label` | a text for people, with where it comes from |
//! | `fold` | two spellings of one name are one text |
//! | `near` | how near a name is to what was typed |
//! | `facets` | what is behind a facet: fields, names of values, what may have been meant |
//! | `sorting` | the order in which readers look for titles |
//! | `vocabularies/all` | all vocabularies, shipped and an operator's |
//! | `vocabularies/shipped` | the tables that come with the program |
//! | `vocabularies/vocabulary` | one of them: codes, names, what is found by a name |
//! | `vocabularies/table` | a CSV file of rows, with every fault in it |
//! | `vocabularies/countries` | codes that changed, members of a group at a date |
//! | `vocabularies/memberships` | who was seen in which organisation, and when |
//! | `words` | labels and help of kinds, fields, values, facets |
//! | `words/texts` | one language's Fluent file |
//! | `words/fields` | what stands at the top of a record |
//! | `words/named` | the way back: from a label to the field or value |
//! | `provenance` | where the names and codes come from, under which licence |

pub mod facets;
mod fold;
mod label;
mod language;
mod near;
mod provenance;
mod sorting;
pub mod vocabularies;
mod words;

pub use self::{
    fold::fold,
    label::{Label, State},
    language::{Language, UnknownLanguage},
    near::distance,
    provenance::{Provenance, provenance},
    sorting::sort_key,
    vocabularies::Vocabularies,
    words::{Words, top_fields},
};
