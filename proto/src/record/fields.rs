//! A record as the tree of its fields: read from its bytes once, asked several times.

use prost_reflect::DynamicMessage;

use super::{
    kind::Kind,
    rules::{self, RuleError, no_body},
    texts::{self, TextOf},
    view,
};
use crate::payload::MAX_PAYLOAD;

/// The fields of a record, by the schema's names and numbers.
#[derive(Clone, Debug)]
pub struct Fields {
    /// As the envelope states it.
    kind: Kind,
    /// Bytes of the payload.
    size: usize,
    message: DynamicMessage,
}

impl Fields {
    pub(super) fn new(kind: Kind, size: usize, message: DynamicMessage) -> Self {
        Self {
            kind,
            size,
            message,
        }
    }

    /// What [`Record::check`](super::Record::check) promises.
    ///
    /// # Errors
    ///
    /// Every rule that is broken, up to a hundred.
    pub fn check(&self) -> Result<(), Vec<RuleError>> {
        let mut errors = Vec::new();
        if self.size > MAX_PAYLOAD {
            errors.push(RuleError {
                field: "record".to_owned(),
                reason: format!("{} bytes; at most {MAX_PAYLOAD}", self.size),
            });
        }
        if view::kind_of(&self.message) != Some(self.kind) {
            errors.push(no_body());
        }
        errors.extend(rules::check(&self.message));
        if errors.is_empty() {
            Ok(())
        } else {
            Err(errors)
        }
    }

    /// Shows every text that is not empty, in the order of the schema. A text in a
    /// language has the language as its name: `title.en`.
    pub fn each_text(&self, see: &mut dyn FnMut(TextOf<'_>)) {
        texts::walk("", &self.message, see);
    }
}
