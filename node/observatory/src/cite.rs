//! How to cite one revision, as a sentence, as BibTeX and as RIS. Cited is the text that the
//! record tells of: its author and its year; who published it here stands behind, with the
//! date, the hash, and the address at which this very revision stays. Who keeps a record in
//! custody is said to keep it, and a title that is in the words of whoever made the record, or
//! of this site, and not of the text's author, stands in square brackets, as librarians write a
//! supplied title. Beside its author's title stands the translation that the page is headed by, with
//! how it came to be. What was withdrawn is cited as what it last said, and as withdrawn.

mod text;
mod written;

use maud::{Markup, html};
use wpsx_domain::Wanted;
use wpsx_proto::{
    api::record::v1::TextKind,
    hash::Hash,
    record::{Date, Record},
};

pub(crate) use self::text::come;
use self::text::{Text, Worded};
use crate::{
    called::{Called, untitled},
    foreign::{direction, tag},
    item::Item,
    links::Links,
    names::called,
    observatory::Observatory,
    plain::{one_line, short},
    revision,
    series::Name,
    texts::{Said, Voice, cite as said},
    time,
};

/// What managers of references call the types that are texts of somebody.
const TEXTS: [&str; 3] = ["RPRT", "GOVDOC", "LEGAL"];
/// Characters of a title that a citation has.
const LONGEST_TITLE: usize = 500;

/// What is said of one revision when it is cited.
pub(crate) struct Citation {
    /// Of the text; empty where nobody says.
    authors: Vec<String>,
    /// When the text dates from.
    dated: Option<Date>,
    /// What managers of references call its type.
    reference_type: String,
    /// Its kind, in the reader's words.
    kind: String,
    title: String,
    /// Of the title.
    language: String,
    /// Whose words the title is.
    worded: Worded,
    /// The title in another language, where the title is the author's.
    translation: Option<String>,
    /// How that, or the title where its author's is not known, was translated.
    translated: Option<String>,
    /// Who published it here.
    publisher: String,
    /// The publisher keeps it for somebody else.
    in_custody: bool,
    site: String,
    /// When it was published here, `2026-11-28`; empty where the time is none.
    published: String,
    revision: u32,
    id: String,
    /// Of the entry in its log.
    hash: Hash,
    /// What every reader of the site has to know; mostly empty.
    notice: String,
    /// Of the page of this revision.
    pub(crate) address: String,
}

impl Citation {
    /// The citation of a revision, with its title in the reader's language where it has one.
    pub(crate) fn of(site: &Observatory, item: &Item, voice: Voice<'_>) -> Self {
        // What was taken back is cited as what it last said.
        let last = revision::last_said(site, item);
        let said = last.as_ref().unwrap_or(item);
        let today = site.today();
        let text = said
            .record()
            .map(|record| Text::of(record, today.as_deref(), voice));
        let text = text.unwrap_or_default();
        let titled = titled(site, said, voice);
        let authors = text.authors.iter();
        let notice = site.settings.notice(voice.language);
        Self {
            authors: authors.map(|it| short(it, LONGEST_TITLE)).collect(),
            dated: text.date,
            reference_type: text.reference_type,
            kind: kind_of(said, revision::taken_back(item), voice),
            title: short(&titled.title, LONGEST_TITLE),
            language: titled.language,
            worded: titled.worded,
            translation: titled.translation.map(|it| short(&it, LONGEST_TITLE)),
            translated: titled.translated,
            in_custody: text.in_custody,
            publisher: short(&called(&publisher(site, item), voice), LONGEST_TITLE),
            site: short(&site.settings.title(voice.language).text, LONGEST_TITLE),
            published: time::day(item.envelope.publish_time).unwrap_or_default(),
            revision: item.envelope.revision,
            id: item.id(),
            hash: item.hash,
            notice: notice.map_or_else(String::new, |notice| one_line(&notice.text)),
            address: site.address(&format!("/{}/{}", voice.language, item.permanent_path())),
        }
    }

    /// The sentence on a page, each part with its own direction.
    pub(crate) fn shown(&self, voice: Voice<'_>) -> Markup {
        let title = html! { bdi lang=(tag(&self.language)) dir=(direction(&self.language)) { (self.title()) "." } };
        html! {
            p.citation {
                // A line for each part: where they run in two directions, none breaks another.
                @if self.authors.is_empty() { (title) " (" bdi { (self.year(voice)) } ")." }
                @else {
                    bdi { (voice.list(&self.authors)) } " (" bdi { (self.year(voice)) } ")."
                    br; (title)
                }
                br; (self.kind) ". "
                @if let Some(worded) = self.worded(voice) { br; (worded) }
                br; (self.via(voice))
                br; bdi dir="ltr" { a.bare href=(self.address) { (self.address) } }
                br; bdi dir="ltr" { "SHA-256 " code { (self.hash_text()) } }
                @if !self.notice.is_empty() { br; strong { (self.notice) } }
            }
        }
    }

    /// The same on one line, for files.
    pub(crate) fn line(&self, voice: Voice<'_>) -> String {
        let year = format!("({})", self.year(voice));
        // What nobody is known to have written begins with its title.
        let (first, then) = match self.authors.is_empty() {
            true => (self.title(), year),
            false => (format!("{} {year}", self.authors.join("; ")), self.title()),
        };
        let parts = [
            first,
            then,
            self.kind.clone(),
            self.worded(voice).unwrap_or_default(),
            self.via(voice),
            self.address.clone(),
            format!("SHA-256 {}", self.hash_text()),
            self.notice.clone(),
        ];
        sentences(&parts)
    }

    fn year(&self, voice: Voice<'_>) -> String {
        let year = self.dated.map(|date| date.year().to_string());
        year.unwrap_or_else(|| voice.say(&said::NO_YEAR).to_owned())
    }

    /// The title as it is cited.
    fn title(&self) -> String {
        match self.worded {
            Worded::ByPublisher | Worded::Here => format!("[{}]", self.title),
            Worded::Original | Worded::Otherwise => match self.beside() {
                Some(beside) => format!("{} [{beside}]", self.title),
                None => self.title.clone(),
            },
        }
    }

    /// The translation that stands beside the title, with how it came to be, or how the title
    /// itself did.
    fn beside(&self) -> Option<String> {
        let parts = [&self.translation, &self.translated];
        let parts: Vec<&str> = parts.into_iter().flatten().map(String::as_str).collect();
        (!parts.is_empty()).then(|| parts.join("; "))
    }

    /// Who worded the title, where that was not the author of the text.
    fn worded(&self, voice: Voice<'_>) -> Option<String> {
        let is_publishers = self.worded == Worded::ByPublisher;
        is_publishers.then(|| voice.fill(&said::WORDED, &[&self.publisher]))
    }

    /// Where it was published, by whom and when.
    fn via(&self, voice: Voice<'_>) -> String {
        let date = match self.published.parse::<Date>() {
            Ok(date) => voice.date_text(date),
            Err(_) => voice.say(&said::NO_YEAR).to_owned(),
        };
        let revision = voice.number(self.revision.into());
        let via = match self.in_custody {
            true => &said::VIA_CUSTODY,
            false => &said::VIA,
        };
        voice.fill(via, &[&self.site, &self.publisher, &date, &revision])
    }

    fn hash_text(&self) -> String {
        hex::encode(self.hash.as_bytes())
    }
}

/// A title as it is cited.
struct Titled {
    language: String,
    title: String,
    worded: Worded,
    translation: Option<String>,
    translated: Option<String>,
}

/// What its page is headed by: of a translation its author's title, and the translation beside it.
fn titled(site: &Observatory, item: &Item, voice: Voice<'_>) -> Titled {
    let wanted = Wanted::default();
    let links = Links::from(site, &item.origin, &wanted);
    let here = |language: &str, title: String| Titled {
        language: language.to_owned(),
        title,
        worded: Worded::Here,
        translation: None,
        translated: None,
    };
    if let Some(name) = Name::of(item, &links, voice) {
        return here(name.language(), name.plain());
    }
    match item.called(voice) {
        Some(called) => Titled::of(called, voice),
        None => here(voice.language.tag(), untitled(item, voice)),
    }
}

impl Titled {
    fn of(called: Called, voice: Voice<'_>) -> Self {
        let translated = called.translated(voice);
        let (title, translation) = match (translated.is_some(), called.original) {
            (true, Some(original)) => (original, Some(called.title.text)),
            (_, _) => (called.title, None),
        };
        Self {
            worded: match title.kind {
                TextKind::Descriptive => Worded::ByPublisher,
                TextKind::Original => Worded::Original,
                _ => Worded::Otherwise,
            },
            language: title.language,
            title: title.text,
            translation,
            translated,
        }
    }
}

/// Its kind in words, with what became of it.
fn kind_of(item: &Item, taken_back: Option<&'static Said>, voice: Voice<'_>) -> String {
    let kind = one_line(&voice.kind(item.kind(), false).text);
    match taken_back {
        Some(word) => format!("{kind} ({})", voice.say(word)),
        None => kind,
    }
}

/// Parts behind each other, each ended: by the stop of Chinese, behind which no space stands, where
/// a part ends so already.
fn sentences(parts: &[String]) -> String {
    let mut said = String::new();
    let parts = parts.iter().map(|part| part.trim());
    for part in parts.filter(|part| !part.is_empty()) {
        if !said.is_empty() && !said.ends_with('。') {
            said.push(' ');
        }
        said.push_str(part);
        if !part.ends_with(['.', '。']) {
            said.push('.');
        }
    }
    one_line(&said)
}

/// Whose text it is, as it is cited, where the record is one of a text.
pub(crate) fn authors(record: &Record, voice: Voice<'_>) -> Vec<String> {
    let text = Text::of(record, None, voice);
    let is_text = TEXTS.contains(&text.reference_type.as_str());
    if is_text { text.authors } else { Vec::new() }
}

/// When the text dates from that a record tells of.
pub(crate) fn dated(record: &Record, today: Option<&str>, voice: Voice<'_>) -> Option<Date> {
    Text::of(record, today, voice).date
}

/// Who published it: the name of the log's publisher as people know it.
pub(crate) fn publisher(site: &Observatory, item: &Item) -> String {
    let log = site.sight().log(&item.origin);
    let title = log.map(|log| log.identity().title().to_owned());
    title.unwrap_or_else(|| item.origin.to_string())
}

#[cfg(test)]
mod tests;
