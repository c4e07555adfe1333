//! Tables of text: comma, semicolon or tab between the cells, any line ends.

use std::io::Read as _;

use super::{
    bad::BadRow,
    csv_rows::CsvRows,
    grid::Grid,
    input::{Input, start_of, unreadable},
};

/// Bytes that are looked at before the first row is read.
const LOOK_AT: u64 = 64 << 10;
/// Rows that are looked at for what stands between their cells.
const SAMPLE: usize = 20;

/// What stands between the cells where a point stands before decimals.
pub(super) const COMMA: u8 = b',';
/// What stands between them where a comma may.
pub(super) const SEMICOLON: u8 = b';';

/// The rows of a text file, and what stands between their cells.
pub(super) fn open<'a>(input: Input<'a>) -> Result<(Grid<'a>, u8), BadRow> {
    let (start, mut input) = start_of(input, LOOK_AT).map_err(|error| unreadable(1, &error))?;
    let stated = stated_separator(&start);
    if let Some((_, length)) = stated {
        let mut line = vec![0; length];
        input
            .read_exact(&mut line)
            .map_err(|error| unreadable(1, &error))?;
    }
    let separator = stated.map_or_else(|| separator(&start), |(separator, _)| separator);
    // No spreadsheet shows the line that says what stands between cells.
    let lines = u64::from(stated.is_some());
    Ok((Box::new(CsvRows::after(lines, input, separator)), separator))
}

/// What the first line says stands between the cells (`sep=;`), and the bytes of that line.
fn stated_separator(start: &[u8]) -> Option<(u8, usize)> {
    let rest = start.strip_prefix(b"sep=")?;
    match rest {
        [separator, b'\r', b'\n', ..] => Some((*separator, 7)),
        [separator, b'\n' | b'\r', ..] => Some((*separator, 6)),
        _ => None,
    }
}

/// The one of comma, semicolon and tab that stands as often in most of the first rows: a
/// title above the header row, and commas within cells, say nothing.
fn separator(start: &[u8]) -> u8 {
    let mut best = (COMMA, (0, 0));
    for separator in [COMMA, SEMICOLON, b'\t'] {
        let counts = counts_of(separator, start);
        let most = counts
            .iter()
            .filter(|count| **count > 0)
            .map(|count| {
                (
                    counts.iter().filter(|other| *other == count).count(),
                    *count,
                )
            })
            .max()
            .unwrap_or_default();
        if most > best.1 {
            best = (separator, most);
        }
    }
    best.0
}

/// How often it stands in each of the first rows that are not blank.
fn counts_of(separator: u8, start: &[u8]) -> Vec<usize> {
    let (mut counts, mut quoted, mut blank) = (vec![0], false, true);
    for byte in start {
        match byte {
            b'"' => quoted = !quoted,
            b'\n' | b'\r' if !quoted => {
                if counts.len() == SAMPLE {
                    break;
                }
                if !blank {
                    counts.push(0);
                }
                blank = true;
                continue;
            }
            byte if !quoted && *byte == separator => {
                if let Some(count) = counts.last_mut() {
                    *count += 1;
                }
            }
            _ => {}
        }
        blank = false;
    }
    counts
}
