//! Blank tables to fill in: the header row of a kind, an example, and what each column is
//! for, in any of the six languages.
//!
//! The example row has an id that says so and is never imported.

mod phrases;
mod sheet;

use prost_reflect::FieldDescriptor;
use wpsx_words::{Language, Vocabularies, Words};

use super::{
    columns::{Column, Holds, columns},
    marks::{EXAMPLE, ID_COLUMN},
    shape::Shape,
};
use phrases::Phrases;

/// Codes that a drop-down offers; a vocabulary with more is looked up elsewhere.
const MOST_CODES: usize = 1_000;

/// A blank table of one kind.
pub struct Blank<'a> {
    columns: Vec<Column>,
    kind: String,
    language: Language,
    phrases: &'static Phrases,
    vocabularies: &'a Vocabularies,
}

impl<'a> Blank<'a> {
    /// The table of a kind, explained in a language, with texts in it.
    #[must_use]
    pub fn new(shape: &Shape, language: Language, vocabularies: &'a Vocabularies) -> Self {
        let is_id = |column: &Column| column.path == ID_COLUMN;
        Self {
            columns: columns(shape, language.tag())
                .into_iter()
                .filter(|column| column.common && !is_id(column))
                .collect(),
            kind: shape.name().to_owned(),
            language,
            phrases: Phrases::of(language),
            vocabularies,
        }
    }

    /// As comma-separated values: the header row and the example.
    ///
    /// # Errors
    ///
    /// There is no memory left.
    pub fn csv(&self) -> std::io::Result<Vec<u8>> {
        let mut writer = csv::Writer::from_writer(b"\xef\xbb\xbf".to_vec());
        writer.write_record(self.header())?;
        writer.write_record(self.example())?;
        writer.into_inner().map_err(|error| error.into_error())
    }

    fn header(&self) -> Vec<String> {
        let paths = self.columns.iter().map(|column| column.path.clone());
        std::iter::once(ID_COLUMN.to_owned()).chain(paths).collect()
    }

    fn example(&self) -> Vec<String> {
        let cells = self.columns.iter().map(|column| {
            let codes: Vec<String> = self
                .codes(column)
                .into_iter()
                .map(|(code, _)| code)
                .collect();
            column.example(&codes)
        });
        let id = format!("{EXAMPLE} {}", self.phrases.not_imported);
        std::iter::once(id).chain(cells).collect()
    }

    /// The codes that a column's vocabulary offers, with their names; none where it has
    /// none, or too many to choose from.
    fn codes(&self, column: &Column) -> Vec<(String, String)> {
        let Some(vocabulary) = self.vocabularies.get(&column.vocabulary) else {
            return Vec::new();
        };
        let offered = vocabulary.offered();
        let codes: Vec<(String, String)> = offered
            .take(MOST_CODES + 1)
            .map(|term| {
                let name = vocabulary.label(&term.code, self.language);
                (term.code.clone(), name.marked().into_owned())
            })
            .collect();
        match codes.len() {
            0..=MOST_CODES => codes,
            _ => Vec::new(),
        }
    }
}

/// What a column is called: the labels of the fields that lead there. Where a language has
/// none, the English one, marked as such.
#[must_use]
pub fn label(column: &Column, language: Language) -> String {
    let named = |field: &FieldDescriptor| {
        let label = Words::shipped().label(field, language);
        label.marked().into_owned()
    };
    let names: Vec<String> = column.fields.iter().map(named).collect();
    names.join(" › ")
}

/// What to write into a column. Where a language has no help, the English one, marked as such.
#[must_use]
pub fn help(column: &Column, language: Language) -> String {
    let field = column.fields.last();
    field.map_or_else(String::new, |field| {
        let help = Words::shipped().help(field, language);
        help.marked().into_owned()
    })
}

/// What its cells look like, in a few words.
#[must_use]
pub fn rule(column: &Column, language: Language) -> String {
    let phrases = Phrases::of(language);
    let mut rule = match &column.holds {
        Holds::Text => phrases.text.to_owned(),
        Holds::Date => phrases.date.to_owned(),
        Holds::Country => phrases.country.to_owned(),
        Holds::Language => phrases.language.to_owned(),
        Holds::Currency => phrases.currency.to_owned(),
        Holds::Address => phrases.address.to_owned(),
        Holds::Number => phrases.number.to_owned(),
        Holds::WholeNumber => phrases.whole_number.to_owned(),
        Holds::YesNo => phrases.yes_no.to_owned(),
        Holds::Code => phrases.code.to_owned(),
        Holds::Symbol => phrases.symbol.to_owned(),
        Holds::Time => phrases.time.to_owned(),
        Holds::Bytes => phrases.bytes.to_owned(),
        Holds::Choice(names) => phrases.with(phrases.one_of, &names.join(", ")),
    };
    let mut add = |more: &str| {
        rule.push_str(phrases.between);
        rule.push_str(more);
    };
    if column.several {
        add(phrases.several);
    }
    if column.in_list {
        let next = column.path.replacen(".0", ".1", 1);
        add(&phrases.with(phrases.further, &next));
    }
    if !column.vocabulary.is_empty() {
        add(&phrases.with(phrases.vocabulary, &column.vocabulary));
    }
    if !column.unit.is_empty() {
        add(&phrases.with(phrases.unit, &column.unit));
    }
    rule
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use calamine::{Reader as _, Xlsx};
    use wpsx_proto::record::Kind;

    use super::*;
    use crate::marks::is_example;

    fn blank(kind: Kind, language: Language) -> (Vec<Vec<String>>, Xlsx<Cursor<Vec<u8>>>) {
        let vocabularies = Vocabularies::shipped();
        let shape = Shape::of(kind).unwrap();
        let blank = Blank::new(&shape, language, &vocabularies);
        let csv = blank.csv().unwrap();
        let text = csv.strip_prefix(b"\xef\xbb\xbf").unwrap();
        let rows = csv::ReaderBuilder::new()
            .has_headers(false)
            .from_reader(text)
            .records()
            .map(|row| row.unwrap().iter().map(str::to_owned).collect())
            .collect();
        let book = Xlsx::new(Cursor::new(blank.xlsx().unwrap())).unwrap();
        (rows, book)
    }

    #[test]
    fn every_kind_has_a_template_with_a_sound_example_in_every_language() {
        for kind in Kind::known() {
            let shape = Shape::of(kind).unwrap();
            for language in Language::ALL {
                let (rows, mut book) = blank(kind, language);
                let [header, example] = rows.as_slice() else {
                    panic!("{} rows", rows.len());
                };
                assert!(is_example(&example[0]) && !example.contains(&String::new()));
                let sheet = book.worksheet_range_at(0).unwrap().unwrap();
                let texts: Vec<Vec<String>> = sheet
                    .rows()
                    .map(|row| row.iter().map(ToString::to_string).collect())
                    .collect();
                assert_eq!(texts, rows, "{kind} {language:?}");
                for column in columns(&shape, language.tag()) {
                    for text in [label(&column, language), help(&column, language)] {
                        let is_there = !text.is_empty() && !text.starts_with('[');
                        assert!(is_there, "{} {language:?}: {text}", column.path);
                    }
                }
                // What the example shows is what an import takes.
                let mut message = shape.empty();
                for (path, cell) in header.iter().zip(example) {
                    let target = crate::target::Target::find_in(&shape, path).unwrap();
                    target.fill_cell(&mut message, cell).unwrap();
                }
                let message = message.transcode_to().unwrap();
                let record = wpsx_proto::record::Record::new(message).unwrap();
                if let Err(errors) = record.check() {
                    panic!("{kind}: {errors:?}");
                }
            }
        }
    }

    #[test]
    fn a_template_offers_codes_explains_columns_and_runs_from_right_to_left_in_arabic() {
        let parts = |language| {
            let vocabularies = Vocabularies::shipped();
            let shape = Shape::of(Kind::NATIONAL_ACTION_PLAN).unwrap();
            let book = Blank::new(&shape, language, &vocabularies).xlsx().unwrap();
            let mut archive = zip_parts(&book);
            let table = archive.remove("xl/worksheets/sheet1.xml").unwrap();
            let explained = archive.remove("xl/worksheets/sheet2.xml").unwrap();
            (
                table,
                explained,
                archive.remove("xl/sharedStrings.xml").unwrap(),
            )
        };
        let (table, explained, texts) = parts(Language::Arabic);
        assert!(table.contains("rightToLeft=\"1\"") && explained.contains("rightToLeft=\"1\""));
        assert!(table.contains("<dataValidation ") && table.contains("codes!$"));
        assert!(table.contains("domestic,international,both"));
        assert!(texts.contains("إلزامي") && texts.contains("title.ar"));
        let title = wpsx_proto::record::schema::record_message().get_field_by_name("title");
        let help = Words::shipped().help(&title.unwrap(), Language::Arabic);
        assert!(texts.contains(&*help.text) && !help.is_fallback);
        assert!(!parts(Language::English).0.contains("rightToLeft"));
    }

    #[test]
    fn rules_are_punctuated_as_their_language_is() {
        let shape = Shape::of(Kind::NATIONAL_ACTION_PLAN).unwrap();
        let rule_in = |language: Language| {
            let mut columns = columns(&shape, language.tag()).into_iter();
            rule(
                &columns.find(|column| column.path == "countries").unwrap(),
                language,
            )
        };
        assert!(rule_in(Language::English).ends_with("; vocabulary: countries"));
        assert!(rule_in(Language::French).ends_with("\u{a0}; vocabulaire\u{a0}: countries"));
        assert!(rule_in(Language::Arabic).ends_with("؛ المفردات: countries"));
        assert!(rule_in(Language::Chinese).ends_with("；词汇表：countries"));
    }

    #[test]
    fn a_code_without_a_name_in_the_language_has_the_english_one_marked_as_such() {
        let vocabularies = Vocabularies::shipped();
        let shape = Shape::of(Kind::NATIONAL_ACTION_PLAN).unwrap();
        let blank = Blank::new(&shape, Language::Arabic, &vocabularies);
        let mut columns = blank.columns.iter();
        let spoken = columns.find(|column| column.vocabulary == "languages");
        let codes = blank.codes(spoken.unwrap());
        let name = |code: &str| {
            let mut codes = codes.iter();
            codes.find(|(known, _)| known == code).unwrap().1.clone()
        };
        assert_eq!(name("hif"), "[en] Fiji Hindi");
        assert_eq!(name("ar"), "العربية");
    }

    /// The files in a workbook.
    fn zip_parts(book: &[u8]) -> std::collections::HashMap<String, String> {
        let mut archive = zip::ZipArchive::new(Cursor::new(book)).unwrap();
        let mut parts = std::collections::HashMap::new();
        for at in 0..archive.len() {
            let mut file = archive.by_index(at).unwrap();
            let name = file.name().unwrap().into_owned();
            let mut text = String::new();
            if std::io::Read::read_to_string(&mut file, &mut text).is_ok() {
                parts.insert(name, text);
            }
        }
        parts
    }
}
