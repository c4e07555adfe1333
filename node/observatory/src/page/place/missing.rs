//! What is not known of a place, said as such, and who could publish it.

use maud::{Markup, html};
use wpsx_domain::{NodeError, Wanted, records::Tally};
use wpsx_proto::record::Kind;

use super::kinds::{
    is_of_country, is_of_no_place, is_of_organisation, names_bodies, tells_of_country_s,
};
use crate::{
    address::Address,
    answer::tally,
    item::Item,
    observatory::Observatory,
    referring::Referring,
    texts::{self, Voice},
    unheld::Unheld,
};

/// What a page is about.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(in crate::page) enum Place {
    Country,
    /// A part of the world.
    Area,
    /// An organisation of States, with its members.
    Group,
    /// An organisation, by what names it.
    Organisation,
}

impl Place {
    /// Whether it can have records of a kind, apart from plans of countries.
    fn can_have(self, kind: Kind) -> bool {
        match self {
            _ if is_of_country(kind) => false,
            Self::Country | Self::Area => !is_of_no_place(kind),
            Self::Group => !is_of_no_place(kind) || is_of_organisation(kind),
            // Of an organisation of States its page as a group tells of its own plans.
            Self::Organisation => names_bodies(kind) && !is_of_no_place(kind),
        }
    }
}

fn has(tally: &Tally, kind: Kind) -> bool {
    tally.kinds.contains_key(&kind.number())
}

/// The kinds that are known of other places, and not here, as far as the site holds all of a kind; of a country that has plans of its
/// own, on how many of them nothing is known that tells of plans. A plan that is missing is said
/// above. Blocks.
pub(in crate::page) fn missing(
    site: &Observatory,
    tally_here: &Tally,
    place: Place,
    plans: &[Item],
    unheld: &Unheld,
    voice: Voice<'_>,
    wanted: &Wanted,
) -> Result<Markup, NodeError> {
    let all = tally(site, &Address::default(), &[], wanted)?;
    let is_told_below = |kind: Kind| !plans.is_empty() && tells_of_country_s(kind);
    let kinds = Kind::known().filter(|kind| place.can_have(*kind) && !is_told_below(*kind));
    let kinds = kinds.filter(|kind| has(&all, *kind) && !has(tally_here, *kind));
    let kinds = kinds.filter(|kind| unheld.count(*kind) == 0);
    let names: Vec<String> = kinds
        .map(|kind| voice.kind(kind, true).text.into_owned())
        .collect();
    let mut untold = untold(site, plans, wanted)?;
    untold.retain(|(kind, _)| unheld.count(*kind) == 0);
    // That nothing at all is here was said of a place; of an organisation, that nothing names it.
    let is_open = tally_here.total > 0 || place == Place::Organisation;
    let is_said = is_open && !(names.is_empty() && untold.is_empty());
    Ok(html! {
        @if is_said {
            section {
                h2 { (voice.say(&texts::MISSING)) }
                @if !names.is_empty() { p { (voice.fill(&texts::MISSING_KINDS, &[&voice.list(&names)])) } }
                @if !untold.is_empty() {
                    p { (voice.say(&texts::MISSING_OF_PLANS)) }
                    dl {
                        @for (kind, without) in untold {
                            div {
                                dt { (voice.shown(&voice.kind(kind, true))) }
                                dd {
                                    (voice.fill(&texts::PLANS_WITHOUT, &[&voice.number(without), &voice.number(plans.len() as u64)]))
                                    @if let Some(who) = voice.words.kind_publishers(kind, voice.language) {
                                        (voice.gap()) (voice.shown(&who))
                                    }
                                }
                            }
                        }
                    }
                }
            }
        }
    })
}

/// The kinds that tell of plans, each with on how many of these none is known. Blocks.
fn untold(
    site: &Observatory,
    plans: &[Item],
    wanted: &Wanted,
) -> Result<Vec<(Kind, u64)>, NodeError> {
    let told = plans
        .iter()
        .map(|plan| Referring::to(site, plan.envelope.record_id, wanted));
    let told = told.collect::<Result<Vec<_>, _>>()?;
    let kinds = Kind::known().filter(|kind| tells_of_country_s(*kind));
    let without = |kind: Kind| told.iter().filter(|told| told.count(kind) == 0).count() as u64;
    let counted = kinds.map(|kind| (kind, without(kind)));
    Ok(counted.filter(|(_, without)| *without > 0).collect())
}
