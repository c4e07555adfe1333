//! Who was seen in which organisation, and when.
//!
//! A list says who was a member on the day it was read; it does not say since when. So a
//! question about a date is answered from the newest list that is not later, else from the
//! oldest, and rows that do say from when to when are added. Rows that no stored source
//! confirms stand in a file of their own, and are marked in every answer.

use super::table::Fault;

/// One line of a list of members.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Membership {
    /// The organisation's code in the vocabulary `groups`.
    pub organisation: String,
    /// The country's ISO 3166-1 alpha-3 or user-assigned code.
    pub country: String,
    /// `member`, `observer`, `candidate country`, as the source says.
    pub role: String,
    /// From when; empty: not said.
    pub from: String,
    /// From when no longer; empty: not said.
    pub to: String,
    /// The day on which the list was read; empty for a row that says from and to itself.
    pub seen: String,
    /// Where it is from, or why it is there.
    pub source: String,
    /// A stored source says so.
    pub is_verified: bool,
}

/// Those who count as members, without observers, partners and candidates.
const MEMBER_ROLES: &[&str] = &["member", "participant", "participating member"];

/// The members of an organisation or region at a date.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Members {
    /// The group's code.
    pub group: String,
    /// Codes of the countries, sorted.
    pub countries: Vec<String>,
    /// The days on which the lists were read that say so.
    pub seen: Vec<String>,
    /// Those of them, and those left out, that no stored source confirms.
    pub unverified: Vec<String>,
}

const COLUMNS: [&str; 7] = [
    "organisation",
    "country",
    "role",
    "from",
    "to",
    "seen",
    "source",
];

/// The rows of one file.
///
/// # Errors
///
/// Every fault of the file.
pub(super) fn read(
    file: &str,
    text: &str,
    is_verified: bool,
) -> Result<Vec<Membership>, Vec<Fault>> {
    let fault = |line: Option<u64>, problem: String| Fault {
        file: file.to_owned(),
        line,
        problem,
    };
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut reader = csv::ReaderBuilder::new()
        .trim(csv::Trim::All)
        .from_reader(text.as_bytes());
    match reader.headers() {
        Ok(header) if header.iter().eq(COLUMNS) => {}
        _ => {
            let columns = COLUMNS.join(",");
            return Err(vec![fault(
                Some(1),
                format!("the first line of a list of members is {columns}"),
            )]);
        }
    }
    let mut rows = Vec::new();
    let mut faults = Vec::new();
    for row in reader.records() {
        let row = match row {
            Ok(row) => row,
            Err(error) => {
                let line = error.position().map(csv::Position::line);
                faults.push(fault(line, error.to_string()));
                break;
            }
        };
        let line = row.position().map(csv::Position::line);
        let cell = |at: usize| row.get(at).unwrap_or_default().to_owned();
        let membership = Membership {
            organisation: cell(0),
            country: cell(1),
            role: cell(2),
            from: cell(3),
            to: cell(4),
            seen: cell(5),
            source: cell(6),
            is_verified,
        };
        if membership.organisation.is_empty() {
            faults.push(fault(line, "no organisation is named".to_owned()));
        }
        if let Err(error) = membership
            .country
            .parse::<wpsx_proto::record::CountryCode>()
        {
            faults.push(fault(line, error.to_string()));
        }
        for date in [&membership.from, &membership.to, &membership.seen] {
            if !date.is_empty()
                && let Err(error) = date.parse::<wpsx_proto::record::Date>()
            {
                faults.push(fault(line, format!("{date:?}: {error}")));
            }
        }
        rows.push(membership);
    }
    if faults.is_empty() {
        Ok(rows)
    } else {
        Err(faults)
    }
}

/// The members of one organisation. Without a date: those of today, as far as is known.
pub(super) fn members(rows: &[Membership], organisation: &str, at: Option<&str>) -> Members {
    let own = || {
        let of_it = |row: &&Membership| {
            row.organisation == organisation && MEMBER_ROLES.contains(&row.role.as_str())
        };
        rows.iter().filter(of_it)
    };
    let lists = || {
        own()
            .map(|row| row.seen.as_str())
            .filter(|seen| !seen.is_empty())
    };
    let newest = lists().max();
    let list = match at {
        None => newest,
        Some(at) => lists()
            .filter(|seen| is_at_or_before(seen, at))
            .max()
            .or_else(|| lists().min()),
    };
    let mut answer = Members {
        group: organisation.to_owned(),
        seen: list.map(str::to_owned).into_iter().collect(),
        ..Members::default()
    };
    let listed = own().filter(|row| Some(row.seen.as_str()) == list && !row.seen.is_empty());
    answer.countries = listed.map(|row| row.country.clone()).collect();
    for row in own().filter(|row| row.seen.is_empty()) {
        let has_begun = row.from.is_empty() || at.is_none_or(|at| is_at_or_before(&row.from, at));
        let has_ended = !row.to.is_empty() && at.is_none_or(|at| is_at_or_before(&row.to, at));
        let is_listed = answer.countries.contains(&row.country);
        let is_member = has_begun && !has_ended;
        if is_member == is_listed {
            continue;
        }
        match is_member {
            true => answer.countries.push(row.country.clone()),
            false => answer.countries.retain(|country| *country != row.country),
        }
        if !row.is_verified {
            answer.unverified.push(row.country.clone());
        }
    }
    answer.countries.sort();
    answer.countries.dedup();
    answer
}

/// Compares as far as both are known: 2020 is at or before 2020-01.
fn is_at_or_before(one: &str, other: &str) -> bool {
    let known = one.len().min(other.len());
    one.as_bytes()[..known] <= other.as_bytes()[..known]
}
