//! What a site says of itself: whoever runs a node sets it, and the pages show it.
//!
//! Each part is checked where it is made, so that a page never meets one that it cannot
//! show. Where nothing is set, a site has a name, a text and colours all the same.

mod accent;
mod logo;
mod scope;
mod spoken;

use wpsx_words::{Label, Language};

pub use self::{
    accent::{Accent, AccentError},
    logo::{Logo, LogoError},
    scope::Scope,
    spoken::Spoken,
};
use crate::texts::{SITE_IS, SITE_NAME};

/// What a site says of itself.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// The name of the site; empty: what it is.
    pub title: Spoken,
    /// What the site is, in a sentence or two; empty: what every such site is.
    pub about: Spoken,
    /// What every reader has to know before all else, such as that the site is a trial: at the
    /// top of every page, in files and in citations. Empty: nothing.
    pub notice: Spoken,
    /// The one colour of links and of what is marked.
    pub accent: Option<Accent>,
    /// A picture beside the name.
    pub logo: Option<Logo>,
    /// The mail address for questions, such as `wps@example.org`.
    pub contact: Option<String>,
    /// Where the site is reached from outside, without a slash at its end:
    /// `https://observatory.example.org`.
    pub base: Option<String>,
    /// Whose countries the pages show where nobody asks for others.
    pub scope: Option<Scope>,
}

impl Settings {
    /// The name of the site in a language, or marked in another.
    pub fn title(&self, language: Language) -> Label<'_> {
        self.title.label(language, &SITE_NAME)
    }

    /// What the site is.
    pub fn about(&self, language: Language) -> Label<'_> {
        self.about.label(language, &SITE_IS)
    }

    /// What every reader has to know, where there is anything.
    pub fn notice(&self, language: Language) -> Option<Label<'_>> {
        (!self.notice.is_empty()).then(|| self.notice.label(language, &SITE_IS))
    }

    /// The address of a page from outside, where that is known: of `/en/event`,
    /// `https://observatory.example.org/en/event`.
    pub fn outside(&self, path: &str) -> Option<String> {
        self.base.as_ref().map(|base| format!("{base}{path}"))
    }
}
