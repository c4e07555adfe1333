//! All countries, all regions and all themes, each with its page.

use maud::html;
use wpsx_domain::{NodeError, Wanted};

use super::{frame::Frame, names};
use crate::{
    address::Address, answer::tally, at::At, observatory::Observatory, texts, unheld::Unheld,
};

/// What there are pages of, by the word in their addresses.
const WORDS: [&str; 3] = ["country", "region", "theme"];

/// Whether there is an index of that name.
pub(crate) fn is_one(name: &str) -> bool {
    WORDS.contains(&name)
}

/// All that a word of addresses has pages of, by name.
pub(crate) fn page(
    site: &Observatory,
    at: At<'_>,
    word: &str,
    wanted: &Wanted,
) -> Result<maud::Markup, NodeError> {
    let language = at.language;
    let voice = site.voice(language);
    let (title, named, facet) = match word {
        "country" => (&texts::COUNTRIES_TITLE, names::countries(voice), "country"),
        "region" => (&texts::REGIONS_TITLE, names::regions(voice), ""),
        _ => (&texts::THEMES_TITLE, names::themes(voice), "theme"),
    };
    // A region has no count of its own: it would be a question for each.
    let facets: Vec<&str> = Some(facet)
        .filter(|facet| !facet.is_empty())
        .into_iter()
        .collect();
    let counts = match facets.is_empty() {
        true => None,
        false => tally(site, &Address::default(), &facets, wanted)?
            .facets
            .remove(facet),
    };
    let unheld = Unheld::of(site, None, wanted)?;
    let frame = Frame {
        site,
        at,
        title: voice.say(title),
        path: word,
    };
    Ok(frame.around(&html! {
        h1 { (voice.say(title)) }
        @if word == "country" { p.lead { (voice.say(&texts::COUNTRIES_SAYS)) } }
        (unheld.note(voice))
        ul.ways {
            @for (code, name) in &named {
                li {
                    a href=(format!("/{language}/{word}/{code}")) { (name) }
                    @if let Some(counts) = &counts {
                        " " span.count { (voice.number(counts.get(code).copied().unwrap_or_default())) }
                    }
                }
            }
        }
    }))
}
