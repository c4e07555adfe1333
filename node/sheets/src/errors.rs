//! Why nothing of a file goes in.

use std::{fmt, io};

use super::{
    alike::{Told, told_once},
    bad::BadRow,
    undecided::Undecided,
};

/// Why nothing of a file went in.
#[derive(Debug, thiserror::Error)]
pub enum ImportErrors {
    /// The file cannot be opened.
    #[error("cannot open {file}")]
    Unreadable {
        /// The file.
        file: String,
        /// What the system says.
        #[source]
        source: io::Error,
    },
    /// The caller asks for what there is not.
    #[error("{0}")]
    Usage(String),
    /// Rows that are not sound.
    #[error(fmt = list_bad)]
    Rows {
        /// The file.
        file: String,
        /// The first hundred, in the order of the file.
        bad: Vec<BadRow>,
        /// How many there are in all.
        count: usize,
        /// What else is to be known of the file as a whole: a title above its header row.
        said: Vec<String>,
        /// Drafts in which their publisher may find more: there are none where the file was not
        /// read for one ([`Options::publisher_judges`](super::Options::publisher_judges)).
        undecided: Vec<Undecided>,
    },
}

fn list_bad(
    file: &str,
    bad: &[BadRow],
    count: &usize,
    said: &[String],
    _undecided: &[Undecided],
    f: &mut fmt::Formatter<'_>,
) -> fmt::Result {
    let told = |row: &BadRow| {
        let file = row.file.as_deref().unwrap_or(file);
        let column = match row.column.as_str() {
            "" => String::new(),
            column => format!("{column}:"),
        };
        let what = format!("{column} {}; {}", row.reason, row.remedy);
        Told {
            sentence: format!("{file}:{}:{what}", row.line),
            alike: format!("{file}:{what}"),
            line: row.line,
        }
    };
    let told = told_once(bad.iter().map(told).collect());
    let told: Vec<String> = told.into_iter().map(|(sentence, _)| sentence).collect();
    f.write_str(&told.join("\n"))?;
    if *count > bad.len() {
        write!(f, "\n… and {} more", count - bad.len())?;
    }
    for sentence in said {
        write!(f, "\n{file}: {sentence}")?;
    }
    Ok(())
}
