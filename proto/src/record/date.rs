//! Dates that are no more precise than their source.

use std::{fmt, str::FromStr};

use crate::api::record::v1 as api;

/// How much of a date is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Precision {
    /// The year only.
    Year,
    /// Year and month.
    Month,
    /// The day.
    Day,
}

/// A date of ISO 8601 at year, month or day precision.
///
/// ```
/// use wpsx_proto::record::{Date, Precision};
/// let date: Date = "2018-09".parse()?;
/// assert_eq!(date.precision(), Precision::Month);
/// assert_eq!(date.to_string(), "2018-09");
/// # Ok::<(), wpsx_proto::record::DateError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Date {
    year: u16,
    month: Option<u8>,
    day: Option<u8>,
}

/// Why a text is not a date.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DateError {
    /// Another form than the three that are known.
    #[error("a date is written 2018, 2018-09 or 2018-09-11")]
    Form,
    /// A month that no year has.
    #[error("there is no month {0}")]
    Month(u8),
    /// A day that its month does not have.
    #[error("{year}-{month:02} has no day {day}")]
    Day {
        /// The year as written.
        year: u16,
        /// The month as written.
        month: u8,
        /// The day as written.
        day: u8,
    },
}

impl Date {
    /// The year.
    #[must_use]
    pub fn year(self) -> u16 {
        self.year
    }

    /// How much of the date is known.
    #[must_use]
    pub fn precision(self) -> Precision {
        match (self.month, self.day) {
            (None, _) => Precision::Year,
            (Some(_), None) => Precision::Month,
            (Some(_), Some(_)) => Precision::Day,
        }
    }

    /// Year, month and day of the first day that the date may mean.
    #[must_use]
    pub fn first_day(self) -> (u16, u8, u8) {
        (self.year, self.month.unwrap_or(1), self.day.unwrap_or(1))
    }

    /// Year, month and day of the last day that the date may mean.
    #[must_use]
    pub fn last_day(self) -> (u16, u8, u8) {
        let month = self.month.unwrap_or(12);
        let day = self.day.unwrap_or_else(|| days_of_month(self.year, month));
        (self.year, month, day)
    }

    /// No day that `self` may mean is as late as any that `other` may mean.
    #[must_use]
    pub fn is_surely_before(self, other: Self) -> bool {
        self.last_day() < other.first_day()
    }
}

impl FromStr for Date {
    type Err = DateError;

    fn from_str(text: &str) -> Result<Self, DateError> {
        let mut parts = text.split('-');
        let year: u16 = digits(parts.next(), 4)?.ok_or(DateError::Form)?;
        let month = digits(parts.next(), 2)?.map(|month| month as u8);
        let day = digits(parts.next(), 2)?.map(|day| day as u8);
        if parts.next().is_some() {
            return Err(DateError::Form);
        }
        if let Some(month) = month.filter(|month| !(1..=12).contains(month)) {
            return Err(DateError::Month(month));
        }
        if let (Some(month), Some(day)) = (month, day)
            && !(1..=days_of_month(year, month)).contains(&day)
        {
            return Err(DateError::Day { year, month, day });
        }
        Ok(Self { year, month, day })
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}", self.year)?;
        for part in [self.month, self.day].into_iter().flatten() {
            write!(f, "-{part:02}")?;
        }
        Ok(())
    }
}

/// Reads what people write in a cell: `2018-09`, `by 2018-09`, `about 2018`,
/// `planned 2024-07`, `not given`.
impl FromStr for api::Date {
    type Err = DateError;

    fn from_str(text: &str) -> Result<Self, DateError> {
        let text = text.trim();
        if text.eq_ignore_ascii_case("not given") {
            return Ok(Self {
                sense: api::DateSense::NotGiven.into(),
                ..Self::default()
            });
        }
        let (sense, value) = match text.split_once(' ') {
            None => (api::DateSense::Unspecified, text),
            Some((word, value)) => (sense_named(word).ok_or(DateError::Form)?, value),
        };
        let date: Date = value.trim().parse()?;
        Ok(Self {
            value: date.to_string(),
            sense: sense.into(),
            note: String::new(),
        })
    }
}

impl fmt::Display for api::Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let word = match self.sense() {
            api::DateSense::Unspecified => "",
            api::DateSense::By => "by ",
            api::DateSense::About => "about ",
            api::DateSense::Planned => "planned ",
            api::DateSense::NotGiven => return f.write_str("not given"),
        };
        write!(f, "{word}{}", self.value)
    }
}

fn sense_named(word: &str) -> Option<api::DateSense> {
    match word.to_ascii_lowercase().as_str() {
        "by" => Some(api::DateSense::By),
        "about" => Some(api::DateSense::About),
        "planned" => Some(api::DateSense::Planned),
        _ => None,
    }
}

fn digits(part: Option<&str>, width: usize) -> Result<Option<u16>, DateError> {
    let Some(part) = part else { return Ok(None) };
    if part.len() != width || !part.bytes().all(|b| b.is_ascii_digit()) {
        return Err(DateError::Form);
    }
    part.parse().map(Some).map_err(|_| DateError::Form)
}

fn days_of_month(year: u16, month: u8) -> u8 {
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400)) => {
            29
        }
        2 => 28,
        _ => 31,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_keep_their_precision() {
        for text in [
            "2018",
            "2018-09",
            "2018-09-11",
            "0999",
            "2024-02-29",
            "2000-02-29",
        ] {
            let date: Date = text.parse().unwrap();
            assert_eq!(date.to_string(), text);
        }
        assert_eq!("2018".parse::<Date>().unwrap().precision(), Precision::Year);
        assert_eq!("2018-09".parse::<Date>().unwrap().last_day(), (2018, 9, 30));
        assert_eq!("2018".parse::<Date>().unwrap().first_day(), (2018, 1, 1));
    }

    #[test]
    fn what_is_not_a_date_is_refused() {
        for text in [
            "",
            "18",
            "2018-9",
            "2018-13",
            "2018-00",
            "2023-02-29",
            "1900-02-29",
            "2018-09-31",
            "2018-09-00",
            "2018-09-11-",
            "2018-",
            "-2018",
            "20 18",
            "2018/09",
            "+201",
            "２０１８",
            "2018-09-11T00:00",
            "20180911",
        ] {
            assert!(text.parse::<Date>().is_err(), "{text}");
        }
    }

    #[test]
    fn only_certain_order_is_order() {
        let date = |text: &str| text.parse::<Date>().unwrap();
        assert!(date("2017").is_surely_before(date("2018-01-01")));
        assert!(!date("2018").is_surely_before(date("2018-06")));
        assert!(!date("2018-06").is_surely_before(date("2018")));
        assert!(date("2018-05").is_surely_before(date("2018-06-01")));
    }

    #[test]
    fn stated_dates_are_read_and_printed_as_people_write_them() {
        for text in [
            "2018",
            "by 2018-09",
            "about 2010",
            "planned 2024-07",
            "not given",
        ] {
            assert_eq!(text.parse::<api::Date>().unwrap().to_string(), text);
        }
        assert!("around 2010".parse::<api::Date>().is_err());
        assert!("by ".parse::<api::Date>().is_err());
    }
}
