//! What records say: the checked side of the `wpsx.record.v1` schema.
//!
//! Payloads travel as opaque bytes. They are decoded here only to index, to show
//! and, on the publisher's side, to check. Reading never fails: a payload of a
//! kind or schema that this software does not know is a [`Reading`] too.

mod codes;
mod date;
pub mod diff;
mod external_id;
mod fields;
mod header;
mod kind;
mod original;
mod outline;
mod rules;
pub mod schema;
mod successor;
mod texts;
mod traits;
mod view;
mod words;

use bytes::Bytes;
use prost::Message as _;
use prost_reflect::{DynamicMessage, ReflectMessage as _};
use serde_json::{Value as Json, json};

pub use self::{
    codes::{CodeError, CountryCode, LanguageTag, is_currency},
    date::{Date, DateError, Precision},
    external_id::normal_external_id,
    fields::Fields,
    header::Header,
    kind::{Kind, UnknownKind},
    original::{in_language, original_of, standing_for},
    rules::{RuleError, check_form},
    successor::Successor,
    texts::TextOf,
    traits::{
        Facet, MAX_BODIES, MAX_FACET_BYTES, MAX_FACET_VALUES, MAX_REFERENCES, MAX_TITLE_PARTS,
        NamedBody, NoRecord, Reference, Sense, Traits, YEARS, facet_names, facet_value,
    },
    words::{each_word, words},
};
use crate::{api::record::v1 as api, payload::MAX_PAYLOAD};

/// What became of reading one payload.
#[derive(Clone, Debug)]
pub enum Reading {
    /// A record of a kind that this software knows.
    Readable(Box<Record>),
    /// A record of a kind that needs newer software.
    NewerKind {
        /// The number in the envelope.
        kind: Kind,
        /// What all kinds share.
        header: Header,
    },
    /// No record; the reason is for people.
    Malformed(String),
}

impl Reading {
    /// The whole content was understood, but for fields that are newer than this schema.
    #[must_use]
    pub fn is_readable(&self) -> bool {
        matches!(self, Self::Readable(_))
    }

    /// External id, titles and countries; empty when nothing could be read.
    #[must_use]
    pub fn header(&self) -> Header {
        match self {
            Self::Readable(record) => record.header(),
            Self::NewerKind { header, .. } => header.clone(),
            Self::Malformed(_) => Header::default(),
        }
    }

    /// For display: the record in proto3 JSON form, or what could be read of it
    /// with the reason in `unreadable`.
    #[must_use]
    pub fn to_json(&self) -> Json {
        match self {
            Self::Readable(record) => record.to_json(),
            Self::NewerKind { kind, header } => {
                let mut shown = view::header_json(header);
                shown["unreadable"] = format!("{kind} needs newer software").into();
                shown
            }
            Self::Malformed(reason) => json!({ "unreadable": reason }),
        }
    }

    /// For display: paths and values of every field that could be read.
    #[must_use]
    pub fn to_lines(&self) -> Vec<(String, String)> {
        match self {
            Self::Readable(record) => record.to_lines(),
            Self::NewerKind { kind, header } => {
                let mut lines = Vec::new();
                if let Some(id) = header.external_id() {
                    lines.push(("external_id".to_owned(), id.to_owned()));
                }
                for (language, text) in header.titles() {
                    lines.push((format!("title.{language}"), text.to_owned()));
                }
                lines.push(("countries".to_owned(), header.countries().join(" | ")));
                let reason = format!("{kind} needs newer software");
                lines.push(("unreadable".to_owned(), reason));
                lines
            }
            Self::Malformed(reason) => vec![("unreadable".to_owned(), reason.clone())],
        }
    }
}

/// A record of a known kind, with the bytes it was read from.
#[derive(Clone, Debug)]
pub struct Record {
    kind: Kind,
    message: api::Record,
    payload: Bytes,
}

impl Record {
    /// Reads a payload whose envelope says `kind`.
    #[must_use]
    pub fn read(kind: u32, payload: &[u8]) -> Reading {
        let kind = Kind::new(kind);
        if payload.len() > MAX_PAYLOAD {
            let reason = format!(
                "{} bytes; a record has at most {MAX_PAYLOAD}",
                payload.len()
            );
            return Reading::Malformed(reason);
        }
        if !kind.is_known() {
            return match Header::read(payload) {
                Ok(header) => Reading::NewerKind { kind, header },
                Err(error) => Reading::Malformed(format!("not a record: {error}")),
            };
        }
        let message = match api::Record::decode(payload) {
            Ok(message) => message,
            Err(error) => return Reading::Malformed(format!("not a record: {error}")),
        };
        match Kind::of_payload(payload) {
            Some(body) if body != kind => {
                Reading::Malformed(format!("announced as {kind}, but the payload is a {body}"))
            }
            _ => Reading::Readable(Box::new(Self {
                kind,
                message,
                payload: Bytes::copy_from_slice(payload),
            })),
        }
    }

    /// A record to publish. Its bytes are the canonical ones: fields in the order
    /// of their numbers, so that equal records give equal payloads.
    ///
    /// # Errors
    ///
    /// When the message has no body of a known kind.
    pub fn new(message: api::Record) -> Result<Self, RuleError> {
        let payload: Bytes = message.encode_to_vec().into();
        let kind = Kind::of_payload(&payload).ok_or_else(rules::no_body)?;
        Ok(Self {
            kind,
            message,
            payload,
        })
    }

    /// A record to publish from its proto3 JSON form; field names as in the schema
    /// or in lowerCamelCase. Unknown names are refused.
    ///
    /// # Errors
    ///
    /// When the text is not JSON, does not fit the schema or has no body. The
    /// reason names line and column within the text.
    pub fn from_json(text: &str) -> Result<Self, RuleError> {
        let refused = |reason: String| RuleError {
            field: "record".to_owned(),
            reason,
        };
        let message = view::from_json(text).map_err(|error| refused(error.to_string()))?;
        Self::of(&message)
    }

    /// A record to publish from a message of the schema's `Record`, with the fields that
    /// only newer software knows. Its bytes are the canonical ones.
    ///
    /// # Errors
    ///
    /// When the message has no body of a known kind, or is none of the schema's `Record`.
    pub fn of(message: &DynamicMessage) -> Result<Self, RuleError> {
        let payload: Bytes = message.encode_to_vec().into();
        let kind = Kind::of_payload(&payload).ok_or_else(rules::no_body)?;
        let message = api::Record::decode(payload.as_ref()).map_err(|error| RuleError {
            field: "record".to_owned(),
            reason: error.to_string(),
        })?;
        Ok(Self {
            kind,
            message,
            payload,
        })
    }

    /// The kind that the envelope states.
    #[must_use]
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// The same record with other values in the fields that all kinds share. What only
    /// newer software knows of it is kept, and so is the part of its kind.
    ///
    /// # Errors
    ///
    /// When its bytes cannot be read again.
    pub fn with(&self, change: impl FnOnce(&mut api::Record)) -> Result<Self, RuleError> {
        let refused = |reason| RuleError {
            field: "record".to_owned(),
            reason,
        };
        let mut changed = api::Record {
            body: None,
            ..self.message.clone()
        };
        change(&mut changed);
        changed.body = None;
        let mut message = self.dynamic().map_err(refused)?;
        let changed =
            view::dynamic(&changed.encode_to_vec()).map_err(|error| refused(error.to_string()))?;
        let schema = message.descriptor();
        for field in schema.fields().filter(|field| field.number() < 100) {
            match changed.has_field(&field) {
                true => message.set_field(&field, changed.get_field(&field).into_owned()),
                false => message.clear_field(&field),
            }
        }
        Self::of(&message)
    }

    /// The message as generated from the schema. Nobody has checked its values.
    #[must_use]
    pub fn message(&self) -> &api::Record {
        &self.message
    }

    /// The exact bytes.
    #[must_use]
    pub fn payload(&self) -> &Bytes {
        &self.payload
    }

    /// External id, titles and countries.
    #[must_use]
    pub fn header(&self) -> Header {
        Header::new(
            self.message.external_id.clone(),
            self.message.title.clone(),
            self.message.countries.clone(),
        )
    }

    /// Checks everything that a publisher promises with its signature in a log that
    /// everybody reads: required fields, forms of codes, dates, addresses and amounts, order
    /// of dates, lengths, and that no field is filled that the schema marks as personal.
    ///
    /// # Errors
    ///
    /// Every rule that is broken, up to a hundred.
    pub fn check(&self) -> Result<(), Vec<RuleError>> {
        self.fields().map_err(|error| vec![error])?.check()
    }

    /// Every field that this software knows, for several questions about them.
    ///
    /// # Errors
    ///
    /// When its bytes cannot be read again.
    pub fn fields(&self) -> Result<Fields, RuleError> {
        let message = self.dynamic().map_err(|reason| RuleError {
            field: "record".to_owned(),
            reason,
        })?;
        Ok(Fields::new(self.kind, self.payload.len(), message))
    }

    /// Paths of fields that this software does not know: the record was made with
    /// a newer schema. They stay in the payload.
    #[must_use]
    pub fn unread_fields(&self) -> Vec<String> {
        self.dynamic()
            .map(|message| view::unread_fields(&message))
            .unwrap_or_default()
    }

    /// The proto3 JSON form with the field names of the schema; paths of unknown
    /// fields stand in `unread_fields`.
    #[must_use]
    pub fn to_json(&self) -> Json {
        let message = match self.dynamic() {
            Ok(message) => message,
            Err(reason) => return json!({ "unreadable": reason }),
        };
        let mut shown = view::json(&message);
        let unread = view::unread_fields(&message);
        if !unread.is_empty() {
            shown["unread_fields"] = unread.into();
        }
        shown
    }

    /// Every field with its path and its value, for people.
    #[must_use]
    pub fn to_lines(&self) -> Vec<(String, String)> {
        let Ok(message) = self.dynamic() else {
            return Vec::new();
        };
        let mut lines = view::lines(&message);
        let unread = view::unread_fields(&message);
        if !unread.is_empty() {
            lines.push(("fields of a newer schema".to_owned(), unread.join(" | ")));
        }
        lines
    }

    /// Shows every text that is not empty: [`Fields::each_text`].
    pub fn each_text(&self, see: &mut dyn FnMut(TextOf<'_>)) {
        if let Ok(fields) = self.fields() {
            fields.each_text(see);
        }
    }

    fn dynamic(&self) -> Result<DynamicMessage, String> {
        view::dynamic(&self.payload).map_err(|error| format!("not a record: {error}"))
    }
}

#[cfg(test)]
mod tests;
