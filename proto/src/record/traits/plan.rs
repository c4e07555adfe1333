//! Which fields of which messages hold something to find, worked out once.

use std::{
    collections::{BTreeMap, BTreeSet, HashSet},
    sync::LazyLock,
};

use prost_reflect::{EnumDescriptor, FieldDescriptor, Kind as FieldKind, MessageDescriptor};

use super::found::Sense;
use crate::{
    api::record::v1::Form,
    record::schema::{self, FieldRules, short_value_name, use_of},
};

/// The message of a body that a record names.
const BODY: &str = "wpsx.record.v1.Body";

/// What to do with the fields of one message; fields that are not here are skipped.
pub(super) type Fields = BTreeMap<u32, Field>;

/// One field that holds something.
pub(super) struct Field {
    pub(super) name: String,
    pub(super) step: Step,
    /// It is a part of what the record is called.
    pub(super) title: Option<TitlePart>,
}

/// Where a part of what a record is called has its words.
#[derive(Clone, Copy)]
pub(super) enum TitlePart {
    /// It is a text.
    Text,
    /// It is a text of no language, such as a short form.
    Plain,
    /// The place's names.
    Place,
    /// The reference as it is worded.
    Reference,
}

impl Field {
    pub(super) fn has_newest_last(&self) -> bool {
        matches!(
            self.step,
            Step::Part {
                newest_last: true,
                ..
            }
        )
    }
}

/// What a field holds.
pub(super) enum Step {
    /// A text that is a value of a facet.
    Text { facet: String, form: Form },
    /// An enum's value that is a value of a facet, with the names of the values.
    Choice {
        facet: String,
        names: BTreeMap<i32, String>,
    },
    /// A yes that is a value of a facet.
    Flag { facet: String },
    /// A date written as text that the record covers.
    Year,
    /// A date.
    Date(Time),
    /// A period.
    Period(Time),
    /// A reference to another record.
    Reference(Sense),
    /// A part, by its message's name.
    Part {
        message: String,
        newest_last: bool,
        is_body: bool,
    },
    /// Nothing but a part of what the record is called.
    Title,
}

/// What a date or a period is good for.
#[derive(Clone, Copy)]
pub(super) struct Time {
    pub(super) covers: bool,
    pub(super) extends: bool,
    pub(super) sorts: bool,
}

/// The fields to read, by message.
static PLAN: LazyLock<BTreeMap<String, Fields>> = LazyLock::new(plan);

static FACETS: LazyLock<BTreeSet<String>> = LazyLock::new(|| {
    let fields = PLAN.values().flat_map(BTreeMap::values);
    let names = fields.filter_map(|field| match &field.step {
        Step::Text { facet, .. } | Step::Choice { facet, .. } | Step::Flag { facet } => Some(facet),
        _ => None,
    });
    names.cloned().collect()
});

/// The names of all facets that the schema has, in order.
#[must_use]
pub fn facet_names() -> &'static BTreeSet<String> {
    &FACETS
}

/// A value of a facet as records have it: one that the schema lists in any case and with either
/// stroke. Where kinds have codes of a vocabulary there too, any other is one: it may be newer
/// than ours.
///
/// # Errors
/// The schema lists all that there can be, and not this; the sentence names those that it does.
pub fn facet_value(facet: &str, text: &str) -> Result<String, String> {
    let (mut listed, mut is_open) = (BTreeSet::new(), false);
    for field in PLAN.values().flat_map(BTreeMap::values) {
        match &field.step {
            Step::Choice { facet: of, names } if of == facet => {
                listed.extend(names.values().map(String::as_str));
            }
            Step::Flag { facet: of } if of == facet => {
                listed.insert("yes");
            }
            Step::Text { facet: of, .. } if of == facet => is_open = true,
            _ => {}
        }
    }
    let written = text.trim().to_ascii_lowercase().replace(['_', ' '], "-");
    if listed.contains(written.as_str()) {
        return Ok(written);
    }
    if is_open || listed.is_empty() {
        return Ok(text.to_owned());
    }
    let listed: Vec<&str> = listed.into_iter().collect();
    Err(format!(
        "{text:?} is no {facet}; there are {}",
        listed.join(", ")
    ))
}

pub(super) fn fields_of(message: &str) -> &'static Fields {
    static NONE: Fields = Fields::new();
    PLAN.get(message).unwrap_or(&NONE)
}

/// Every message that records are made of, without the parts that lead to nothing.
fn plan() -> BTreeMap<String, Fields> {
    let mut plan = BTreeMap::new();
    let mut waiting = vec![schema::record_message()];
    let mut seen = HashSet::new();
    while let Some(message) = waiting.pop() {
        if !seen.insert(message.full_name().to_owned()) {
            continue;
        }
        waiting.extend(parts_of(&message));
        let fields = message.fields().filter_map(|field| {
            let step = step_of(&field)?;
            let (name, title) = (field.name().to_owned(), title_of(&field));
            Some((field.number(), Field { name, step, title }))
        });
        plan.insert(message.full_name().to_owned(), fields.collect());
    }
    drop_empty(&mut plan);
    plan
}

fn parts_of(message: &MessageDescriptor) -> Vec<MessageDescriptor> {
    let parts = message.fields();
    parts
        .filter_map(|field| field.kind().as_message().cloned())
        .collect()
}

/// Takes out the parts that hold nothing, until none is left.
fn drop_empty(plan: &mut BTreeMap<String, Fields>) {
    loop {
        let empty: HashSet<String> = plan
            .iter()
            .filter(|(_, fields)| fields.is_empty())
            .map(|(message, _)| message.clone())
            .collect();
        if empty.is_empty() {
            return;
        }
        plan.retain(|message, _| !empty.contains(message));
        for fields in plan.values_mut() {
            fields.retain(|_, field| {
                let leads =
                    !matches!(&field.step, Step::Part { message, .. } if empty.contains(message));
                leads || field.title.is_some()
            });
        }
    }
}

fn step_of(field: &FieldDescriptor) -> Option<Step> {
    let stated = use_of(field);
    let facet = Some(stated.facet.clone()).filter(|facet| !facet.is_empty());
    let time = Time {
        covers: stated.covers_time,
        extends: stated.extends_time,
        sorts: stated.sortable,
    };
    let is_timely = time.covers || time.extends || time.sorts;
    match field.kind() {
        FieldKind::String => match facet {
            Some(facet) => Some(Step::Text {
                facet,
                form: FieldRules::of(field).form,
            }),
            None if stated.in_title => Some(Step::Title),
            None => stated.covers_time.then_some(Step::Year),
        },
        FieldKind::Enum(values) => facet.map(|facet| Step::Choice {
            facet,
            names: value_names(field, &values),
        }),
        FieldKind::Bool => facet.map(|facet| Step::Flag { facet }),
        FieldKind::Message(message) => match message.full_name() {
            "wpsx.record.v1.Date" => is_timely.then_some(Step::Date(time)),
            "wpsx.record.v1.Period" => is_timely.then_some(Step::Period(time)),
            "wpsx.record.v1.RecordReference" => Some(Step::Reference(sense_of(field))),
            name => Some(Step::Part {
                message: name.to_owned(),
                newest_last: stated.newest_last,
                is_body: name == BODY,
            }),
        },
        _ => None,
    }
}

fn title_of(field: &FieldDescriptor) -> Option<TitlePart> {
    if !use_of(field).in_title {
        return None;
    }
    let kind = field.kind();
    let Some(message) = kind.as_message() else {
        return Some(TitlePart::Plain);
    };
    match message.full_name() {
        "wpsx.record.v1.Text" => Some(TitlePart::Text),
        "wpsx.record.v1.Place" => Some(TitlePart::Place),
        "wpsx.record.v1.RecordReference" => Some(TitlePart::Reference),
        _ => None,
    }
}

fn sense_of(field: &FieldDescriptor) -> Sense {
    let stated = use_of(field);
    if stated.takes_over {
        Sense::TakesOver
    } else if stated.names_family {
        Sense::Family
    } else {
        Sense::Plain
    }
}

fn value_names(field: &FieldDescriptor, values: &EnumDescriptor) -> BTreeMap<i32, String> {
    let named = values.values().filter_map(|value| {
        let name = short_value_name(field, value.number())?;
        Some((value.number(), name.replace('_', "-")))
    });
    named.collect()
}
