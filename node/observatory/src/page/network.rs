//! The publishers and their logs, as this node has them: how old, attested by whom, with
//! which gaps. A log that is old or stands still is labelled, and stays.

mod age;
mod refused;

use maud::{Markup, html};
use wpsx_domain::NodeError;

use self::age::{ago, at, duration};
use super::frame::Frame;
use crate::{
    at::At,
    names::{self, Names, with_machine},
    network::{NetworkLog, NetworkState, Stopped},
    observatory::Observatory,
    texts::{self, Said, Voice},
};

/// A log's own node says once a minute that its head is the newest; after so many seconds
/// without, what is shown may be old.
const STALE: u64 = 3600;

/// The page of the network. Blocks.
pub(crate) fn page(site: &Observatory, at: At<'_>) -> Result<Markup, NodeError> {
    let voice = site.voice(at.language);
    let mut state = site.network()?;
    state.logs.sort_by(|a, b| voice.compare(name(a), name(b)));
    let frame = Frame {
        site,
        at,
        title: voice.say(&texts::NETWORK),
        path: "network",
    };
    Ok(frame.around(&html! {
        h1 { (voice.say(&texts::NETWORK)) }
        p.lead { (summary(&state, voice)) }
        p { (voice.say(&texts::NETWORK_IS)) }
        @if state.unlisted > 0 {
            p.note role="note" { (voice.say(&texts::UNLISTED)) (voice.colon()) (voice.number(state.unlisted)) }
        }
        h2 { (voice.say(&texts::PUBLISHERS)) }
        @for log in &state.logs { (shown(log, state.now, &site.names, voice)) }
    }))
}

/// The network's state in one line, for the first page, with the way to the whole. Blocks.
pub(crate) fn line(site: &Observatory, voice: Voice<'_>) -> Markup {
    let state = site.network().unwrap_or_default();
    let language = voice.language;
    html! {
        p.network {
            a href=(format!("/{language}/network")) { (voice.say(&texts::NETWORK)) } (voice.colon())
            (summary(&state, voice))
        }
    }
}

fn summary(state: &NetworkState, voice: Voice<'_>) -> String {
    let standings = state.logs.iter().map(|log| Standing::of(log, state.now));
    let troubled = standings.filter(Standing::is_trouble).count() as u64;
    let all = voice.count(state.logs.len() as u64, &texts::LOGS_COUNT);
    match troubled {
        _ if state.logs.is_empty() => voice.say(&texts::NO_LOGS).to_owned(),
        0 => voice.fill(&texts::LINE_WELL, &[&all]),
        some => {
            let troubled = voice.count(some, &texts::TROUBLED_COUNT);
            voice.fill(&texts::LINE_TROUBLED, &[&all, &troubled])
        }
    }
}

/// How a log stands, in one word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Standing {
    Stopped(Stopped),
    Ahead,
    Unseen,
    /// For so many seconds.
    Stale(u64),
    Behind,
    Fresh,
}

impl Standing {
    fn of(log: &NetworkLog, now: u64) -> Self {
        let age = now.saturating_sub(log.seen);
        match log.stopped {
            Some(stopped) => Self::Stopped(stopped),
            None if log.seen == 0 && log.ahead > 0 => Self::Ahead,
            None if log.seen == 0 => Self::Unseen,
            None if age > STALE => Self::Stale(age),
            None if log.known > log.entries => Self::Behind,
            None => Self::Fresh,
        }
    }

    fn is_trouble(&self) -> bool {
        !matches!(self, Self::Behind | Self::Fresh)
    }

    fn said(self, voice: Voice<'_>) -> String {
        let plain = |said: &Said| voice.say(said).to_owned();
        match self {
            Self::Stopped(Stopped::Fork) => plain(&texts::STOPPED_FORK),
            Self::Stopped(Stopped::Damaged) => plain(&texts::STOPPED_DAMAGED),
            Self::Stopped(Stopped::NotSigned) => plain(&texts::STOPPED_UNSIGNED),
            Self::Stopped(Stopped::Switched) => plain(&texts::STOPPED_SWITCHED),
            Self::Ahead => plain(&texts::IS_AHEAD),
            Self::Unseen => plain(&texts::IS_UNSEEN),
            Self::Stale(age) => voice.fill(&texts::IS_STALE, &[&duration(age, voice)]),
            Self::Behind => plain(&texts::IS_BEHIND),
            Self::Fresh => plain(&texts::IS_FRESH),
        }
    }
}

fn name(log: &NetworkLog) -> &str {
    match log.title.as_str() {
        "" => &log.origin,
        title => title,
    }
}

/// What its publisher calls itself; where that is not known, the log's own name.
fn called(log: &NetworkLog, voice: Voice<'_>) -> Markup {
    match log.title.as_str() {
        "" => html! { bdi dir="ltr" { (log.origin) } },
        title => names::shown(title, voice),
    }
}

pub(super) fn shown(log: &NetworkLog, now: u64, names: &Names, voice: Voice<'_>) -> Markup {
    let standing = Standing::of(log, now);
    let holes = [
        (&texts::HOLE_ERASED, log.holes.erased),
        (&texts::HOLE_FILTERED, log.holes.filtered),
        (&texts::HOLE_NOT_HELD, log.holes.not_held),
        (&texts::HOLE_UNREADABLE, log.holes.unreadable),
    ];
    // The word of the node that signs it stands above, as how recent the log is.
    let attested = log.attested.iter();
    let attested = attested.filter(|it| !names.signs_for(&it.by, &log.publisher));
    let attested: Vec<_> = attested.collect();
    html! {
        section.log {
            h3 { (called(log, voice)) }
            p.facts {
                @if !log.publisher.is_empty() { span { bdi dir="ltr" { (log.publisher) } } }
                @if log.is_own { span { (voice.say(&texts::IS_HERE)) } }
            }
            p.standing.note[standing.is_trouble()] { (standing.said(voice)) }
            dl {
                @if log.seen > 0 {
                    div {
                        dt { (voice.say(&texts::LOG_AS_OF)) }
                        dd { (at(log.seen, now, voice)) }
                    }
                }
                div {
                    dt { (voice.say(&texts::ATTESTED_BY)) }
                    dd {
                        @if attested.is_empty() { (voice.say(&texts::NOT_ATTESTED)) }
                        ul {
                            @for attestation in &attested {
                                li { (with_machine(names.title(&attestation.by).as_deref(), &attestation.by, voice)) " · " (ago(attestation.time, now, voice)) }
                            }
                        }
                    }
                }
                (row(&texts::RECORDS_HERE, log.records, voice))
                (row(&texts::ENTRIES_HERE, log.entries, voice))
                @if log.known > log.entries {
                    (row(&texts::NOT_HERE_YET, log.known - log.entries, voice))
                }
                @if log.holes.sum() > 0 {
                    div {
                        dt { (voice.say(&texts::HOLES)) }
                        dd { ul {
                            @for (why, count) in holes {
                                @if count > 0 { li { (voice.say(why)) (voice.colon()) (voice.number(count)) } }
                            }
                        } }
                    }
                }
                (refused::list(&log.refused, now, names, voice))
            }
        }
    }
}

fn row(label: &Said, number: u64, voice: Voice<'_>) -> Markup {
    html! { div { dt { (voice.say(label)) } dd { (voice.number(number)) } } }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        names::Hosted,
        network::{Attestation, Holes, Refused},
    };
    use wpsx_words::{Language, Vocabularies, Words};

    const NOW: u64 = 1_750_000_000;

    fn log() -> NetworkLog {
        NetworkLog {
            origin: "ke.example/wpsx/public".to_owned(),
            publisher: "ke.example".to_owned(),
            title: "Kenya".to_owned(),
            entries: 70,
            known: 70,
            seen: NOW - 50,
            ..NetworkLog::default()
        }
    }

    fn names() -> Names {
        Names::told_by(|node| match node {
            "au.example" => Some(Hosted::made_up("African Union", "au.example")),
            "ke.example" => Some(Hosted::made_up("Kenya", "ke.example")),
            _ => None,
        })
    }

    fn said(log: &NetworkLog, language: Language) -> String {
        let vocabularies = Vocabularies::shipped();
        shown(log, NOW, &names(), voice(language, &vocabularies)).into_string()
    }

    fn voice(language: Language, vocabularies: &Vocabularies) -> Voice<'_> {
        Voice {
            language,
            words: Words::shipped(),
            vocabularies,
        }
    }

    #[test]
    fn a_log_that_is_old_or_stands_still_is_labelled_and_never_dropped() {
        let old = NetworkLog {
            seen: NOW - 3 * 86_400,
            ..log()
        };
        let page = said(&old, Language::English);
        assert!(page.contains("No news for 3 days"), "{page}");
        assert!(page.contains("Kenya"), "{page}");
        for stopped in [Stopped::Fork, Stopped::Damaged, Stopped::NotSigned] {
            let log = NetworkLog {
                stopped: Some(stopped),
                ..log()
            };
            let page = said(&log, Language::English);
            assert!(
                page.contains("Stopped: ") && page.contains("Kenya"),
                "{page}"
            );
        }
        assert!(said(&log(), Language::English).contains("Up to date"));
    }

    #[test]
    fn who_attested_and_when_what_is_missing_and_what_was_refused_is_told_in_every_language() {
        let log = NetworkLog {
            known: 100,
            attested: vec![Attestation {
                by: "au.example".to_owned(),
                time: NOW - 7200,
            }],
            holes: Holes {
                erased: 2,
                not_held: 3,
                ..Holes::default()
            },
            refused: vec![Refused {
                peer: "eu.example".to_owned(),
                by_peer: false,
                code: "bad-proof".to_owned(),
                time: NOW - 60,
                count: 3,
            }],
            ..log()
        };
        let vocabularies = Vocabularies::shipped();
        for language in Language::ALL {
            let page = said(&log, language);
            let why = voice(language, &vocabularies).say(texts::refused::why("bad-proof"));
            let kept = voice(language, &vocabularies).say(&texts::refused::KEPT_HERE);
            for part in ["au.example", "eu.example", why, kept, "30", "<time"] {
                assert!(page.contains(part), "{language}: {part} is not in {page}");
            }
        }
        let english = said(&log, Language::English);
        for part in [
            "2 hours ago",
            "Erased by its publisher: 2",
            "Not to be had so far: 3",
            "This site did not accept what <bdi>eu.example</bdi> sent. It did not match",
            "<bdi>African Union</bdi> <small><bdi dir=\"ltr\">au.example</bdi></small> · ",
            " · 3 times · <bdi><code>bad-proof</code></bdi>",
        ] {
            assert!(english.contains(part), "{part} is not in {english}");
        }
    }

    #[test]
    fn the_node_that_signs_a_log_is_no_witness_of_it() {
        let by = |by: &str| Attestation {
            by: by.to_owned(),
            time: NOW - 7200,
        };
        let mut log = NetworkLog {
            attested: vec![by("ke.example")],
            ..log()
        };
        let page = said(&log, Language::English);
        assert!(page.contains("no other node yet"), "{page}");
        log.attested.push(by("au.example"));
        let page = said(&log, Language::English);
        let attested = page.split("Attested by").nth(1).expect("a row");
        let attested = attested.split("</div>").next().expect("an end");
        assert!(attested.contains("au.example"), "{attested}");
        assert!(!attested.contains("ke.example"), "{attested}");
    }

    #[test]
    fn the_line_for_the_first_page_counts_the_logs_that_are_not_well() {
        let vocabularies = Vocabularies::shipped();
        let voice = voice(Language::English, &vocabularies);
        let mut state = NetworkState {
            now: NOW,
            logs: vec![log(), log()],
            unlisted: 0,
        };
        assert_eq!(
            summary(&state, voice),
            "2 publishers’ logs, with news of each from the last hour."
        );
        state.logs[0].seen = 1;
        let troubled = summary(&state, voice);
        assert!(
            troubled.contains("2 publishers’ logs; 1 has stopped"),
            "{troubled}"
        );
    }
}
