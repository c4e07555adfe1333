//! Errors are pages too: what happened, what to do, and what may have been meant.

use maud::{Markup, html};

use super::frame::Frame;
use crate::{
    address::ANY_KIND,
    at::At,
    meant::Meant,
    observatory::Observatory,
    texts::{self, Voice},
    trouble::Trouble,
};

/// Says why there is no page at an address, where that is known. Asks nothing of the records.
pub(crate) fn page(
    site: &Observatory,
    at: At<'_>,
    trouble: Trouble,
    (asked, meant): (&str, &[Meant]),
) -> Markup {
    let voice = site.voice(at.language);
    let (what, why) = trouble.texts();
    let frame = Frame {
        site,
        at,
        title: voice.say(what),
        path: "",
    };
    let path = asked.split('?').next().unwrap_or_default();
    frame.instead(
        asked,
        &html! {
            h1 { (voice.say(what)) }
            p { (voice.say(why)) }
            @if trouble == Trouble::NotFound { (super::forms::instead(path, voice)) }
            (ways(meant, voice))
        },
    )
}

/// Where to go instead.
pub(super) fn ways(meant: &[Meant], voice: Voice<'_>) -> Markup {
    html! {
        @if !meant.is_empty() {
            h2 { (voice.say(&texts::MEANT)) }
            ul.ways {
                @for page in meant { li { a href=(page.href) { bdi { (page.text) } } } }
            }
        }
        p.pages {
            a href=(format!("/{}", voice.language)) { (voice.say(&texts::HOME)) }
            a href=(format!("/{}/{ANY_KIND}", voice.language)) { (voice.say(&texts::EVERYTHING)) }
        }
    }
}
