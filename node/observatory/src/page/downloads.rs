//! The files of a page, as the page itself offers them.

use maud::{Markup, html};

use crate::{
    alternates,
    texts::{self, Voice},
};

/// A line with a link to each file of the page at `path`, an address without its language;
/// nothing where it has none.
pub(super) fn downloads(path: &str, voice: Voice<'_>) -> Markup {
    let files = alternates::files(path);
    html! {
        @if !files.is_empty() {
            p.files {
                (voice.say(&texts::DOWNLOAD)) ": "
                @for form in files {
                    a href=(alternates::address(voice.language, path, *form)) type=(form.media_type()) { bdi { (form.suffix()) } }
                    " "
                }
            }
        }
    }
}
