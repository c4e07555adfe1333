//! How long ago something was, as people say it.

use maud::{Markup, html};

use crate::{
    saying::instant,
    texts::{self, Voice},
};

/// A moment, and how long ago that is.
pub(super) fn at(time: u64, now: u64, voice: Voice<'_>) -> Markup {
    let age = duration(now.saturating_sub(time), voice);
    html! {
        (voice.moment(time.saturating_mul(1000)))
        @if time <= now { " · " (voice.fill(&texts::AGO, &[&age])) }
    }
}

/// How long ago a moment is; the moment itself where it has not come yet.
pub(super) fn ago(time: u64, now: u64, voice: Voice<'_>) -> Markup {
    let Some(age) = now.checked_sub(time) else {
        return at(time, now, voice);
    };
    let machine = instant(time.saturating_mul(1000)).map(|it| it.to_string());
    html! { time datetime=[machine] { (voice.fill(&texts::AGO, &[&duration(age, voice)])) } }
}

/// So many seconds, as people say it: rounded down to the largest unit.
pub(super) fn duration(seconds: u64, voice: Voice<'_>) -> String {
    match seconds {
        0..60 => voice.say(&texts::AGE_NOW).to_owned(),
        60..3600 => voice.count(seconds / 60, &texts::MINUTES),
        3600..86_400 => voice.count(seconds / 3600, &texts::HOURS),
        _ => voice.count(seconds / 86_400, &texts::DAYS),
    }
}
