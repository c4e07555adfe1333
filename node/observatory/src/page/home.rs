//! What this is, what there is, what changed last, and ways in.
//!
//! It costs one count of all records, which is kept for each run of a log until something in
//! it changes, and what changed last.

use maud::{Markup, html};
use wpsx_domain::{NodeError, Wanted, records::Tally};
use wpsx_proto::record::Kind;

use super::{frame::Frame, names, news};
use crate::{
    address::{ANY_KIND, Address, EVERYWHERE},
    answer::{Answer, tally},
    at::At,
    observatory::{Answered, Observatory},
    scope,
    texts::{self, Voice},
    unclear,
    unheld::Unheld,
};

/// Whether the first page answers an address: it shows all that the site shows.
pub(crate) fn answers(site: &Observatory, address: &Address) -> bool {
    let scope = site.settings.scope.as_ref().map(|scope| &scope.code);
    let is_scope = address.regions.iter().all(|code| Some(code) == scope);
    let rest = Address {
        regions: Vec::new(),
        everything: false,
        misread: Vec::new(),
        ..address.clone()
    };
    is_scope && rest.query().is_empty()
}

/// The first page.
pub(crate) fn page(
    site: &Observatory,
    at: At<'_>,
    all: &Address,
    wanted: &Wanted,
) -> Result<Answered, NodeError> {
    let language = at.language;
    let voice = site.voice(language);
    let newest = Answer::of(site, all, 1, wanted)?;
    let newest = newest.items.first().map(|item| item.envelope.publish_time);
    let counts = tally(site, all, &["country", "theme"], wanted)?;
    // What was imported as history is no news.
    let news = news::section(site, all, &counts, voice, wanted)?;
    let unheld = Unheld::of(site, None, wanted)?;
    let path = all.query();
    let at = match all.misread.is_empty() {
        true => at.with(&path),
        false => at,
    };
    let frame = Frame {
        site,
        at,
        title: "",
        path: &path,
    };
    let page = frame.around(&html! {
        h1 { (voice.shown(&site.settings.title(language))) }
        p.lead { (voice.shown(&site.settings.about(language))) }
        @if let Some(note) = scope::note(site, all, "", voice) { (note) }
        p.figure {
            a href=(format!("/{language}/{ANY_KIND}{}", all.query())) { (voice.figure(counts.total, &texts::RECORDS_OF)) }
            @if let Some(time) = newest.and_then(|time| voice.moment_text(time)) {
                " " span.mark { (voice.fill(&texts::dated::AS_OF_DAY, &[&time])) }
            }
        }
        (unheld.note(voice))
        (super::misread::note(all, voice))
        (ask(&counts, all, voice))
        (kinds(&counts, all, voice))
        (news)
        (themes(&counts, voice))
        (countries(&counts, voice))
        (super::network::line(site, voice))
    });
    Ok(Answered::Page(unclear::status(all, &[]), page))
}

/// The shortest way to a record: words of its title, or its country.
fn ask(counts: &Tally, all: &Address, voice: Voice<'_>) -> Markup {
    let countries = counts.facets.get("country").into_iter().flatten();
    html! {
        form.ask role="search" aria-label=(voice.say(&texts::SEARCH_HERE)) method="get" action=(format!("/{}/{ANY_KIND}", voice.language)) {
            label { (voice.say(&texts::SEARCH)) " " span.mark { "(" (voice.say(&texts::WORDS_HINT)) ")" } input type="search" name="words"; }
            label { (voice.say(&texts::COUNTRY))
                select name="country" {
                    option value="" { (voice.say(&texts::ANY_COUNTRY)) }
                    @for (code, name, _) in names::counted(countries, voice) { option value=(code) { (name) } }
                }
            }
            @for code in &all.regions { input type="hidden" name="region" value=(code); }
            @if all.everything && all.is_open() { input type="hidden" name="region" value=(EVERYWHERE); }
            button { (voice.say(&texts::SHOW)) }
        }
    }
}

fn kinds(counts: &Tally, all: &Address, voice: Voice<'_>) -> Markup {
    let kinds = counts.kinds.iter();
    let kinds = kinds.map(|(kind, count)| (Kind::new(*kind), *count));
    html! {
        section {
            h2 { (voice.say(&texts::KINDS)) }
            ul.ways {
                @for (kind, count) in kinds.filter(|(kind, _)| kind.is_known()) {
                    li {
                        a href=(format!("/{}/{kind}{}", voice.language, all.query())) { (voice.shown(&voice.kind(kind, true))) }
                        " " span.count { (voice.number(count)) }
                    }
                }
            }
        }
    }
}

fn countries(counts: &Tally, voice: Voice<'_>) -> Markup {
    let language = voice.language;
    let countries = counts.facets.get("country").into_iter().flatten();
    html! {
        section {
            h2 { (voice.say(&texts::COUNTRIES)) }
            ul.ways {
                @for (code, name, count) in names::counted(countries, voice) {
                    li {
                        a href=(format!("/{language}/country/{code}")) { (name) }
                        " " span.count { (voice.number(count)) }
                    }
                }
            }
            p.facts.onward {
                a href=(format!("/{language}/country")) { (voice.say(&texts::ALL_COUNTRIES)) }
                a href=(format!("/{language}/region")) { (voice.say(&texts::REGIONS)) }
            }
        }
    }
}

fn themes(counts: &Tally, voice: Voice<'_>) -> Markup {
    let language = voice.language;
    let known = counts.facets.get("theme").into_iter().flatten();
    let themes = known.map(|(code, count)| (code, voice.code("themes", code), *count));
    let mut themes: Vec<_> = themes.collect();
    voice.sort_by_name(&mut themes, |(_, name, _)| &name.text);
    html! {
        @if !themes.is_empty() {
            section {
                h2 { (voice.say(&texts::THEMES)) }
                ul.ways {
                    @for (code, name, count) in &themes {
                        li {
                            a href=(format!("/{language}/theme/{code}")) { (voice.shown(name)) }
                            " " span.count { (voice.number(*count)) }
                        }
                    }
                }
            }
        }
    }
}
