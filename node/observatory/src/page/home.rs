//! What this is, what there is, what changed last, and ways in.

use maud::html;
use wpsx_domain::{NodeError, Wanted};
use wpsx_proto::record::Kind;
use wpsx_words::Language;

use super::{frame::Frame, rows::rows};
use crate::{
    address::Address,
    answer::{Answer, tally},
    observatory::Observatory,
    texts,
};

/// Changes that the first page shows.
const CHANGES: usize = 8;

/// The first page.
pub(crate) fn page(
    site: &Observatory,
    language: Language,
    wanted: &Wanted,
) -> Result<maud::Markup, NodeError> {
    let voice = site.voice(language);
    let mut newest = Answer::to(site, &Address::default(), wanted)?;
    newest.items.truncate(CHANGES);
    let counts = tally(site, &Address::default(), wanted)?;
    let kinds = counts.kinds.iter();
    let kinds = kinds.map(|(kind, count)| (Kind::new(*kind), count));
    let kinds = kinds.filter(|(kind, _)| kind.is_known());
    let countries = counts.facets.get("country").into_iter().flatten();
    let countries = countries.map(|(code, count)| (code, voice.country(code), count));
    let mut countries: Vec<_> = countries.collect();
    countries.sort_by(|a, b| a.1.text.cmp(&b.1.text));
    let frame = Frame {
        site,
        language,
        title: "",
        path: "",
    };
    Ok(frame.around(&html! {
        h1 { (site.settings.title) }
        p.lead { (voice.say(&texts::SITE_IS)) }
        p.figure { strong { (counts.total) } " " (voice.say(&texts::RECORDS)) }
        section {
            h2 { (voice.say(&texts::KINDS)) }
            ul.ways {
                @for (kind, count) in kinds {
                    li {
                        a href=(format!("/{language}/{kind}")) { (voice.shown(&voice.kind(kind, true))) }
                        " " span.count { (count) }
                    }
                }
            }
        }
        section {
            h2 { (voice.say(&texts::COUNTRIES)) }
            ul.ways {
                @for (code, name, count) in &countries {
                    li {
                        a href=(format!("/{language}/country/{code}")) { (voice.shown(name)) }
                        " " span.count { (count) }
                    }
                }
            }
        }
        section {
            h2 { (voice.say(&texts::CHANGED_LAST)) }
            (rows(&newest.items, voice, true))
        }
    }))
}
