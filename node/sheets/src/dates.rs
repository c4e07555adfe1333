//! Dates as people write them: `2017-4-3`, `April 2017` in six languages, `25.12.2017`.
//! What may mean two days is refused with both.

use std::{collections::HashMap, sync::LazyLock};

use wpsx_proto::record::Date;

use super::folding::folded;

/// A text that is no date that can be relied on, and what to write instead.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Unclear {
    pub(super) reason: String,
    pub(super) remedy: String,
}

/// The date in its own form; none where the text is no date in any form that is known.
pub(super) fn understood(text: &str) -> Result<Option<String>, Unclear> {
    let text = western(text);
    let text = without_midnight(text.trim());
    match numbers(&text) {
        Some(parts) => of_numbers(&text, &parts),
        None => of_words(&text),
    }
}

/// `2017-4-3`, `25/12/2017`, `4.2017`, `2017年4月3日`.
fn of_numbers(text: &str, parts: &[(u32, usize)]) -> Result<Option<String>, Unclear> {
    let is_year = |(number, digits): (u32, usize)| digits == 4 && number > 0;
    match *parts {
        [year] if is_year(year) => written(text, year.0, None, None),
        // A number loses its last 0: October may have been typed.
        [year, (1, 1)] if is_year(year) && text.contains('.') => Err(Unclear {
            reason: format!("{text:?} may mean {0}-01 or {0}-10", year.0),
            remedy: "write the one that is meant, with a hyphen".to_owned(),
        }),
        [year, (month, _)] if is_year(year) && month <= 12 => {
            written(text, year.0, Some(month), None)
        }
        [(month, _), year] if is_year(year) && month <= 12 => {
            written(text, year.0, Some(month), None)
        }
        [year, (month, _), (day, _)] if is_year(year) => {
            written(text, year.0, Some(month), Some(day))
        }
        [(a, _), (b, _), year] if is_year(year) => day_and_month(text, year.0, a, b),
        [(a, 1..=2), (b, 1..=2), (_, 2)] if a <= 31 && b <= 31 => Err(Unclear {
            reason: format!("{text:?} may mean several days"),
            remedy: "write the year first, with four digits: 2017-04-03".to_owned(),
        }),
        _ => Ok(None),
    }
}

fn day_and_month(text: &str, year: u32, a: u32, b: u32) -> Result<Option<String>, Unclear> {
    match (a <= 12, b <= 12) {
        (true, true) if a != b => {
            let readings =
                [(b, a), (a, b)].map(|(month, day)| format!("{year}-{month:02}-{day:02}"));
            Err(Unclear {
                reason: format!("{text:?} may mean {} or {}", readings[0], readings[1]),
                remedy: "write the one that is meant".to_owned(),
            })
        }
        (_, true) => written(text, year, Some(b), Some(a)),
        (true, false) => written(text, year, Some(a), Some(b)),
        (false, false) => Ok(None),
    }
}

fn written(
    said: &str,
    year: u32,
    month: Option<u32>,
    day: Option<u32>,
) -> Result<Option<String>, Unclear> {
    let parts = [month, day].into_iter().flatten();
    let text = parts.fold(format!("{year:04}"), |text, part| {
        format!("{text}-{part:02}")
    });
    match text.parse::<Date>() {
        Ok(date) => Ok(Some(date.to_string())),
        Err(error) => Err(Unclear {
            reason: format!("{said:?} is no date: {error}"),
            remedy: "write a day that there is".to_owned(),
        }),
    }
}

/// `April 2017`, `3 avril 2017`, `3 de abril de 2017`, `April 3rd, 2017`.
fn of_words(text: &str) -> Result<Option<String>, Unclear> {
    let folded = folded(text).replace(['_', ',', '.', '/'], " ");
    let mut words: Vec<&str> = folded.split(' ').filter(|word| !word.is_empty()).collect();
    let (mut month, mut year, mut day) = (None, None, None);
    while !words.is_empty() {
        let taken = (1..=words.len().min(2)).rev().find_map(|length| {
            let number = MONTHS.get(words[..length].join(" ").as_str())?;
            Some((length, *number))
        });
        if let Some((length, number)) = taken {
            if month.is_some_and(|month| month != number) {
                return Ok(None);
            }
            month = Some(number);
            words.drain(..length);
            continue;
        }
        let word = words.remove(0);
        if FILLERS.contains(&word) {
            continue;
        }
        let digits = word.trim_end_matches(char::is_alphabetic);
        let ending = &word[digits.len()..];
        match digits.parse::<u32>() {
            Ok(number) if digits.len() == 4 && ending.is_empty() && year.is_none() => {
                year = Some(number);
            }
            Ok(number) if (1..=31).contains(&number) && day.is_none() && is_ordinal(ending) => {
                day = Some(number);
            }
            _ => return Ok(None),
        }
    }
    match (year, month) {
        (Some(year), Some(month)) => written(text, year, Some(month), day),
        _ => Ok(None),
    }
}

/// Words between the parts of a date.
const FILLERS: &[&str] = &[
    "of", "the", "de", "del", "du", "le", "г", "год", "года", "من", "عام",
];

fn is_ordinal(ending: &str) -> bool {
    ["", "st", "nd", "rd", "th", "er", "o", "º"].contains(&ending)
}

/// Numbers with one sort of sign between them, and how many digits each has.
fn numbers(text: &str) -> Option<Vec<(u32, usize)>> {
    let signs: Vec<char> = text.chars().filter(|c| !c.is_ascii_digit()).collect();
    let is_chinese = text.contains('年');
    let same = signs
        .iter()
        .all(|sign| Some(sign) == signs.first() && "-/. ".contains(*sign));
    let chinese = signs.iter().all(|sign| "年月日号 ".contains(*sign));
    if !(same || (is_chinese && chinese)) {
        return None;
    }
    let parts = text.split(|c: char| !c.is_ascii_digit());
    let parts: Vec<&str> = if is_chinese {
        parts.filter(|part| !part.is_empty()).collect()
    } else {
        parts.collect()
    };
    let number = |part: &&str| Some((part.parse().ok()?, part.len()));
    (parts.len() <= 3).then(|| parts.iter().map(number).collect())?
}

/// Arabic, Persian and full-width digits as 0 to 9, and Chinese months as numbers.
fn western(text: &str) -> String {
    let mut western = String::with_capacity(text.len());
    for c in text.chars() {
        let zero = [0x660, 0x6f0, 0xff10]
            .into_iter()
            .find(|zero| (*zero..zero + 10).contains(&u32::from(c)));
        match zero.and_then(|zero| char::from_digit(u32::from(c) - zero, 10)) {
            Some(digit) => western.push(digit),
            None => western.push(c),
        }
    }
    for (name, number) in CHINESE {
        let month = format!("{number}月");
        western = western.replace(&format!("年{name}月"), &format!("年{month}"));
    }
    western
}

const CHINESE: [(&str, u32); 12] = [
    ("十二", 12),
    ("十一", 11),
    ("十", 10),
    ("九", 9),
    ("八", 8),
    ("七", 7),
    ("六", 6),
    ("五", 5),
    ("四", 4),
    ("三", 3),
    ("二", 2),
    ("一", 1),
];

/// A day that a workbook writes with its first moment.
fn without_midnight(text: &str) -> String {
    let day = text.split_once(['T', ' ']).filter(|(day, time)| {
        let is_time = time.starts_with(|c: char| c.is_ascii_digit()) && time.contains(':');
        is_time && day.len() >= 8
    });
    day.map_or(text, |(day, _)| day).to_owned()
}

/// The names of months, without case and accents.
static MONTHS: LazyLock<HashMap<String, u32>> = LazyLock::new(|| {
    let mut months = HashMap::new();
    for (at, names) in NAMES.iter().enumerate() {
        for name in names.split_whitespace() {
            let name = folded(&name.replace('+', " ")).replace('_', " ");
            months.insert(name, at as u32 + 1);
        }
    }
    months
});

/// English, French, Spanish, Russian (two cases) and Arabic (two sets), with short forms.
const NAMES: [&str; 12] = [
    "january jan janvier janv enero ene январь января янв يناير كانون+الثاني",
    "february feb février févr fév febrero февраль февраля фев فبراير شباط",
    "march mar mars marzo март марта мар مارس آذار",
    "april apr avril avr abril abr апрель апреля апр أبريل نيسان",
    "may mai mayo май мая مايو أيار",
    "june jun juin junio июнь июня июн يونيو حزيران",
    "july jul juillet juil julio июль июля июл يوليو تموز",
    "august aug août agosto ago август августа авг أغسطس آب",
    "september sep sept septembre septiembre setiembre сентябрь сентября сен سبتمبر أيلول",
    "october oct octobre octubre октябрь октября окт أكتوبر تشرين+الأول",
    "november nov novembre noviembre ноябрь ноября ноя نوفمبر تشرين+الثاني",
    "december dec décembre déc diciembre dic декабрь декабря дек ديسمبر كانون+الأول",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_understood_in_six_languages() {
        for (text, date) in [
            ("2017-4-3", "2017-04-03"),
            ("2017/04/03", "2017-04-03"),
            ("2017.4", "2017-04"),
            ("4/2017", "2017-04"),
            ("25.12.2017", "2017-12-25"),
            ("12/25/2017", "2017-12-25"),
            ("04/04/2017", "2017-04-04"),
            ("April 2017", "2017-04"),
            ("3 April 2017", "2017-04-03"),
            ("April 3rd, 2017", "2017-04-03"),
            ("Sept. 2017", "2017-09"),
            ("avril 2017", "2017-04"),
            ("1er août 2017", "2017-08-01"),
            ("FÉVRIER 2017", "2017-02"),
            ("abril de 2017", "2017-04"),
            ("3 de abril de 2017", "2017-04-03"),
            ("апрель 2017", "2017-04"),
            ("3 апреля 2017 г.", "2017-04-03"),
            ("май 2017", "2017-05"),
            ("أبريل 2017", "2017-04"),
            ("ابريل ٢٠١٧", "2017-04"),
            ("٣ نيسان/أبريل ٢٠١٧", "2017-04-03"),
            ("كانون الثاني/يناير 2017", "2017-01"),
            ("2017年4月", "2017-04"),
            ("2017年4月3日", "2017-04-03"),
            ("2017年十二月", "2017-12"),
            ("2017-04-03T00:00:00", "2017-04-03"),
            ("2017-04-03 10:30", "2017-04-03"),
            ("2017", "2017"),
        ] {
            assert_eq!(understood(text), Ok(Some(date.to_owned())), "{text}");
        }
    }

    #[test]
    fn what_may_mean_two_days_is_refused_with_both() {
        for text in ["03/04/2017", "3.4.2017", "03-04-2017"] {
            let unclear = understood(text).unwrap_err();
            let said = format!("{text:?} may mean 2017-04-03 or 2017-03-04");
            assert_eq!(unclear.reason, said);
        }
        let unclear = understood("2017.1").unwrap_err();
        assert_eq!(unclear.reason, "\"2017.1\" may mean 2017-01 or 2017-10");
        assert!(understood("2017.10").is_ok() && understood("2017-1").is_ok());
        assert!(understood("03/04/17").is_err());
        for text in ["31 April 2017", "31/04/2017", "2017-04-31"] {
            let unclear = understood(text).unwrap_err();
            let said = format!("{text:?} is no date: 2017-04 has no day 31");
            assert_eq!(unclear.reason, said);
        }
    }

    #[test]
    fn what_is_no_date_is_left_to_others() {
        for text in [
            "",
            "soon",
            "2017-2020",
            "in 2017",
            "April",
            "12345",
            "1.2.3.4",
            "2017 or 2018",
            "-",
        ] {
            assert_eq!(understood(text), Ok(None), "{text}");
        }
    }
}
