//! What search engines are told: every page in every language, in parts of bounded size.
//!
//! A part is a run of a log's entries, so that each can be made without those before it; it
//! names the records that stand there now. Questions are not for robots: their number has
//! no end.

use std::fmt::Write as _;

use wpsx_domain::{NodeError, Wanted, access::Sight, served::ServedLog};
use wpsx_proto::{envelope::Envelope, record::Kind};
use wpsx_words::Language;

use crate::{address::Address, answer, observatory::Observatory, time};

/// Entries of a part: with six languages, some megabytes before compression.
const RUN: u64 = 1_024;
/// Parts that an index may name (sitemaps.org).
const PARTS: usize = 50_000;
const HEAD: &str = "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n";

/// What robots may read.
pub(crate) fn robots(site: &Observatory) -> String {
    let map = site.address("/sitemap.xml");
    format!("User-agent: *\nDisallow: /*?\n\nSitemap: {map}\n")
}

/// The names of all parts.
pub(crate) fn index(site: &Observatory) -> String {
    let mut map =
        format!("{HEAD}<sitemapindex xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\">\n");
    let logs = site.sight().logs().into_iter();
    let runs = logs.flat_map(|log| {
        let runs = size(&log).div_ceil(RUN);
        (0..runs).map(move |run| format!("{}-{run}", log.origin().hash_hex()))
    });
    for part in std::iter::once("pages".to_owned()).chain(runs).take(PARTS) {
        let address = site.address(&format!("/sitemap/{part}.xml"));
        let _ = writeln!(map, "<sitemap><loc>{address}</loc></sitemap>");
    }
    map.push_str("</sitemapindex>\n");
    map
}

/// One part by its name. Blocks.
pub(crate) fn part(site: &Observatory, name: &str, wanted: &Wanted) -> Result<String, NodeError> {
    let missing = || NodeError::not_found("sitemap", name);
    let name = name.strip_suffix(".xml").ok_or_else(missing)?;
    if name == "pages" {
        return pages(site, wanted);
    }
    let (log, run) = named(&site.sight(), name).ok_or_else(missing)?;
    let entries = run * RUN..(run + 1) * RUN;
    let found = site
        .records
        .current_in(&site.sight(), &log, entries, wanted)?;
    Ok(urls(
        site,
        found
            .iter()
            .map(|envelope| (path(envelope), time::day(envelope.publish_time))),
    ))
}

/// The log and the run that a part's name says.
fn named(sight: &Sight, name: &str) -> Option<(ServedLog, u64)> {
    let (hash, number) = name.rsplit_once('-')?;
    let run: u64 = number.parse().ok()?;
    let log = sight
        .logs()
        .into_iter()
        .find(|log| log.origin().hash_hex() == hash)?;
    (run < size(&log).div_ceil(RUN) && run.to_string() == number).then_some((log, run))
}

fn size(log: &ServedLog) -> u64 {
    log.head().map_or(0, |head| head.size().value())
}

fn path(envelope: &Envelope) -> String {
    format!("/record/{}", hex::encode(envelope.record_id.as_bytes()))
}

/// The pages that are no record's.
fn pages(site: &Observatory, wanted: &Wanted) -> Result<String, NodeError> {
    let tally = answer::tally(site, &Address::default(), &["country"], wanted)?;
    let kinds = tally.kinds.keys().map(|kind| Kind::new(*kind));
    let kinds = kinds.filter(|kind| kind.is_known());
    let kinds = kinds.map(|kind| format!("/{kind}"));
    let countries = tally.facets.get("country").into_iter().flatten();
    let countries = countries.map(|(code, _)| code);
    let countries = countries.filter(|code| code.bytes().all(|b| b.is_ascii_uppercase()));
    let countries = countries.map(|code| format!("/country/{code}"));
    let first = ["", "/network", "/method", "/accessibility"].map(str::to_owned);
    let paths = first.into_iter().chain(kinds).chain(countries);
    Ok(urls(site, paths.map(|path| (path, None))))
}

/// Each path in each language, with its others.
fn urls(site: &Observatory, paths: impl Iterator<Item = (String, Option<String>)>) -> String {
    let mut map = format!(
        "{HEAD}<urlset xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\" xmlns:xhtml=\"http://www.w3.org/1999/xhtml\">\n"
    );
    for (path, changed) in paths {
        let at = |language: Language| site.address(&format!("/{language}{path}"));
        let others = Language::ALL.map(|language| {
            let address = at(language);
            format!("<xhtml:link rel=\"alternate\" hreflang=\"{language}\" href=\"{address}\"/>")
        });
        let default = at(Language::English);
        let others = others.concat()
            + &format!("<xhtml:link rel=\"alternate\" hreflang=\"x-default\" href=\"{default}\"/>");
        let changed = changed
            .map(|day| format!("<lastmod>{day}</lastmod>"))
            .unwrap_or_default();
        for language in Language::ALL {
            let _ = writeln!(
                map,
                "<url><loc>{}</loc>{changed}{others}</url>",
                at(language)
            );
        }
    }
    map.push_str("</urlset>\n");
    map
}
