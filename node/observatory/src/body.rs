//! A record written down by its schema: headings, texts, tables and asides, where the
//! options of the fields put them. A kind needs no code here; one that has a [`Template`]
//! says in its own way what its readers ask first, and all the rest stays as it is.

mod event;
mod indicator;
mod part;
mod plan;
pub(crate) mod state;
mod table;
mod template;
mod text;
mod value;
mod writes;

use maud::{Markup, html};
use prost_reflect::{DynamicMessage, FieldDescriptor, Value};
use wpsx_proto::{
    api::record::v1::{Kind as KindNumber, PagePlace},
    record::{
        Kind, Record,
        schema::{record_message, use_of},
    },
};

pub(crate) use self::{plan::period, table::stacked, text::chosen, writes::Writes};
use self::{
    template::Template,
    value::{is_parts, is_text},
};
use crate::{
    fields::{body_of, message_of, string},
    pen::Pen,
    series,
};

/// Names that need no heading of their own.
const FEW: usize = 3;
/// Characters of a text that needs none.
const SHORT: usize = 90;
/// Fields that the page says elsewhere.
const ELSEWHERE: [&str; 10] = [
    "title",
    "countries",
    "claims",
    "sources",
    "relations",
    "takes_over",
    "custody",
    "external_id",
    "source_kind",
    "source_section",
];

/// The parts of a record's page that its content fills.
pub(crate) struct Body {
    /// Beside the title: what a reader looks for first.
    pub(crate) heading: Markup,
    /// The text and the tables.
    pub(crate) main: Markup,
    /// What helps to find and to trust it.
    pub(crate) aside: Markup,
}

/// A filled field with where it stands.
struct Filled {
    field: FieldDescriptor,
    value: Value,
    place: PagePlace,
}

/// The template of a kind, if it has one.
fn template_of(kind: Kind) -> Option<&'static Template> {
    const EVENT: u32 = KindNumber::Event as u32;
    const INDICATOR: u32 = KindNumber::Indicator as u32;
    match kind {
        Kind::NATIONAL_ACTION_PLAN | Kind::REGIONAL_ACTION_PLAN => Some(&plan::TEMPLATE),
        kind if kind.number() == EVENT => Some(&event::TEMPLATE),
        kind if kind.number() == INDICATOR => Some(&indicator::TEMPLATE),
        _ => None,
    }
}

impl Body {
    /// The aside is written by `kept`, whose room it has for itself; what it leaves of that is
    /// the others'.
    pub(crate) fn of(record: &Record, pen: Pen<'_>, kept: Pen<'_>) -> Self {
        let message = message_of(record).unwrap_or_else(|| DynamicMessage::new(record_message()));
        let template = template_of(record.kind());
        let body = template.and_then(|_| body_of(record));
        let (own, mut filled) = filled(&message, template);
        let said = body_of(record).and_then(|body| series::area_stated(&message, &body, pen.voice));
        filled.retain(|it| !series::repeats_area(&it.field, &it.value, said.as_deref()));
        let is_said = |date: &Filled| {
            is_date_of_all(&date.field)
                && filled
                    .iter()
                    .any(|it| it.field != date.field && it.value == date.value)
        };
        let again = filled.iter().position(is_said);
        again.map(|at| filled.remove(at));
        let (brief, filled): (Vec<_>, Vec<_>) = filled.into_iter().partition(is_brief);
        let at = |place: PagePlace| filled.iter().filter(move |it| it.place == place);
        let aside = lines(at(PagePlace::Aside), kept);
        pen.room.take_over(kept.room);
        Self {
            heading: html! {
                @match (template, &body) {
                    (Some(template), Some(body)) => { ((template.lead)(body, pen)) }
                    _ => { (states(&own, pen)) }
                }
                (lines(at(PagePlace::Heading).chain(&brief), pen))
            },
            main: html! {
                @for it in at(PagePlace::Text) { (section(it, pen)) }
                (lines(at(PagePlace::Unspecified), pen))
                @for it in at(PagePlace::Table) { (section(it, pen)) }
            },
            aside,
        }
    }
}

/// The filled fields of the record and of its body, in the order of the schema: those of
/// the body that have a history, and all that no template says.
fn filled(
    message: &DynamicMessage,
    template: Option<&Template>,
) -> (Vec<(FieldDescriptor, Value)>, Vec<Filled>) {
    let says = |field: &_, value: &_| template.is_some_and(|it| it.says_all(field, value));
    let (mut histories, mut all) = (Vec::new(), Vec::new());
    for (field, value) in message.fields() {
        match value {
            Value::Message(body) if field.containing_oneof().is_some() => {
                for (field, value) in body.fields() {
                    let keeps_history = use_of(&field).newest_last;
                    if keeps_history {
                        histories.push((field.clone(), value.clone()));
                    }
                    let is_told = keeps_history && state::tells_all(value);
                    if !is_told && !is_claims(&field) && !says(&field, value) {
                        all.push(placed(field, value));
                    }
                }
            }
            _ if ELSEWHERE.contains(&field.name()) => {}
            value => all.push(placed(field, value)),
        }
    }
    (histories, all)
}

/// What would be a word under a heading of its own: a short text, or a few names.
fn is_brief(it: &Filled) -> bool {
    let values = it.value.as_list().unwrap_or_default();
    match it.place {
        PagePlace::Text => matches!(values, [only] if is_short(only)),
        PagePlace::Table => (1..=FEW).contains(&values.len()) && !is_parts(&it.field),
        _ => false,
    }
}

fn is_short(text: &Value) -> bool {
    let text = text.as_message().map(|text| string(text, "text"));
    text.is_some_and(|text| text.chars().nth(SHORT).is_none())
}

/// Claims stand side by side with what they are about.
fn is_claims(field: &FieldDescriptor) -> bool {
    let part = field.kind();
    part.as_message()
        .is_some_and(|part| part.full_name() == "wpsx.record.v1.Claim")
}

/// The date of the record as a whole, which its kind may say under a name of its own.
fn is_date_of_all(field: &FieldDescriptor) -> bool {
    field.full_name() == "wpsx.record.v1.Record.date"
}

fn placed(field: FieldDescriptor, value: &Value) -> Filled {
    let stated = use_of(&field).place();
    // A list of parts needs a table, and texts need room, wherever they were not placed.
    let place = match stated {
        PagePlace::Unspecified if is_parts(&field) => PagePlace::Table,
        PagePlace::Unspecified if is_text(&field) => PagePlace::Text,
        stated => stated,
    };
    let value = value.clone();
    Filled {
        field,
        value,
        place,
    }
}

/// What is so now, of the fields that keep a history.
fn states(histories: &[(FieldDescriptor, Value)], pen: Pen<'_>) -> Markup {
    html! {
        @if !histories.is_empty() {
            dl.now {
                @for (field, value) in histories { (pen.state(field, value)) }
            }
        }
    }
}

fn section(it: &Filled, pen: Pen<'_>) -> Markup {
    html! {
        @if !pen.room.is_full() {
            section {
                h2 { (pen.voice.shown(&pen.voice.field(&it.field))) }
                (pen.value(&it.field, &it.value))
            }
        }
    }
}

/// Fields beneath each other. Long texts are written last, wherever they stand: they are what is
/// cut.
fn lines<'a>(fields: impl Iterator<Item = &'a Filled>, pen: Pen<'_>) -> Markup {
    let fields: Vec<&Filled> = fields.collect();
    let mut order: Vec<usize> = (0..fields.len()).collect();
    order.sort_by_key(|at| is_text(&fields[*at].field));
    let mut lines: Vec<Option<Markup>> = fields.iter().map(|_| None).collect();
    for at in order {
        let it = fields[at];
        lines[at] = (!pen.room.is_full()).then(|| pen.line(&it.field, &it.value));
    }
    let lines: Vec<Markup> = lines.into_iter().flatten().collect();
    html! {
        @if !lines.is_empty() { dl { @for line in &lines { (line) } } }
    }
}
