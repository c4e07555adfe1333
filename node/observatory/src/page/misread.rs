//! What of an address was not understood: why, what may have been meant, and what is possible.

use maud::{Markup, html};

use crate::{
    address::Address,
    misread::Misread,
    texts::{self, Voice, misread as says},
    unclear,
};

/// Parts for which the page says so.
const MOST: usize = 5;

/// A note with each part that was not understood.
pub(super) fn note(address: &Address, voice: Voice<'_>) -> Markup {
    let misread = &address.misread;
    html! {
        @if !misread.is_empty() {
            div.note role="note" {
                p { (voice.say(&says::MISREAD)) }
                ul {
                    @for part in misread.iter().take(MOST) {
                        li { (unclear::why(part, voice)) (near(address, part, voice)) }
                    }
                }
                @if misread.len() > MOST {
                    p.mark { (voice.fill(&texts::AND_MORE, &[&voice.number((misread.len() - MOST) as u64)])) }
                }
                @if let Some(possible) = unclear::possible(address, voice) { p { (possible) } }
            }
        }
    }
}

/// The same question with the nearest names or values that there are.
fn near(address: &Address, part: &Misread, voice: Voice<'_>) -> Markup {
    let near = unclear::near(address, part, voice.vocabularies);
    html! {
        @if !near.is_empty() {
            (voice.gap()) (voice.say(&texts::MEANT)) (voice.colon())
            @for (at, (text, other)) in near.iter().enumerate() {
                @if at > 0 { (voice.semicolon()) }
                @match other {
                    Some(other) => a href=(other.path(voice.language)) { bdi { code { (text) } } },
                    None => bdi { code { (text) } },
                }
            }
        }
    }
}
