//! A record as a person would write it down: what each field is for decides where it stands.
//!
//! Everything follows from the schema: its places (heading, text, table, aside), the order
//! of its fields, and the forms that all kinds share (a text in several languages, a date,
//! a period). A new kind reads well without code here.

use comfy_table::{ContentArrangement, Table, TableComponent, presets};
use prost::Message as _;
use prost_reflect::{DynamicMessage, FieldDescriptor, ReflectMessage as _, Value};
use wpsx_proto::{
    api::record::v1::{self as api, PagePlace},
    record::{
        Record,
        schema::{record_message, use_of},
    },
};
use wpsx_words::{Language, State, Vocabularies, Words, fold};

use super::lines::{hung, padded, wide};

/// Tables with more columns are written as lists.
const MOST_COLUMNS: usize = 4;
/// Values stand behind labels of this width; longer labels have a line of their own.
const LABEL: usize = 16;

/// The record as text, `width` characters wide; texts in `lang` where there is one, and codes
/// by the names that these vocabularies have for them.
pub(crate) fn page(
    record: &Record,
    lang: &str,
    vocabularies: &Vocabularies,
    width: usize,
) -> String {
    let Ok(message) = DynamicMessage::decode(record_message(), record.payload().clone()) else {
        return String::new();
    };
    let fields = fields(&message);
    let writer = Writer {
        lang,
        vocabularies,
        width,
    };
    let at = |place: PagePlace| fields.iter().filter(move |f| use_of(&f.0).place() == place);
    let mut parts = vec![
        writer.lines(at(PagePlace::Heading)),
        writer.texts(at(PagePlace::Text)),
        writer.lines(at(PagePlace::Unspecified)),
    ];
    parts.extend(at(PagePlace::Table).map(|(field, value)| writer.table(field, value)));
    parts.push(writer.lines(at(PagePlace::Aside)));
    let title = record.header().title(&[lang, "en"]).map(str::to_owned);
    let title = title.unwrap_or_else(|| "(no title)".to_owned());
    parts.insert(0, format!("{}\n", wrapped(&title, "", width)));
    parts.retain(|part| !part.is_empty());
    parts.join("\n")
}

/// Text over several lines, those after the first behind the indent too and two blanks more.
pub(crate) fn wrapped(text: &str, indent: &str, width: usize) -> String {
    folded(text, indent, &format!("{indent}  "), width)
}

/// Text over several lines, the first behind `indent`, the further ones behind `hanging`.
fn folded(text: &str, indent: &str, hanging: &str, width: usize) -> String {
    let room = |start: &str| width.saturating_sub(wide(start));
    let mut lines = Vec::new();
    for paragraph in text.lines() {
        // A line that is empty stays one.
        let parts = match hung(paragraph, room(indent), room(hanging)) {
            parts if parts.is_empty() => vec![String::new()],
            parts => parts,
        };
        let starts = std::iter::once(indent).chain(std::iter::repeat(hanging));
        lines.extend(
            starts
                .zip(parts)
                .map(|(start, part)| format!("{start}{part}")),
        );
    }
    lines.join("\n")
}

/// What a field is called.
pub(crate) fn label(field: &FieldDescriptor, lang: &str) -> String {
    Words::shipped().label(field, language(lang)).to_string()
}

/// The language of labels for a language of texts.
fn language(lang: &str) -> Language {
    let main = lang.split('-').next().unwrap_or(lang);
    let mut all = Language::ALL.into_iter();
    all.find(|known| known.tag().eq_ignore_ascii_case(main))
        .unwrap_or(Language::English)
}

type Field = (FieldDescriptor, Value);

/// The fields that say something, but for the title: those of all kinds, then the kind's own.
fn fields(message: &DynamicMessage) -> Vec<Field> {
    let mut fields = Vec::new();
    for (field, value) in message.fields() {
        match value {
            Value::Message(body) if field.containing_oneof().is_some() => {
                fields.extend(body.fields().map(|(field, value)| (field, value.clone())));
            }
            value if field.name() != "title" => fields.push((field, value.clone())),
            _ => {}
        }
    }
    fields
}

struct Writer<'a> {
    lang: &'a str,
    vocabularies: &'a Vocabularies,
    width: usize,
}

impl Writer<'_> {
    /// `label  value`, a line or more each.
    fn lines<'f>(&self, fields: impl Iterator<Item = &'f Field>) -> String {
        let mut lines = String::new();
        for (field, value) in fields {
            let (label, indent) = (label(field, self.lang), " ".repeat(LABEL));
            let text = folded(&self.value(field, value), &indent, &indent, self.width);
            let first = text.strip_prefix(&indent).unwrap_or(&text);
            match wide(&label) < LABEL {
                true => lines.push_str(&format!("{}{first}\n", padded(&label, LABEL))),
                false => lines.push_str(&format!("{label}\n{text}\n")),
            }
        }
        lines
    }

    /// Each text under its label.
    fn texts<'f>(&self, fields: impl Iterator<Item = &'f Field>) -> String {
        let mut texts = Vec::new();
        for (field, value) in fields {
            let text = folded(&self.value(field, value), "  ", "  ", self.width);
            texts.push(format!("{}\n{text}\n", label(field, self.lang)));
        }
        texts.join("\n")
    }

    /// A list of parts under its label and number: in columns where there are few.
    fn table(&self, field: &FieldDescriptor, value: &Value) -> String {
        let parts: Vec<&DynamicMessage> = match value {
            Value::List(parts) => parts.iter().filter_map(Value::as_message).collect(),
            value => value.as_message().into_iter().collect(),
        };
        let is_text = |part: &&DynamicMessage| is(part, "Text");
        if parts.is_empty() || parts.iter().any(is_text) {
            return self.lines([(field.clone(), value.clone())].iter());
        }
        let mut columns: Vec<FieldDescriptor> = Vec::new();
        for (field, _) in parts.iter().flat_map(|part| part.fields()) {
            if !columns.contains(&field) {
                columns.push(field);
            }
        }
        columns.sort_by_key(FieldDescriptor::number);
        let heading = match parts.len() {
            1 => label(field, self.lang),
            many => format!("{} ({many})", label(field, self.lang)),
        };
        if columns.len() > MOST_COLUMNS || columns.is_empty() {
            let items = parts.iter().map(|part| {
                let item = format!("\u{b7} {}", self.message(part));
                format!("{}\n", wrapped(&item, "  ", self.width))
            });
            return format!("{heading}\n{}", items.collect::<String>());
        }
        let cells = parts.iter().map(|part| {
            let cell = |column: &FieldDescriptor| match part.has_field(column) {
                true => self.value(column, &part.get_field(column)),
                false => String::new(),
            };
            columns.iter().map(cell).collect::<Vec<_>>()
        });
        format!("{heading}\n{}\n", self.columns(&columns, cells.collect()))
    }

    fn columns(&self, columns: &[FieldDescriptor], rows: Vec<Vec<String>>) -> String {
        let mut table = Table::new();
        table
            .load_preset(presets::NOTHING)
            .set_style(TableComponent::HeaderLines, '\u{2500}')
            .set_style(TableComponent::MiddleHeaderIntersections, '\u{2500}')
            .set_content_arrangement(ContentArrangement::Dynamic)
            .set_width(
                u16::try_from(self.width)
                    .unwrap_or(u16::MAX)
                    .saturating_sub(2),
            )
            .set_header(columns.iter().map(|column| label(column, self.lang)))
            .add_rows(rows);
        for column in table.column_iter_mut() {
            column.set_padding((0, 1));
        }
        let lines = table.trim_fmt();
        let lines = lines.lines().map(|line| format!("  {line}"));
        lines.collect::<Vec<_>>().join("\n")
    }

    fn value(&self, field: &FieldDescriptor, value: &Value) -> String {
        match value {
            Value::Message(message) => self.message(message),
            Value::List(values) => {
                let messages: Vec<&DynamicMessage> =
                    values.iter().filter_map(Value::as_message).collect();
                if messages.first().is_some_and(|first| is(first, "Text")) {
                    return self.text(&messages);
                }
                let values: Vec<String> = values.iter().map(|v| self.value(field, v)).collect();
                values.join(if messages.is_empty() { ", " } else { " | " })
            }
            Value::String(text) => self.coded(field, text),
            Value::Bool(true) => "yes".to_owned(),
            Value::Bool(false) => "no".to_owned(),
            Value::EnumNumber(number) => Words::shipped()
                .value_of(field, *number, language(self.lang))
                .to_string(),
            Value::Bytes(bytes) => hex::encode(bytes),
            Value::U32(number) => number.to_string(),
            Value::I32(number) => number.to_string(),
            Value::U64(number) => number.to_string(),
            Value::I64(number) => number.to_string(),
            Value::F64(number) => number.to_string(),
            Value::F32(number) => number.to_string(),
            Value::Map(_) => String::new(),
        }
    }

    /// A text; what a vocabulary knows by its name there.
    fn coded(&self, field: &FieldDescriptor, text: &str) -> String {
        let of = use_of(field);
        match (of.vocabulary.as_str(), of.named_by.as_str()) {
            ("", "") => text.to_owned(),
            // Sources write it in whatever spelling.
            ("", named_by) => match self.vocabularies.get_or_empty(named_by).find(text).term() {
                Some(term) => self.named(named_by, &term.code, text),
                None => text.to_owned(),
            },
            (vocabulary, _) => self.named(vocabulary, text, text),
        }
    }

    /// The name of a code, and what is written behind it where the name does not tell that:
    /// it is what one types to ask for more of the same.
    fn named(&self, vocabulary: &str, code: &str, written: &str) -> String {
        let name = self
            .vocabularies
            .label(vocabulary, code, language(self.lang));
        if name.state == State::Missing {
            return written.to_owned();
        }
        match fold(&name.text) == fold(written) {
            true => name.to_string(),
            false => format!("{name} [{written}]"),
        }
    }

    /// The first of what it says stands alone; what follows says what it is.
    fn message(&self, message: &DynamicMessage) -> String {
        if let Some(date) = dated::<api::Date>(message, "Date") {
            return date_text(&date);
        }
        if let Some(period) = dated::<api::Period>(message, "Period") {
            return self.period(&period);
        }
        let mut parts = Vec::new();
        for (field, value) in message.fields() {
            let text = self.value(&field, value);
            parts.push(match (parts.is_empty(), value) {
                (_, Value::Bool(_)) => label(&field, self.lang),
                (true, _) => text,
                (false, _) => format!("{}: {text}", label(&field, self.lang)),
            });
        }
        parts.join("; ")
    }

    fn period(&self, period: &api::Period) -> String {
        let date = |date: &Option<api::Date>| date.as_ref().map(date_text);
        let notes = period.note.iter().map(|note| format!(" ({})", note.text));
        let notes: String = notes.collect();
        let text = match (date(&period.start), date(&period.end)) {
            (Some(start), Some(end)) => format!("{start} \u{2013} {end}"),
            (Some(start), None) => format!("from {start}"),
            (None, Some(end)) => format!("until {end}"),
            (None, None) => "not stated".to_owned(),
        };
        let open = if period.open_ended {
            ", without an end"
        } else {
            ""
        };
        format!("{text}{open}{notes}")
    }

    /// The text in the language that is read, else in English, else the first; and which
    /// other languages there are.
    fn text(&self, texts: &[&DynamicMessage]) -> String {
        let texts: Vec<api::Text> = texts
            .iter()
            .filter_map(|text| api::Text::decode(text.encode_to_vec().as_slice()).ok())
            .collect();
        let is_in = |text: &&api::Text, lang: &str| {
            let tag = text.language.to_ascii_lowercase();
            let lang = lang.to_ascii_lowercase();
            tag == lang || tag.split('-').next() == Some(&lang)
        };
        let chosen = texts
            .iter()
            .find(|text| is_in(text, self.lang))
            .or_else(|| texts.iter().find(|text| is_in(text, "en")))
            .or_else(|| texts.first());
        let Some(chosen) = chosen else {
            return String::new();
        };
        let others = texts.iter().filter(|text| text.language != chosen.language);
        let others = others.map(|text| self.named("languages", &text.language, &text.language));
        let others: Vec<String> = others.collect();
        match others.is_empty() {
            true => chosen.text.clone(),
            false => format!("{} [also in {}]", chosen.text, others.join(", ")),
        }
    }
}

fn is(message: &DynamicMessage, name: &str) -> bool {
    let full = message.descriptor();
    full.full_name().strip_prefix("wpsx.record.v1.") == Some(name)
}

fn dated<T: prost::Message + Default>(message: &DynamicMessage, name: &str) -> Option<T> {
    is(message, name)
        .then(|| T::decode(message.encode_to_vec().as_slice()).ok())
        .flatten()
}

fn date_text(date: &api::Date) -> String {
    match date.note.as_str() {
        "" => date.to_string(),
        note => format!("{date} ({note})"),
    }
}
