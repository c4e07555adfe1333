//! Errors are pages too.

use maud::{Markup, html};
use wpsx_words::Language;

use super::frame::Frame;
use crate::{observatory::Observatory, texts};

/// There is nothing at this address.
pub(crate) fn missing(site: &Observatory, language: Language) -> Markup {
    said(site, language, &texts::NOT_FOUND)
}

/// The page could not be made.
pub(crate) fn broken(site: &Observatory, language: Language) -> Markup {
    said(site, language, &texts::BROKEN)
}

fn said(site: &Observatory, language: Language, text: &texts::Said) -> Markup {
    let voice = site.voice(language);
    let frame = Frame {
        site,
        language,
        title: voice.say(text),
        path: "",
    };
    frame.around(&html! {
        h1 { (voice.say(text)) }
        p { a href=(format!("/{language}")) { (voice.say(&texts::HOME)) } }
    })
}
