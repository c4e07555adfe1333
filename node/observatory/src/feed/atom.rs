//! The changes of a list, newest first, as Atom (RFC 4287). What was withdrawn, replaced or
//! erased is a tombstone (RFC 6721), so that who keeps a copy learns of it. What was imported as
//! history is no news.

use std::fmt::Write as _;

use wpsx_domain::{
    NodeError, Wanted,
    records::{Order, OrderBy, Part, Question},
};
use wpsx_proto::record::Reading;
use wpsx_words::Language;

use super::xml::text;
use crate::{
    cite,
    file::{Asked, question},
    item::{Content, Item},
    observatory::Observatory,
    path,
    plain::{one_line, short},
    texts::{self, Voice},
    time,
    unheld::Unheld,
};

/// Changes in one part of a feed.
const CHANGES: u32 = 50;
const NEWEST: Order = Order {
    by: OrderBy::Change,
    descending: true,
};
/// Characters of a title, and of a summary.
const TITLE: usize = 300;
const SUMMARY: usize = 1_000;
/// Fields, or countries, that an entry names.
const MOST_TOLD: usize = 8;

/// The newest changes, or those that a further part asks for. Blocks.
pub(crate) fn changes(
    site: &Observatory,
    asked: &Asked,
    wanted: &Wanted,
) -> Result<String, NodeError> {
    let asks = Question {
        news_only: true,
        include_withdrawn: true,
        order: NEWEST,
        families_once: false,
        ..asked.address.question()
    };
    let part = Part {
        size: CHANGES,
        token: asked.part.clone(),
        bare: true,
    };
    let page = match site.records.list(&site.sight(), &asks, &part, wanted) {
        // Not of this feed, or not there any more: it begins again, as a page does.
        Err(NodeError::Invalid { .. }) if !part.token.is_empty() => {
            let first = Part {
                token: String::new(),
                ..part
            };
            site.records.list(&site.sight(), &asks, &first, wanted)?
        }
        page => page?,
    };
    let items: Vec<Item> = page.entries.iter().filter_map(Item::of).collect();
    let updated = match newest(&items) {
        Some(newest) => newest,
        None => as_of(site, wanted)?,
    };
    let voice = site.voice(asked.language);
    let here = site.address(&asked.file("atom"));
    let unheld = Unheld::of(site, asked.address.kind, wanted)?;
    let mut feed = String::new();
    feed.push_str("<?xml version=\"1.0\" encoding=\"utf-8\"?>\n");
    let _ = write!(
        feed,
        "<feed xmlns=\"http://www.w3.org/2005/Atom\" xmlns:at=\"http://purl.org/atompub/tombstones/1.0\" xml:lang=\"{}\">\n\
         <id>{here}</id>\n<title>{}</title>\n<subtitle>{}</subtitle>\n<updated>{}</updated>\n\
         <link rel=\"self\" type=\"application/atom+xml\" href=\"{here}\"/>\n\
         <link rel=\"alternate\" type=\"text/html\" href=\"{}\"/>\n",
        asked.language,
        text(&format!(
            "{}{}{}",
            voice.say(&texts::CHANGES),
            voice.colon(),
            question(site, asked, voice, wanted)?
        )),
        text(&subtitle(site, unheld.said(voice), asked.language)),
        updated,
        text(&site.address(&asked.page())),
        here = text(&here),
    );
    let rights = text(voice.say(&texts::FILE_LICENCE_SAYS));
    let _ = writeln!(feed, "<rights>{rights}</rights>");
    if !page.next_token.is_empty() {
        let sign = if here.contains('?') { '&' } else { '?' };
        let next = format!("{here}{sign}page={}", page.next_token);
        let _ = writeln!(feed, "<link rel=\"next\" href=\"{}\"/>", text(&next));
    }
    for item in &items {
        match item.is_current() {
            true => entry(&mut feed, site, item, voice),
            false => tombstone(&mut feed, item),
        }
    }
    feed.push_str("</feed>\n");
    Ok(feed)
}

/// The site's name, and what every reader of it has to know.
/// Whose feed it is, with what every reader has to know, and what it cannot have.
fn subtitle(site: &Observatory, unheld: Option<String>, language: Language) -> String {
    let title = short(&site.settings.title(language).text, TITLE);
    let notice = site.settings.notice(language);
    let notice = notice.map(|notice| one_line(&notice.text));
    let parts = [Some(title), notice, unheld];
    parts.into_iter().flatten().collect::<Vec<_>>().join(". ")
}

fn newest(items: &[Item]) -> Option<String> {
    items.iter().map(changed).max()
}

/// Of when it is true that there is nothing: the newest change of all that is here; without
/// any, when its newest publisher began, else the moment at which it is asked.
fn as_of(site: &Observatory, wanted: &Wanted) -> Result<String, NodeError> {
    let asks = Question {
        include_withdrawn: true,
        order: NEWEST,
        ..Question::default()
    };
    let sight = site.sight();
    let page = site.records.list(&sight, &asks, &Part::shown(1), wanted)?;
    let items: Vec<Item> = page.entries.iter().filter_map(Item::of).collect();
    let began = || sight.logs().iter().map(|log| log.identity().time()).max();
    let moment = || began().or_else(|| site.now()).unwrap_or_default();
    Ok(newest(&items).unwrap_or_else(|| time::nearest_moment(moment())))
}

/// The record's own random id, the same in every feed, in every language and at every node.
fn id(item: &Item) -> String {
    let id = item.id();
    let parts = [(0, 8), (8, 12), (12, 16), (16, 20), (20, 32)];
    let parts = parts.map(|(from, to)| id.get(from..to).unwrap_or_default().to_owned());
    format!("urn:uuid:{}", parts.join("-"))
}

fn changed(item: &Item) -> String {
    time::nearest_moment(item.envelope.publish_time)
}

fn tombstone(feed: &mut String, item: &Item) {
    let _ = writeln!(
        feed,
        "<at:deleted-entry ref=\"{}\" when=\"{}\"/>",
        id(item),
        changed(item)
    );
}

fn entry(feed: &mut String, site: &Observatory, item: &Item, voice: Voice<'_>) {
    let (tag, title) = item.title_line(voice);
    let page = site.address(&format!("/{}/{}", voice.language, item.permanent_path()));
    let kind = voice.kind(item.kind(), false);
    let _ = write!(
        feed,
        "<entry>\n<id>{}</id>\n<title xml:lang=\"{}\">{}</title>\n<updated>{}</updated>\n\
         <author><name>{}</name></author>\n<category term=\"{}\" label=\"{}\"/>\n\
         <link rel=\"alternate\" type=\"text/html\" href=\"{page}\"/>\n\
         <link rel=\"related\" type=\"text/plain\" title=\"{}\" href=\"{page}.tlog-proof\"/>\n",
        id(item),
        text(&tag),
        text(&short(&title, TITLE)),
        changed(item),
        text(&short(&cite::publisher(site, item), TITLE)),
        item.kind(),
        text(&kind.text),
        text(voice.say(&texts::PROOF)),
        page = text(&page),
    );
    if let Some((tag, summary)) = summary(item, voice.language.tag()) {
        let summary = text(&short(&summary, SUMMARY));
        let _ = writeln!(
            feed,
            "<summary xml:lang=\"{}\">{summary}</summary>",
            text(&tag)
        );
    }
    let said = text(&short(&done(site, item, voice), SUMMARY));
    let _ = writeln!(
        feed,
        "<content type=\"text\" xml:lang=\"{}\">{said}</content>",
        voice.language
    );
    if let Some(licence) = licence(item) {
        let _ = writeln!(feed, "<rights>{}</rights>", text(&short(&licence, TITLE)));
    }
    feed.push_str("</entry>\n");
}

/// Which revision it is, and what it changed of the one before, by the names of the fields; of
/// what is first published, of which countries it is.
fn done(site: &Observatory, item: &Item, voice: Voice<'_>) -> String {
    let number = item.envelope.revision;
    let revision = format!(
        "{} {}",
        voice.say(&texts::REVISION),
        voice.number(number.into())
    );
    let told = match number {
        0 | 1 => {
            let countries = item.countries().into_iter().take(MOST_TOLD);
            let countries: Vec<String> = countries
                .map(|code| voice.country(&code).text.into_owned())
                .collect();
            (&texts::DID_PUBLISH, countries)
        }
        _ => (&texts::DID_CHANGE, changed_fields(site, item, voice)),
    };
    let (did, what) = (voice.say(told.0), voice.list(&told.1));
    let what = match told.1.is_empty() {
        true => String::new(),
        false => format!("{}{what}", voice.colon()),
    };
    format!("{revision} · {did}{what}")
}

/// The fields that a revision changed.
fn changed_fields(site: &Observatory, item: &Item, voice: Voice<'_>) -> Vec<String> {
    let (sight, envelope) = (site.sight(), &item.envelope);
    let before = site.records.revision(
        &sight,
        &envelope.record_id,
        item.origin.as_str(),
        envelope.revision.saturating_sub(1),
    );
    let before = before.ok().and_then(|(proven, _)| Item::of(&proven));
    let (Some(before), Some(now)) = (before.as_ref().and_then(Item::record), item.record()) else {
        return Vec::new();
    };
    let mut labels: Vec<String> = Vec::new();
    for change in before.changes_to(now) {
        let label = path::named(&change.path, item.kind(), voice).label;
        if labels.len() < MOST_TOLD && !labels.contains(&label) {
            labels.push(label);
        }
    }
    labels
}

/// The licence that a record states, with how its source asks to be named.
fn licence(item: &Item) -> Option<String> {
    let record = item.record()?.message();
    let parts = [record.licence.as_str(), record.attribution.as_str()];
    let parts: Vec<&str> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    (!parts.is_empty()).then(|| parts.join(". "))
}

/// The summary in the language, else in English, else the first; with its own language.
pub(super) fn summary(item: &Item, language: &str) -> Option<(String, String)> {
    let Content::Here(Reading::Readable(record)) = &item.content else {
        return None;
    };
    let texts = &record.message().summary;
    let of = |tag: &str| texts.iter().find(|text| text.language == tag);
    let found = of(language)
        .or_else(|| of("en"))
        .or_else(|| texts.first())?;
    Some((found.language.clone(), found.text.clone()))
}
