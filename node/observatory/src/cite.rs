//! How to cite one revision: its publisher, title, date, hash, and the address at which
//! this very revision stays, as a sentence, as BibTeX and as RIS.

use maud::{Markup, html};
use wpsx_proto::{hash::Hash, record::Date};

use crate::{
    foreign::{direction, tag},
    item::Item,
    observatory::Observatory,
    plain::short,
    texts::{self, Voice},
    time,
};

/// Characters of a title that a citation has.
const LONGEST_TITLE: usize = 500;

/// What is said of one revision when it is cited.
pub(crate) struct Citation {
    publisher: String,
    title: String,
    /// Of the title.
    language: String,
    site: String,
    /// `2026-11-28`; empty where the time is none.
    date: String,
    revision: u32,
    id: String,
    /// Of the entry in its log.
    hash: Hash,
    /// Of the page of this revision.
    pub(crate) address: String,
}

impl Citation {
    /// The citation of a revision, with its title in the reader's language where it has one.
    pub(crate) fn of(site: &Observatory, item: &Item, voice: Voice<'_>) -> Self {
        let title = item.title(voice.language.tag());
        let (language, title) = title.unwrap_or_else(|| {
            let missing = voice.say(&texts::NO_TITLE);
            (voice.language.tag().to_owned(), missing.to_owned())
        });
        let revision = item.envelope.revision;
        Self {
            publisher: short(&publisher(site, item), LONGEST_TITLE),
            title: short(&title, LONGEST_TITLE),
            language,
            site: short(&site.settings.title(voice.language).text, LONGEST_TITLE),
            date: time::day(item.envelope.publish_time).unwrap_or_default(),
            revision,
            id: item.id(),
            hash: item.hash,
            address: site.address(&format!("/{}/{}", voice.language, item.permanent_path())),
        }
    }

    /// The sentence on a page, each part with its own direction.
    pub(crate) fn shown(&self, voice: Voice<'_>) -> Markup {
        let date = match self.date.parse::<Date>() {
            Ok(date) => voice.date(date),
            Err(_) => html! { bdi { (self.date) } },
        };
        html! {
            p.citation {
                // A line for each part: where they run in two directions, none breaks another.
                bdi { (self.publisher) } "."
                br; bdi lang=(tag(&self.language)) dir=(direction(&self.language)) { (self.title) "." }
                br; bdi { (self.site) } ". "
                (voice.say(&texts::PUBLISHED)) " " (date) ". "
                (voice.say(&texts::REVISION)) " " (voice.number(self.revision.into())) "."
                br; bdi dir="ltr" { a.bare href=(self.address) { (self.address) } }
                br; bdi dir="ltr" { "SHA-256 " code { (hex::encode(self.hash.as_bytes())) } }
            }
        }
    }

    /// As an entry of BibTeX.
    pub(crate) fn bibtex(&self) -> String {
        let (year, _) = self.date.split_once('-').unwrap_or((&self.date, ""));
        let hash = hex::encode(self.hash.as_bytes());
        format!(
            "@misc{{wpsx-{}-{},\n  \
               author = {{{{{}}}}},\n  \
               publisher = {{{}}},\n  \
               title = {{{{{}}}}},\n  \
               howpublished = {{{}}},\n  \
               year = {{{year}}},\n  \
               date = {{{}}},\n  \
               version = {{{}}},\n  \
               url = {{{}}},\n  \
               note = {{SHA-256 of the entry: {hash}}}\n}}\n",
            self.id,
            self.revision,
            braced(&self.publisher),
            braced(&self.publisher),
            braced(&self.title),
            braced(&self.site),
            self.date,
            self.revision,
            self.address,
        )
    }

    /// As an entry of RIS, whose lines end as its readers ask for.
    pub(crate) fn ris(&self) -> String {
        let (year, _) = self.date.split_once('-').unwrap_or((&self.date, ""));
        let (date, revision) = (
            format!("{}/", self.date.replace('-', "/")),
            self.revision.to_string(),
        );
        let hash = format!(
            "SHA-256 of the entry: {}",
            hex::encode(self.hash.as_bytes())
        );
        let id = format!("wpsx-{}-{revision}", self.id);
        let lines = [
            ("TY", "ELEC"),
            ("ID", id.as_str()),
            ("AU", &self.publisher),
            ("PB", &self.publisher),
            ("TI", &self.title),
            ("T2", &self.site),
            ("PY", year),
            ("DA", &date),
            ("ET", &revision),
            ("UR", &self.address),
            ("N1", &hash),
            ("ER", ""),
        ];
        let lines = lines.map(|(tag, text)| format!("{tag}  - {text}\r\n"));
        lines.concat()
    }
}

/// Who published it: the name of the log's publisher as people know it.
pub(crate) fn publisher(site: &Observatory, item: &Item) -> String {
    let log = site.sight().log(&item.origin);
    let title = log.map(|log| log.identity().title().to_owned());
    title.unwrap_or_else(|| item.origin.to_string())
}

/// A text between the braces of BibTeX, which counts those inside it even behind a backslash.
fn braced(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\\' => safe.push_str("\\textbackslash{}"),
            '{' => safe.push_str("\\textbraceleft{}"),
            '}' => safe.push_str("\\textbraceright{}"),
            '~' => safe.push_str("\\textasciitilde{}"),
            '^' => safe.push_str("\\textasciicircum{}"),
            '%' | '#' | '$' | '&' | '_' => safe.extend(['\\', c]),
            c => safe.push(c),
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::*;

    fn citation(title: &str) -> Citation {
        Citation {
            publisher: "Ministry of x & y".to_owned(),
            title: short(title, LONGEST_TITLE),
            language: "en".to_owned(),
            site: "Site".to_owned(),
            date: "2026-11-28".to_owned(),
            revision: 2,
            id: "0011".to_owned(),
            hash: Hash::of(b""),
            address: "https://o.example/en/record/0011/2".to_owned(),
        }
    }

    #[test]
    fn a_citation_names_publisher_title_date_hash_and_the_address_of_this_very_revision() {
        let cited = citation("A plan");
        for text in [cited.bibtex(), cited.ris()] {
            for part in [
                "Ministry of x",
                "A plan",
                "2026",
                "/0011/2",
                "e3b0c44298fc1c14",
            ] {
                assert!(text.contains(part), "{part} is not in {text}");
            }
        }
        assert!(cited.ris().starts_with("TY  - ELEC\r\n") && cited.ris().ends_with("ER  - \r\n"));
    }

    #[test]
    fn in_a_citation_each_part_keeps_its_own_direction() {
        let vocabularies = wpsx_words::Vocabularies::shipped();
        let voice = Voice {
            language: wpsx_words::Language::Arabic,
            words: wpsx_words::Words::shipped(),
            vocabularies: &vocabularies,
        };
        let shown = citation("A plan, edition 2").shown(voice).into_string();
        for part in [
            "<bdi lang=\"en\" dir=\"ltr\">A plan, edition 2.</bdi><br>",
            "<bdi dir=\"ltr\"><a class=\"bare\" href=\"https://o.example/en/record/0011/2\">",
            "<bdi dir=\"ltr\">SHA-256 <code>",
            "datetime=\"2026-11-28\"",
        ] {
            assert!(shown.contains(part), "{part} is not in {shown}");
        }
    }

    #[test]
    fn no_title_closes_its_field() {
        let cited = citation("}}\n}\r\nER  - \\input{/etc/passwd} @misc{x, %");
        let text = cited.bibtex();
        let (mut depth, mut least_inside) = (0_i32, i32::MAX);
        let body = &text[..text.trim_end().len() - 1];
        for c in body.chars() {
            depth += match c {
                '{' => 1,
                '}' => -1,
                _ => 0,
            };
            if depth > 0 {
                least_inside = least_inside.min(depth);
            }
            assert!(depth >= 0 && !(c == '}' && depth == 0), "{text}");
        }
        assert_eq!((depth, least_inside), (1, 1), "{text}");
        let lines: Vec<String> = cited.ris().split("\r\n").map(str::to_owned).collect();
        assert_eq!(
            lines.iter().filter(|line| line.starts_with("ER")).count(),
            1
        );
        assert!(lines.iter().all(|line| !line.contains(['\r', '\n'])));
    }
}
