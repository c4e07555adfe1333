//! The files of a page, as the page itself offers them: by what people call them.

use maud::{Markup, html};

use crate::{
    alternates,
    file::form::Form,
    texts::{self, Said, Voice, downloads as said},
};

/// A line with a link to each file of the page at `path`, an address without its language, and
/// how many records they hold; nothing where it has none.
pub(super) fn downloads(path: &str, records: u64, voice: Voice<'_>) -> Markup {
    let files = alternates::files(path);
    html! {
        @if !files.is_empty() {
            p.files {
                span {
                    (voice.say(&texts::DOWNLOAD))
                    @if records > 0 { " (" (voice.count(records, &texts::RECORDS_OF)) ")" }
                    (voice.colon().trim_end())
                }
                @for form in files {
                    " "
                    (link(&alternates::address(voice.language, path, *form), *form, voice))
                }
            }
        }
    }
}

/// A link to a file, by what people call it.
pub(super) fn link(href: &str, form: Form, voice: Voice<'_>) -> Markup {
    html! { a href=(href) type=(form.media_type()) { (called(form, voice)) } }
}

fn called(form: Form, voice: Voice<'_>) -> Markup {
    match form {
        Form::Parts(parts) => {
            html! { (voice.shown(&voice.field(&parts.field))) " (CSV)" }
        }
        form => html! { (voice.say(name(form))) },
    }
}

const fn name(form: Form) -> &'static Said {
    match form {
        Form::Csv | Form::Parts(_) => &said::CSV,
        Form::Xlsx => &said::XLSX,
        Form::JsonLines => &said::JSON_LINES,
        Form::Json => &said::JSON,
        Form::Atom => &said::ATOM,
        Form::Calendar => &said::CALENDAR,
        Form::Readme => &said::README,
        Form::JsonLd => &said::JSON_LD,
        Form::Proof => &said::PROOF,
        Form::Bibtex => &said::BIBTEX,
        Form::Ris => &said::RIS,
    }
}

#[cfg(test)]
mod tests {
    use wpsx_words::{Language, Vocabularies, Words};

    use super::*;

    #[test]
    fn downloads_are_called_by_words_in_every_language_and_say_how_many_records_they_hold() {
        let vocabularies = Vocabularies::shipped();
        for language in Language::ALL {
            let voice = Voice {
                language,
                words: Words::shipped(),
                vocabularies: &vocabularies,
            };
            let shown = downloads("event?country=KEN", 1234, voice).into_string();
            assert_eq!(shown.matches("<a ").count(), 7, "{shown}");
            for form in alternates::files("event") {
                let bare = format!(">{}</a>", form.suffix());
                assert!(!shown.contains(&bare), "{language}: {bare}");
            }
            assert!(shown.contains("234") && shown.contains("(CSV)"), "{shown}");
        }
        let voice = Voice {
            language: Language::English,
            words: Words::shipped(),
            vocabularies: &vocabularies,
        };
        let shown = downloads("series?country=KEN", 3, voice).into_string();
        let observations = "href=\"/en/series.observations.csv?country=KEN\" type=\"text/csv\"";
        assert!(shown.contains(observations), "{shown}");
        assert!(shown.contains("Observations (CSV)</a>"), "{shown}");
        let shown = downloads("country/KEN", 3, voice).into_string();
        assert!(shown.contains("Download (3 records):"), "{shown}");
        assert!(shown.contains(">JSON Lines</a>") && shown.contains(">Feed (Atom)</a>"));
    }
}
