//! What is so of one plan today, by its last state and its period. A state that was only computed
//! says nothing against a period; one that somebody states does.

use prost_reflect::DynamicMessage;
use wpsx_proto::api::record::v1::PlanStatus;

use crate::{
    body::state::is_derived,
    fields::{body_of, is_true, part, parts, stated, string},
    item::Item,
    passed::{IN_PREPARATION, is_before, last_day, said_at},
};

/// States of a plan that is in use no longer, whatever its period says.
const SET_ASIDE: [PlanStatus; 3] = [
    PlanStatus::Superseded,
    PlanStatus::Suspended,
    PlanStatus::Withdrawn,
];
/// States of a plan that is in use, so that it is too where they are stated after its end.
const IN_USE: [PlanStatus; 3] = [
    PlanStatus::InForce,
    PlanStatus::Extended,
    PlanStatus::Amended,
];

/// How a plan stands today.
#[derive(PartialEq, Eq)]
pub(super) enum Now {
    /// It goes on, until then.
    Until(String),
    /// It goes on, without an end.
    Open,
    /// It is stated to be in use, although its period ended then, or nobody says when it ends.
    InUse(Option<String>),
    /// It is stated to have no end, although its period ended then.
    OpenPast(String),
    /// It ended, then if that is known.
    Ended(Option<String>),
    /// It is in use no longer, or not for now.
    SetAside(PlanStatus),
    /// It begins then.
    Begins(String),
    /// It is not adopted yet.
    Prepared,
    /// It was not adopted when its period ended, as far as is known.
    WasPrepared,
    /// Nobody says when it ends, of a plan that may be in use.
    Unknown,
}

/// A plan as it stands today.
pub(super) struct Judged {
    pub(super) now: Now,
    /// Its last state.
    pub(super) last: Option<DynamicMessage>,
    /// The first and the last year of its period.
    pub(super) years: Option<(String, String)>,
}

impl Judged {
    pub(super) fn of(plan: &Item, today: &str) -> Option<Self> {
        let body = body_of(plan.record()?)?;
        let year = |day: &str| day.get(..4).map(str::to_owned);
        let first = first_day(&body).and_then(|day| year(&day));
        let years = first.zip(last_day(&body).and_then(|day| year(&day)));
        let last = parts(&body, "status_history").pop();
        let now = now(&body, last.as_ref(), today);
        Some(Self { now, last, years })
    }

    /// Whether it was never in use, as far as is known.
    pub(super) fn is_to_come(&self) -> bool {
        matches!(self.now, Now::Begins(_) | Now::Prepared | Now::WasPrepared)
    }
}

fn now(body: &DynamicMessage, last: Option<&DynamicMessage>, today: &str) -> Now {
    let status = last.and_then(|last| stated(last, "status"));
    let is = |state: PlanStatus| status.as_ref().is_some_and(|(_, it)| *it == state as i32);
    let by = last.filter(|last| !is_derived(last));
    let is_stated = |state: PlanStatus| by.is_some() && is(state);
    let day = last_day(body);
    let over = day.clone().filter(|day| is_before(day, today));
    if IN_PREPARATION.into_iter().any(is) {
        // The period of one that was never adopted has not been anybody's.
        return match over {
            Some(_) => Now::WasPrepared,
            None => Now::Prepared,
        };
    }
    if let Some(end) = over {
        let is_after = by
            .and_then(said_at)
            .is_some_and(|said| is_before(&end, &said));
        let is_in_use = is_after && IN_USE.into_iter().any(is_stated);
        return match is_in_use || is_stated(PlanStatus::ActivePastPeriod) {
            true => Now::InUse(Some(end)),
            false if is_stated(PlanStatus::OpenEnded) => Now::OpenPast(end),
            false => Now::Ended(Some(end)),
        };
    }
    if let Some(how) = SET_ASIDE.into_iter().find(|state| is(*state)) {
        return Now::SetAside(how);
    }
    if is_stated(PlanStatus::PeriodEnded) {
        return Now::Ended(None);
    }
    if let Some(start) = first_day(body).filter(|start| today < start.as_str()) {
        return Now::Begins(start);
    }
    let period = part(body, "period");
    let is_open = period.is_some_and(|period| is_true(&period, "open_ended"));
    let is_in_use = || {
        let mut states = IN_USE.into_iter().chain([PlanStatus::ActivePastPeriod]);
        states.any(is_stated)
    };
    match day {
        Some(day) => Now::Until(day),
        None if is_open || is(PlanStatus::OpenEnded) => Now::Open,
        None if is(PlanStatus::PeriodEnded) => Now::Ended(None),
        None if is_in_use() => Now::InUse(None),
        None => Now::Unknown,
    }
}

/// The first day, month or year of a plan's period.
fn first_day(plan: &DynamicMessage) -> Option<String> {
    let start = string(&part(&part(plan, "period")?, "start")?, "value");
    (!start.is_empty()).then_some(start)
}
