//! Who signed a record and who saw it, and how anybody proves that without this site, in
//! words for somebody who has to rely on it.

use maud::{Markup, html};

use crate::{observatory::Observatory, pen::Pen, revision::Found, texts};

/// Cosigners that are named.
const MOST: usize = 50;
const FORMAT: &str = "https://c2sp.org/tlog-proof";

pub(super) fn section(site: &Observatory, found: &Found, pen: Pen<'_>) -> Markup {
    let (voice, item) = (pen.voice, &found.item);
    let title = pen.links.publisher(&item.origin);
    let file = format!("{}.tlog-proof", item.envelope.revision);
    html! {
        section id="proof" {
            h2 { (voice.say(&texts::PROOF)) }
            p { (voice.say(&texts::PROOF_SAYS)) }
            dl {
                div { dt { (voice.say(&texts::SIGNED_BY)) } dd {
                    @if let Some(title) = &title { bdi { (title) } br; }
                    bdi.mark { (item.origin) }
                } }
                div { dt { (voice.say(&texts::SIGNED_WHEN)) } dd { (voice.moment(item.envelope.publish_time)) } }
                div { dt { (voice.say(&texts::REVISION)) } dd { bdi { (item.envelope.revision) } } }
                div { dt { (voice.say(&texts::ENTRY)) } dd {
                    (voice.number(item.index)) " " span.mark { "(" (voice.count(found.head.size().value(), &texts::IN_ALL)) ")" }
                } }
                div { dt { (voice.say(&texts::SEEN_BY)) } dd { (seen(site, found, pen)) } }
            }
            p { (voice.say(&texts::PROOF_LIMIT)) }
            details {
                summary { (voice.say(&texts::CHECK_IT)) }
                ol.steps {
                    li { a href=(format!("/{}/{}.tlog-proof", voice.language, item.permanent_path())) download=(file) { (voice.say(&texts::GET_PROOF)) " " bdi { "(.tlog-proof)" } } }
                    li {
                        (voice.say(&texts::GET_CARD))
                        @if let Some(log) = site.sight().log(&item.origin) { " " code { (log.key()) } }
                    }
                    li { (voice.say(&texts::RUN_CHECK)) " " code { "wpsx check-proof " (file) " --card PUBLISHER.card" } }
                    li {
                        (voice.say(&texts::OTHER_TOOLS)) " "
                        a href=(FORMAT) rel="noopener" { bdi { "C2SP tlog-proof" } } ". "
                        a href=(format!("/mirror/{}/checkpoint", item.origin.hash_hex())) { (voice.say(&texts::LOG_HEAD)) }
                    }
                }
            }
        }
    }
}

/// Who cosigned a state of the log that holds the entry: by name and time where the key is
/// known here, else by name alone.
fn seen(site: &Observatory, found: &Found, pen: Pen<'_>) -> Markup {
    let voice = pen.voice;
    let known = found.head.cosignatures(&site.cosigners());
    let claimed = found.head.claimed_cosigners();
    let unknown: Vec<&str> = claimed
        .into_iter()
        .filter(|name| known.iter().all(|it| it.name != *name))
        .take(MOST)
        .collect();
    html! {
        @if known.is_empty() { p { (voice.say(&texts::SEEN_BY_NOBODY)) } }
        @else {
            ul {
                @for it in known.iter().take(MOST) {
                    li { bdi { (it.name) } " · " (voice.moment(it.time.saturating_mul(1_000))) }
                }
            }
        }
        @if !unknown.is_empty() {
            p.mark { (voice.say(&texts::SEEN_UNCHECKED)) ": " (voice.list(&unknown)) }
        }
    }
}
