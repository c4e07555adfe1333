//! The countries that a site shows where nobody asks for others.
//!
//! An address that names neither a region nor a country is read as one that names the
//! site's scope, and every link that is made from it says so. So a link that is sent means
//! the same later, also where somebody sets another scope; and `region=all` means all.

use maud::{Markup, html};
use wpsx_domain::records::PUBLISHER;
use wpsx_proto::record::Kind;

use crate::{
    address::Address,
    at::At,
    facets,
    observatory::Observatory,
    publishers::Publishers,
    texts::{self, Voice},
};

impl Observatory {
    /// What an address asks, whatever the scope: of what is about one place or one theme.
    pub(crate) fn asked_of_all(&self, query: &str) -> Address {
        self.read(None, query)
    }

    /// Reads an address, with the publishers that it names by the names that they have here.
    fn read(&self, kind: Option<Kind>, query: &str) -> Address {
        let mut address = Address::read(kind, query, &facets::names());
        if address.is_chosen(PUBLISHER) {
            Publishers::of(self).settle(&mut address, self.vocabularies());
        }
        address
    }

    /// What an address asks of this site.
    pub(crate) fn asked(&self, kind: Option<Kind>, at: At<'_>) -> Address {
        let mut address = self.read(kind, at.query());
        address.language = at.language;
        if let Some(scope) = &self.settings.scope {
            if address.is_open() && !address.everything {
                address.regions.push(scope.code.clone());
            }
            // Links without a place say that they mean all.
            address.everything = true;
        }
        address
    }
}

/// Says that a page shows the site's scope, with the way to all; or that it shows all,
/// with the way back. Nothing where the site has no scope or the address asks for another.
pub(crate) fn note(
    site: &Observatory,
    address: &Address,
    place: &str,
    voice: Voice<'_>,
) -> Option<Markup> {
    let scope = site.settings.scope.as_ref()?;
    let is_scope = address.regions == [scope.code.clone()];
    if !is_scope && !address.is_open() {
        return None;
    }
    let name = voice.code(scope.vocabulary, &scope.code);
    let scope_alone = vec![scope.code.clone()];
    let other = Address {
        regions: if is_scope { Vec::new() } else { scope_alone },
        page: String::new(),
        ..address.clone()
    };
    let href = format!("/{}{place}{}", voice.language, other.query());
    Some(html! {
        p.scope {
            @if is_scope {
                (voice.say(&texts::SCOPE_IS)) (voice.gap()) strong { (voice.shown(&name)) } (voice.stop()) (voice.gap())
                a href=(href) { (voice.say(&texts::SCOPE_ALL)) }
            } @else {
                (voice.say(&texts::SCOPE_NOT)) (voice.gap())
                a href=(href) { (voice.say(&texts::SCOPE_BACK)) (voice.gap()) (voice.shown(&name)) }
            }
        }
    })
}
