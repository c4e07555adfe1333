//! What was refused of a log: what happened and what it means, in the reader's words, with
//! the code of the protocol beside it for whoever mends it.

use maud::{Markup, html};

use super::age::at;
use crate::{
    names::{Names, with_machine},
    network::Refused,
    texts::{self, Voice, refused as said},
};

/// Refusals of one log that are told.
const MOST: usize = 5;
/// Characters of a code; a peer chose it.
const LONGEST_CODE: usize = 64;

pub(super) fn list(all: &[Refused], now: u64, names: &Names, voice: Voice<'_>) -> Markup {
    html! {
        @if !all.is_empty() {
            div {
                dt { (voice.say(&texts::REFUSALS)) }
                dd { ul {
                    @for refused in all.iter().take(MOST) { li { (told(refused, now, names, voice)) } }
                } }
            }
        }
    }
}

fn told(refused: &Refused, now: u64, names: &Names, voice: Voice<'_>) -> Markup {
    let (who, kept) = match refused.by_peer {
        true => (&said::REFUSED_THERE, &said::KEPT_THERE),
        false => (&said::REFUSED_HERE, &said::KEPT_HERE),
    };
    let code: String = refused.code.chars().take(LONGEST_CODE).collect();
    let peer = with_machine(names.title(&refused.peer).as_deref(), &refused.peer, voice);
    html! {
        (voice.fill_in(who, &peer)) (voice.gap())
        (voice.say(said::why(&refused.code))) (voice.gap())
        (voice.say(kept))
        div.mark {
            (at(refused.time, now, voice))
            @if refused.count > 1 { " · " (voice.count(refused.count, &texts::TIMES)) }
            " · " bdi { code { (code) } }
        }
    }
}
