//! How many of something: the form that the number asks for.

use icu_plurals::PluralCategory;
use wpsx_words::Language;

use super::Saying;

/// What is counted, in every form that a whole number asks for; `{}` is where the number
/// stands, and a form may do without.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Counted {
    /// One, other.
    pub(crate) en: [&'static str; 2],
    /// One, many (round millions), other.
    pub(crate) fr: [&'static str; 3],
    /// One, many (round millions), other.
    pub(crate) es: [&'static str; 3],
    /// One (1, 21), few (2 to 4, 22), many.
    pub(crate) ru: [&'static str; 3],
    /// Zero, one, two, few (3 to 10), many (11 to 99), other (100).
    pub(crate) ar: [&'static str; 6],
    /// Other.
    pub(crate) zh: &'static str,
}

impl Counted {
    fn form(&self, language: Language, category: PluralCategory) -> &'static str {
        use PluralCategory as Is;
        match (language, category) {
            (Language::English, Is::One) => self.en[0],
            (Language::English, _) => self.en[1],
            (Language::French, Is::One) => self.fr[0],
            (Language::French, Is::Many) => self.fr[1],
            (Language::French, _) => self.fr[2],
            (Language::Spanish, Is::One) => self.es[0],
            (Language::Spanish, Is::Many) => self.es[1],
            (Language::Spanish, _) => self.es[2],
            (Language::Russian, Is::One) => self.ru[0],
            (Language::Russian, Is::Few) => self.ru[1],
            (Language::Russian, _) => self.ru[2],
            (Language::Arabic, Is::Zero) => self.ar[0],
            (Language::Arabic, Is::One) => self.ar[1],
            (Language::Arabic, Is::Two) => self.ar[2],
            (Language::Arabic, Is::Few) => self.ar[3],
            (Language::Arabic, Is::Many) => self.ar[4],
            (Language::Arabic, Is::Other) => self.ar[5],
            (Language::Chinese, _) => self.zh,
        }
    }
}

impl Saying {
    /// The form for a number, in what stands before the number and behind it; whole in the
    /// first where the form does without.
    pub(super) fn form(
        &self,
        number: u64,
        counted: &Counted,
    ) -> (&'static str, Option<&'static str>) {
        let form = counted.form(self.language, self.plurals.category_for(number));
        match form.split_once("{}") {
            Some((before, behind)) => (before, Some(behind)),
            None => (form, None),
        }
    }

    /// How many there are: `3 records`.
    pub(crate) fn count(&self, number: u64, counted: &Counted) -> String {
        match self.form(number, counted) {
            (before, Some(behind)) => format!("{before}{}{behind}", self.number(number)),
            (whole, None) => whole.to_owned(),
        }
    }

    /// The same in three parts: before the number, the number, behind it; where the form does
    /// without a number it is all the number.
    pub(crate) fn count_in_parts(
        &self,
        number: u64,
        counted: &Counted,
    ) -> (&'static str, String, &'static str) {
        match self.form(number, counted) {
            (before, Some(behind)) => (before, self.number(number), behind),
            (whole, None) => ("", whole.to_owned(), ""),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{super::tests::plain, *};

    const RECORDS: Counted = Counted {
        en: ["{} record", "{} records"],
        fr: ["{} fiche", "{} de fiches", "{} fiches"],
        es: ["{} ficha", "{} de fichas", "{} fichas"],
        ru: ["{} запись", "{} записи", "{} записей"],
        ar: ["لا سجلات", "سجل واحد", "سجلان", "{} سجلات", "{} سجلًا", "{} سجل"],
        zh: "{} 条记录",
    };

    fn said(language: Language, number: u64) -> String {
        plain(&Saying::of(language).count(number, &RECORDS))
    }

    #[test]
    fn what_is_counted_has_the_form_that_its_number_asks_for() {
        for (language, number, expected) in [
            (Language::English, 0, "0 records"),
            (Language::English, 1, "1 record"),
            (Language::French, 0, "0 fiche"),
            (Language::French, 2, "2 fiches"),
            (Language::French, 1_000_000, "1 000 000 de fiches"),
            (Language::Spanish, 1_000, "1000 fichas"),
            (Language::Russian, 1, "1 запись"),
            (Language::Russian, 3, "3 записи"),
            (Language::Russian, 11, "11 записей"),
            (Language::Russian, 21, "21 запись"),
            (Language::Russian, 112, "112 записей"),
            (Language::Arabic, 0, "لا سجلات"),
            (Language::Arabic, 1, "سجل واحد"),
            (Language::Arabic, 2, "سجلان"),
            (Language::Arabic, 5, "5 سجلات"),
            (Language::Arabic, 99, "99 سجلًا"),
            (Language::Arabic, 100, "100 سجل"),
            (Language::Arabic, 103, "103 سجلات"),
            (Language::Chinese, 4, "4 条记录"),
        ] {
            assert_eq!(said(language, number), expected);
        }
    }
}
