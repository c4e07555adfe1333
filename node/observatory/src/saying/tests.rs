//! What is said, in each of the six languages.

use maud::html;
use wpsx_proto::record::Date;
use wpsx_words::Language;

use super::*;

/// Without the marks of direction that only software sees.
fn plain(text: &str) -> String {
    let marks = [
        ISOLATE.0, ISOLATE.1, '\u{200f}', '\u{200e}', '\u{a0}', '\u{202f}',
    ];
    text.replace(['\u{a0}', '\u{202f}'], " ").replace(marks, "")
}

#[test]
fn a_number_is_grouped_as_its_language_does() {
    let said = Language::ALL.map(|it| plain(&Saying::of(it).number(1_234_567)));
    assert_eq!(
        said,
        [
            "1,234,567",
            "1 234 567",
            "1.234.567",
            "1 234 567",
            "1,234,567",
            "1,234,567"
        ]
    );
    assert_eq!(
        Saying::of(Language::Arabic).number(7),
        "\u{2068}7\u{2069}",
        "a number keeps its place beside Arabic"
    );
    assert_eq!(
        Saying::of(Language::Arabic).further(1_234),
        "\u{2068}+1,234\u{2069}",
        "a sign keeps its place before its number"
    );
}

#[test]
fn what_is_filled_in_is_not_filled_again() {
    let english = Saying::of(Language::English);
    assert_eq!(
        english.fill("{1} of {0} {2}", &["{1}", "b"]),
        "b of {1} {2}"
    );
    let arabic = Saying::of(Language::Arabic).fill("من {0}", &["x"]);
    assert_eq!(arabic, "من \u{2068}x\u{2069}");
}

#[test]
fn names_are_put_in_the_order_of_their_language() {
    let sorted = |language, mut names: Vec<&'static str>| {
        names.sort_by(|a, b| Saying::of(language).compare(a, b));
        names
    };
    assert_eq!(
        sorted(
            Language::French,
            vec!["Zambie", "Égypte", "Espagne", "Éthiopie"]
        ),
        ["Égypte", "Espagne", "Éthiopie", "Zambie"]
    );
    assert_eq!(
        sorted(Language::Spanish, vec!["Oman", "Ñandú", "Nepal"]),
        ["Nepal", "Ñandú", "Oman"]
    );
    assert_eq!(
        sorted(Language::Chinese, vec!["中国", "阿尔巴尼亚", "肯尼亚"]),
        ["阿尔巴尼亚", "肯尼亚", "中国"]
    );
}

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

#[test]
fn things_in_a_row_are_joined_as_their_language_does() {
    let three = |language| plain(&Saying::of(language).list(&["A", "B", "C"]));
    assert_eq!(
        Language::ALL.map(three),
        [
            "A, B and C",
            "A, B et C",
            "A, B y C",
            "A, B и C",
            "A وB وC",
            "A、B和C"
        ]
    );
    let spanish = Saying::of(Language::Spanish);
    assert_eq!(spanish.list(&["Francia", "Italia"]), "Francia e Italia");
    assert_eq!(spanish.list::<&str>(&[]), "");
}

#[test]
fn what_is_listed_can_be_a_link_and_what_is_between_is_text() {
    let items = ["Francia", "Italia"].map(|name| {
        let shown = html! { a href="/x" { (name) } };
        (name.to_owned(), shown)
    });
    let shown = Saying::of(Language::Spanish).listing(&items).0;
    assert_eq!(
        shown,
        "<a href=\"/x\">Francia</a> e <a href=\"/x\">Italia</a>"
    );
}

#[test]
fn a_date_is_said_as_precisely_as_it_is_known() {
    let in_all = |date: &str| {
        let date: Date = date.parse().unwrap();
        Language::ALL.map(|it| plain(&Saying::of(it).date(date)))
    };
    assert_eq!(
        in_all("2017"),
        ["2017", "2017", "2017", "2017", "2017", "2017年"]
    );
    assert_eq!(
        in_all("2017-04"),
        [
            "April 2017",
            "avril 2017",
            "abril de 2017",
            "апрель 2017 г.",
            "أبريل 2017",
            "2017年4月"
        ]
    );
    assert_eq!(
        in_all("2020-04-08"),
        [
            "8 April 2020",
            "8 avril 2020",
            "8 de abril de 2020",
            "8 апреля 2020 г.",
            "8 أبريل 2020",
            "2020年4月8日"
        ]
    );
}

#[test]
fn the_first_day_of_a_month_is_said_as_french_does() {
    let said = |date: &str| plain(&Saying::of(Language::French).date(date.parse().unwrap()));
    assert_eq!(said("2025-01-01"), "1er janvier 2025");
    assert_eq!(said("2025-01-11"), "11 janvier 2025");
    assert_eq!(said("2025-01"), "janvier 2025");
}

#[test]
fn a_moment_is_said_in_utc_and_one_that_cannot_be_is_not() {
    let english = Saying::of(Language::English);
    let said = english.moment(1_586_354_580_000);
    assert_eq!(said.as_deref(), Some("8 April 2020, 14:03 UTC"));
    assert_eq!(english.moment(u64::MAX), None);
}

#[test]
fn a_year_that_nobody_writes_is_still_a_text() {
    for date in ["0000", "0001-01-01", "9999-12-31"] {
        let date: Date = date.parse().unwrap();
        for language in Language::ALL {
            assert!(!Saying::of(language).date(date).is_empty());
        }
    }
}
