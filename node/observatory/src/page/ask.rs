//! What a form asks beside words, country and order: who publishes, and since when.

use maud::{Markup, html};
use wpsx_domain::records::PUBLISHER;

use crate::{
    address::Address,
    listing::Listing,
    publishers::Publishers,
    texts::{self, Voice, asking as says},
};

/// Publishers that are offered, those of the most records.
const MOST: usize = 300;

/// The publishers that can be chosen yet, by what they are called, with how many records of
/// each would be left.
pub(super) fn publisher(listing: &Listing, publishers: &Publishers, voice: Voice<'_>) -> Markup {
    let of_facet = listing.facets.iter().filter(|(name, _)| *name == PUBLISHER);
    let values = of_facet.flat_map(|(_, values)| values);
    let values = values.filter(|value| !value.is_chosen).take(MOST);
    let mut named: Vec<_> = values
        .map(|value| (value, publishers.called(&value.code, voice)))
        .collect();
    voice.sort_by_name(&mut named, |(_, name)| name);
    html! {
        label { (voice.say(&texts::PUBLISHER))
            select name=(PUBLISHER) {
                option value="" { (voice.say(&says::ANY_PUBLISHER)) }
                @for (value, name) in named {
                    option value=(value.code) { (name) " (" (voice.number(value.count)) ")" }
                }
            }
        }
    }
}

/// A day as it is written here.
const EXAMPLE: &str = "2026-01-31";

/// The day since which records are new or changed. Browsers' own fields for days show the day
/// in the order of their own language, stop the Tab key four times, and load a picture.
pub(super) fn changed(address: &Address, voice: Voice<'_>) -> Markup {
    let day = address.changed.map(|day| day.to_string());
    html! {
        label { (voice.say(&says::CHANGED_SINCE_DAY)) " " small dir="ltr" { (EXAMPLE) }
            input type="text" name="changed" size="10" dir="ltr" value=[day];
        }
    }
}
