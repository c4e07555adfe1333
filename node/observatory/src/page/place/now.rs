//! Whether a country has a plan now, in a sentence: by what is stated of its plans and by their
//! periods, as far as they are known here.

mod judged;

use wpsx_proto::api::record::v1::PlanStatus;

use self::judged::{Judged, Now};
use crate::{
    item::Item,
    page::brief,
    texts::{
        Said, Voice,
        dated::{ON, UNTIL},
        now as says,
    },
};

/// The sentence about plans, of which the newest comes first.
pub(super) fn sentence(plans: &[Item], today: Option<&str>, voice: Voice<'_>) -> String {
    let plans = plans.iter().filter_map(|plan| Judged::of(plan, today?));
    let plans: Vec<Judged> = plans.collect();
    let until = plans.iter().filter_map(|plan| match &plan.now {
        Now::Until(day) => Some(day),
        _ => None,
    });
    if let Some(day) = until.max() {
        return voice.fill(&says::PLAN_UNTIL, &[&voice.dated(&UNTIL, day)]);
    }
    if plans.iter().any(|plan| matches!(plan.now, Now::Open)) {
        return voice.say(&says::PLAN_OPEN).to_owned();
    }
    let newest = newest(&plans);
    let mut sentences = Vec::new();
    if let Some(newest) = newest {
        sentences.push(past(&plans, &plans[newest], voice));
    }
    sentences.extend(to_come(&plans[..newest.unwrap_or(plans.len())], voice));
    match sentences.is_empty() {
        true => voice.say(&says::PLAN_UNCLEAR).to_owned(),
        false => sentences.join(" "),
    }
}

/// The newest plan that was adopted. What was superseded by one that is known says nothing.
fn newest(plans: &[Judged]) -> Option<usize> {
    let is_past = |plan: &Judged| !plan.is_to_come();
    let stands = |plan: &Judged| is_past(plan) && plan.now != Now::SetAside(PlanStatus::Superseded);
    let stands = plans.iter().position(stands);
    stands.or_else(|| plans.iter().position(is_past))
}

/// What is said of a plan that was adopted, and does not go on by its period.
fn past(plans: &[Judged], newest: &Judged, voice: Voice<'_>) -> String {
    let although = |day: &str| voice.fill(&says::ALTHOUGH_ENDED, &[&voice.dated(&ON, day)]);
    match &newest.now {
        Now::Ended(Some(_)) => {
            // One that came after those that ended may go on.
            let newer = plans.iter().take_while(|plan| plan.now != Now::Unknown);
            let ended = newer.filter_map(|plan| match &plan.now {
                Now::Ended(day) => day.as_deref(),
                _ => None,
            });
            let day = ended.max().unwrap_or_default();
            voice.fill(&says::PLAN_ENDED, &[&voice.dated(&ON, day)])
        }
        Now::Ended(None) => stated(voice.say(&says::PLAN_OVER), newest, "", voice),
        Now::InUse(None) => {
            let unknown = voice.say(&says::BUT_UNTIL_UNKNOWN);
            stated(
                &of(&says::PLAN_IN_USE, newest, voice),
                newest,
                unknown,
                voice,
            )
        }
        Now::InUse(Some(day)) => {
            let says = of(&says::PLAN_IN_USE, newest, voice);
            stated(&says, newest, &although(day), voice)
        }
        Now::OpenPast(day) => {
            let says = of(&says::PLAN_WITHOUT_END, newest, voice);
            stated(&says, newest, &although(day), voice)
        }
        Now::SetAside(how) => {
            let says = match how {
                PlanStatus::Suspended => &says::PLAN_SUSPENDED,
                PlanStatus::Withdrawn => &says::PLAN_WITHDRAWN,
                _ => &says::PLAN_SUPERSEDED,
            };
            stated(&of(says, newest, voice), newest, "", voice)
        }
        _ => voice.say(&says::PLAN_UNCLEAR).to_owned(),
    }
}

/// What is said of plans that came after those: that they begin, or are or were prepared.
fn to_come(plans: &[Judged], voice: Voice<'_>) -> Vec<String> {
    let begins = plans.iter().filter_map(|plan| match &plan.now {
        Now::Begins(day) => Some(day),
        _ => None,
    });
    let begins = begins.min();
    let begins = begins.map(|day| voice.fill(&says::PLAN_BEGINS, &[&voice.dated(&ON, day)]));
    let prepared = |now: Now, says: &Said| {
        let plan = plans.iter().find(|plan| plan.now == now)?;
        Some(of(says, plan, voice))
    };
    let prepared = prepared(Now::Prepared, &says::PLAN_PREPARED)
        .or_else(|| prepared(Now::WasPrepared, &says::PLAN_WAS_PREPARED));
    begins.into_iter().chain(prepared).collect()
}

/// A text about a plan, with the years of its period where both are known.
fn of(said: &Said, plan: &Judged, voice: Voice<'_>) -> String {
    let years = plan
        .years
        .as_ref()
        .map(|(first, last)| match first == last {
            true => first.clone(),
            false => voice.fill(&says::FROM_TO, &[first, last]),
        });
    let named = match years {
        Some(years) => voice.fill(&says::NATIONAL_PLAN_FOR, &[&years]),
        None => voice.say(&says::NATIONAL_PLAN).to_owned(),
    };
    voice.fill(said, &[&named])
}

/// What was stated, as of when, and what stands beside it.
fn stated(says: &str, plan: &Judged, beside: &str, voice: Voice<'_>) -> String {
    let when = plan.last.as_ref().and_then(|last| brief::when(last, voice));
    let when = when.map(|when| voice.fill(&says::IN_BRACKETS, &[&when]));
    voice.ended(&format!("{says}{}{beside}", when.unwrap_or_default()))
}
