//! Nobody's telephone number by accident: what in a text looks like a way to reach a
//! person.
//!
//! A public log is copied by everyone and cannot be called back, so a file with an
//! e-mail address or a telephone number in it is stopped and shown to whoever publishes
//! it; an office's may be let through by name. Years, dates, document symbols, amounts
//! and addresses of pages are no telephone numbers: a detector that cries at every
//! number is switched off by its users.

mod calling;
mod mail;
mod telephone;

use std::fmt;

use prost_reflect::FieldDescriptor;
use wpsx_proto::{
    api::record::v1::Form,
    record::{
        Fields, Record, TextOf,
        schema::{FieldRules, use_of},
    },
};

/// What looks like a way to reach a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contact {
    /// What it looks like.
    pub kind: ContactKind,
    /// As it stands in the text.
    pub text: String,
}

/// The sorts of contacts that are looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ContactKind {
    /// An e-mail address.
    Mail,
    /// A telephone number.
    Telephone,
}

impl fmt::Display for Contact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let looks_like = match self.kind {
            ContactKind::Mail => "an e-mail address",
            ContactKind::Telephone => "a telephone number",
        };
        write!(f, "{:?} looks like {looks_like}", self.text)
    }
}

/// Every contact in a text.
#[must_use]
pub fn find(text: &str) -> Vec<Contact> {
    find_under("", text)
}

/// Every contact in a text of a person's own words that stands under a name: under
/// "Telephone", a bare number is one.
#[must_use]
pub fn find_under(name: &str, text: &str) -> Vec<Contact> {
    find_in(&|| name.to_owned(), text, &|| true)
}

/// What the text stands under, and whether it holds a person's own words, is asked of few
/// texts: most have no number that is long enough.
fn find_in(name: &dyn Fn() -> String, text: &str, words: &dyn Fn() -> bool) -> Vec<Contact> {
    let found = |kind| move |text| Contact { kind, text };
    let mut contacts: Vec<Contact> = mail::find(text)
        .into_iter()
        .map(found(ContactKind::Mail))
        .collect();
    let numbers = telephone::find(name, text, words);
    contacts.extend(numbers.into_iter().map(found(ContactKind::Telephone)));
    contacts
}

/// Every contact in a record, with the path of its text: `note.en`, `facts[2].values[0]`.
#[must_use]
pub fn in_record(record: &Record) -> Vec<(String, Contact)> {
    let fields = record.fields().ok();
    fields.map(|fields| in_fields(&fields)).unwrap_or_default()
}

/// The same of a record whose fields were read already.
pub(crate) fn in_fields(fields: &Fields) -> Vec<(String, Contact)> {
    let mut contacts = Vec::new();
    let mut finder = Finder::default();
    fields.each_text(&mut |text| {
        let found = finder.find(text, "");
        contacts.extend(found.into_iter().map(|c| (text.path.to_owned(), c)));
    });
    contacts
}

/// Looks through the texts of one record, in their order.
#[derive(Debug, Default)]
pub struct Finder {
    /// A fact says its name before its values.
    fact: String,
}

impl Finder {
    /// Every contact in one of its texts. `column`: where a file has it, which may say
    /// that it holds telephone numbers.
    pub fn find(&mut self, text: TextOf<'_>, column: &str) -> Vec<Contact> {
        let of_fact = text.field.parent_message().name() == "Fact";
        if of_fact && text.field.name() == "name" {
            text.text.clone_into(&mut self.fact);
        }
        let fact = if of_fact { self.fact.as_str() } else { "" };
        let name = || format!("{} {column} {fact}", text.path);
        find_in(&name, text.text, &|| holds_words(text.field))
    }
}

/// The field holds a person's own words: no code, symbol, amount or name for machines.
fn holds_words(field: &FieldDescriptor) -> bool {
    let (rules, used) = (FieldRules::of(field), use_of(field));
    let named = ["text", "note", "citation", "locator"].contains(&field.name());
    rules.form == Form::Unspecified && used.vocabulary.is_empty() && (used.full_text || named)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(found: Vec<Contact>) -> Vec<String> {
        found.into_iter().map(|contact| contact.text).collect()
    }

    #[test]
    fn addresses_of_people_are_found_however_they_are_written() {
        for (text, found) in [
            (
                "write to jane.doe@example.org, please",
                "jane.doe@example.org",
            ),
            ("<j+wps@mail.example.co.ke>", "j+wps@mail.example.co.ke"),
            ("jane (at) example [dot] org", "jane@example.org"),
            ("jane @ example.org.", "jane@example.org"),
            ("иван＠пример.рф", "иван@пример.рф"),
            ("mailto:a@b.example", "a@b.example"),
        ] {
            assert_eq!(texts(find(text)), [found], "{text}");
        }
        for text in [
            "5 litres @ 3.50",
            "@unwomen",
            "a@b",
            "https://a.example/@b/c.d",
            "",
        ] {
            assert_eq!(texts(find(text)), [""; 0], "{text}");
        }
    }

    #[test]
    fn telephone_numbers_are_found_however_they_are_written() {
        for (text, found) in [
            ("call +254 712 345 678 now", "+254 712 345 678"),
            ("+41229171234", "+41229171234"),
            ("+1 (212) 963-1234", "+1 (212) 963-1234"),
            ("00 33 1 44 55 66 77", "00 33 1 44 55 66 77"),
            ("0712 345 678", "0712 345 678"),
            ("01 23 45 67 89", "01 23 45 67 89"),
            ("030/1234567", "030/1234567"),
            ("(212) 555-0100", "(212) 555-0100"),
            ("212-555-0100", "212-555-0100"),
            ("Tel.: 5550100", "5550100"),
            ("Phone No. 5550100", "5550100"),
            ("my number: 0722123456", "0722123456"),
            ("тел. 8 495 123-45-67", "8 495 123-45-67"),
            ("هاتف: ٠٧١٢٣٤٥٦٧٨", "٠٧١٢٣٤٥٦٧٨"),
            ("电话：010-12345678", "010-12345678"),
            ("请致电010-12345678", "010-12345678"),
            ("8 (495) 123-45-67", "8 (495) 123-45-67"),
            ("звоните 8 800 555 35 35", "8 800 555 35 35"),
            ("(495) 123-45-67", "(495) 123-45-67"),
            ("138 0013 8000", "138 0013 8000"),
            ("0722123456", "0722123456"),
            ("00254722123456", "00254722123456"),
            ("call 254722123456 now", "254722123456"),
            ("13912345678", "13912345678"),
            ("12125550100", "12125550100"),
            ("０７２２１２３４５６", "０７２２１２３４５６"),
            ("٠٧٢٢١٢٣٤٥٦", "٠٧٢٢١٢٣٤٥٦"),
            ("https://wa.me/254722123456", "254722123456"),
            ("https://wa.me/+254722123456", "+254722123456"),
            (
                "https://api.whatsapp.com/send?phone=254722123456",
                "254722123456",
            ),
            ("tel:254722123456", "254722123456"),
        ] {
            assert_eq!(texts(find(text)), [found], "{text}");
        }
        assert_eq!(
            texts(find_under("Phone of the desk", "5550100")),
            ["5550100"]
        );
    }

    #[test]
    fn what_plans_are_full_of_is_no_telephone_number() {
        for text in [
            "2019-2024",
            "2018-09-11",
            "11.09.2018",
            "01.02.2019 12:30",
            "S/RES/1325 (2000)",
            "A/71/927-S/2017/485",
            "27680907",
            "EUR 40000000",
            "1,000,000",
            "40 000 000",
            "+5 percent",
            "0.123456789",
            "resolutions 1325 (2000), 1820 (2008), 1888 (2009)",
            "ISBN 0-19-852663-6",
            "ISBN 978-92-1-130422-0",
            "https://a.example/0712-345-678/+254712345678",
            "doi 10.1080/13533312.2019.1612668",
            "2000 2005 2010 2015",
            "hotels 2019-2024",
            "192.168.100.200",
            "a budget of 27680907000",
            "USD 27680907123",
            "27680907123 EUR",
            "$27680907123",
            "9780521880220",
            "ISSN 2049364112",
            "document No. 254722123456",
            "registered under № 7702070139123",
            "20190401123000",
            "201904011230",
            "2019年10月",
            "0.2547221234",
            "https://a.example/254722123456",
            "https://a.example/?id=254722123456",
        ] {
            assert_eq!(texts(find(text)), [""; 0], "{text}");
        }
    }

    #[test]
    fn a_bare_number_is_none_where_identifiers_and_amounts_stand() {
        let record = Record::from_json(
            r#"{"external_id": "254722123456", "title": [{"language": "en", "text": "T"}],
                "sources": [{"url": "https://a.example/254722123456", "citation": "254722123457"}],
                "law": {"number": "254722123456"}}"#,
        )
        .unwrap();
        let found = in_record(&record);
        let paths: Vec<&str> = found.iter().map(|(path, _)| path.as_str()).collect();
        assert_eq!(paths, ["sources[0].citation"]);
    }

    #[test]
    fn a_record_names_the_place_of_each_contact() {
        let record = Record::from_json(
            r#"{"external_id": "a", "title": [{"language": "en", "text": "T"}],
                "note": [{"language": "en", "text": "ask a@b.example"}],
                "facts": [{"name": "mobile", "values": ["5550100"]}],
                "good_practice": {}}"#,
        )
        .unwrap();
        let found = in_record(&record);
        let told: Vec<String> = found
            .iter()
            .map(|(path, c)| format!("{path}: {c}"))
            .collect();
        assert_eq!(
            told,
            [
                "note.en: \"a@b.example\" looks like an e-mail address",
                "facts[0].values[0]: \"5550100\" looks like a telephone number",
            ]
        );
    }
}
