//! Everything about one country, newest first, and what is missing.

use maud::html;
use wpsx_domain::{NodeError, Wanted};
use wpsx_proto::record::{CountryCode, Kind};
use wpsx_words::Language;

use super::{frame::Frame, rows::rows};
use crate::{
    address::Address,
    answer::{Answer, tally},
    observatory::Observatory,
    texts,
};

/// The page of a country.
pub(crate) fn page(
    site: &Observatory,
    language: Language,
    code: &str,
    wanted: &Wanted,
) -> Result<maud::Markup, NodeError> {
    let code: CountryCode = code
        .parse()
        .map_err(|_| NodeError::not_found("country", code))?;
    let voice = site.voice(language);
    let name = voice.country(code.as_str());
    let all = Address {
        countries: vec![code.as_str().to_owned()],
        ..Address::default()
    };
    let there = tally(site, &all, wanted)?.kinds;
    let mut parts = Vec::new();
    for kind in Kind::known().filter(|kind| there.contains_key(&kind.number())) {
        let address = Address {
            kind: Some(kind),
            ..all.clone()
        };
        let answer = Answer::to(site, &address, wanted)?;
        parts.push((kind, address, answer));
    }
    let has_plan = parts
        .iter()
        .any(|(kind, ..)| *kind == Kind::NATIONAL_ACTION_PLAN);
    let path = format!("country/{}", code.as_str());
    let frame = Frame {
        site,
        language,
        title: &name.text,
        path: &path,
    };
    Ok(frame.around(&html! {
        h1 { (voice.shown(&name)) }
        @if !has_plan { p.note role="note" { (voice.say(&texts::NO_PLAN)) } }
        @for (kind, address, answer) in &parts {
            section {
                h2 { (voice.shown(&voice.kind(*kind, true))) }
                (rows(&answer.items, voice, false))
                @if answer.next.is_some() {
                    p { a href=(format!("/{language}/{kind}{}", address.query())) { (voice.say(&texts::ALL)) } }
                }
            }
        }
    }))
}
