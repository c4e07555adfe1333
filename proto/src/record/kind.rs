//! The kinds of records, by number and by name.

use std::{fmt, str::FromStr, sync::LazyLock};

use prost::encoding;
use prost_reflect::FieldDescriptor;

use super::schema;

/// A kind of record: a number in the envelope, a name for people. Numbers that
/// this software does not know are kinds too, named `kind-57`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Kind(u32);

/// The name belongs to no kind that this software knows.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no kind {0:?}; known are {known}", known = known_names())]
pub struct UnknownKind(String);

impl UnknownKind {
    fn of(text: &str) -> Self {
        Self(super::codes::shorten(text))
    }
}

/// Number and name of every kind in the schema.
#[expect(
    clippy::expect_used,
    reason = "the schema is compiled into the program"
)]
static KINDS: LazyLock<Vec<(u32, String)>> = LazyLock::new(|| {
    let kinds = schema::pool()
        .get_enum_by_name("wpsx.record.v1.Kind")
        .expect("the schema names its kinds so");
    kinds
        .values()
        .filter_map(|value| {
            let name = value.name().strip_prefix("KIND_")?;
            let number = u32::try_from(value.number()).ok()?;
            (number != 0).then(|| (number, name.to_ascii_lowercase().replace('_', "-")))
        })
        .collect()
});

impl Kind {
    /// A national action plan.
    pub const NATIONAL_ACTION_PLAN: Self = Self(1);
    /// A regional action plan.
    pub const REGIONAL_ACTION_PLAN: Self = Self(2);
    /// A good practice.
    pub const GOOD_PRACTICE: Self = Self(3);

    /// The kind of that number, known or not.
    #[must_use]
    pub const fn new(number: u32) -> Self {
        Self(number)
    }

    /// The number in the envelope.
    #[must_use]
    pub const fn number(self) -> u32 {
        self.0
    }

    /// This software can read records of the kind.
    #[must_use]
    pub fn is_known(self) -> bool {
        self.known_name().is_some()
    }

    /// Every kind that this software can read.
    pub fn known() -> impl Iterator<Item = Self> {
        KINDS.iter().map(|(number, _)| Self(*number))
    }

    /// The field of the record message that holds the kind's own part.
    #[must_use]
    pub fn body_field(self) -> Option<FieldDescriptor> {
        self.is_known()
            .then(|| schema::record_message().get_field(100 + self.0))?
    }

    /// The known kind whose own part a payload holds; the last one, as protobuf
    /// reads a oneof. None when there is none, or when it is no message.
    #[must_use]
    pub fn of_payload(mut payload: &[u8]) -> Option<Self> {
        let mut kind = None;
        while !payload.is_empty() {
            let (field, wire_type) = encoding::decode_key(&mut payload).ok()?;
            let context = encoding::DecodeContext::default();
            encoding::skip_field(wire_type, field, &mut payload, context).ok()?;
            let body = field
                .checked_sub(100)
                .map(Self)
                .filter(|kind| kind.is_known());
            kind = body.or(kind);
        }
        kind
    }

    fn known_name(self) -> Option<&'static str> {
        KINDS
            .iter()
            .find(|(number, _)| *number == self.0)
            .map(|(_, name)| name.as_str())
    }
}

/// `national-action-plan`, or `kind-57` where the schema has no name.
impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.known_name() {
            Some(name) => f.pad(name),
            None => f.pad(&format!("kind-{}", self.0)),
        }
    }
}

impl FromStr for Kind {
    type Err = UnknownKind;

    fn from_str(text: &str) -> Result<Self, UnknownKind> {
        let name = text.trim().to_ascii_lowercase().replace('_', "-");
        if let Some((number, _)) = KINDS.iter().find(|(_, known)| *known == name) {
            return Ok(Self(*number));
        }
        // A number alone is a slip: below a table it is a total, and nobody who writes one means
        // the place of a kind in the schema.
        name.strip_prefix("kind-")
            .filter(|digits| !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit()))
            .and_then(|digits| digits.parse().ok())
            .map(Self)
            .ok_or_else(|| UnknownKind::of(text))
    }
}

fn known_names() -> String {
    let names: Vec<&str> = KINDS.iter().map(|(_, name)| name.as_str()).collect();
    names.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_have_names_both_ways() {
        for kind in Kind::known().chain([Kind::new(57), Kind::new(u32::MAX)]) {
            assert_eq!(kind.to_string().parse::<Kind>().unwrap(), kind);
        }
        assert_eq!(
            Kind::NATIONAL_ACTION_PLAN.to_string(),
            "national-action-plan"
        );
        assert_eq!(
            Kind::REGIONAL_ACTION_PLAN.to_string(),
            "regional-action-plan"
        );
        assert_eq!(Kind::GOOD_PRACTICE.to_string(), "good-practice");
        assert_eq!(
            "Good_Practice".parse::<Kind>().unwrap(),
            Kind::GOOD_PRACTICE
        );
        assert_eq!(Kind::new(57).to_string(), "kind-57");
        assert!(!Kind::new(57).is_known() && !Kind::new(0).is_known());
    }

    #[test]
    fn an_unknown_name_is_answered_with_the_known_ones() {
        for name in [
            "",
            "1",
            " 12 ",
            "plan",
            "kind-",
            "kind-x",
            "kind--1",
            "kind-99999999999",
        ] {
            let error = name.parse::<Kind>().unwrap_err();
            assert!(
                error.to_string().contains("national-action-plan"),
                "{error}"
            );
        }
    }
}
