//! The accessibility statement: what these pages aim at, how that is tested, what is known
//! to be missing, and whom to tell.

use maud::html;
use wpsx_proto::record::Date;

use super::frame::Frame;
use crate::{at::At, observatory::Observatory, texts, texts::accessibility as said};

/// When the statement was last looked through.
const STATED_ON: &str = "2026-11-29";

/// The statement.
pub(crate) fn page(site: &Observatory, at: At<'_>) -> maud::Markup {
    let voice = site.voice(at.language);
    let frame = Frame {
        site,
        at,
        title: voice.say(&texts::frame::ACCESSIBILITY),
        path: "accessibility",
    };
    let helps = [
        &said::HELP_SCRIPT,
        &said::HELP_KEYS,
        &said::HELP_SIZE,
        &said::HELP_COLOUR,
        &said::HELP_LANGUAGE,
        &said::HELP_FILES,
    ];
    let limits = [
        &said::LIMIT_PEOPLE,
        &said::LIMIT_BROWSERS,
        &said::LIMIT_TRANSLATED,
        &said::LIMIT_TEXTS,
        &said::LIMIT_LINKS,
        &said::LIMIT_TABLES,
    ];
    let stated: Option<Date> = STATED_ON.parse().ok();
    frame.around(&html! {
        h1 { (voice.say(&texts::frame::ACCESSIBILITY)) }
        p.lead { (voice.say(&said::AIM)) }
        section {
            h2 { (voice.say(&said::WHAT_HELPS)) }
            ul.points { @for help in helps { li { (voice.say(help)) } } }
        }
        section {
            h2 { (voice.say(&said::TESTED)) }
            p { (voice.say(&said::TESTED_SAYS)) }
            p { (voice.say(&said::TESTED_WHEN)) }
        }
        section {
            h2 { (voice.say(&said::KNOWN_LIMITS)) }
            ul.points { @for limit in limits { li { (voice.say(limit)) } } }
        }
        section {
            h2 { (voice.say(&said::CONTACT)) }
            p { (voice.say(&said::CONTACT_SAYS)) }
            @match frame.contact() {
                Some(contact) => (contact),
                None => p { (voice.say(&said::NO_CONTACT)) },
            }
            @if let Some(date) = stated {
                p.mark { (voice.fill(&said::STATED_ON, &[&voice.date_text(date)])) }
            }
        }
    })
}
