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

/// What is there instead of a page that is not.
#[derive(Default)]
pub(crate) struct Instead {
    /// The forms of the page whose form was asked for.
    pub(crate) forms: Markup,
    /// The pages that may have been meant.
    pub(crate) meant: Vec<Meant>,
}

/// Says why there is no page at an address, `asked`, and what is there instead, where either is
/// known. Asks nothing of the records.
pub(crate) fn page(
    site: &Observatory,
    at: At<'_>,
    trouble: Trouble,
    asked: &str,
    instead: &Instead,
) -> Markup {
    let voice = site.voice(at.language);
    let (what, why) = trouble.texts();
    let frame = Frame {
        site,
        at,
        title: voice.say(what),
        path: "",
    };
    frame.instead(
        asked,
        &html! {
            h1 { (voice.say(what)) }
            p { (voice.say(why)) }
            (instead.forms)
            (ways(&instead.meant, voice))
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
