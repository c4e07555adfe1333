//! One value of a field in the cell of a list: short, whatever its publisher wrote, and text.

use maud::{Markup, html};
use prost_reflect::{DynamicMessage, FieldDescriptor, ReflectMessage as _, Value};
use wpsx_proto::record::{
    Date,
    schema::{kind_use_of, use_of},
};
use wpsx_words::Label;

use crate::{
    body::{chosen, state},
    called::untitled,
    cite, due,
    fields::{self, is_quantity, is_true},
    foreign,
    item::Item,
    links::{Links, Reference},
    names, passed,
    plain::begun,
    series::Name,
    term,
    texts::{
        self, Voice,
        dated::{self, AS_OF, COMPUTED_AS_OF, Day, EXTENDED},
    },
};

/// Characters of a text in a list.
const LONGEST: usize = 200;
/// Values of a field in a list.
const MOST: usize = 3;

/// Where a value stands: in a row of this record, among these words.
#[derive(Clone, Copy)]
pub(super) struct Cell<'a> {
    pub(super) voice: Voice<'a>,
    pub(super) links: &'a Links<'a>,
    pub(super) item: &'a Item,
}

/// The beginning of a text, with a mark where more follows.
pub(super) fn cut(text: &str) -> String {
    let mut letters = text.chars();
    let mut cut: String = letters.by_ref().take(LONGEST).collect();
    if letters.next().is_some() {
        cut.push('…');
    }
    cut
}

/// A value; of a history the last one, which says what is so now.
pub(super) fn brief(field: &FieldDescriptor, value: &Value, cell: Cell<'_>) -> Markup {
    match value {
        Value::List(values) if is_text(field) => in_language(values, cell, str::to_owned),
        Value::List(values) if use_of(field).newest_last => {
            let last = values.last().and_then(Value::as_message);
            html! { @if let Some(last) = last { (now(last, cell)) } }
        }
        Value::List(values) => {
            let shown = values.iter().take(MOST);
            let more = values.len().saturating_sub(MOST) as u64;
            html! {
                @for (at, value) in shown.enumerate() {
                    @if at > 0 { br; }
                    (one(field, value, cell))
                }
                @if more > 0 { br; span.mark { (cell.voice.fill(&texts::AND_MORE, &[&cell.voice.number(more)])) } }
            }
        }
        value => one(field, value, cell),
    }
}

fn is_text(field: &FieldDescriptor) -> bool {
    let message = field.kind();
    message.as_message().is_some_and(|it| it.name() == "Text")
}

fn one(field: &FieldDescriptor, value: &Value, cell: Cell<'_>) -> Markup {
    match value {
        Value::Message(part) if part.descriptor().name() == "Period" => {
            period(part, is_of_events(field), cell)
        }
        Value::Message(part) => html! {
            (of_part(part, cell))
            (due::mark(field, part, cell.links.today().as_deref(), cell.voice))
        },
        Value::String(text) if is_quantity(field) => {
            html! { bdi { (cell.voice.decimal(&cut(text))) } }
        }
        Value::String(text) => {
            let said = use_of(field);
            match (said.vocabulary.as_str(), said.named_by.as_str()) {
                ("", "") => html! { bdi { (cut(text)) } },
                ("", names) => cell.voice.named(names, &cut(text)),
                (vocabulary, _) => cell.voice.coded(vocabulary, &cut(text)),
            }
        }
        Value::EnumNumber(number) => cell.voice.shown(&cell.voice.value(field, *number)),
        Value::Bool(yes) => html! { (cell.voice.say(if *yes { &texts::YES } else { &texts::NO })) },
        Value::U32(number) => html! { (cell.voice.number(u64::from(*number))) },
        Value::U64(number) => html! { (cell.voice.number(*number)) },
        Value::I32(number) => html! { bdi { (cell.voice.decimal(&number.to_string())) } },
        Value::I64(number) => html! { bdi { (cell.voice.decimal(&number.to_string())) } },
        _ => html! {},
    }
}

fn of_part(part: &DynamicMessage, cell: Cell<'_>) -> Markup {
    match part.descriptor().name() {
        "Date" => date(part, cell),
        "Text" => in_language(&[Value::Message(part.clone())], cell, str::to_owned),
        "Body" | "Place" => named(part, cell),
        "RecordReference" => reference(&Reference::of(part).within(cell.item), cell),
        "Amount" => cell.voice.amount(
            &cut(&string(part, "value")),
            &cut(&string(part, "currency")),
        ),
        _ => first_fields(part, cell),
    }
}

/// A link with the title of the record, where it is here; else the words of the reference.
fn reference(reference: &Reference, cell: Cell<'_>) -> Markup {
    let Some(found) = cell.links.find(reference) else {
        return match reference.citation.as_str() {
            "" => html! { code { (cut(&reference.words())) } },
            citation => foreign::unsaid(&cut(citation)),
        };
    };
    html! {
        a href=(format!("/{}/{}", cell.voice.language, found.path())) { (title(&found, cell.links, cell.voice)) }
    }
}

/// What a record is called in a list, where a title has room for some lines at most.
pub(super) fn title(item: &Item, links: &Links<'_>, voice: Voice<'_>) -> Markup {
    if let Some(name) = Name::of(item, links, voice) {
        return name.shown(cut);
    }
    titled(item, cut, voice)
}

/// A title with its language, and how it was translated.
pub(super) fn titled(item: &Item, bounded: fn(&str) -> String, voice: Voice<'_>) -> Markup {
    let Some(called) = item.called(voice) else {
        return html! { (untitled(item, voice)) };
    };
    let title = &called.title;
    html! {
        @if title.language == voice.language.tag() { bdi { (bounded(&title.text)) } }
        @else { (foreign::inline(&title.language, &bounded(&title.text))) }
        @if let Some(how) = called.translated(voice) { " " span.mark { "(" (how) ")" } }
    }
}

/// How a record stands by its state, or by the last part of its history, with what the calendar
/// tells of that; that both are computed is said once. None where neither says anything.
pub(super) fn standing(
    field: &FieldDescriptor,
    body: &DynamicMessage,
    cell: Cell<'_>,
) -> Option<Markup> {
    let (voice, value) = (cell.voice, body.get_field(field));
    let today = cell.links.today();
    let last = value.as_list().and_then(|parts| parts.last()?.as_message());
    let last = last.filter(|last| state::is_derived(last));
    if let (Some(last), Some(passed)) = (last, passed::said(body, today.as_deref(), voice)) {
        return Some(html! {
            (told(last, cell))
            @if let Some(day) = day_of(last, "as_of") { " " span.mark { "(" (voice.dated_as(&AS_OF, &day)) ")" } }
            (voice.semicolon()) (passed) " " (passed::computed(&texts::BOTH_COMPUTED, voice))
        });
    }
    let stated = brief(field, &value, cell);
    let (stated, passed) = match stated.0.is_empty() {
        true => (stated, passed::begins(body, today.as_deref(), voice)),
        false => (stated, passed::mark(body, today.as_deref(), voice)),
    };
    let says = html! { (stated) (passed) };
    (!says.0.is_empty()).then_some(says)
}

/// The last part of a history: what it is counted under, as of when, and whether that was
/// computed.
fn now(part: &DynamicMessage, cell: Cell<'_>) -> Markup {
    let told = told(part, cell);
    let when = when(part, cell.voice).or_else(|| undated(part, cell));
    let when = when.filter(|_| !told.0.is_empty());
    html! {
        (told)
        @if let Some(when) = when { " " span.mark { "(" (when) ")" } }
    }
}

/// As of when a part of a history is so, and whether that was computed; else since when.
pub(super) fn when(part: &DynamicMessage, voice: Voice<'_>) -> Option<String> {
    match (state::is_derived(part), day_of(part, "as_of")) {
        (true, Some(day)) => Some(voice.dated_as(&COMPUTED_AS_OF, &day)),
        (true, None) => Some(voice.say(&texts::COMPUTED).to_owned()),
        (false, Some(day)) => Some(voice.dated_as(&AS_OF, &day)),
        (false, None) => Some(voice.day(&day_of(part, "date")?)),
    }
}

/// Of which day a record is that states how something stands and does not say since when. Of a
/// plan its period tells more.
fn undated(part: &DynamicMessage, cell: Cell<'_>) -> Option<String> {
    let (voice, today) = (cell.voice, cell.links.today());
    let is_plans = part.descriptor().get_field_by_name("as_of").is_some();
    let record = cell.item.record().filter(|_| !is_plans)?;
    let dated = cite::dated(record, today.as_deref(), voice);
    Some(match dated {
        Some(date) => voice.fill(&texts::STATE_OF_RECORD, &[&voice.date_text(date)]),
        None => voice.say(&texts::STATE_UNDATED).to_owned(),
    })
}

/// What a part of a history is counted under, else what it notes; of a state that nobody states,
/// nothing.
fn told(part: &DynamicMessage, cell: Cell<'_>) -> Markup {
    let counted = part
        .fields()
        .filter(|(field, _)| !use_of(field).facet.is_empty());
    let counted: Vec<_> = counted
        .filter(|(field, _)| !state::is_basis(field))
        .collect();
    if counted.is_empty() {
        return match fields::filled(part, "note") {
            _ if state::has_basis(part) => html! {},
            Some((field, note)) => brief(&field, &note, cell),
            None => first_fields(part, cell),
        };
    }
    html! {
        @for (at, (field, value)) in counted.iter().enumerate() {
            @if at > 0 { " · " }
            (brief(field, value, cell))
        }
    }
}

/// A date of a part.
fn day_of(part: &DynamicMessage, name: &str) -> Option<Day> {
    Day::of(&fields::part(part, name)?)
}

/// What a part says first, such as an amount with its year.
fn first_fields(part: &DynamicMessage, cell: Cell<'_>) -> Markup {
    let fields: Vec<_> = part.fields().take(2).collect();
    html! {
        @for (at, (field, value)) in fields.iter().enumerate() {
            @if at > 0 { " · " }
            (brief(field, value, cell))
        }
    }
}

/// A date with how it is meant; where the source gives none, that it does not.
fn date(part: &DynamicMessage, cell: Cell<'_>) -> Markup {
    let Some(day) = Day::of(part) else {
        let said = fields::stated(part, "sense");
        return html! {
            @if let Some((field, sense)) = &said {
                span.mark { (cell.voice.shown(&cell.voice.value(field, *sense))) }
            }
        };
    };
    let date = match day.value.parse::<Date>() {
        Ok(date) => cell.voice.date(date),
        Err(_) => html! { bdi { (cut(&day.value)) } },
    };
    match day.meant() {
        Some(meant) => cell.voice.fill_in(meant, &date),
        None => date,
    }
}

/// Whether the field is one of events, which end on the day on which they begin where nothing
/// else is said.
fn is_of_events(field: &FieldDescriptor) -> bool {
    let terms = kind_use_of(field.parent_message()).terms;
    terms.iter().any(|term| term == "schema:Event")
}

/// A period of a record, with what it was extended by.
pub(super) fn lasting(field: &FieldDescriptor, body: &DynamicMessage, cell: Cell<'_>) -> Markup {
    let period = term::period(body).unwrap_or_else(|| body.get_field(field).into_owned());
    html! {
        (brief(field, &period, cell))
        @if let Some(until) = term::extended(body) {
            " · " (cell.voice.fill_in(dated::wording(&EXTENDED, &string(&until, "value")), &date(&until, cell)))
        }
    }
}

/// Whether a field is a period.
pub(super) fn is_period(field: &FieldDescriptor) -> bool {
    let part = field.kind();
    let part = part.as_message();
    !field.is_list() && part.is_some_and(|part| part.full_name() == "wpsx.record.v1.Period")
}

fn period(part: &DynamicMessage, of_events: bool, cell: Cell<'_>) -> Markup {
    let end = |name: &str| {
        let field = part.descriptor().get_field_by_name(name)?;
        let value = part.get_field(&field).as_message()?.clone();
        part.has_field(&field).then(|| date(&value, cell))
    };
    let is_open = is_true(part, "open_ended");
    let unknown = || {
        let said = if is_open {
            &texts::NO_END
        } else {
            &texts::END_UNKNOWN
        };
        html! { span.mark { (cell.voice.say(said)) } }
    };
    html! {
        bdi dir=[cell.voice.span()] {
            // That the source gives no end is no answer where it is said that there is none.
            @match (end("start"), end("end").filter(|_| !is_open)) {
                (Some(start), Some(end)) if start.0 == end.0 => (start),
                (Some(start), None) if of_events && !is_open => (start),
                (None, None) if is_open => (unknown()),
                (start, end) => {
                    (start.unwrap_or_else(|| html! { span.mark { (cell.voice.say(&texts::END_UNKNOWN)) } }))
                    " – " (end.unwrap_or_else(unknown))
                }
            }
        }
    }
}

/// A body or a place by its name, else by its short name or its country.
fn named(part: &DynamicMessage, cell: Cell<'_>) -> Markup {
    let name = part.get_field_by_name("name");
    let has_name = name.as_ref().and_then(|name| name.as_list());
    let (acronym, country) = (string(part, "acronym"), string(part, "country"));
    let names = has_name.filter(|names| !names.is_empty());
    let known = match names {
        Some(names) => known(names, cell.voice),
        None => names::behind(&acronym, cell.voice),
    };
    html! {
        @match (known, names) {
            (Some(known), _) => bdi { (cell.voice.shown(&known)) },
            (None, Some(names)) => (in_language(names, cell, |name| begun(name).into_owned())),
            (None, None) if !acronym.is_empty() => (foreign::unsaid(&cut(&acronym))),
            (None, None) => (cell.voice.coded("countries", &country)),
        }
    }
}

/// The name that a vocabulary has of what is named in English and not in the reader's language.
fn known<'a>(names: &[Value], voice: Voice<'a>) -> Option<Label<'a>> {
    let names = || names.iter().filter_map(Value::as_message);
    let of = |tag: &str| names().find(|name| string(name, "language") == tag);
    let stated = of("en").filter(|_| of(voice.language.tag()).is_none())?;
    names::known(&string(stated, "text"), voice)
}

/// A text in the reader's language, else as its author wrote it, else in English, else in its own,
/// as it is written here.
fn in_language(texts: &[Value], cell: Cell<'_>, written: fn(&str) -> String) -> Markup {
    let texts: Vec<&DynamicMessage> = texts.iter().filter_map(Value::as_message).collect();
    html! {
        @if let Some(text) = chosen(&texts, cell.voice) {
            (foreign::inline(&string(text, "language"), &written(&cut(&string(text, "text")))))
        }
    }
}

fn string(message: &DynamicMessage, field: &str) -> String {
    let value = message.get_field_by_name(field);
    let text = value.and_then(|value| value.as_str().map(str::to_owned));
    text.unwrap_or_default()
}
