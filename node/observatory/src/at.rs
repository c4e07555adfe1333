//! Where a page is asked for: in which language, and by which address.

use http::Uri;
use wpsx_words::Language;

/// An address as it was typed, in two parts.
#[derive(Clone, Copy, Debug)]
pub(crate) struct At<'a> {
    pub(crate) language: Language,
    /// What stands behind the language, with the question: `network?country=KEN`.
    pub(crate) rest: &'a str,
}

impl<'a> At<'a> {
    /// The same page with this behind the language.
    pub(crate) fn with(self, rest: &'a str) -> Self {
        Self { rest, ..self }
    }

    /// The question, without its sign.
    pub(crate) fn query(self) -> &'a str {
        self.rest.split_once('?').map_or("", |(_, query)| query)
    }

    /// The same address in a language. What stands on a further page of a list in the order of
    /// titles is not on that page in another language, which has other titles.
    pub(crate) fn in_language(self, language: Language) -> String {
        let query = self.query();
        let by_title = query.split('&').any(|part| part == "sort=title");
        if language == self.language || !by_title {
            return in_language(language, self.rest);
        }
        let path = self.rest.split('?').next().unwrap_or_default();
        let parts = query.split('&').filter(|part| !part.starts_with("page="));
        let query: Vec<&str> = parts.collect();
        in_language(language, &format!("{path}?{}", query.join("&")))
    }
}

/// The address of what stands behind a language.
fn in_language(language: Language, rest: &str) -> String {
    match rest {
        // The first page, with what stands behind its question mark.
        rest if rest.is_empty() || rest.starts_with('?') => format!("/{language}{rest}"),
        rest => format!("/{language}/{rest}"),
    }
}

/// What stands behind the language in an address; all of it, where that names none.
pub(crate) fn rest(uri: &Uri) -> String {
    let path = uri.path().trim_start_matches('/');
    let (first, behind) = path.split_once('/').unwrap_or((path, ""));
    let is_language = Language::ALL.iter().any(|it| it.tag() == first);
    let path = if is_language { behind } else { path };
    let query = uri.query().filter(|query| !query.is_empty());
    query.map_or_else(|| path.to_owned(), |query| format!("{path}?{query}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_leads_to_the_same_in_another_language() {
        for (there, other) in [
            ("/en", "/fr"),
            ("/en?", "/fr"),
            ("/en?region=AU", "/fr?region=AU"),
            ("/en/network?country=KEN", "/fr/network?country=KEN"),
            (
                "/en/record/00/history?from=a%2Bb",
                "/fr/record/00/history?from=a%2Bb",
            ),
            ("/nowhere?q=1", "/fr/nowhere?q=1"),
            (
                "/en/event?page=1.2.0x&sort=date",
                "/fr/event?page=1.2.0x&sort=date",
            ),
            ("/en/event?page=1.2.0x&sort=title", "/fr/event?sort=title"),
            ("//elsewhere.example/en", "/fr/elsewhere.example/en"),
        ] {
            let rest = rest(&there.parse().unwrap());
            let language = Language::English;
            let at = At {
                language,
                rest: &rest,
            };
            assert_eq!(at.in_language(Language::French), other, "{there}");
            assert_eq!(at.in_language(language), in_language(language, &rest));
        }
    }
}
