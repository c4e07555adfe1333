//! A citation as managers of references read it: BibTeX, and RIS. Each field says what its
//! format means by it, of the text that is cited: the revision is one of the record and no
//! edition or version of that text, so it stands in the note, with who published the record.

use wpsx_proto::record::Date;

use super::{Citation, sentences, text::Worded};
use crate::{
    plain::one_line,
    texts::{Voice, cite as said},
};

/// What RIS calls a page on the web, for kinds that say nothing else.
const PAGE: &str = "ELEC";
/// The types that BibTeX has an entry of its own for.
const REPORTS: [&str; 2] = ["RPRT", "GOVDOC"];

impl Citation {
    /// As an entry of BibTeX. A field that nobody can fill is left out: styles have a way of their
    /// own for that, and an entry without an author is ordered by `key`.
    pub(crate) fn bibtex(&self, voice: Voice<'_>) -> String {
        // A report has an institution that answers for it.
        let is_report = REPORTS.contains(&self.reference_type.as_str()) && !self.authors.is_empty();
        let named = |name: &String| format!("{{{}}}", braced(name));
        let authors: Vec<String> = self.authors.iter().map(named).collect();
        let authors = authors.join(" and ");
        let title = braced(&self.title());
        let mut fields: Vec<(&str, String)> = Vec::new();
        match authors.is_empty() {
            true => fields.push(("key", braced(&self.title))),
            false => fields.push(("author", authors)),
        }
        fields.push(("title", format!("{{{title}}}")));
        let institution = self.authors.first().filter(|_| is_report);
        if let Some(institution) = institution {
            fields.push(("institution", format!("{{{}}}", braced(institution))));
        }
        fields.push(("type", braced(&self.kind)));
        // A year is a number there: of one that nobody knows, styles write what is usual.
        if let Some(date) = self.dated {
            fields.push(("year", date.year().to_string()));
            fields.push(("date", date.to_string()));
        }
        fields.extend([
            ("url", self.address.clone()),
            ("note", braced(&self.note(voice))),
        ]);
        let fields = fields.into_iter();
        let lines = fields.map(|(name, text)| format!("  {name} = {{{text}}}"));
        format!(
            "@{}{{wpsx-{}-{},\n{}\n}}\n",
            if is_report { "techreport" } else { "misc" },
            self.id,
            self.revision,
            lines.collect::<Vec<_>>().join(",\n"),
        )
    }

    /// As an entry of RIS, whose lines end as its readers ask for.
    pub(crate) fn ris(&self, voice: Voice<'_>) -> String {
        let kind = match self.reference_type.as_str() {
            "" => PAGE,
            kind => kind,
        };
        let mut lines = vec![
            ("TY", kind.to_owned()),
            ("ID", format!("wpsx-{}-{}", self.id, self.revision)),
        ];
        lines.extend(self.authors.iter().map(|name| ("AU", name.clone())));
        // A translation has a place of its own there.
        match &self.translation {
            Some(translation) => {
                lines.push(("TI", self.title.clone()));
                lines.push(("TT", translation.clone()));
            }
            None => lines.push(("TI", self.title())),
        }
        // A year has four digits there: one that nobody knows is left out.
        if let Some(date) = self.dated {
            lines.push(("PY", format!("{:04}", date.year())));
            lines.push(("DA", ris_date(date)));
        }
        lines.push(("M3", self.kind.clone()));
        // That of the text, which a translated title says nothing of.
        if self.worded == Worded::Original {
            lines.push(("LA", self.language.clone()));
        }
        // Who keeps a text in custody has not published it.
        if !self.in_custody {
            lines.push(("PB", self.publisher.clone()));
        }
        lines.extend([
            ("DB", self.site.clone()),
            ("UR", self.address.clone()),
            ("N1", self.note(voice)),
            ("ER", String::new()),
        ]);
        let lines = lines.iter();
        let lines = lines.map(|(tag, text)| format!("{tag}  - {}\r\n", one_line(text)));
        lines.collect()
    }

    /// Where and by whom this revision was published, and what proves which it is.
    fn note(&self, voice: Voice<'_>) -> String {
        let hash = self.hash_text();
        let proven = voice.fill(&said::HASH, &[&hash]);
        let worded = self.worded(voice).unwrap_or_default();
        let translated = self.beside().unwrap_or_default();
        sentences(&[
            worded,
            translated,
            self.via(voice),
            proven,
            self.notice.clone(),
        ])
    }
}

/// A date as precise as it is known, as RIS writes it: `2019/05//`.
fn ris_date(date: Date) -> String {
    let said = date.to_string();
    let mut parts = said.split('-');
    let [year, month, day] = [(); 3].map(|()| parts.next().unwrap_or_default());
    format!("{year}/{month}/{day}/")
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
