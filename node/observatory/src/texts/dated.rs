//! A date in a sentence. Which word leads to it depends on whether it is a day, or a month or a
//! year as a whole; where a language would bend the date itself, it stands by itself. That it was
//! only about then, or before, is said with the date.

use prost_reflect::DynamicMessage;
use wpsx_proto::{
    api::record::v1::DateSense,
    record::{Date, Precision},
};

use super::{Said, Voice};
use crate::fields::{stated, string};

/// Two wordings around a date: of a month or a year as a whole, and of a day.
pub(crate) type Dated = [Said; 2];

/// A date as a record writes it, with how it is meant. Which of two begins first their texts say.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Day {
    pub(crate) value: String,
    sense: i32,
}

impl Day {
    /// Of a part that is a date; none where it says no date.
    pub(crate) fn of(date: &DynamicMessage) -> Option<Self> {
        let value = string(date, "value");
        let sense = stated(date, "sense").map_or(0, |(_, sense)| sense);
        (!value.is_empty()).then_some(Self { value, sense })
    }

    /// The words around it, where it is not meant as it stands.
    pub(crate) fn meant(&self) -> Option<&'static Said> {
        match DateSense::try_from(self.sense) {
            Ok(DateSense::About) => Some(&ABOUT),
            Ok(DateSense::By) => Some(&OR_BEFORE),
            Ok(DateSense::Planned) => Some(&AS_PLANNED),
            _ => None,
        }
    }

    /// Where it ends, by which to find the latest: a year as a whole ends behind all of its months.
    pub(crate) fn last(&self) -> String {
        format!("{:~<10}", self.value)
    }

    /// The year of it, meant in the same way.
    pub(crate) fn year(&self) -> Option<Self> {
        let value = self.value.get(..4)?.to_owned();
        let sense = self.sense;
        Some(Self { value, sense })
    }
}

texts! {
    IN: "in {0}", "en {0}", "en {0}", "{0}", "في {0}", "{0}";
    ON_DAY: "on {0}", "le {0}", "el {0}", "{0}", "في {0}", "{0}";
    UNTIL_END_OF: "until {0}", "jusqu’en {0}", "hasta {0}", "{0}", "حتى {0}", "至{0}";
    UNTIL_DAY: "until {0}", "jusqu’au {0}", "hasta el {0}", "{0}", "حتى {0}", "至{0}";
    EXTENDED_TO: "extended until {0}", "prolongé jusqu’en {0}", "prorrogado hasta {0}", "продлён, новый срок: {0}", "مُدِّد حتى {0}", "延长至{0}";
    EXTENDED_TO_DAY: "extended until {0}", "prolongé jusqu’au {0}", "prorrogado hasta el {0}", "продлён, новый срок: {0}", "مُدِّد حتى {0}", "延长至{0}";
    AS_OF_TIME: "as of {0}", "en {0}", "a {0}", "по состоянию на {0}", "كما في {0}", "截至{0}";
    AS_OF_DAY: "as of {0}", "au {0}", "a {0}", "по состоянию на {0}", "كما في {0}", "截至{0}";
    CHANGED_SINCE_TIME: "new or changed since {0}", "nouvelles ou modifiées depuis {0}", "nuevas o modificadas desde {0}", "новые или изменённые, начиная с даты: {0}", "الجديد أو المعدّل منذ {0}", "自{0}起新增或更改";
    CHANGED_SINCE_DAY: "new or changed since {0}", "nouvelles ou modifiées depuis le {0}", "nuevas o modificadas desde el {0}", "новые или изменённые с {0}", "الجديد أو المعدّل منذ {0}", "自{0}起新增或更改";
    OPENED_IN: "opened {0}", "consulté en {0}", "consultado en {0}", "открыто {0}", "اطُّلع عليه في {0}", "查阅于{0}";
    OPENED_ON_DAY: "opened {0}", "consulté le {0}", "consultado el {0}", "открыто {0}", "اطُّلع عليه في {0}", "查阅于{0}";
    COMPUTED_IN: "computed, as of {0}", "calculé, en {0}", "calculado, a {0}", "вычислено, по состоянию на {0}", "محسوبة، كما في {0}", "推算，截至{0}";
    ABOUT: "about {0}", "{0} environ", "{0} aproximadamente", "примерно {0}", "نحو {0}", "约{0}";
    OR_BEFORE: "{0} or before", "{0} ou avant", "{0} o antes", "{0} или раньше", "{0} أو قبل ذلك", "{0}或更早";
    AS_PLANNED: "{0} (planned)", "{0} (prévu)", "{0} (previsto)", "{0} (по плану)", "{0} (مقرر)", "{0}（计划）";
    COMPUTED_ON_DAY: "computed, as of {0}", "calculé, au {0}", "calculado, a {0}", "вычислено, по состоянию на {0}", "محسوبة، كما في {0}", "推算，截至{0}";
}

/// When something is so.
pub(crate) const ON: Dated = [IN, ON_DAY];
/// Until when something goes on.
pub(crate) const UNTIL: Dated = [UNTIL_END_OF, UNTIL_DAY];
/// Until when a plan goes on longer than its period.
pub(crate) const EXTENDED: Dated = [EXTENDED_TO, EXTENDED_TO_DAY];
/// When somebody opened a source.
pub(crate) const OPENED: Dated = [OPENED_IN, OPENED_ON_DAY];
/// When somebody looked.
pub(crate) const AS_OF: Dated = [AS_OF_TIME, AS_OF_DAY];
/// Since when something is new.
pub(crate) const CHANGED_SINCE: Dated = [CHANGED_SINCE_TIME, CHANGED_SINCE_DAY];
/// When something was computed that nobody says.
pub(crate) const COMPUTED_AS_OF: Dated = [COMPUTED_IN, COMPUTED_ON_DAY];

impl Voice<'_> {
    /// A date as a record writes it, with the word that leads to it.
    pub(crate) fn dated(self, said: &Dated, date: &str) -> String {
        self.fill(wording(said, date), &[&self.written(date)])
    }

    /// The same of a date that may be meant in another way than as it stands.
    pub(crate) fn dated_as(self, said: &Dated, day: &Day) -> String {
        self.fill(wording(said, &day.value), &[&self.day(day)])
    }

    /// A date by itself, with how it is meant.
    pub(crate) fn day(self, day: &Day) -> String {
        let text = self.written(&day.value);
        match day.meant() {
            Some(meant) => self.fill(meant, &[&text]),
            None => text,
        }
    }

    fn written(self, date: &str) -> String {
        let text = date.parse().map(|date| self.date_text(date));
        text.unwrap_or_else(|_| date.to_owned())
    }
}

/// The wording that fits a date, as a record writes it.
pub(crate) fn wording<'a>([whole, day]: &'a Dated, date: &str) -> &'a Said {
    let precision = date.parse::<Date>().map(Date::precision);
    match precision {
        Ok(Precision::Day) => day,
        _ => whole,
    }
}
