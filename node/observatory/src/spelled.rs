//! Addresses that name their language otherwise than we do: `/EN`, `/fr-CA/event`, `/zh-Hans`.
//! Which page is meant is beyond doubt, so they lead there for good.

use http::Uri;
use wpsx_words::Language;

/// Characters of a language's tag with its script and its region.
const LONGEST: usize = 12;

/// The address with its language as we write it, where it has one and writes it otherwise.
pub(crate) fn respelled(uri: &Uri) -> Option<String> {
    let path = uri.path().strip_prefix('/')?;
    let (tag, rest) = path.split_at(path.find('/').unwrap_or(path.len()));
    let is_tag = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
    let language: Language = tag.parse().ok()?;
    let is_other = tag.len() <= LONGEST && tag.bytes().all(is_tag) && tag != language.tag();
    let query = uri.query().map_or_else(String::new, |it| format!("?{it}"));
    is_other.then(|| format!("/{language}{rest}{query}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_language_in_another_spelling_leads_to_the_same_address_with_all_that_it_asks() {
        let of = |path: &str| respelled(&path.parse().unwrap());
        for (path, there) in [
            ("/EN", "/en"),
            ("/zh-Hans", "/zh"),
            ("/zh-Hant-TW/event", "/zh/event"),
            (
                "/en-GB/event.csv?country=KEN&x=%20",
                "/en/event.csv?country=KEN&x=%20",
            ),
            ("/Fr_ca/record/00//x", "/fr/record/00//x"),
        ] {
            assert_eq!(of(path).as_deref(), Some(there), "{path}");
        }
        for path in [
            "/",
            "/en",
            "/en/EVENT",
            "/english",
            "/de",
            "//EN",
            "/en.csv",
            "/es-a-very-long-tag",
            "/fr%20",
        ] {
            assert_eq!(of(path), None, "{path}");
        }
    }
}
