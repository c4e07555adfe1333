//! Whether a country has a plan now, in a sentence: by what is stated of its plans and by their
//! periods, as far as they are known here.

mod judged;

use wpsx_proto::api::record::v1::PlanStatus;

use self::judged::{Judged, Now};
use crate::{
    item::Item,
    page::brief,
    passed,
    term::{Term, is_said_after, said_at},
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
        Now::Term(Term::Until(day)) => Some(day),
        _ => None,
    });
    if let Some(day) = until.max_by_key(|day| day.last()) {
        return voice.fill(&says::PLAN_UNTIL, &[&voice.dated_as(&UNTIL, day)]);
    }
    if plans.iter().any(|plan| plan.now == Now::Term(Term::Open)) {
        return voice.say(&says::PLAN_OPEN).to_owned();
    }
    let newest = newest(&plans);
    let mut sentences = Vec::new();
    if let Some(newest) = newest {
        let (newest, older) = (&plans[newest], &plans[newest + 1..]);
        let used = still_used(newest, older);
        sentences.extend(used.map(|used| past(&plans, used, voice)));
        if used.is_none() || matches!(newest.now, Now::SetAside(_)) {
            sentences.push(past(&plans, newest, voice));
        }
    }
    sentences.extend(to_come(&plans[..newest.unwrap_or(plans.len())], voice));
    match sentences.is_empty() {
        true => voice.say(&says::PLAN_UNCLEAR).to_owned(),
        false => voice.sentences(&sentences),
    }
}

/// The newest plan that was adopted. What was superseded by one that is known says nothing.
fn newest(plans: &[Judged]) -> Option<usize> {
    let is_past = |plan: &Judged| !plan.is_to_come();
    let stands = |plan: &Judged| is_past(plan) && plan.now != Now::SetAside(PlanStatus::Superseded);
    let stands = plans.iter().position(stands);
    stands.or_else(|| plans.iter().position(is_past))
}

/// The older plan that is used where the newest one is set aside, is of unknown time, or was over
/// when that was said.
fn still_used<'a>(newest: &Judged, older: &'a [Judged]) -> Option<&'a Judged> {
    let is_known_to_be = |plan: &Judged| match (&newest.now, &plan.last) {
        (Now::SetAside(_) | Now::Term(Term::Unknown), _) => true,
        (Now::Term(Term::Ended(end)), Some(last)) => is_said_after(last, end),
        (Now::Over(_), Some(last)) => {
            let over = newest.last.as_ref().and_then(said_at);
            over.is_some_and(|over| is_said_after(last, &over))
        }
        _ => false,
    };
    let is_used = |plan: &&Judged| matches!(plan.now, Now::InUse(_) | Now::Open(_));
    older
        .iter()
        .filter(is_used)
        .find(|plan| is_known_to_be(plan))
}

/// What is said of a plan that was adopted, and does not go on by its period.
fn past(plans: &[Judged], plan: &Judged, voice: Voice<'_>) -> String {
    match &plan.now {
        Now::Term(Term::Ended(_)) => {
            // One that came after those that ended may go on.
            let unknown = Now::Term(Term::Unknown);
            let newer = plans.iter().take_while(|plan| plan.now != unknown);
            let ended = newer.filter_map(|plan| match &plan.now {
                Now::Term(Term::Ended(day)) => Some(day),
                _ => None,
            });
            let day = ended
                .max_by_key(|day| day.last())
                .map(|day| voice.dated_as(&ON, day));
            voice.fill(&says::PLAN_ENDED, &[&day.unwrap_or_default()])
        }
        Now::Over(term) => stated(voice.say(&says::PLAN_OVER), plan, &but(term, voice), voice),
        Now::InUse(term) => {
            let says = match plan.is_computed() {
                true => &says::PLAN_TAKEN_IN_USE,
                false => &says::PLAN_IN_USE,
            };
            let beside = match term {
                Term::Unknown => voice.say(&says::BUT_UNTIL_UNKNOWN).to_owned(),
                term => but(term, voice),
            };
            stated(&of(says, plan, voice), plan, &beside, voice)
        }
        Now::Open(term) => {
            let says = of(&says::PLAN_WITHOUT_END, plan, voice);
            stated(&says, plan, &but(term, voice), voice)
        }
        Now::SetAside(how) => {
            let says = match how {
                PlanStatus::Suspended => &says::PLAN_SUSPENDED,
                PlanStatus::Withdrawn => &says::PLAN_WITHDRAWN,
                _ => &says::PLAN_SUPERSEDED,
            };
            stated(&of(says, plan, voice), plan, "", voice)
        }
        _ => voice.say(&says::PLAN_UNCLEAR).to_owned(),
    }
}

/// How the time of a plan stands, where that is not what was said of it.
fn but(term: &Term, voice: Voice<'_>) -> String {
    let stands = passed::stands(term, voice);
    let but = stands.map(|stands| voice.fill(&says::BUT, &[&stands]));
    but.unwrap_or_default()
}

/// What is said of plans that came after those: that they begin, or are or were prepared.
fn to_come(plans: &[Judged], voice: Voice<'_>) -> Vec<String> {
    let begins = plans.iter().filter_map(|plan| match &plan.now {
        Now::Term(Term::Begins(day)) => Some(day),
        _ => None,
    });
    let begins = begins.min();
    let begins = begins.map(|day| voice.fill(&says::PLAN_BEGINS, &[&voice.dated_as(&ON, day)]));
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
        .map(|(first, last)| match first.value == last.value {
            true => voice.day(first),
            false => voice.fill(&says::FROM_TO, &[&voice.day(first), &voice.day(last)]),
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
