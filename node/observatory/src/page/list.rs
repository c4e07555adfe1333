//! The records of one kind: a question, its answer, and how to ask otherwise.

use maud::html;
use wpsx_domain::{NodeError, Wanted};
use wpsx_proto::record::{Kind, facet_names};
use wpsx_words::Language;

use super::{frame::Frame, rows::rows};
use crate::{
    address::{Address, ORDERS},
    answer::Answer,
    file,
    site::Observatory,
    texts,
};

/// The page of a list.
pub(crate) fn page(
    site: &Observatory,
    language: Language,
    kind: Kind,
    query: &str,
    wanted: &Wanted,
) -> Result<maud::Markup, NodeError> {
    let facets: Vec<&str> = facet_names().iter().map(String::as_str).collect();
    let address = Address::read(Some(kind), query, &facets);
    let answer = Answer::to(site, &address, wanted)?;
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
        @if !address.facets.is_empty() {
            ul.chosen {
                @for (name, value) in &address.facets {
                    li { a href=(format!("/{language}/{kind}{}", address.with(name, value).query())) {
                        (voice.shown(&voice.words.facet_name(name, language))) ": " (value) " ✕"
                    } }
                }
            }
        }
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
