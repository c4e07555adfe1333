//! What of an address was not understood: why, what may have been meant, and what is possible.

use maud::{Markup, html};
use wpsx_proto::record::Kind;

use crate::{
    address::{Address, MOST_CHOICES, MOST_VALUES, ORDERS},
    facets,
    misread::{Misread, NAMES, Why},
    texts::{self, Voice, misread as says},
};

/// Parts for which the page says so.
const MOST: usize = 5;

/// A note with each part that was not understood; of a file that was not made for it, where
/// one was asked for.
pub(super) fn note(address: &Address, is_file: bool, voice: Voice<'_>) -> Markup {
    let misread = &address.misread;
    let first = match is_file {
        true => &says::MISREAD_FILE,
        false => &says::MISREAD,
    };
    html! {
        @if !misread.is_empty() {
            div.note role="note" {
                p { (voice.say(first)) }
                ul {
                    @for part in misread.iter().take(MOST) {
                        li { (why(part, voice)) (near(address, part, voice)) }
                    }
                }
                @if misread.len() > MOST {
                    p.mark { (voice.fill(&texts::AND_MORE, &[&voice.number((misread.len() - MOST) as u64)])) }
                }
                @if misread.iter().any(|part| part.why == Why::Name) {
                    @let names = NAMES.iter().chain(facets::of_list(address.kind).iter().filter(|name| !NAMES.contains(name)));
                    @let names: Vec<&str> = names.copied().collect();
                    p { (voice.fill(&says::POSSIBLE, &[&voice.list(&names)])) }
                }
            }
        }
    }
}

fn why(part: &Misread, voice: Voice<'_>) -> String {
    let (name, value) = (part.name.as_str(), voice.quoted(&part.value));
    match part.why {
        Why::Name => voice.fill(&says::MISREAD_NAME, &[name]),
        Why::Year => voice.fill(&says::MISREAD_YEAR, &[name, &value]),
        Why::Day => voice.fill(&says::MISREAD_DAY, &[name, &value]),
        Why::Order => voice.fill(&says::MISREAD_ORDER, &[name, &value, &voice.list(&ORDERS)]),
        Why::Record => voice.fill(&says::MISREAD_RECORD, &[name, &value]),
        Why::Twice => voice.fill(&says::MISREAD_TWICE, &[name, &value]),
        Why::TooMany => {
            let most = [MOST_VALUES, MOST_CHOICES].map(|most| voice.number(most as u64));
            voice.fill(&says::MISREAD_MANY, &[name, &most[0], &most[1]])
        }
    }
}

/// The same question with the nearest names or values that there are; where a value is none of
/// such a name, the name alone.
fn near(address: &Address, part: &Misread, voice: Voice<'_>) -> Markup {
    let names = facets::names();
    let list = list_of(address, part).map(|list| (list.place(), Some(list)));
    let near = part.near(&names, &ORDERS).into_iter().map(|(name, value)| {
        let query = address.first_page().query();
        let mut query = form_urlencoded::Serializer::new(query.trim_start_matches('?').to_owned());
        query.append_pair(name, &value);
        let other = Address::read(address.kind, &query.finish(), &names);
        match other.misread.is_empty() {
            true => (format!("{name}={value}"), Some(other)),
            false => (name.to_owned(), None),
        }
    });
    let near: Vec<_> = list.map_or_else(|| near.collect(), |list| vec![list]);
    html! {
        @if !near.is_empty() {
            " " (voice.say(&texts::MEANT)) (voice.colon())
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

/// The list of the kind that was asked for by a name of its own: each kind has its own list.
fn list_of(address: &Address, part: &Misread) -> Option<Address> {
    let is_kind = part.why == Why::Name && part.name.eq_ignore_ascii_case("kind");
    let kind: Kind = part.value.parse().ok().filter(|_| is_kind)?;
    kind.is_known().then(|| Address {
        kind: Some(kind),
        ..address.first_page()
    })
}
