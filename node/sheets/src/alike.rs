//! What is wrong in many lines alike is told once, and the other lines are named.

use std::collections::{BTreeSet, HashMap, hash_map::Entry};

/// Lines alike from which on they are told as one.
const MANY: usize = 4;
/// Lines that are named of those; more are counted.
const NAMED: usize = 8;

/// One thing wrong, as it is told.
#[derive(Clone, Debug)]
pub struct Told {
    /// Where it stands but for the line, and what it is: those that share it are alike.
    pub alike: String,
    /// Counted from 1.
    pub line: u64,
    /// All of it.
    pub sentence: String,
}

/// The sentences in their order, without those that repeat another one many times; each with how
/// many things it tells.
#[must_use]
pub fn told_once(all: Vec<Told>) -> Vec<(String, usize)> {
    let mut groups: Vec<Vec<(usize, Told)>> = Vec::new();
    let mut known: HashMap<String, usize> = HashMap::new();
    for (at, told) in all.into_iter().enumerate() {
        match known.entry(told.alike.clone()) {
            Entry::Occupied(group) => groups[*group.get()].push((at, told)),
            Entry::Vacant(none) => {
                none.insert(groups.len());
                groups.push(vec![(at, told)]);
            }
        }
    }
    let (many, few): (Vec<_>, Vec<_>) = groups.into_iter().partition(|it| it.len() >= MANY);
    let few = few.into_iter().flatten();
    let few = few.map(|(at, told)| (at, (told.sentence, 1)));
    let many = many.into_iter().map(|group| {
        let (at, first) = &group[0];
        (*at, (with_lines(first, &group), group.len()))
    });
    let mut told: Vec<_> = few.chain(many).collect();
    told.sort_by_key(|(at, _)| *at);
    told.into_iter().map(|(_, told)| told).collect()
}

/// The first sentence of those alike, and the other lines in which the same stands.
fn with_lines(first: &Told, alike: &[(usize, Told)]) -> String {
    let lines: BTreeSet<u64> = alike.iter().map(|(_, told)| told.line).collect();
    let lines = lines.into_iter().filter(|line| *line != first.line);
    let lines: Vec<String> = lines.map(|line| line.to_string()).collect();
    let more = match lines.len().saturating_sub(NAMED) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    let stand = match lines.len() {
        0 => return first.sentence.clone(),
        1 => "line",
        _ => "lines",
    };
    let named = lines[..lines.len().min(NAMED)].join(", ");
    format!(
        "{}\n      the same in {stand} {named}{more}",
        first.sentence
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(lines: &[(u64, &str)]) -> Vec<String> {
        let told = |(line, what): &(u64, &str)| Told {
            alike: (*what).to_owned(),
            line: *line,
            sentence: format!("x.csv:{line}: {what}"),
        };
        let told = told_once(lines.iter().map(told).collect());
        let all: usize = told.iter().map(|(_, count)| count).sum();
        assert_eq!(all, lines.len());
        told.into_iter().map(|(sentence, _)| sentence).collect()
    }

    #[test]
    fn what_stands_in_one_line_is_told_without_others() {
        assert_eq!(told(&[(1, "a"); 5]), ["x.csv:1: a"]);
        let two = [(1, "a"), (1, "a"), (2, "a"), (2, "a")];
        assert_eq!(told(&two), ["x.csv:1: a\n      the same in line 2"]);
    }

    #[test]
    fn the_order_is_that_of_what_is_told_and_not_of_its_lines() {
        // The last one is of another file.
        let all = [(7, "a"), (7, "b"), (8, "b"), (9, "b"), (9, "b"), (2, "c")];
        let told = told(&all);
        assert!(told[1].starts_with("x.csv:7: b"), "{told:?}");
        assert_eq!(told[2], "x.csv:2: c");
    }

    #[test]
    fn few_lines_are_told_each_and_many_as_one() {
        let few = [(2, "a"), (3, "a"), (3, "b"), (4, "a")];
        let each = ["x.csv:2: a", "x.csv:3: a", "x.csv:3: b", "x.csv:4: a"];
        assert_eq!(told(&few), each);
        let many = [(2, "a"), (3, "a"), (3, "b"), (4, "a"), (7, "a")];
        let as_one = ["x.csv:2: a\n      the same in lines 3, 4, 7", "x.csv:3: b"];
        assert_eq!(told(&many), as_one);
        let all: Vec<(u64, &str)> = (2..=20).map(|line| (line, "a")).collect();
        assert!(told(&all)[0].ends_with("lines 3, 4, 5, 6, 7, 8, 9, 10 and 10 more"));
    }
}
