//! How a command speaks: tables for people, columns for pipes, JSON for scripts.
//!
//! Titles, reasons and names come from other people's nodes. Characters that
//! would command the terminal are replaced before they reach it.

use std::io::{self, IsTerminal as _, Write};

use comfy_table::{ColumnConstraint, ContentArrangement, Table, TableComponent, Width, presets};
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::Value;

use super::{
    lines::{lines, wide},
    words::{count, span},
};
use wpsx_proto::skew;

/// Columns whose cells people copy: they stay in one line, however narrow the terminal.
const WHOLE: [&str; 3] = ["id", "public key", "folder"];
/// No other column is made narrower than its header and this.
const NARROWEST: usize = 8;
/// Columns of a terminal that does not know how many it has.
const USUAL: u16 = 80;

/// Where a command's answer goes, and in which form.
pub struct Output {
    writer: Box<dyn Write + Send>,
    json: bool,
    terminal: bool,
    progress: bool,
    /// Columns of the terminal.
    width: u16,
    now: u64,
}

impl Output {
    /// Standard output; progress on standard error. `now` is the time in
    /// milliseconds since 1970, which ages are counted from.
    #[expect(
        clippy::disallowed_methods,
        reason = "a command is told in COLUMNS how wide its answer is to be"
    )]
    pub fn standard(json: bool, now: u64) -> Self {
        let wanted = std::env::var("COLUMNS").ok();
        Self {
            writer: Box::new(io::stdout()),
            json,
            terminal: io::stdout().is_terminal(),
            progress: io::stderr().is_terminal(),
            width: width(wanted.as_deref(), Table::new().width()),
            now,
        }
    }

    /// Any writer, without progress.
    pub fn to(writer: Box<dyn Write + Send>, json: bool, terminal: bool, now: u64) -> Self {
        Self {
            writer,
            json,
            terminal,
            progress: false,
            width: 160,
            now,
        }
    }

    /// The answer is wanted as JSON.
    pub fn is_json(&self) -> bool {
        self.json
    }

    /// A person reads the answer on a terminal.
    pub fn is_terminal(&self) -> bool {
        self.terminal
    }

    /// The same, but so many columns wide.
    #[must_use]
    pub fn at_width(mut self, columns: u16) -> Self {
        self.width = columns;
        self
    }

    /// How wide text is to be: as the terminal, and no wider than reads well.
    pub(crate) fn columns(&self) -> usize {
        const WIDEST: u16 = 100;
        usize::from(self.width.min(WIDEST))
    }

    /// Prints one JSON document; one line each when the output is a pipe.
    pub fn document(&mut self, value: &Value) -> io::Result<()> {
        let text = if self.terminal {
            serde_json::to_string_pretty(value)
        } else {
            serde_json::to_string(value)
        };
        writeln!(self.writer, "{}", text.map_err(io::Error::other)?)
    }

    /// Prints text that may have several lines. On a terminal, those that are too long are
    /// broken between words, but for what people copy: commands, and signatures of notes.
    pub fn say(&mut self, text: impl AsRef<str>) -> io::Result<()> {
        let text = harmless(text.as_ref(), true);
        if !self.terminal {
            return writeln!(self.writer, "{text}");
        }
        let width = self.columns();
        for line in text.split('\n') {
            let copied = ["wpsx ", "Next: wpsx ", "\u{2014} "];
            let is_copied = copied.iter().any(|start| line.starts_with(start));
            match wide(line) > width && !is_copied {
                true => writeln!(self.writer, "{}", broken(line, width))?,
                false => writeln!(self.writer, "{line}")?,
            }
        }
        Ok(())
    }

    /// What to type next, and what that does. The command is copied, so it stays in one line;
    /// where there is no room behind it, what it does stands below.
    pub(crate) fn next(&mut self, command: &str, does: &str) -> io::Result<()> {
        let line = format!("Next: {command} {does}");
        match self.terminal && wide(&line) > self.columns() {
            true => self.say(format!("Next: {command}\n      {does}")),
            false => self.say(line),
        }
    }

    /// Tells a person beside an answer that a program reads: on standard error.
    pub fn warn(&self, text: &str) {
        eprintln!("wpsx: {text}");
    }

    /// Prints bytes as they are.
    pub fn raw(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.writer.write_all(bytes)
    }

    /// Prints rows under a header: ruled on a terminal; in a pipe separated by tabs.
    pub fn table(&mut self, header: &[&str], rows: &[Vec<String>]) -> io::Result<()> {
        let rows: Vec<Vec<String>> = rows
            .iter()
            .map(|row| row.iter().map(|cell| harmless(cell, false)).collect())
            .collect();
        if !self.terminal {
            writeln!(self.writer, "{}", header.join("\t"))?;
            for row in rows {
                writeln!(self.writer, "{}", row.join("\t"))?;
            }
            return Ok(());
        }
        let constraints = header.iter().enumerate().map(|(at, name)| {
            let cells = rows.iter().filter_map(|row| row.get(at));
            let widest = cells.map(|cell| wide(cell)).max().unwrap_or(0);
            let narrowest = name.len().max(NARROWEST);
            match u16::try_from(narrowest) {
                Ok(width) if widest > narrowest && !WHOLE.contains(name) => {
                    ColumnConstraint::LowerBoundary(Width::Fixed(width))
                }
                _ => ColumnConstraint::ContentWidth,
            }
        });
        let constraints: Vec<ColumnConstraint> = constraints.collect();
        let mut table = Table::new();
        table
            .load_preset(presets::NOTHING)
            .set_style(TableComponent::HeaderLines, '─')
            .set_style(TableComponent::MiddleHeaderIntersections, '─')
            .set_content_arrangement(ContentArrangement::Dynamic)
            .set_header(header)
            .add_rows(rows)
            .set_constraints(constraints);
        for column in table.column_iter_mut() {
            column.set_padding((0, 1));
        }
        table.set_width(self.width);
        writeln!(self.writer, "{}", table.trim_fmt())
    }

    /// A number: with separators for people, without for programs.
    pub(crate) fn count(&self, number: u64) -> String {
        if self.terminal {
            count(number)
        } else {
            number.to_string()
        }
    }

    /// A number of bytes: in a large unit for people, as it is for programs.
    pub(crate) fn bytes(&self, number: u64) -> String {
        if self.terminal {
            indicatif::HumanBytes(number).to_string()
        } else {
            number.to_string()
        }
    }

    /// The time that ages are counted from, milliseconds since 1970.
    pub(crate) fn now(&self) -> u64 {
        self.now
    }

    /// How long ago `unix_ms` was, in one unit: `3 d`.
    pub fn age(&self, unix_ms: u64) -> String {
        if unix_ms == 0 {
            return "-".to_owned();
        }
        match self.now.checked_sub(unix_ms) {
            Some(ms) => span(ms),
            None if unix_ms <= skew::latest(self.now) => "now".to_owned(),
            // A clock's mistake says nothing of an age.
            None => "unknown".to_owned(),
        }
    }

    /// A bar on standard error, if that is a terminal; nothing otherwise.
    pub fn bar(&self, what: &str, total: u64) -> ProgressBar {
        if !self.progress {
            return ProgressBar::hidden();
        }
        let style = "{msg} {wide_bar} {human_pos}/{human_len} {eta}";
        ProgressBar::new(total)
            .with_style(
                ProgressStyle::with_template(style)
                    .unwrap_or_else(|_| ProgressStyle::default_bar()),
            )
            .with_message(what.to_owned())
    }
}

/// How many columns there are: as many as whoever typed the command wants, else as the terminal
/// has, unless it does not know.
fn width(wanted: Option<&str>, terminal: Option<u16>) -> u16 {
    let wanted = wanted.and_then(|columns| columns.trim().parse().ok());
    let given = [wanted, terminal].into_iter().flatten();
    let mut known = given.filter(|width| *width > 0);
    known.next().unwrap_or(USUAL)
}

/// Without characters that command a terminal or turn text around.
fn harmless(text: &str, lines: bool) -> String {
    text.chars()
        .map(|c| match c {
            '\n' if lines => c,
            '\t' => ' ',
            '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => '\u{fffd}',
            c if c.is_control() => '\u{fffd}',
            c => c,
        })
        .collect()
}

/// A line in several, each indented as the first one.
fn broken(line: &str, width: usize) -> String {
    let words = line.trim_start_matches(' ');
    let indent = " ".repeat(line.len() - words.len());
    let lines = lines(words, width.saturating_sub(indent.len()));
    let lines: Vec<String> = lines.iter().map(|line| format!("{indent}{line}")).collect();
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ages_are_told_in_one_unit() {
        let day = 86_400_000;
        let out = Output::to(Box::new(io::sink()), false, false, 900 * day);
        for (time, text) in [
            (0, "-"),
            (900 * day, "0 s"),
            (900 * day - 61_000, "1 min"),
            (899 * day, "24 h"),
            (897 * day, "3 d"),
            (100 * day, "2 y"),
            (900 * day + 5_000, "now"),
            (901 * day, "unknown"),
        ] {
            assert_eq!(out.age(time), text);
        }
    }

    #[test]
    fn what_people_copy_is_never_broken_over_two_lines() {
        let (title, id) = ("A title of words that can wrap ".repeat(4), "ab".repeat(32));
        let row = vec![id.clone(), title, "eu.example.org/wpsx/public".to_owned()];
        let paper = tempfile::NamedTempFile::new().unwrap();
        let mut out = Output::to(Box::new(paper.reopen().unwrap()), false, true, 0);
        out.width = 100;
        out.table(&["id", "title", "origin"], &[row]).unwrap();
        let text = std::fs::read_to_string(paper.path()).unwrap();
        assert!(text.lines().any(|line| line.starts_with(&id)), "{text}");
        assert!(
            text.lines().all(|line| line.chars().count() <= 100),
            "{text}"
        );
    }

    #[test]
    fn an_answer_is_as_wide_as_is_wanted_else_as_the_terminal_else_as_usual() {
        assert_eq!(width(Some("80"), Some(200)), 80);
        for nothing in [None, Some(""), Some("0"), Some("wide")] {
            assert_eq!(width(nothing, Some(132)), 132);
            assert_eq!(width(nothing, Some(0)), 80);
            assert_eq!(width(nothing, None), 80);
        }
    }

    #[test]
    fn a_hint_is_in_one_line_where_there_is_room_and_its_command_always() {
        let said = |width: u16, folder: &str| {
            let paper = tempfile::NamedTempFile::new().unwrap();
            let out = Output::to(Box::new(paper.reopen().unwrap()), false, true, 0);
            let mut out = out.at_width(width);
            let command = format!("wpsx get ID --mirror {folder}");
            out.next(&command, "shows one; --columns changes the table.")
                .unwrap();
            std::fs::read_to_string(paper.path()).unwrap()
        };
        let one = "Next: wpsx get ID --mirror copy shows one; --columns changes the table.\n";
        assert_eq!(said(80, "copy"), one);
        let two = "Next: wpsx get ID --mirror copies/of-a-node\n      \
                   shows one; --columns changes the table.\n";
        assert_eq!(said(80, "copies/of-a-node"), two);
    }

    #[test]
    fn what_others_wrote_cannot_command_the_terminal() {
        assert_eq!(
            harmless("a\x1b[2Jb\nc\u{202e}d", false),
            "a\u{fffd}[2Jb\u{fffd}c\u{fffd}d"
        );
        assert_eq!(harmless("a\nb", true), "a\nb");
    }
}
