//! Where the shipped names and codes come from, and what may be done with them: the table
//! of `PROVENANCE.md`, which is also what a person reads.

const TEXT: &str = include_str!("../PROVENANCE.md");

/// One line of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Provenance {
    /// The files, in the words of the table.
    pub file: &'static str,
    /// What they hold.
    pub what: &'static str,
    /// Who publishes it.
    pub source: &'static str,
    /// Under which licence.
    pub licence: &'static str,
}

/// Every line, in English and without the marks of Markdown.
#[must_use]
pub fn provenance() -> Vec<Provenance> {
    let mut file = "";
    let lines = TEXT.lines().filter(|line| line.starts_with('|')).skip(2);
    let cells = lines.filter_map(|line| {
        let mut cells = line.trim_matches('|').split('|').map(bare);
        Some([cells.next()?, cells.next()?, cells.next()?, cells.next()?])
    });
    cells
        .map(|[named, what, source, licence]| {
            // A line without a file tells more of the file above it.
            if !named.is_empty() {
                file = named;
            }
            Provenance {
                file,
                what,
                source,
                licence,
            }
        })
        .collect()
}

fn bare(cell: &'static str) -> &'static str {
    cell.trim().trim_matches('*')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_says_what_it_is_where_it_is_from_and_what_may_be_done_with_it() {
        let all = provenance();
        assert!(all.len() > 8, "{all:?}");
        for line in &all {
            for cell in [line.file, line.what, line.source, line.licence] {
                assert!(!cell.is_empty() && !cell.contains('|'), "{line:?}");
            }
        }
        assert!(all.iter().any(|line| line.licence.contains("PDDL")));
    }
}
