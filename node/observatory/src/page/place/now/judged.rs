//! What is so of one plan today, by its last state and its period. A state that was only computed
//! says nothing against a period; one that somebody states does.

use prost_reflect::DynamicMessage;
use wpsx_proto::api::record::v1::PlanStatus;

use crate::{
    fields::body_of,
    item::Item,
    term::{
        IN_PREPARATION, IN_USE, SET_ASIDE, Term, first_day, is_computed, is_said_after, last_day,
        last_state, status_of,
    },
    texts::dated::Day,
};

/// How a plan stands today.
#[derive(PartialEq, Eq)]
pub(super) enum Now {
    /// As its time does.
    Term(Term),
    /// It is said to be in use, against its time, or of unknown time.
    InUse(Term),
    /// It is stated to have no end, although its period ended.
    Open(Term),
    /// It is said to be over, against its time, or of unknown time.
    Over(Term),
    /// It is in use no longer, or not for now.
    SetAside(PlanStatus),
    /// It is not adopted yet.
    Prepared,
    /// It was not adopted when its period ended, as far as is known.
    WasPrepared,
}

/// A plan as it stands today.
pub(super) struct Judged {
    pub(super) now: Now,
    /// Its last state.
    pub(super) last: Option<DynamicMessage>,
    /// The first and the last year of its period.
    pub(super) years: Option<(Day, Day)>,
}

impl Judged {
    pub(super) fn of(plan: &Item, today: &str) -> Option<Self> {
        let body = body_of(plan.record()?)?;
        let first = first_day(&body).and_then(|day| day.year());
        let years = first.zip(last_day(&body).and_then(|day| day.year()));
        let last = last_state(&body);
        let now = now(Term::of(&body, today), last.as_ref());
        Some(Self { now, last, years })
    }

    /// Whether it was never in use, as far as is known.
    pub(super) fn is_to_come(&self) -> bool {
        matches!(
            self.now,
            Now::Term(Term::Begins(_)) | Now::Prepared | Now::WasPrepared
        )
    }

    /// Whether nobody states its last state.
    pub(super) fn is_computed(&self) -> bool {
        self.last.as_ref().is_some_and(is_computed)
    }
}

fn now(term: Term, last: Option<&DynamicMessage>) -> Now {
    let Some((last, status)) = last.and_then(|last| Some((last, status_of(last)?))) else {
        return Now::Term(term);
    };
    let is_stated = !is_computed(last);
    match (status, &term) {
        // The period of one that was never adopted has not been anybody's.
        (state, Term::Ended(_)) if IN_PREPARATION.contains(&state) => Now::WasPrepared,
        (state, _) if IN_PREPARATION.contains(&state) => Now::Prepared,
        (PlanStatus::ActivePastPeriod, Term::Ended(_) | Term::Unknown) => Now::InUse(term),
        (PlanStatus::ActivePastPeriod, Term::Begins(_)) if is_stated => Now::InUse(term),
        (state, Term::Unknown) if IN_USE.contains(&state) => Now::InUse(term),
        (state, Term::Begins(_)) if IN_USE.contains(&state) && is_stated => Now::InUse(term),
        (state, Term::Ended(end))
            if IN_USE.contains(&state) && is_stated && is_said_after(last, end) =>
        {
            Now::InUse(term)
        }
        (PlanStatus::OpenEnded, Term::Ended(_)) if is_stated => Now::Open(term),
        (_, Term::Ended(_)) => Now::Term(term),
        (state, _) if SET_ASIDE.contains(&state) => Now::SetAside(state),
        (PlanStatus::PeriodEnded, Term::Unknown) => Now::Over(term),
        (PlanStatus::PeriodEnded, _) if is_stated => Now::Over(term),
        _ => Now::Term(term),
    }
}
