//! Where the data comes from, what its words mean, what it cannot tell, and what may be
//! done with it. Labels, help and licences are those of the schema and of the vocabularies;
//! here stands only what neither says.

pub(super) mod checking;
mod reference;

use maud::{Markup, html};
use wpsx_proto::{
    api::record::v1::{Basis, PlanStatus},
    record::{
        Kind,
        schema::{pool, record_message},
    },
};
use wpsx_words::{State, provenance};

use super::frame::Frame;
use crate::{
    at::At,
    names::shown,
    observatory::Observatory,
    texts::{self, Said, Voice, method as said},
};

pub(crate) use self::reference::{kind, vocabulary};

/// The page on method.
pub(crate) fn page(site: &Observatory, at: At<'_>) -> Markup {
    let voice = site.voice(at.language);
    let frame = Frame {
        site,
        at,
        title: voice.say(&texts::frame::METHOD),
        path: "method",
    };
    frame.around(&html! {
        h1 { (voice.say(&texts::frame::METHOD)) }
        p.lead { (voice.say(&said::LEAD)) }
        (sources(site, voice))
        (meanings(voice))
        (limits(voice))
        (checking::section(voice))
        (licences(voice))
        (contents(voice))
    })
}

fn sources(site: &Observatory, voice: Voice<'_>) -> Markup {
    let logs = site.sight().logs();
    let network = format!("/{}/network", voice.language);
    html! {
        section {
            h2 { (voice.say(&said::SOURCES)) }
            p { (voice.fill(&said::SOURCES_SAY, &[&field("sources", voice)])) }
            @if !logs.is_empty() {
                p { (voice.say(&said::HERE_PUBLISH)) }
                ul.points { @for log in &logs { li { (shown(log.identity().title(), voice)) " " bdi.mark { (log.identity().name()) } } } }
                p.onward { a href=(network) { (voice.say(&texts::NETWORK)) } }
            }
            p { (voice.fill(&said::CUSTODY_SAYS, &[&field("custody", voice)])) }
        }
    }
}

/// What a field of every record is called.
fn field(name: &str, voice: Voice<'_>) -> String {
    let field = record_message().get_field_by_name(name);
    field.map_or_else(String::new, |field| voice.field(&field).text.into_owned())
}

fn meanings(voice: Voice<'_>) -> Markup {
    let basis = |basis: Basis| value("wpsx.record.v1.Basis", basis as i32, voice);
    let status = |status: PlanStatus| value("wpsx.record.v1.PlanStatus", status as i32, voice);
    let own = |said: &Said| html! { (voice.say(said)) };
    // As lists have it behind a state that was computed.
    let computed = html! {
        (basis(Basis::Derived)) " · " "(" (voice.say(&texts::COMPUTED)) ")"
    };
    let no_end = html! { (status(PlanStatus::OpenEnded)) " · " (voice.say(&texts::NO_END)) };
    let set_aside = html! {
        (status(PlanStatus::Suspended)) " · " (status(PlanStatus::Withdrawn))
    };
    let of_all = [
        (basis(Basis::Stated), &said::MEANS_STATED),
        (computed, &said::MEANS_DERIVED),
    ];
    let of_plans = [
        (
            status(PlanStatus::InDevelopment),
            &said::MEANS_IN_DEVELOPMENT,
        ),
        (status(PlanStatus::InForce), &said::MEANS_IN_FORCE),
        (no_end, &said::MEANS_OPEN_ENDED),
        (status(PlanStatus::PeriodUnknown), &said::MEANS_UNKNOWN),
        (status(PlanStatus::PeriodEnded), &said::MEANS_ENDED),
        (status(PlanStatus::Superseded), &said::MEANS_SUPERSEDED),
        (set_aside, &said::MEANS_SET_ASIDE),
    ];
    let of_records = [
        (own(&said::WITHDRAWN), &texts::WITHDRAWN),
        (own(&said::SUPERSEDED), &texts::SUPERSEDED),
        (own(&said::ERASED), &texts::ERASED),
        (own(&said::NOT_HELD), &texts::NOT_HELD),
    ];
    let list = |all: &[(Markup, &Said)]| {
        html! { dl { @for (term, means) in all { div { dt { (term) } dd { (voice.say(means)) } } } } }
    };
    html! {
        section {
            h2 { (voice.say(&said::MEANING)) }
            (list(&of_all))
            // The same word may stand for a plan and for a record of whatever kind.
            h3 { (voice.shown(&voice.kind(Kind::NATIONAL_ACTION_PLAN, true))) }
            (list(&of_plans))
            h3 { (voice.say(&said::OF_RECORDS)) }
            (list(&of_records))
        }
    }
}

/// What a value of an enum of the schema is called.
fn value(name: &str, number: i32, voice: Voice<'_>) -> Markup {
    let value = pool().get_enum_by_name(name);
    let value = value.and_then(|values| values.get_value(number));
    html! {
        @if let Some(value) = value { (voice.shown(&voice.words.value_name(&value, voice.language))) }
    }
}

fn limits(voice: Voice<'_>) -> Markup {
    let any = voice.kind(Kind::NATIONAL_ACTION_PLAN, false);
    let machine = (any.state == State::Machine).then_some(&said::LIMIT_MACHINE);
    let all = [
        &said::LIMIT_MISSING,
        &said::LIMIT_UNTIL,
        &said::LIMIT_CLAIMS,
        &said::LIMIT_SIGNED,
        &said::LIMIT_NAMES,
    ];
    html! {
        section {
            h2 { (voice.say(&said::LIMITS)) }
            ul.points { @for limit in all.into_iter().chain(machine) { li { (voice.say(limit)) } } }
        }
    }
}

fn licences(voice: Voice<'_>) -> Markup {
    html! {
        section {
            h2 { (voice.say(&said::LICENCE)) }
            p { (voice.fill(&said::LICENCE_SAYS, &[&field("licence", voice)])) }
            details {
                summary #licences { (voice.say(&said::LICENCE_CODES)) }
                div.scroll role="region" tabindex="0" aria-labelledby="licences" {
                    table {
                        thead { tr {
                            th scope="col" { (voice.say(&said::WHAT)) }
                            th scope="col" { (voice.say(&said::SOURCE)) }
                            th scope="col" { (voice.say(&said::UNDER)) }
                        } }
                        tbody lang="en" dir="ltr" {
                            @for line in provenance() {
                                tr { @for text in [line.what, line.source, line.licence] { td { (marked(text)) } } }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// A text of Markdown: code between grave accents, and nothing set off.
fn marked(text: &str) -> Markup {
    html! {
        @for (at, part) in text.split('`').enumerate() {
            @if at % 2 == 0 { (part.replace("**", "")) } @else { code { (part) } }
        }
    }
}

/// The pages of the reference.
fn contents(voice: Voice<'_>) -> Markup {
    let language = voice.language;
    html! {
        section {
            h2 { (voice.say(&said::CAN_SAY)) }
            p { (voice.say(&said::CAN_SAY_SAYS)) }
            p.onward { a href=(format!("/{language}/method/record")) { (voice.say(&said::EVERY_RECORD)) } }
            dl {
                @for kind in Kind::known() {
                    div {
                        dt { a href=(format!("/{language}/method/{kind}")) { (voice.shown(&voice.kind(kind, true))) } }
                        dd { (voice.shown(&voice.words.kind_help(kind, language))) }
                    }
                }
            }
            h3 { (voice.say(&said::VOCABULARIES)) }
            ul.ways {
                @for name in voice.vocabularies.names() {
                    li { a href=(format!("/{language}/vocabulary/{name}")) { (voice.shown(&voice.words.vocabulary_name(name, language))) } }
                }
            }
        }
    }
}
