//! What this is, what there is, what changed last, and ways in.

use maud::html;
use wpsx_domain::{NodeError, Wanted};
use wpsx_proto::record::Kind;
use wpsx_words::Language;

use super::{frame::Frame, rows::rows};
use crate::{address::Address, answer::Answer, site::Observatory, texts};

/// Changes that the first page shows.
const CHANGES: usize = 8;

/// The first page.
pub(crate) fn page(
    site: &Observatory,
    language: Language,
    wanted: &Wanted,
) -> Result<maud::Markup, NodeError> {
    let voice = site.voice(language);
    let sight = site.sight();
    let mut records = 0;
    for log in sight.logs() {
        records += site.records.kept_count(&sight, &log)?.records;
    }
    let mut newest = Answer::to(site, &Address::default(), wanted)?;
    newest.items.truncate(CHANGES);
    let frame = Frame {
        site,
        language,
        title: "",
        path: "",
    };
    Ok(frame.around(&html! {
        h1 { (site.settings.title) }
        p.lead { (voice.say(&texts::SITE_IS)) }
        p.figure { strong { (records) } " " (voice.say(&texts::RECORDS)) }
        section {
            h2 { (voice.say(&texts::KINDS)) }
            ul.ways {
                @for kind in Kind::known() {
                    li { a href=(format!("/{language}/{kind}")) { (voice.shown(&voice.kind(kind, true))) } }
                }
            }
        }
        section {
            h2 { (voice.say(&texts::CHANGED_LAST)) }
            (rows(&newest.items, voice, true))
        }
    }))
}
