//! How long files are.

use std::collections::BTreeMap;

/// The lines of each file, by its path.
pub(crate) type Lines = BTreeMap<String, usize>;

/// Counts the lines of these files.
pub(crate) fn lines(sources: &BTreeMap<String, String>) -> Lines {
    let count = |(file, text): (&String, &String)| (file.clone(), text.lines().count());
    sources.iter().map(count).collect()
}

/// Half of the files have this many lines or more; none at all has a median of 0.
pub(crate) fn median(files: &Lines) -> usize {
    let mut lines: Vec<usize> = files.values().copied().collect();
    lines.sort_unstable();
    match lines.len() {
        0 => 0,
        count if count % 2 == 1 => lines[count / 2],
        count => (lines[count / 2 - 1] + lines[count / 2]) / 2,
    }
}

/// The list of files, the longest first.
pub(crate) fn told(files: &Lines) -> String {
    let mut rows: Vec<(&String, &usize)> = files.iter().collect();
    rows.sort_by(|a, b| b.1.cmp(a.1).then(a.0.cmp(b.0)));
    let row = |(file, lines): &(&String, &usize)| format!("{lines:5} {file}");
    rows.iter().map(row).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn median_of(lines: &[usize]) -> usize {
        let numbered = lines.iter().enumerate();
        median(&numbered.map(|(n, lines)| (n.to_string(), *lines)).collect())
    }

    #[test]
    fn the_median_is_the_one_in_the_middle() {
        assert_eq!(median_of(&[]), 0);
        assert_eq!(median_of(&[7]), 7);
        assert_eq!(median_of(&[900, 1, 5]), 5);
        assert_eq!(median_of(&[900, 4, 1, 8]), 6);
    }

    #[test]
    fn lines_are_counted_with_and_without_a_last_newline() {
        let sources = BTreeMap::from([
            ("a".to_owned(), "one\ntwo\n".to_owned()),
            ("b".to_owned(), "one\n\nthree".to_owned()),
        ]);
        assert_eq!(lines(&sources).into_values().collect::<Vec<_>>(), [2, 3]);
    }
}
