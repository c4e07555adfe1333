//! The records of one kind: a question, its answer, and how to ask otherwise.

use maud::{Markup, html};
use wpsx_domain::{NodeError, Wanted, records::Tally};
use wpsx_proto::record::{Kind, facet_names};
use wpsx_words::Language;

use super::{frame::Frame, rows::rows};
use crate::{
    address::{Address, FACETS, ORDERS},
    answer::{Answer, tally},
    facets, file,
    observatory::Observatory,
    texts::{self, Voice},
};

/// Values of a facet that a page offers, the most frequent first.
const MOST_VALUES: usize = 60;

/// The page of a list.
pub(crate) fn page(
    site: &Observatory,
    language: Language,
    kind: Kind,
    query: &str,
    wanted: &Wanted,
) -> Result<Markup, NodeError> {
    let known: Vec<&str> = facet_names().iter().map(String::as_str).collect();
    let address = Address::read(Some(kind), query, &known);
    let answer = Answer::to(site, &address, wanted)?;
    let tally = tally(site, &address, wanted)?;
    let voice = site.voice(language);
    let title = voice.kind(kind, true);
    let path = format!("{kind}{}", address.query());
    let frame = Frame {
        site,
        language,
        title: &title.text,
        path: &path,
    };
    Ok(frame.around(&html! {
        h1 { (voice.shown(&title)) }
        form.ask method="get" action=(format!("/{language}/{kind}")) {
            label { (voice.say(&texts::SEARCH)) input type="search" name="words" value=(address.words); }
            label { (voice.say(&texts::COUNTRY)) input name="country" value=(address.countries.first().map_or("", String::as_str)) maxlength="3" size="4"; }
            select name="sort" aria-label=(voice.say(&texts::ORDER)) {
                @for (at, name) in ORDERS.iter().enumerate() {
                    option value=(name) selected[address.sort == *name] { (voice.say(texts::ORDERS[at])) }
                }
            }
            @for (name, value) in &address.facets { input type="hidden" name=(name) value=(value); }
            button { (voice.say(&texts::SHOW)) }
        }
        p.figure { strong { (tally.total) } " " (voice.say(&texts::RECORDS)) }
        (choices(&address, &tally, voice))
        @if answer.items.is_empty() {
            p.note role="note" { (voice.say(&texts::NOTHING)) }
            p { a href=(format!("/{language}/{kind}")) { (voice.say(&texts::ALL)) } }
        }
        (rows(&answer.items, voice, false))
        @if let Some(next) = &answer.next {
            p { a.next rel="next" href=(format!("/{language}/{kind}{}", next.query())) { (voice.say(&texts::NEXT)) } }
        }
        p.files {
            (voice.say(&texts::DOWNLOAD)) ": "
            @for form in file::FORMS {
                a href=(format!("/{language}/{kind}.{}{}", form.suffix(), Address { page: String::new(), ..address.clone() }.query())) { (form.suffix()) }
                " "
            }
        }
    }))
}

/// The values of each facet with how many records have them; those that are chosen first.
fn choices(address: &Address, tally: &Tally, voice: Voice<'_>) -> Markup {
    let here = |address: &Address| {
        let kind = address
            .kind
            .map(|kind| kind.to_string())
            .unwrap_or_default();
        format!("/{}/{kind}{}", voice.language, address.query())
    };
    html! {
        div.choices {
            @for name in FACETS {
                @let values = sorted(address, tally, name);
                @let fields = facets::fields(address.kind, name);
                @if !values.is_empty() {
                    details open[values.iter().any(|(_, _, chosen)| *chosen)] {
                        summary { (voice.shown(&voice.words.facet_name(name, voice.language))) }
                        ul {
                            @for (value, count, is_chosen) in values.iter().take(MOST_VALUES) {
                                li {
                                    a href=(here(&address.with(name, value))) aria-current=[is_chosen.then_some("true")] {
                                        @if *is_chosen { "✕ " }
                                        (voice.shown(&facets::name(&fields, value, voice)))
                                    }
                                    " " span.count { (count) }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn sorted(address: &Address, tally: &Tally, name: &str) -> Vec<(String, u64, bool)> {
    let counts = tally.facets.get(name).into_iter().flatten();
    let counts = counts.map(|(value, count)| (value.clone(), *count, address.has(name, value)));
    let mut counts: Vec<_> = counts.collect();
    counts.sort_by_key(|(_, count, is_chosen)| (!*is_chosen, std::cmp::Reverse(*count)));
    counts
}
