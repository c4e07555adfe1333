//! What the shipped vocabularies must be, and what an operator's files may do.

use super::*;

fn one(text: &str) -> (String, How) {
    match Vocabularies::shipped().countries().find(text) {
        Found::One { term, how } => (term.code.clone(), how),
        other => panic!("{text:?}: {other:?}"),
    }
}

#[test]
fn codes_that_changed_and_short_forms_are_todays_code() {
    for (text, code, how) in [
        ("ROM", "ROU", How::Former),
        ("rom", "ROU", How::Former),
        ("TMP", "TLS", How::Former),
        ("ZAR", "COD", How::Former),
        ("Zaire", "COD", How::Former),
        ("UK", "GBR", How::Alias),
        ("u.k.", "GBR", How::Alias),
        ("DRC", "COD", How::Alias),
        ("RDC", "COD", How::Alias),
        ("Kosovo", "XKX", How::Name(Language::English)),
        ("xkx", "XKX", How::CodeWrittenOtherwise),
        ("Côte d'Ivoire", "CIV", How::Name(Language::French)),
        ("cote divoire", "CIV", How::Name(Language::French)),
        ("Ivory Coast", "CIV", How::Name(Language::English)),
        ("ايران", "IRN", How::Alias),
        ("Россия", "RUS", How::Alias),
        ("英国", "GBR", How::Alias),
        ("The Gambia", "GMB", How::Name(Language::English)),
        ("Gambia (the)", "GMB", How::Name(Language::English)),
        ("826", "GBR", How::Alias),
        ("gb", "GBR", How::Alias),
        ("Sudáfrica", "ZAF", How::Name(Language::Spanish)),
        ("Congo", "COG", How::Name(Language::English)),
        ("ALB", "ALB", How::Code),
    ] {
        assert_eq!(one(text), (code.to_owned(), how), "{text}");
    }
    let all = Vocabularies::shipped();
    assert_eq!(all.countries().today("TMP"), "TLS");
    assert_eq!(all.countries().today("XKX"), "XKX");
    assert_eq!(all.countries().today("QQQ"), "QQQ");
}
