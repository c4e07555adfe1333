//! How much of its record a draft speaks of, and how the rest is kept.
//!
//! A table with fewer columns than the last one says nothing about the fields of the
//! columns that it does not have. Its rows are laid over what their records say now.

use prost_reflect::{
    DynamicMessage, FieldDescriptor, MessageDescriptor, ReflectMessage as _, Value,
};
use wpsx_proto::record::{Reading, Record, RuleError, schema::record_message};

use super::{text_order::keep_order, unread::keep_unread};
use crate::error::NodeError;

const MOST_FIELDS: usize = 1_000;
const LONGEST_PATH: usize = 256;
/// The path that stands for all fields that are known.
const KNOWN: &str = "*";
/// The field of the source's own id.
const ID: &str = "external_id";
/// The path that stands for no field.
const NONE: &str = "-";

/// How much of its record a draft speaks of.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Extent {
    /// All of it: the payload is the record.
    #[default]
    Whole,
    /// All of it that the draft's maker knows: what the record says in fields that only
    /// newer software knows stays.
    Known,
    /// These fields: what the record says elsewhere stays. None: it names the record and says
    /// nothing of it.
    Fields(Vec<FieldPath>),
}

/// A field of a record by the names that lead to it, such as
/// `national_action_plan.period.start`. A text has its language in the path
/// (`title.en.text`); any other list of parts is one field.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct FieldPath(String);

impl FieldPath {
    /// A path that the schema has.
    ///
    /// # Errors
    /// It leads nowhere.
    pub fn parse(path: &str) -> Result<Self, NodeError> {
        let mut here = Some(record_message());
        let mut names = path.split('.');
        if path.len() > LONGEST_PATH {
            return Err(NodeError::invalid(
                "fields",
                "a path of more than 256 bytes",
            ));
        }
        while let Some(name) = names.next() {
            let field = here.and_then(|here| here.get_field_by_name(name));
            let Some(field) = field else {
                let reason = format!("a record has no field {path}");
                return Err(NodeError::invalid("fields", reason));
            };
            if is_text(&field) {
                names.next();
            }
            here = message_of(&field);
        }
        Ok(Self(path.to_owned()))
    }

    /// The path as it is written.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Extent {
    /// As it travels: the fields at these paths; all of the record if there is none, all that is
    /// known of it for `*` alone, and nothing of it for `-` alone.
    ///
    /// # Errors
    /// One leads nowhere, or there are more than a record can have.
    pub fn of(paths: &[String]) -> Result<Self, NodeError> {
        match paths {
            [] => Ok(Self::Whole),
            [known] if known == KNOWN => Ok(Self::Known),
            [none] if none == NONE => Ok(Self::Fields(Vec::new())),
            paths => Self::fields(paths),
        }
    }

    /// These fields and no other.
    ///
    /// # Errors
    /// One leads nowhere, or there are more than a record can have.
    pub fn fields(paths: &[String]) -> Result<Self, NodeError> {
        if paths.len() > MOST_FIELDS {
            return Err(NodeError::invalid("fields", "more than 1,000 paths"));
        }
        let fields = paths.iter().map(|path| FieldPath::parse(path));
        Ok(Self::Fields(fields.collect::<Result<_, _>>()?))
    }

    /// The paths that say it, as [`Extent::of`] reads them.
    #[must_use]
    pub fn paths(&self) -> Vec<String> {
        match self {
            Self::Whole => Vec::new(),
            Self::Known => vec![KNOWN.to_owned()],
            Self::Fields(fields) if fields.is_empty() => vec![NONE.to_owned()],
            Self::Fields(fields) => fields.iter().map(|field| field.0.clone()).collect(),
        }
    }

    /// It speaks of the record's id, or of nothing.
    #[must_use]
    pub fn is_of_id_alone(&self) -> bool {
        match self {
            Self::Whole | Self::Known => false,
            Self::Fields(fields) => fields.iter().all(|field| field.0 == ID),
        }
    }
}

/// The record that results where `new` speaks of `extent` alone and the record says
/// `current` now; `None` where one of the two cannot be read, or they are of two kinds.
/// Fields that only newer software knows stay, also within what is replaced.
///
/// # Errors
/// The rules of records that the result breaks.
pub(super) fn lay(
    kind: u32,
    current: &[u8],
    new: &[u8],
    extent: &Extent,
) -> Result<Option<Record>, Vec<RuleError>> {
    let laid = over(kind, current, new, extent).map_err(|error| vec![error])?;
    if let Some(record) = &laid {
        record.check()?;
    }
    Ok(laid)
}

/// The same whatever rules it breaks: to be compared, and not to be published.
///
/// # Errors
/// The result is no record at all.
pub(super) fn over(
    kind: u32,
    current: &[u8],
    new: &[u8],
    extent: &Extent,
) -> Result<Option<Record>, RuleError> {
    let read = |payload: &[u8]| match Record::read(kind, payload) {
        Reading::Readable(_) => DynamicMessage::decode(record_message(), payload).ok(),
        _ => None,
    };
    let (Some(current), Some(new)) = (read(current), read(new)) else {
        return Ok(None);
    };
    let mut laid = match extent {
        Extent::Whole | Extent::Known => new,
        Extent::Fields(fields) => {
            let mut laid = current.clone();
            for field in fields {
                let names: Vec<&str> = field.as_str().split('.').collect();
                replace(&mut laid, &new, &names);
            }
            laid
        }
    };
    if *extent != Extent::Whole {
        keep_unread(&current, &mut laid);
        keep_order(&current, &mut laid);
    }
    Record::of(&laid).map(Some)
}

/// Makes `here` say at `names` what `new` says there.
fn replace(here: &mut DynamicMessage, new: &DynamicMessage, names: &[&str]) {
    let Some((name, rest)) = names.split_first() else {
        return;
    };
    let Some(field) = here.descriptor().get_field_by_name(name) else {
        return;
    };
    if says_nothing(here, &field) && !new.has_field(&field) {
        // There is nothing to take away, and no table has a cell for it.
        return;
    }
    match rest {
        [language, rest @ ..] if is_text(&field) => {
            replace_text(here, new, &field, language, rest);
        }
        [_, ..] if !field.is_list() && message_of(&field).is_some() => {
            let inner = new.get_field(&field);
            if let (Some(here), Some(new)) = (
                here.get_field_mut(&field).as_message_mut(),
                inner.as_message(),
            ) {
                replace(here, new, rest);
            }
            let is_empty = here
                .get_field(&field)
                .as_message()
                .is_some_and(|inner| inner.fields().next().is_none());
            // A part that nothing fills is not there, unless its presence says something.
            if is_empty && !new.has_field(&field) {
                here.clear_field(&field);
            }
        }
        _ if new.has_field(&field) => here.set_field(&field, new.get_field(&field).into_owned()),
        _ => here.clear_field(&field),
    }
}

/// A part that is there and has nothing in it.
fn says_nothing(here: &DynamicMessage, field: &FieldDescriptor) -> bool {
    let value = here.get_field(field);
    let part = value.as_message();
    here.has_field(field) && part.is_some_and(|part| part.fields().next().is_none())
}

/// The same for the text of one language.
fn replace_text(
    here: &mut DynamicMessage,
    new: &DynamicMessage,
    field: &FieldDescriptor,
    language: &str,
    rest: &[&str],
) {
    let is_in = |text: &Value| {
        text.as_message()
            .and_then(|text| text.get_field_by_name("language"))
            .is_some_and(|tag| tag.as_str() == Some(language))
    };
    let said = new.get_field(field);
    let said = said
        .as_list()
        .and_then(|texts| texts.iter().find(|text| is_in(text)));
    let Some(texts) = here.get_field_mut(field).as_list_mut() else {
        return;
    };
    let held = texts.iter().position(is_in);
    match (held, said) {
        (None, None) => {}
        (None, Some(said)) => texts.push(said.clone()),
        (Some(at), said) => {
            let none = message_of(field).map(DynamicMessage::new);
            let said = said.and_then(Value::as_message).cloned().or(none);
            if let (Some(text), Some(said)) = (texts[at].as_message_mut(), said) {
                match rest {
                    [] => *text = said,
                    rest => replace(text, &said, rest),
                }
            }
            let words = texts[at].as_message();
            if words.is_none_or(|text| !text.has_field_by_name("text")) {
                texts.remove(at);
            }
        }
    }
    if texts.is_empty() {
        here.clear_field(field);
    }
}

fn message_of(field: &FieldDescriptor) -> Option<MessageDescriptor> {
    field.kind().as_message().cloned()
}

fn is_text(field: &FieldDescriptor) -> bool {
    field.is_list() && message_of(field).is_some_and(|message| message.name() == "Text")
}

#[cfg(test)]
mod tests {
    use wpsx_proto::record::Kind;

    use super::*;

    fn record(json: &str) -> Record {
        Record::from_json(json).unwrap()
    }

    fn laid(current: &str, new: &str, fields: &[&str]) -> Vec<String> {
        let fields: Vec<_> = fields
            .iter()
            .map(|path| FieldPath::parse(path).unwrap())
            .collect();
        let (current, new) = (record(current), record(new));
        let kind = Kind::NATIONAL_ACTION_PLAN.number();
        let extent = Extent::Fields(fields);
        let laid = lay(kind, current.payload(), new.payload(), &extent);
        let lines = laid.unwrap().unwrap().to_lines();
        lines
            .into_iter()
            .map(|(path, value)| format!("{path} = {value}"))
            .collect()
    }

    const CURRENT: &str = r#"{
        "external_id": "a",
        "title": [{"language": "en", "text": "Old"}, {"language": "fr", "text": "Vieux"}],
        "countries": ["KEN"],
        "themes": ["peace"],
        "national_action_plan": {"period": {"start": {"value": "2018"}, "end": {"value": "2020"}}}
    }"#;

    #[test]
    fn fields_that_a_draft_does_not_speak_of_stay() {
        let new = r#"{
            "external_id": "a",
            "title": [{"language": "en", "text": "New"}],
            "countries": ["KEN"],
            "national_action_plan": {"period": {"end": {"value": "2024"}}}
        }"#;
        let fields = [
            "title.en.text",
            "countries",
            "national_action_plan.period.end",
        ];
        assert_eq!(
            laid(CURRENT, new, &fields),
            [
                "external_id = a",
                "title.en = New",
                "title.fr = Vieux",
                "countries = KEN",
                "themes = peace",
                "period.start = 2018",
                "period.end = 2024",
            ]
        );
        // What it speaks of and leaves empty is cleared.
        let fields = [
            &fields[..],
            &["title.fr.text", "themes", "national_action_plan.period"],
        ];
        assert_eq!(
            laid(CURRENT, new, &fields.concat()),
            [
                "external_id = a",
                "title.en = New",
                "countries = KEN",
                "period.end = 2024"
            ]
        );
    }

    #[test]
    fn a_record_laid_over_itself_keeps_its_bytes() {
        let current = record(CURRENT);
        let fields = ["title.fr.text", "national_action_plan.period.start"];
        let fields = fields.map(|path| FieldPath::parse(path).unwrap());
        let kind = Kind::NATIONAL_ACTION_PLAN.number();
        let extent = Extent::Fields(fields.to_vec());
        let laid = lay(kind, current.payload(), current.payload(), &extent);
        assert_eq!(laid.unwrap().unwrap().payload(), current.payload());
    }

    #[test]
    fn a_part_with_nothing_in_it_is_not_taken_away_by_a_table_without_a_cell_for_it() {
        let said = |body: &str| {
            format!(
                r#"{{"external_id": "a", "title": [{{"language": "en", "text": "A"}}],
                    "countries": ["KEN"], "national_action_plan": {body}}}"#
            )
        };
        let (current, new) = (said(r#"{"period": {}}"#), said("{}"));
        for path in [
            "national_action_plan.period",
            "national_action_plan.period.end",
        ] {
            let extent = Extent::Fields(vec![FieldPath::parse(path).unwrap()]);
            let kind = Kind::NATIONAL_ACTION_PLAN.number();
            let (old, new) = (record(&current), record(&new));
            let laid = lay(kind, old.payload(), new.payload(), &extent);
            assert_eq!(laid.unwrap().unwrap().payload(), old.payload(), "{path}");
        }
    }

    #[test]
    fn a_patch_keeps_the_fields_that_only_newer_software_knows() {
        let mut current = record(CURRENT).payload().to_vec();
        // Field 90 of the record, and field 57 of the plan.
        current.extend([0xd0, 0x05, 0x01]);
        current.extend([0xaa, 0x06, 0x05, 0xca, 0x03, 0x02, b'h', b'i']);
        let new = record(
            r#"{"title": [{"language": "en", "text": "New"}],
                "national_action_plan": {"period": {"end": {"value": "2024"}}}}"#,
        );
        let fields = ["title.en.text", "national_action_plan.period.end"];
        let fields = fields.map(|path| FieldPath::parse(path).unwrap());
        let kind = Kind::NATIONAL_ACTION_PLAN.number();
        for extent in [Extent::Fields(fields.to_vec()), Extent::Known] {
            let laid = lay(kind, &current, new.payload(), &extent);
            let laid = laid.unwrap().unwrap();
            assert_eq!(laid.unread_fields(), ["90", "national_action_plan.57"]);
            let lines = laid.to_lines();
            assert!(lines.contains(&("period.end".to_owned(), "2024".to_owned())));
        }
    }

    #[test]
    fn what_speaks_of_nothing_travels_as_that_and_leaves_the_record() {
        let extents = [
            Extent::Whole,
            Extent::Known,
            Extent::Fields(Vec::new()),
            Extent::Fields(vec![FieldPath::parse("external_id").unwrap()]),
        ];
        for extent in &extents {
            assert_eq!(Extent::of(&extent.paths()).unwrap(), *extent);
        }
        let alone = extents.map(|extent| extent.is_of_id_alone());
        assert_eq!(alone, [false, false, true, true]);
        let new = r#"{"national_action_plan": {}}"#;
        assert_eq!(laid(CURRENT, new, &[]), laid(CURRENT, CURRENT, &[]));
    }

    #[test]
    fn a_path_that_leads_nowhere_is_refused() {
        for path in [
            "",
            "titel",
            "title.en.words",
            "countries.x",
            "national_action_plan..x",
        ] {
            assert!(FieldPath::parse(path).is_err(), "{path}");
        }
    }
}
