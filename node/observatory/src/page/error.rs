//! Errors are pages too: what happened, what to do, and what may have been meant.

use maud::{Markup, html};
use wpsx_words::Language;

use super::frame::Frame;
use crate::{
    meant::Meant,
    observatory::Observatory,
    texts::{self, Voice},
    trouble::Trouble,
};

/// Says why there is no page. Asks nothing of the records.
pub(crate) fn page(
    site: &Observatory,
    language: Language,
    trouble: Trouble,
    (path, meant): (&str, &[Meant]),
) -> Markup {
    let voice = site.voice(language);
    let (what, why) = trouble.texts();
    let frame = Frame {
        site,
        language,
        title: voice.say(what),
        path: "",
    };
    frame.around(&html! {
        h1 { (voice.say(what)) }
        p { (voice.say(why)) }
        @if trouble == Trouble::NotFound { (super::forms::instead(path, voice)) }
        (ways(meant, voice))
    })
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
        p { a href=(format!("/{}", voice.language)) { (voice.say(&texts::HOME)) } }
    }
}
