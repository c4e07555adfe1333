//! How the time of a plan stands today, by its period, by what it was extended by and by its last
//! state, and what of that the state denies or did not know. Sentences, rows and pages ask here, so
//! that they say the same.

use prost_reflect::{DynamicMessage, ReflectMessage as _, Value};
use wpsx_proto::api::record::v1::{Basis, PlanStatus};

use crate::{
    fields::{is_true, part, parts, stated},
    texts::dated::Day,
    time::is_before,
};

/// The kinds that are plans, by their messages.
const PLANS: [&str; 2] = [
    "wpsx.record.v1.NationalActionPlan",
    "wpsx.record.v1.RegionalActionPlan",
];
/// States of a plan that is not in use yet.
pub(crate) const IN_PREPARATION: [PlanStatus; 4] = [
    PlanStatus::Announced,
    PlanStatus::InDevelopment,
    PlanStatus::Consultation,
    PlanStatus::Validated,
];
/// States of a plan that is in use, so that it is too where they are stated after its end.
pub(crate) const IN_USE: [PlanStatus; 3] = [
    PlanStatus::InForce,
    PlanStatus::Extended,
    PlanStatus::Amended,
];
/// States of a plan whose period is over.
const OVER: [PlanStatus; 2] = [PlanStatus::PeriodEnded, PlanStatus::ActivePastPeriod];
/// States of a plan that is in use no longer, whatever its period says.
pub(crate) const SET_ASIDE: [PlanStatus; 3] = [
    PlanStatus::Superseded,
    PlanStatus::Suspended,
    PlanStatus::Withdrawn,
];

/// How the time of a plan stands.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum Term {
    /// It begins then.
    Begins(Day),
    /// It goes on, until then.
    Until(Day),
    /// It ended then.
    Ended(Day),
    /// It goes on, without an end.
    Open,
    /// Nobody says when it ends.
    Unknown,
}

impl Term {
    pub(crate) fn of(plan: &DynamicMessage, today: &str) -> Self {
        let start = first_day(plan).filter(|start| today < start.value.as_str());
        match (last_day(plan), start) {
            (Some(end), _) if is_before(&end.value, today) => Self::Ended(end),
            (_, Some(start)) => Self::Begins(start),
            (Some(end), None) => Self::Until(end),
            (None, None) if is_open(plan) => Self::Open,
            (None, None) => Self::Unknown,
        }
    }

    /// The same, where the last state of a plan denies it or was said before it. Of what has no
    /// state, and of what is no plan, nothing is said.
    pub(crate) fn beside(plan: &DynamicMessage, today: &str) -> Option<Self> {
        let last = last_state(plan).filter(|_| is_plan(plan))?;
        let status = status_of(&last);
        let is_one = |states: &[PlanStatus]| status.is_some_and(|it| states.contains(&it));
        let term = Self::of(plan, today);
        let is_beside = match &term {
            Self::Ended(end) => {
                let is_known = !is_computed(&last) && is_said_after(&last, end);
                !is_one(&OVER) && !is_one(&SET_ASIDE) && !is_known
            }
            Self::Begins(_) => is_one(&OVER) || is_one(&IN_USE),
            Self::Until(_) => {
                is_one(&OVER) || is_one(&[PlanStatus::OpenEnded, PlanStatus::PeriodUnknown])
            }
            Self::Open => is_one(&OVER) || is_one(&[PlanStatus::PeriodUnknown]),
            Self::Unknown => false,
        };
        is_beside.then_some(term)
    }
}

pub(crate) fn is_plan(body: &DynamicMessage) -> bool {
    let descriptor = body.descriptor();
    PLANS.contains(&descriptor.full_name())
}

/// What was said last of how a plan stands.
pub(crate) fn last_state(plan: &DynamicMessage) -> Option<DynamicMessage> {
    parts(plan, "status_history").pop()
}

/// Which state that is.
pub(crate) fn status_of(state: &DynamicMessage) -> Option<PlanStatus> {
    let (_, status) = stated(state, "status")?;
    PlanStatus::try_from(status).ok()
}

/// Whether a state was computed, and nobody says it.
pub(crate) fn is_computed(state: &DynamicMessage) -> bool {
    stated(state, "basis").is_some_and(|(_, basis)| basis == Basis::Derived as i32)
}

/// When a state was looked up, else since when it is so.
pub(crate) fn said_at(state: &DynamicMessage) -> Option<Day> {
    let mut said = ["as_of", "date"].into_iter();
    said.find_map(|name| Day::of(&part(state, name)?))
}

/// Whether a state was said of a time behind a day: who says it then knows of that.
pub(crate) fn is_said_after(state: &DynamicMessage, day: &Day) -> bool {
    said_at(state).is_some_and(|said| is_before(&day.value, &said.value))
}

/// The first day, month or year of a plan's period.
pub(crate) fn first_day(plan: &DynamicMessage) -> Option<Day> {
    Day::of(&part(&part(plan, "period")?, "start")?)
}

/// The last day, month or year of a plan's period, with what it was extended by; none where it
/// has no end, or none that is known.
pub(crate) fn last_day(plan: &DynamicMessage) -> Option<Day> {
    let period = part(plan, "period");
    if period.as_ref().is_some_and(says_open) {
        return None;
    }
    let end = period.and_then(|period| part(&period, "end"));
    let ends = [end, extended(plan)];
    let ends = ends.iter().flatten().filter_map(Day::of);
    ends.max_by_key(Day::last)
}

/// The latest end that a plan was given later.
pub(crate) fn extended(plan: &DynamicMessage) -> Option<DynamicMessage> {
    let extensions = parts(plan, "extensions");
    let until = extensions.iter().filter_map(|it| part(it, "until"));
    until.max_by_key(|until| Day::of(until).map(|day| day.last()))
}

/// The period of a plan, without an end where its state says so and nothing says when it ends.
pub(crate) fn period(plan: &DynamicMessage) -> Option<Value> {
    let mut period = part(plan, "period").filter(|_| is_plan(plan))?;
    if last_day(plan).is_none() && is_open(plan) {
        let open = period.descriptor().get_field_by_name("open_ended")?;
        period.set_field(&open, Value::Bool(true));
    }
    Some(Value::Message(period))
}

/// Whether a plan has no end, as its period or its last state says.
fn is_open(plan: &DynamicMessage) -> bool {
    let status = last_state(plan).as_ref().and_then(status_of);
    part(plan, "period").as_ref().is_some_and(says_open) || status == Some(PlanStatus::OpenEnded)
}

fn says_open(period: &DynamicMessage) -> bool {
    is_true(period, "open_ended")
}
