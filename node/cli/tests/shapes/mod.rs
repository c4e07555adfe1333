//! `deploy/JSON.md` as what it promises: which members a command's document has.
//!
//! A member is a name in backticks; `?` behind it says that it may be missing, and its words,
//! behind a colon, may name the shape of its value, or of what is in it. A cell that begins
//! with a shape has its members too. What the tables do not name, a document must not have.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails by panicking"
)]
#![allow(dead_code, reason = "two tests use a part each")]

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

const PAGE: &str = include_str!("../../../../deploy/JSON.md");

/// What is looked at where whole programs run, and not with a made-up node.
pub(crate) const OF_PROGRAMS: [&str; 7] = [
    "init",
    "serve",
    "mirror",
    "check-proof",
    "backup",
    "restore",
    "export",
];
/// Its document is made of a type, which a test beside that type compares.
pub(crate) const OF_A_TYPE: [&str; 1] = ["demo"];

#[derive(Clone, Debug)]
struct Member {
    name: String,
    may_miss: bool,
    /// The shape of the value, or of what is in it.
    shape: Option<String>,
}

/// The page, read.
pub(crate) struct Documented {
    commands: BTreeMap<String, Vec<Member>>,
    shapes: BTreeMap<String, Vec<Member>>,
}

impl Documented {
    pub(crate) fn read() -> Self {
        let (mut commands, mut cells) = (Vec::new(), BTreeMap::new());
        for line in PAGE.lines() {
            let Some((name, cell)) = line.strip_prefix("| ").and_then(|l| l.split_once(" | "))
            else {
                continue;
            };
            if let Some(command) = name.strip_prefix("`wpsx ") {
                commands.push((command.trim_end_matches('`').to_owned(), cell.to_owned()));
            } else if let Some(shape) = name.strip_prefix('*') {
                cells.insert(shape.trim_end_matches('*').to_owned(), cell.to_owned());
            }
        }
        let commands = commands
            .into_iter()
            .map(|(command, cell)| (command, members(&cell, &cells)));
        let commands = commands.collect();
        let shapes = cells
            .iter()
            .map(|(shape, cell)| (shape.clone(), members(cell, &cells)));
        Self {
            commands,
            shapes: shapes.collect(),
        }
    }

    /// The commands that it names, without what is typed behind them.
    pub(crate) fn commands(&self) -> BTreeSet<String> {
        self.commands.keys().map(|row| self.plain(row)).collect()
    }

    /// The row that a typed line is told by: the longest one that it begins with, or that has
    /// its options.
    pub(crate) fn named(&self, line: &str) -> String {
        let typed: Vec<&str> = line.split(' ').collect();
        let is_of = |row: &&String| {
            let mut words = row.split(' ').zip(0..);
            words.all(|(word, at)| match word {
                "ID" => typed.len() > at && !typed[at].starts_with('-'),
                word if word.starts_with("--") => typed.contains(&word),
                word => typed.get(at) == Some(&word),
            })
        };
        let rows = self.commands.keys().filter(is_of);
        let longest = rows.max_by_key(|row| row.split(' ').count());
        longest.map_or_else(|| typed[0].to_owned(), String::clone)
    }

    /// A row's command, without what is typed behind it.
    pub(crate) fn plain(&self, row: &str) -> String {
        let is_word = |word: &&str| {
            let is_part = |c: char| c.is_ascii_lowercase() || c == '-';
            !word.starts_with("--") && word.chars().all(is_part)
        };
        let words: Vec<&str> = row.split(' ').filter(is_word).collect();
        words.join(" ")
    }

    /// How a command's document differs from what the page says.
    pub(crate) fn compare(&self, command: &str, document: &Value) -> Vec<String> {
        let mut wrong = Vec::new();
        match self.commands.get(command) {
            None => wrong.push(format!("wpsx {command} is not in deploy/JSON.md")),
            Some(members) => self.object(&format!("wpsx {command}"), members, document, &mut wrong),
        }
        wrong
    }

    /// The same for what a failure prints.
    pub(crate) fn compare_shape(&self, shape: &str, document: &Value) -> Vec<String> {
        let mut wrong = Vec::new();
        self.object(shape, &self.shapes[shape], document, &mut wrong);
        wrong
    }

    fn object(&self, at: &str, members: &[Member], value: &Value, wrong: &mut Vec<String>) {
        let Value::Object(object) = value else {
            wrong.push(format!("{at} is no object: {value}"));
            return;
        };
        for name in object.keys() {
            if !members.iter().any(|member| member.name == *name) {
                wrong.push(format!("{at}: {name} is not documented"));
            }
        }
        for member in members {
            let at = format!("{at}.{}", member.name);
            match (object.get(&member.name), &member.shape) {
                (None, _) if member.may_miss => {}
                (None, _) => wrong.push(format!("{at} is missing")),
                (Some(Value::Null), _) => {}
                (Some(value), Some(shape)) => self.shaped(&at, shape, value, wrong),
                (Some(value), None) => {
                    if is_nested(value) {
                        wrong.push(format!("{at} has parts that are not documented"));
                    }
                }
            }
        }
    }

    fn shaped(&self, at: &str, shape: &str, value: &Value, wrong: &mut Vec<String>) {
        if shape == "anything" {
            return;
        }
        let Some(members) = self.shapes.get(shape) else {
            wrong.push(format!("{at}: no shape is called {shape}"));
            return;
        };
        match value {
            Value::Array(list) => {
                for value in list {
                    self.object(at, members, value, wrong);
                }
            }
            // Lists by names, such as those of facets.
            Value::Object(named) if named.values().all(Value::is_array) => {
                for list in named.values() {
                    self.shaped(at, shape, list, wrong);
                }
            }
            value => self.object(at, members, value, wrong),
        }
    }
}

/// It holds objects; numbers by names count as a value.
fn is_nested(value: &Value) -> bool {
    match value {
        Value::Array(list) => list.iter().any(Value::is_object),
        Value::Object(named) => !named.values().all(Value::is_number),
        _ => false,
    }
}

/// The members of a cell, and of the shape that it begins with.
fn members(cell: &str, cells: &BTreeMap<String, String>) -> Vec<Member> {
    let mut found = Vec::new();
    if let Some(rest) = cell.strip_prefix("a *") {
        let shape = rest.split('*').next().unwrap_or_default();
        let cell = cells.get(shape);
        let cell = cell.unwrap_or_else(|| panic!("no shape is called {shape}"));
        found = members(cell, cells);
    }
    let parts: Vec<&str> = cell.split('`').collect();
    // Outside and inside of backticks by turns.
    for (at, name) in parts.iter().enumerate().skip(1).step_by(2) {
        let is_name = |c: char| c.is_ascii_lowercase() || c == '_';
        if !name.chars().all(is_name) || found.iter().any(|known: &Member| known.name == *name) {
            continue;
        }
        let behind = parts.get(at + 1).copied().unwrap_or_default();
        found.push(Member {
            name: (*name).to_owned(),
            may_miss: behind.starts_with('?'),
            shape: shape_of(behind.trim_start_matches('?')),
        });
    }
    found
}

/// The shape that a member's words name: `: list of *refusal*`.
fn shape_of(behind: &str) -> Option<String> {
    let (words, rest) = behind.strip_prefix(':')?.split_once('*')?;
    let shape = rest.split('*').next().unwrap_or_default();
    (!words.contains(';')).then(|| shape.to_owned())
}
