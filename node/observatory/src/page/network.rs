//! The publishers and their logs, as this node has them.

use maud::html;
use wpsx_domain::NodeError;
use wpsx_words::Language;

use super::frame::Frame;
use crate::{observatory::Observatory, texts};

/// The page of the network.
pub(crate) fn page(site: &Observatory, language: Language) -> Result<maud::Markup, NodeError> {
    let voice = site.voice(language);
    let sight = site.sight();
    let mut logs = Vec::new();
    for log in sight.logs() {
        let counts = site.records.kept_count(&sight, &log)?;
        logs.push((log, counts));
    }
    let frame = Frame {
        site,
        language,
        title: voice.say(&texts::NETWORK),
        path: "network",
    };
    Ok(frame.around(&html! {
        h1 { (voice.say(&texts::NETWORK)) }
        h2 { (voice.say(&texts::PUBLISHERS)) }
        ul.publishers {
            @for (log, counts) in &logs {
                li {
                    strong { bdi { (log.identity().title()) } }
                    p.facts {
                        span { bdi { (log.identity().name()) } }
                        span { (counts.records) " " (voice.say(&texts::RECORDS)) }
                        span { (log.stored().value()) " " (voice.say(&texts::ENTRIES)) }
                    }
                }
            }
        }
    }))
}
