//! What is wrong in many lines alike is told once, and the other lines are named.

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

/// The sentences in their order, without those that repeat another one many times.
#[must_use]
pub fn told_once(all: Vec<Told>) -> Vec<String> {
    let mut groups: Vec<Vec<Told>> = Vec::new();
    for told in all {
        match groups.iter_mut().find(|group| group[0].alike == told.alike) {
            Some(group) => group.push(told),
            None => groups.push(vec![told]),
        }
    }
    let (many, few): (Vec<_>, Vec<_>) = groups.into_iter().partition(|it| it.len() >= MANY);
    let few = few.into_iter().flatten().map(|it| (it.line, it.sentence));
    let many = many.into_iter().map(|group| {
        let lines = group[1..].iter().map(|told| told.line.to_string());
        let named: Vec<String> = lines.take(NAMED).collect();
        let more = match group.len() - 1 - named.len() {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        let lines = named.join(", ");
        let sentence = format!(
            "{}\n      the same in lines {lines}{more}",
            group[0].sentence
        );
        (group[0].line, sentence)
    });
    let mut told: Vec<(u64, String)> = few.chain(many).collect();
    told.sort_by_key(|(line, _)| *line);
    told.into_iter().map(|(_, sentence)| sentence).collect()
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
        told_once(lines.iter().map(told).collect())
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
