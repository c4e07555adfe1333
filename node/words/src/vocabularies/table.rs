//! A CSV file of rows, as shipped or as an operator adds it, with every fault in it.
//!
//! The only column that a file must have is `code`. A row of an operator's file that has
//! the code of a shipped one changes what its filled cells say and adds its aliases; the
//! other cells stay as they are.

use std::collections::BTreeMap;

use crate::Language;

/// The longest cell that makes sense.
const MAX_CELL: usize = 4_000;
/// The longest code.
const MAX_CODE: usize = 100;
/// Rows of one file.
const MAX_ROWS: usize = 100_000;

/// Columns whose cells are kept as they are, for who knows what they mean.
const ATTRIBUTES: &[&str] = &[
    "iso2",
    "m49",
    "currency",
    "official_languages",
    "wikidata",
    "level",
    "iso639_3",
    "script",
    "direction",
    "official_in",
    "number",
    "minor_unit",
    "category",
];
const COLUMNS: &[&str] = &[
    "code",
    "aliases",
    "machine",
    "parent",
    "since",
    "until",
    "replaced_by",
    "flags",
    "source",
];

/// One code of a vocabulary: what it is called, and what became of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Term {
    /// The code, as records write it.
    pub code: String,
    /// The name in each of the six languages, in the order of [`Language::ALL`]; empty: none.
    pub names: [String; 6],
    /// The languages whose name was made by software.
    pub machine: Vec<Language>,
    /// What else people write for it, in any language.
    pub aliases: Vec<String>,
    /// The code that it belongs under: a region, a group.
    pub parent: String,
    /// From when the code is used; empty: not said.
    pub since: String,
    /// Until when it was used.
    pub until: String,
    /// The code that is used instead today.
    pub replaced_by: String,
    /// Words such as `user-assigned`, `former`, `withdrawn`.
    pub flags: Vec<String>,
    /// Where the row is from, where it is not the source of the file.
    pub source: String,
    /// Further columns by their name: `iso2`, `direction`, `minor_unit`.
    pub attributes: BTreeMap<String, String>,
}

impl Term {
    /// The name in a language, where there is one.
    #[must_use]
    pub fn name(&self, language: Language) -> Option<&str> {
        Some(self.names[language.index()].as_str()).filter(|name| !name.is_empty())
    }

    /// The row says this of itself.
    #[must_use]
    pub fn has_flag(&self, flag: &str) -> bool {
        self.flags.iter().any(|own| own == flag)
    }

    /// A further column; empty where the file has none.
    #[must_use]
    pub fn attribute(&self, column: &str) -> &str {
        self.attributes.get(column).map_or("", String::as_str)
    }

    /// May be chosen for a new record: not replaced, withdrawn or of a former place.
    #[must_use]
    pub fn is_offered(&self) -> bool {
        self.replaced_by.is_empty() && !self.has_flag("withdrawn") && !self.has_flag("former")
    }

    /// Lets what another row says of the same code stand before what this one says.
    pub(super) fn overlay(&mut self, over: Self) {
        for (language, name) in Language::ALL.into_iter().zip(over.names) {
            if !name.is_empty() {
                self.machine.retain(|own| *own != language);
                if over.machine.contains(&language) {
                    self.machine.push(language);
                }
                self.names[language.index()] = name;
            }
        }
        let take = |own: &mut String, other: String| {
            if !other.is_empty() {
                *own = other;
            }
        };
        take(&mut self.parent, over.parent);
        take(&mut self.since, over.since);
        take(&mut self.until, over.until);
        take(&mut self.replaced_by, over.replaced_by);
        take(&mut self.source, over.source);
        if !over.flags.is_empty() {
            self.flags = over.flags;
        }
        self.aliases.extend(over.aliases);
        self.attributes.extend(over.attributes);
    }
}

/// One fault of a file, in words.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{file}{place}: {problem}", place = line.map(|line| format!(", line {line}")).unwrap_or_default())]
pub struct Fault {
    /// The file's name.
    pub file: String,
    /// The line, counted from 1; none where the file as a whole is at fault.
    pub line: Option<u64>,
    /// What is wrong, and what to write instead.
    pub problem: String,
}

/// All rows of a file, in its order.
///
/// # Errors
///
/// Every fault of the file at once.
pub(super) fn read(file: &str, text: &str) -> Result<Vec<Term>, Vec<Fault>> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut reader = csv::ReaderBuilder::new()
        .trim(csv::Trim::All)
        .from_reader(text.as_bytes());
    let fault = |line, problem| Fault {
        file: file.to_owned(),
        line,
        problem,
    };
    let header = match reader.headers() {
        Ok(header) => header.clone(),
        Err(error) => return Err(vec![fault(Some(1), error.to_string())]),
    };
    let mut faults: Vec<Fault> = header_faults(&header)
        .into_iter()
        .map(|problem| fault(Some(1), problem))
        .collect();
    if !faults.is_empty() {
        return Err(faults);
    }
    let mut terms: Vec<Term> = Vec::new();
    let mut lines: BTreeMap<String, u64> = BTreeMap::new();
    for row in reader.records() {
        let row = match row {
            Ok(row) => row,
            Err(error) => {
                let line = error.position().map(csv::Position::line);
                faults.push(fault(line, error.to_string()));
                break;
            }
        };
        if row.iter().all(str::is_empty) {
            continue;
        }
        let line = row.position().map_or(0, csv::Position::line);
        let mut problems = Vec::new();
        let term = term(&header, &row, &mut problems);
        if let Some(first) = lines.insert(term.code.clone(), line) {
            problems.push(format!(
                "the code {:?} stands in line {first} already; keep one of the two rows",
                term.code
            ));
        }
        faults.extend(
            problems
                .into_iter()
                .map(|problem| fault(Some(line), problem)),
        );
        terms.push(term);
        if terms.len() > MAX_ROWS {
            faults.push(fault(Some(line), format!("more than {MAX_ROWS} rows")));
            break;
        }
    }
    if faults.is_empty() {
        Ok(terms)
    } else {
        Err(faults)
    }
}

fn header_faults(header: &csv::StringRecord) -> Vec<String> {
    let mut faults = Vec::new();
    if !header.iter().any(|column| column == "code") {
        faults.push("there is no column \"code\"; the first line names the columns".to_owned());
    }
    let languages = Language::ALL.map(Language::tag);
    let known: Vec<&str> = [COLUMNS, &languages[..], ATTRIBUTES].concat();
    for (at, column) in header.iter().enumerate() {
        if !known.contains(&column) {
            faults.push(format!(
                "there is no column {column:?} in a vocabulary; columns are {}",
                known.join(", ")
            ));
        } else if header.iter().take(at).any(|earlier| earlier == column) {
            faults.push(format!("the column {column:?} stands there twice"));
        }
    }
    faults
}

fn term(header: &csv::StringRecord, row: &csv::StringRecord, problems: &mut Vec<String>) -> Term {
    let mut term = Term::default();
    for (column, cell) in header.iter().zip(row) {
        if cell.len() > MAX_CELL {
            problems.push(format!(
                "{column}: {} bytes; at most {MAX_CELL}",
                cell.len()
            ));
            continue;
        }
        if cell.contains(['\n', '\r']) {
            problems.push(format!(
                "{column}: a line end in a cell; is a quote left open?"
            ));
            continue;
        }
        if cell.is_empty() {
            continue;
        }
        let words = |separator: char| {
            cell.split(separator)
                .map(str::trim)
                .filter(|word| !word.is_empty())
                .map(str::to_owned)
        };
        match column {
            "code" => term.code = cell.to_owned(),
            "aliases" => term.aliases = words('|').collect(),
            "flags" => term.flags = words(' ').collect(),
            "machine" => {
                for word in words(' ') {
                    match word.parse() {
                        Ok(language) => term.machine.push(language),
                        Err(error) => problems.push(format!("machine: {error}")),
                    }
                }
            }
            "parent" => term.parent = cell.to_owned(),
            "since" => term.since = dated(column, cell, problems),
            "until" => term.until = dated(column, cell, problems),
            "replaced_by" => term.replaced_by = cell.to_owned(),
            "source" => term.source = cell.to_owned(),
            other => match Language::ALL.into_iter().find(|known| known.tag() == other) {
                Some(language) => term.names[language.index()] = cell.to_owned(),
                None => {
                    term.attributes.insert(other.to_owned(), cell.to_owned());
                }
            },
        }
    }
    for code in [&term.code, &term.parent, &term.replaced_by] {
        if !code.is_empty() && !is_code(code) {
            problems.push(format!(
                "{code:?} is no code; a code has up to {MAX_CODE} letters and digits of ASCII, hyphens, points and underscores"
            ));
        }
    }
    if term.code.is_empty() {
        problems.push("the row has no code".to_owned());
    }
    term
}

fn is_code(text: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_');
    text.len() <= MAX_CODE && text.bytes().all(fits)
}

fn dated(column: &str, cell: &str, problems: &mut Vec<String>) -> String {
    if let Err(error) = cell.parse::<wpsx_proto::record::Date>() {
        problems.push(format!("{column}: {error}"));
    }
    cell.to_owned()
}
