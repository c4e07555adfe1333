//! Dates no more precise than they are known, and moments in UTC.

use icu_calendar::{Date as Day, Gregorian};
use icu_datetime::{
    DateTimeFormatterLoadError, DateTimeFormatterPreferences, FixedCalendarDateTimeFormatter,
    fieldsets::{T, Y, YM, YMD},
    input::Time,
    preferences::HourCycle,
};
use icu_locale_core::Locale;
use jiff::{Timestamp, tz::Offset};
use wpsx_proto::record::{Date, Precision};

use super::Saying;

type Said<F> = FixedCalendarDateTimeFormatter<Gregorian, F>;

/// How dates of one language are said.
pub(super) struct Dates {
    years: Said<Y>,
    months: Said<YM>,
    days: Said<YMD>,
    times: FixedCalendarDateTimeFormatter<(), T>,
}

impl Dates {
    pub(super) fn new(locale: &Locale) -> Result<Self, DateTimeFormatterLoadError> {
        let mut hours = DateTimeFormatterPreferences::from(locale);
        hours.hour_cycle = Some(HourCycle::H23);
        Ok(Self {
            years: Said::try_new(locale.into(), Y::long())?,
            months: Said::try_new(locale.into(), YM::long())?,
            days: Said::try_new(locale.into(), YMD::long())?,
            times: FixedCalendarDateTimeFormatter::try_new(hours, T::hm())?,
        })
    }
}

impl Saying {
    /// A date, as precise as it is known: `April 2017`.
    pub(crate) fn date(&self, date: Date) -> String {
        let (year, month, day) = date.first_day();
        let Ok(first) = Day::try_new_gregorian(year.into(), month, day) else {
            return date.to_string();
        };
        self.isolated(match date.precision() {
            Precision::Year => self.dates.years.format(&first).to_string(),
            Precision::Month => self.dates.months.format(&first).to_string(),
            Precision::Day => self.dates.days.format(&first).to_string(),
        })
    }

    /// A moment, by its milliseconds since 1970: `8 April 2020, 14:03 UTC`.
    pub(crate) fn moment(&self, milliseconds: u64) -> Option<String> {
        let civil = Offset::UTC.to_datetime(instant(milliseconds)?);
        let day = Day::try_new_gregorian(
            civil.year().into(),
            civil.month().unsigned_abs(),
            civil.day().unsigned_abs(),
        );
        let (hour, minute) = (civil.hour().unsigned_abs(), civil.minute().unsigned_abs());
        let time = Time::try_new(hour, minute, 0, 0);
        let day = self.dates.days.format(&day.ok()?).to_string();
        let time = self.dates.times.format(&time.ok()?).to_string();
        Some(self.isolated(format!("{day}, {} UTC", self.isolated(time))))
    }
}

/// A moment by its milliseconds since 1970, where there is such a one.
pub(crate) fn instant(milliseconds: u64) -> Option<Timestamp> {
    Timestamp::from_millisecond(i64::try_from(milliseconds).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use wpsx_words::Language;

    use super::{super::tests::plain, *};

    #[test]
    fn a_date_is_said_as_precisely_as_it_is_known() {
        let in_all = |date: &str| {
            let date: Date = date.parse().unwrap();
            Language::ALL.map(|it| plain(&Saying::of(it).date(date)))
        };
        assert_eq!(
            in_all("2017"),
            ["2017", "2017", "2017", "2017", "2017", "2017年"]
        );
        assert_eq!(
            in_all("2017-04"),
            [
                "April 2017",
                "avril 2017",
                "abril de 2017",
                "апрель 2017 г.",
                "أبريل 2017",
                "2017年4月"
            ]
        );
        assert_eq!(
            in_all("2020-04-08"),
            [
                "8 April 2020",
                "8 avril 2020",
                "8 de abril de 2020",
                "8 апреля 2020 г.",
                "8 أبريل 2020",
                "2020年4月8日"
            ]
        );
    }

    #[test]
    fn a_moment_is_said_in_utc_and_one_that_cannot_be_is_not() {
        let english = Saying::of(Language::English);
        let said = english.moment(1_586_354_580_000);
        assert_eq!(said.as_deref(), Some("8 April 2020, 14:03 UTC"));
        assert_eq!(english.moment(u64::MAX), None);
    }

    #[test]
    fn a_year_that_nobody_writes_is_still_a_text() {
        for date in ["0000", "0001-01-01", "9999-12-31"] {
            let date: Date = date.parse().unwrap();
            for language in Language::ALL {
                assert!(!Saying::of(language).date(date).is_empty());
            }
        }
    }
}
