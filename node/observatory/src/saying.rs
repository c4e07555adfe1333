//! How numbers, dates, plurals, lists and orders of names are said, in the six languages, by
//! the rules and data of Unicode (ICU4X, CLDR).
//!
//! Two choices differ from what a locale would give by itself. Arabic is written with the
//! digits that the United Nations' own Arabic texts use, so that a number on a page is the one
//! in a title, a symbol or a file; and English puts the day before the month. In Arabic each
//! number is isolated, so that what stands beside it keeps its place.

mod amounts;
mod counted;
mod dates;
mod lists;
#[cfg(test)]
mod tests;

use std::{cmp::Ordering, sync::LazyLock};

use icu_collator::{CollatorBorrowed, options::CollatorOptions};
use icu_decimal::{DecimalFormatter, input::Decimal};
use icu_list::{
    ListFormatter,
    options::{ListFormatterOptions, ListLength},
};
use icu_locale_core::{Locale, locale};
use icu_plurals::PluralRules;
use wpsx_proto::record::Date;
use wpsx_words::Language;

use self::dates::Dates;
pub(crate) use self::{counted::Counted, dates::instant};

/// Begins and ends what keeps its own direction.
const ISOLATE: (char, char) = ('\u{2068}', '\u{2069}');

/// Says things in one language.
pub(crate) struct Saying {
    language: Language,
    numbers: DecimalFormatter,
    plurals: PluralRules,
    lists: ListFormatter,
    names: CollatorBorrowed<'static>,
    dates: Dates,
}

impl Saying {
    /// How it is said in a language.
    pub(crate) fn of(language: Language) -> &'static Self {
        static ALL: LazyLock<[Saying; 6]> = LazyLock::new(|| Language::ALL.map(Saying::new));
        &ALL[language.index()]
    }

    #[expect(
        clippy::expect_used,
        reason = "the data of the six languages is compiled in, and a test reads each"
    )]
    fn new(language: Language) -> Self {
        let locale = locale_of(language);
        let list = ListFormatterOptions::default().with_length(ListLength::Wide);
        Self {
            language,
            numbers: DecimalFormatter::try_new((&locale).into(), Default::default())
                .expect("numbers of the six languages are compiled in"),
            plurals: PluralRules::try_new_cardinal((&locale).into())
                .expect("plurals of the six languages are compiled in"),
            lists: ListFormatter::try_new_and((&locale).into(), list)
                .expect("lists of the six languages are compiled in"),
            names: CollatorBorrowed::try_new((&locale).into(), CollatorOptions::default())
                .expect("orders of the six languages are compiled in"),
            dates: Dates::new(&locale).expect("dates of the six languages are compiled in"),
        }
    }

    /// A whole number: `1,234`.
    pub(crate) fn number(&self, number: u64) -> String {
        self.isolated(self.numbers.format(&Decimal::from(number)).to_string())
    }

    /// How many would come on top of what is there: `+1,234`.
    pub(crate) fn further(&self, number: u64) -> String {
        self.isolated(format!("+{}", self.numbers.format(&Decimal::from(number))))
    }

    /// Which of two names comes first.
    pub(crate) fn compare(&self, one: &str, other: &str) -> Ordering {
        self.names.compare(one, other).then_with(|| one.cmp(other))
    }

    /// How many there are: `3 records`.
    pub(crate) fn count(&self, number: u64, counted: &Counted) -> String {
        let (before, number, behind) = self.count_in_parts(number, counted);
        format!("{before}{number}{behind}")
    }

    /// The same in three parts: before the number, the number, behind it. A form that does
    /// without a number is all number.
    pub(crate) fn count_in_parts(
        &self,
        number: u64,
        counted: &Counted,
    ) -> (&'static str, String, &'static str) {
        let form = counted.form(self.language, self.plurals.category_for(number));
        match form.split_once("{}") {
            Some((before, behind)) => (before, self.number(number), behind),
            None => ("", form.to_owned(), ""),
        }
    }

    /// A date, as precise as it is known: `April 2017`.
    pub(crate) fn date(&self, date: Date) -> String {
        self.isolated(self.dates.date(date))
    }

    /// A moment, by its milliseconds since 1970: `8 April 2020, 14:03 UTC`.
    pub(crate) fn moment(&self, milliseconds: u64) -> Option<String> {
        let (day, time) = self.dates.moment(milliseconds)?;
        let between = match self.language {
            Language::Arabic => "، ",
            Language::Chinese => " ",
            _ => ", ",
        };
        Some(self.isolated(format!("{day}{between}{} UTC", self.isolated(time))))
    }

    /// A text with `{0}`, `{1}` and so on filled.
    pub(crate) fn fill(&self, text: &str, parts: &[&str]) -> String {
        let mut filled = String::with_capacity(text.len() + 40);
        let mut pieces = text.split('{');
        filled.push_str(pieces.next().unwrap_or_default());
        for piece in pieces {
            let place = piece.split_once('}');
            let part = place.and_then(|(at, _)| parts.get(at.parse::<usize>().ok()?));
            match (part, place) {
                (Some(part), Some((_, rest))) => {
                    filled.push_str(&self.isolated((*part).to_owned()));
                    // What ends with the stop of its last word needs no other one.
                    let is_stopped = filled.ends_with('.') && rest.starts_with('.');
                    filled.push_str(&rest[usize::from(is_stopped)..]);
                }
                _ => {
                    filled.push('{');
                    filled.push_str(piece);
                }
            }
        }
        filled
    }

    /// Kept apart from what stands beside it, where the text runs the other way.
    fn isolated(&self, text: String) -> String {
        match self.language.is_right_to_left() {
            true => format!("{}{text}{}", ISOLATE.0, ISOLATE.1),
            false => text,
        }
    }
}

const fn locale_of(language: Language) -> Locale {
    match language {
        Language::English => locale!("en-001"),
        Language::French => locale!("fr"),
        Language::Spanish => locale!("es"),
        Language::Russian => locale!("ru"),
        Language::Arabic => locale!("ar-u-nu-latn"),
        Language::Chinese => locale!("zh"),
    }
}
