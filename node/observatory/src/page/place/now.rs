//! Whether a country has a plan now, in a sentence: by the periods of its plans, as far as they are
//! known here.

use wpsx_proto::api::record::v1::PlanStatus;

use crate::{
    fields::{body_of, is_true, part, parts, stated, string},
    item::Item,
    passed::{IN_PREPARATION, is_before, last_day},
    texts::{self, Voice},
};

/// States of a plan that is in use no longer, whatever its period says.
const NOT_IN_USE: [PlanStatus; 3] = [
    PlanStatus::Superseded,
    PlanStatus::Suspended,
    PlanStatus::Withdrawn,
];

/// What a plan's period says of today.
enum Now {
    /// It goes on, until then.
    Until(String),
    /// It goes on, without an end.
    Open,
    /// It ended then.
    Ended(String),
    /// It begins then.
    Begins(String),
    /// It is not adopted yet.
    Prepared,
    /// Nobody says when it ends, of a plan that may be in use.
    Unknown,
}

/// The sentence about plans, of which the newest comes first.
pub(super) fn sentence(plans: &[Item], today: Option<&str>, voice: Voice<'_>) -> String {
    let said = |day: &str| {
        day.parse()
            .map_or_else(|_| day.to_owned(), |day| voice.date_text(day))
    };
    let now: Vec<Now> = plans.iter().filter_map(|plan| now(plan, today?)).collect();
    let until = now.iter().filter_map(|now| match now {
        Now::Until(day) => Some(day),
        _ => None,
    });
    // One that came after those that ended may go on.
    let newer = now.iter().take_while(|now| !matches!(now, Now::Unknown));
    let ended = newer.filter_map(|now| match now {
        Now::Ended(day) => Some(day),
        _ => None,
    });
    let is = |what: fn(&Now) -> bool| now.iter().any(what);
    if let Some(day) = until.max() {
        return voice.fill(&texts::PLAN_UNTIL, &[&said(day)]);
    }
    if is(|now| matches!(now, Now::Open)) {
        return voice.say(&texts::PLAN_OPEN).to_owned();
    }
    let mut sentences = Vec::new();
    match ended.max() {
        Some(day) => sentences.push(voice.fill(&texts::PLAN_ENDED, &[&said(day)])),
        None if is(|now| matches!(now, Now::Unknown)) => {
            sentences.push(voice.say(&texts::PLAN_UNCLEAR).to_owned());
        }
        None => {}
    }
    let begins = now.iter().filter_map(|now| match now {
        Now::Begins(day) => Some(day),
        _ => None,
    });
    if let Some(day) = begins.min() {
        sentences.push(voice.fill(&texts::PLAN_BEGINS, &[&said(day)]));
    }
    if is(|now| matches!(now, Now::Prepared)) {
        sentences.push(voice.say(&texts::PLAN_PREPARED).to_owned());
    }
    match sentences.is_empty() {
        true => voice.say(&texts::PLAN_UNCLEAR).to_owned(),
        false => sentences.join(" "),
    }
}

fn now(plan: &Item, today: &str) -> Option<Now> {
    let body = body_of(plan.record()?)?;
    let last = parts(&body, "status_history").pop();
    let status = last.and_then(|last| stated(&last, "status"));
    let status = status.map(|(_, status)| status);
    let is = |state: PlanStatus| status == Some(state as i32);
    let day = last_day(&body);
    let is_over = day.as_ref().is_some_and(|day| is_before(day, today));
    if IN_PREPARATION.into_iter().any(is) {
        // The period of one that was never adopted has not been anybody's.
        return (!is_over).then_some(Now::Prepared);
    }
    if let Some(day) = day.clone().filter(|_| is_over) {
        return Some(Now::Ended(day));
    }
    if NOT_IN_USE.into_iter().any(is) {
        return None;
    }
    let period = part(&body, "period");
    let is_open = period
        .as_ref()
        .is_some_and(|period| is_true(period, "open_ended"));
    let start = period.and_then(|period| part(&period, "start"));
    let start = start.map(|start| string(&start, "value"));
    if let Some(start) = start.filter(|start| !start.is_empty() && today < start.as_str()) {
        return Some(Now::Begins(start));
    }
    match day {
        Some(day) => Some(Now::Until(day)),
        None if is_open || is(PlanStatus::OpenEnded) => Some(Now::Open),
        None if is(PlanStatus::PeriodEnded) => None,
        None => Some(Now::Unknown),
    }
}
