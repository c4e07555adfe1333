//! Records of every kind, made up from the descriptors: nothing here knows a kind.
//!
//! They hold what spreadsheets find hard: several languages, line breaks, separators and
//! formulas in texts, long lists and long texts, lists in lists, dates of every sort.

use std::collections::BTreeSet;

use prost_reflect::{DynamicMessage, FieldDescriptor, Kind as FieldKind, MessageDescriptor, Value};
use wpsx_proto::{
    api::record::v1::Form,
    record::{
        Kind, Record,
        schema::{FieldRules, record_message, use_of},
    },
};
use wpsx_words::Vocabularies;

/// A source of records that gives the same ones for the same seed.
pub(crate) struct Maker {
    seed: u64,
    state: u64,
    /// The fields that were filled, by message and name.
    pub(crate) filled: BTreeSet<String>,
    /// A list of this record is longer than a table has columns for.
    has_long: bool,
}

const TEXTS: &[&str] = &[
    "A plain text",
    "=HYPERLINK(\"https://a.example\")",
    "+41 is no number",
    "-dash",
    "@mention",
    "'=quoted",
    "two\nlines",
    "one | two",
    "a, b; c\td",
    "\"quoted\" and 'quoted'",
    "نص عربي",
    "文字",
    "Données de référence",
    "_x0041_ is no sign",
    "007",
    "2018-09",
    "1e5",
    "yes",
    "n",
    "#1",
    "0",
    "n/a",
];
const LANGUAGES: &[&str] = &["en", "fr", "ar", "sr-Latn", "zh"];

impl Maker {
    pub(crate) fn new(seed: u64) -> Self {
        Self {
            seed,
            state: seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ 0x5bd1_e995,
            filled: BTreeSet::new(),
            has_long: false,
        }
    }

    /// A record that its publisher may sign. The first seed fills every field that it can.
    pub(crate) fn record(&mut self, kind: Kind) -> Record {
        let mut wrong = String::new();
        for _ in 0..50 {
            self.filled.clear();
            self.has_long = false;
            let message = self.message_of_record(kind);
            let record = Record::of(&message).expect("it has a body");
            match record.check() {
                Ok(()) => return record,
                Err(rules) => wrong = format!("{rules:?}"),
            }
        }
        panic!("{kind}, seed {}: {wrong}", self.seed);
    }

    fn message_of_record(&mut self, kind: Kind) -> DynamicMessage {
        let mut record = DynamicMessage::new(record_message());
        for field in record_message().fields() {
            // Who takes over from whom is signed by both, and has tests of its own.
            if field.containing_oneof().is_none() && field.name() != "takes_over" {
                self.fill(&mut record, &field, 0);
            }
        }
        let body = kind.body_field().expect("a known kind");
        let inner = self.message(body.kind().as_message().expect("a body"), 0);
        record.set_field(&body, Value::Message(inner));
        let id = format!("made-{kind}-{}", self.seed);
        record.set_field_by_name("external_id", Value::String(id));
        record
    }

    fn next(&mut self) -> u64 {
        self.state ^= self.state << 13;
        self.state ^= self.state >> 7;
        self.state ^= self.state << 17;
        self.state
    }

    fn below(&mut self, bound: usize) -> usize {
        (self.next() >> 16) as usize % bound
    }

    fn pick<'t>(&mut self, of: &[&'t str]) -> &'t str {
        of[self.below(of.len())]
    }

    fn message(&mut self, descriptor: &MessageDescriptor, depth: usize) -> DynamicMessage {
        let mut message = DynamicMessage::new(descriptor.clone());
        for field in descriptor.fields() {
            self.fill(&mut message, &field, depth);
        }
        // A part that says nothing is no part: its first field says something.
        if message.fields().next().is_none()
            && let Some(field) = descriptor.fields().next()
        {
            let value = self.value(&field, depth);
            message.set_field(&field, value);
        }
        match descriptor.name() {
            "Date" => self.date(&mut message),
            "Period" => self.period(&mut message),
            "Source" => self.or_text(
                &mut message,
                "citation",
                &["page 3", "in words; with signs", "= x"],
            ),
            "Body" => self.or_text(&mut message, "acronym", &["MoD"]),
            "RecordReference" => self.reference(&mut message),
            "Pillar" => self.or_text(&mut message, "code", &["local-one"]),
            _ => {}
        }
        for (field, _) in message.fields() {
            self.filled.insert(field.full_name().to_owned());
        }
        message
    }

    fn or_text(&mut self, message: &mut DynamicMessage, field: &str, texts: &[&str]) {
        let text = self.pick(texts).to_owned();
        message.set_field_by_name(field, Value::String(text));
    }

    fn date(&mut self, date: &mut DynamicMessage) {
        let not_given = self.below(6) == 0;
        let value = match not_given {
            true => "",
            false => self.pick(&["2018", "2018-09", "2018-09-11", "2020-02-29"]),
        };
        date.set_field_by_name("value", Value::String(value.to_owned()));
        let sense = if not_given {
            2
        } else {
            [0, 1, 3, 4][self.below(4)]
        };
        date.set_field_by_name("sense", Value::EnumNumber(sense));
    }

    /// A period has an end or is open; what ends begins before.
    fn period(&mut self, period: &mut DynamicMessage) {
        if self.below(3) == 0 {
            period.clear_field_by_name("end");
        } else {
            period.clear_field_by_name("open_ended");
        }
        if period.has_field_by_name("end") && self.below(2) == 0 {
            period.clear_field_by_name("start");
        }
    }

    fn reference(&mut self, reference: &mut DynamicMessage) {
        reference.set_field_by_name("external_id", Value::String("other-1".to_owned()));
    }

    fn fill(&mut self, message: &mut DynamicMessage, field: &FieldDescriptor, depth: usize) {
        let rules = FieldRules::of(field);
        let always = rules.required || (self.seed == 0 && depth < 3);
        // Nothing personal may stand in a log that everybody reads.
        if use_of(field).personal || (!always && self.below(3 + 2 * depth) > 1) {
            return;
        }
        if !field.is_list() {
            let value = self.value(field, depth);
            message.set_field(field, value);
            return;
        }
        let is_text = is_text(field);
        let is_parts = !is_text && field.kind().as_message().is_some();
        // The second seed has one long list of parts in any case: all alike, since one that
        // no cells can say would take the whole list into a cell.
        let is_due = self.seed == 1 && depth == 0 && is_parts && !self.has_long;
        let by_chance = self.below(30) == 0 && depth == 0 && !is_text && self.seed != 0;
        let many = match (is_due, by_chance) {
            (true, _) => 81.min(rules.max_items),
            (_, true) => 130.min(rules.max_items),
            _ => 1 + self.below(3),
        };
        self.has_long |= is_due;
        let mut values = Vec::new();
        let first = self.below(LANGUAGES.len());
        for at in 0..many {
            let mut value = self.value(field, depth);
            if let (true, Value::Message(text)) = (is_text, &mut value) {
                let language = LANGUAGES[(first + at) % LANGUAGES.len()];
                text.set_field_by_name("language", Value::String(language.to_owned()));
            }
            values.push(value);
            if is_due {
                values.resize(many, values[0].clone());
                break;
            }
        }
        message.set_field(field, Value::List(values));
    }

    fn value(&mut self, field: &FieldDescriptor, depth: usize) -> Value {
        match field.kind() {
            FieldKind::Message(inner) => Value::Message(self.message(&inner, depth + 1)),
            FieldKind::String => Value::String(self.text(field)),
            FieldKind::Bool => Value::Bool(true),
            FieldKind::Enum(names) => {
                let at = 1 + self.below(names.values().count() - 1);
                Value::EnumNumber(names.values().nth(at).expect("below the count").number())
            }
            FieldKind::Bytes => {
                let bytes = FieldRules::of(field).bytes.unwrap_or(16);
                Value::Bytes(vec![self.below(256) as u8; bytes].into())
            }
            FieldKind::Uint32 => Value::U32(1 + self.below(99) as u32),
            FieldKind::Int32 => Value::I32(1 + self.below(99) as i32),
            FieldKind::Uint64 => Value::U64(1 + self.below(99) as u64),
            FieldKind::Int64 => Value::I64(1 + self.below(99) as i64),
            other => panic!("a field of {other:?} is new: make values of it here"),
        }
    }

    fn text(&mut self, field: &FieldDescriptor) -> String {
        let rules = FieldRules::of(field);
        let text = match rules.form {
            Form::Country => self.pick(&["ALB", "KEN", "XKX", "COD"]),
            Form::Language => self.pick(LANGUAGES),
            Form::Currency => self.pick(&["EUR", "USD"]),
            Form::Url => self.pick(&["https://a.example/x?y=1", "http://b.example/a_x0041_"]),
            Form::Date => self.pick(&["2018", "2018-09", "2018-09-11"]),
            Form::Decimal => self.pick(&["12.5", "27680907", "0.10", "007", "0"]),
            Form::Number => self.pick(&["-0.4", "12.50", "3", "-7", "0", "0.0"]),
            Form::Code => return self.code(field, rules.max_bytes),
            Form::Symbol => self.pick(&["S/RES/1325 (2000)", "A/55/1"]),
            Form::Time => self.pick(&["09:30", "00:00"]),
            Form::Unspecified if !use_of(field).vocabulary.is_empty() => {
                return self.code(field, rules.max_bytes);
            }
            Form::Unspecified => return self.words(rules.max_bytes),
        };
        match text.len() <= rules.max_bytes {
            true => text.to_owned(),
            false => "1".to_owned(),
        }
    }

    /// One of the vocabulary's codes, or one of the publisher's own.
    fn code(&mut self, field: &FieldDescriptor, most: usize) -> String {
        let all = Vocabularies::shipped();
        let terms = all.get_or_empty(&use_of(field).vocabulary).terms();
        let own = self.pick(&["a", "b-2", "007"]);
        let code = match terms.len() {
            0 => own,
            many => match self.below(many + 1) {
                at if at < many => terms[at].code.as_str(),
                _ => own,
            },
        };
        match code.len() <= most {
            true => code.to_owned(),
            false => "1".to_owned(),
        }
    }

    fn words(&mut self, most: usize) -> String {
        let text = self.pick(TEXTS);
        if most >= 65_536 && self.below(30) == 0 {
            let long = format!("{text} and so on. ").repeat(1_700);
            let long: String = long.chars().take(40_000).collect();
            return format!("{}.", long.trim());
        }
        let odd = match self.below(12) {
            0 => format!(" {text} "),
            1 => format!("{text}\ttab\r\nfeed"),
            2 => format!("{text}\n"),
            _ => text.to_owned(),
        };
        match odd.len() <= most {
            true => odd,
            false => "x".to_owned(),
        }
    }
}

fn is_text(field: &FieldDescriptor) -> bool {
    let kind = field.kind();
    let message = kind.as_message();
    message.is_some_and(|message| message.name() == "Text")
}

/// Every field that a record of the kind can have, by its full name.
pub(crate) fn fields_of(kind: Kind) -> BTreeSet<String> {
    let mut fields = BTreeSet::new();
    let record = record_message();
    let shared = record.fields().filter(|field| {
        let is_body = field.containing_oneof().is_some();
        !is_body && field.name() != "takes_over"
    });
    let mut ahead: Vec<FieldDescriptor> = shared.collect();
    ahead.extend(kind.body_field());
    let mut seen = BTreeSet::new();
    while let Some(field) = ahead.pop() {
        if let FieldKind::Message(inner) = field.kind()
            && seen.insert(inner.full_name().to_owned())
        {
            let parts = inner.fields().filter(|part| !use_of(part).personal);
            let parts: Vec<FieldDescriptor> = parts.collect();
            fields.extend(parts.iter().map(|part| part.full_name().to_owned()));
            ahead.extend(parts);
        }
    }
    fields
}
