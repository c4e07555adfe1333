//! Who signed a record and who saw it, and how anybody proves that without this site, in
//! words for somebody who has to rely on it.

use maud::{Markup, html};

use crate::{
    file::of_proof,
    item::Item,
    names::{Names, with_machine},
    observatory::Observatory,
    page::method::checking::ANCHOR,
    pen::Pen,
    revision::{self, Found},
    texts::{self, Voice},
};

/// Cosigners that are named.
const MOST: usize = 50;
const FORMAT: &str = "https://c2sp.org/tlog-proof";

/// What is proven of an entry, and by whom.
pub(in crate::page) struct Proven {
    /// What the publisher calls itself, with its language.
    pub(in crate::page) publisher: Option<Markup>,
    /// Entries of the log under the signed head.
    pub(in crate::page) size: u64,
    /// The nodes that sign for the publisher and last said that this head is its newest, and
    /// when, in seconds: no witnesses, for it is the publisher's own word.
    pub(in crate::page) own: Vec<(String, u64)>,
    /// The others that saw that head, where the key is known here, and when.
    pub(in crate::page) seen: Vec<(String, u64)>,
    /// What those are called.
    pub(in crate::page) names: Names,
    /// Who says so, where it is not.
    pub(in crate::page) claimed: Vec<String>,
    /// The key of the log.
    pub(in crate::page) key: Option<String>,
}

pub(super) fn section(site: &Observatory, found: &Found, pen: Pen<'_>) -> Markup {
    let known = found.head.cosignatures(&site.cosigners());
    let claimed = found.head.claimed_cosigners().into_iter();
    let claimed = claimed.filter(|name| known.iter().all(|it| it.name != *name));
    let publisher = found.item.origin.publisher().map(|name| name.to_string());
    let publisher = publisher.unwrap_or_default();
    let known_as = known.iter().map(|it| (it.name.clone(), it.time));
    let (own, seen): (Vec<_>, Vec<_>) =
        known_as.partition(|(node, _)| site.names.signs_for(node, &publisher));
    let proven = Proven {
        publisher: pen.links.publisher_shown(&found.item.origin, pen.voice),
        size: found.head.size().value(),
        names: site.names.clone(),
        claimed: claimed.map(str::to_owned).take(MOST).collect(),
        own,
        seen: seen.into_iter().take(MOST).collect(),
        key: site
            .sight()
            .log(&found.item.origin)
            .map(|log| log.key().to_string()),
    };
    shown(&found.item, &proven, pen)
}

/// Whether what it says is not here.
fn is_hole(item: &Item) -> bool {
    !revision::not_here(item).is_empty()
}

pub(in crate::page) fn shown(item: &Item, proven: &Proven, pen: Pen<'_>) -> Markup {
    let voice = pen.voice;
    let file = of_proof(&item.permanent_path());
    let publisher = item.origin.publisher();
    let card = publisher.map_or_else(|| "publisher".to_owned(), |name| name.to_string());
    let card = format!("{card}.card");
    html! {
        section id="proof" {
            h3 { (voice.say(&texts::PROOF)) }
            p { (voice.say(if is_hole(item) { &texts::PROOF_SAYS_OF_HOLE } else { &texts::PROOF_SAYS })) }
            dl {
                div { dt { (voice.say(&texts::SIGNED_BY)) } dd {
                    @if let Some(publisher) = &proven.publisher { (publisher) br; }
                    bdi.mark dir="ltr" { (item.origin) }
                } }
                div { dt { (voice.say(&texts::SIGNED_WHEN)) } dd { (voice.moment(item.envelope.publish_time)) } }
                div { dt { (voice.say(&texts::REVISION)) } dd { bdi { (item.envelope.revision) } } }
                div { dt { (voice.say(&texts::ENTRY)) } dd { (numbered(item.index, Some(proven.size), voice)) } }
                @if !proven.own.is_empty() {
                    div { dt { (voice.say(&texts::OWN_NODE)) } dd {
                        (nodes(&proven.own, &proven.names, voice))
                        p.mark { (voice.say(&texts::OWN_WORD)) }
                    } }
                }
                div { dt { (voice.say(&texts::SEEN_BY)) } dd { (seen(proven, voice)) } }
            }
            p { (voice.say(if is_hole(item) { &texts::PROOF_LIMIT_OF_HOLE } else { &texts::PROOF_LIMIT })) }
            details {
                summary { (voice.say(&texts::CHECK_IT)) }
                ol.steps {
                    li { a href=(format!("/{}/{}.tlog-proof", voice.language, item.permanent_path())) download=(file) { (voice.say(&texts::GET_PROOF)) " " bdi { "(.tlog-proof)" } } (voice.stop()) }
                    li {
                        (voice.fill(&texts::GET_CARD, &[&card]))
                        @if let Some(key) = &proven.key { (voice.gap()) bdi dir="ltr" { code { (key) } } }
                    }
                    li { (voice.say(&texts::RUN_CHECK)) (voice.gap()) bdi dir="ltr" { code { "wpsx check-proof " (file) " --card " (card) } } }
                    @if let Some(key) = &proven.key {
                        li { (voice.say(&texts::RUN_OTHER)) (voice.gap()) bdi dir="ltr" { code { "python3 verify_proof.py " (file) " " (key) } } }
                    }
                    li {
                        (voice.say(&texts::OTHER_TOOLS)) (voice.gap())
                        a href=(FORMAT) rel="noopener" { bdi { "C2SP tlog-proof" } } (voice.stop()) (voice.gap())
                        a href=(format!("/mirror/{}/checkpoint", item.origin.hash_hex())) { (voice.say(&texts::LOG_HEAD)) }
                    }
                }
                (steps(voice))
            }
        }
    }
}

/// The way to what is checked and by which programs.
pub(super) fn steps(voice: Voice<'_>) -> Markup {
    html! { p.onward { a href=(format!("/{}/method#{ANCHOR}", voice.language)) { (voice.say(&texts::CHECK_STEPS)) } } }
}

/// Where an entry stands in its log: as people count, from one on, and as the file of its proof
/// does, from nought.
pub(super) fn numbered(index: u64, size: Option<u64>, voice: Voice<'_>) -> Markup {
    html! {
        bdi { (voice.number(index.saturating_add(1))) }
        @if let Some(size) = size { " " span.mark { "(" (voice.count(size, &texts::IN_ALL)) ")" } }
        br;
        span.mark { (voice.fill(&texts::INDEX, &[&index.to_string()])) }
    }
}

/// Nodes and when they said so.
fn nodes(all: &[(String, u64)], names: &Names, voice: Voice<'_>) -> Markup {
    html! {
        ul {
            @for (name, time) in all {
                li { (with_machine(names.title(name).as_deref(), name, voice)) " · " (voice.moment(time.saturating_mul(1_000))) }
            }
        }
    }
}

/// Who else cosigned a state of the log that holds the entry: by name and time where the key is
/// known here, else by name alone.
fn seen(proven: &Proven, voice: Voice<'_>) -> Markup {
    html! {
        @if proven.seen.is_empty() { p { (voice.say(&texts::SEEN_BY_NOBODY)) } }
        @else { (nodes(&proven.seen, &proven.names, voice)) }
        @if !proven.claimed.is_empty() {
            p.mark { (voice.say(&texts::SEEN_UNCHECKED)) (voice.colon()) (voice.list(&proven.claimed)) }
        }
    }
}
