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

type Said<F> = FixedCalendarDateTimeFormatter<Gregorian, F>;

/// How dates of one language are said.
pub(super) struct Dates {
    years: Said<Y>,
    months: Said<YM>,
    days: Said<YMD>,
    times: FixedCalendarDateTimeFormatter<(), T>,
    /// In French the first day of a month is called `1er`, which the data of ICU does not do.
    is_french: bool,
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
            is_french: locale.id.language.as_str() == "fr",
        })
    }
}

impl Dates {
    /// A date, as precise as it is known: `April 2017`.
    pub(super) fn date(&self, date: Date) -> String {
        let (year, month, day) = date.first_day();
        let Ok(first) = Day::try_new_gregorian(year.into(), month, day) else {
            return date.to_string();
        };
        match date.precision() {
            Precision::Year => self.years.format(&first).to_string(),
            Precision::Month => self.months.format(&first).to_string(),
            Precision::Day => self.day(&first, day),
        }
    }

    fn day(&self, day: &Day<Gregorian>, of_month: u8) -> String {
        let said = self.days.format(day).to_string();
        match said.strip_prefix("1 ") {
            Some(rest) if self.is_french && of_month == 1 => format!("1er {rest}"),
            _ => said,
        }
    }

    /// Day and time in UTC of a moment by its milliseconds since 1970.
    pub(super) fn moment(&self, milliseconds: u64) -> Option<(String, String)> {
        let civil = Offset::UTC.to_datetime(instant(milliseconds)?);
        let day = Day::try_new_gregorian(
            civil.year().into(),
            civil.month().unsigned_abs(),
            civil.day().unsigned_abs(),
        );
        let (hour, minute) = (civil.hour().unsigned_abs(), civil.minute().unsigned_abs());
        let time = Time::try_new(hour, minute, 0, 0);
        let day = self.day(&day.ok()?, civil.day().unsigned_abs());
        Some((day, self.times.format(&time.ok()?).to_string()))
    }
}

/// A moment by its milliseconds since 1970, where there is such a one.
pub(crate) fn instant(milliseconds: u64) -> Option<Timestamp> {
    Timestamp::from_millisecond(i64::try_from(milliseconds).ok()?).ok()
}
