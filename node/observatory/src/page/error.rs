//! Errors are pages too: what happened, what to do, and what may have been meant.

use maud::{Markup, html};
use wpsx_domain::{NodeError, Wanted};
use wpsx_words::Language;

use super::{
    forms::{Offer, offer},
    frame::Frame,
};
use crate::{
    address::ANY_KIND,
    at::At,
    meant::{Meant, meant},
    observatory::Observatory,
    texts::{self, Voice},
    trouble::Trouble,
};

/// What is there instead of a page that is not.
#[derive(Default)]
pub(crate) struct Instead {
    /// The forms of the page whose form was asked for.
    offer: Option<Offer>,
    /// The pages that may have been meant.
    meant: Vec<Meant>,
}

impl Instead {
    /// Looks for it at an address: its path, and the question behind that. Blocks.
    pub(crate) fn of(
        site: &Observatory,
        language: Language,
        (path, query): (&str, &str),
        wanted: &Wanted,
    ) -> Result<Self, NodeError> {
        let offer = offer(site, language, path, wanted)?;
        let mut meant = meant(site, language, path, query);
        // The page itself is named once.
        let page = offer.as_ref().map(|offer| offer.href.as_str());
        meant.retain(|it| it.href.split('?').next() != page);
        Ok(Self { offer, meant })
    }
}

impl Instead {
    /// The addresses of all of it.
    pub(crate) fn addresses(&self, site: &Observatory) -> Vec<String> {
        let offered = self.offer.iter();
        let offered = offered.flat_map(|offer| offer.files.iter().chain([&offer.href]));
        let meant = self.meant.iter().map(|meant| &meant.href);
        let all = offered.chain(meant);
        all.map(|href| site.address(href)).collect()
    }
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
            @if let Some(offer) = &instead.offer { (offer.shown) }
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
