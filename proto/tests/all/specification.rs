//! SPEC.md as a text that others point into: its sections stand in their order, each
//! number once, and a section that anything here refers to is there.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails by panicking"
)]

use std::{
    fs,
    path::{Path, PathBuf},
};

/// A section's number: of a chapter alone, or of a part of it too.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Number {
    chapter: u32,
    part: Option<u32>,
}

impl Number {
    /// `9` or `9.1`, whatever full stop a sentence has put behind it.
    fn parse(text: &str) -> Option<Self> {
        let text = text.trim_end_matches('.');
        let (chapter, part) = match text.split_once('.') {
            Some((chapter, part)) => (chapter, Some(part.parse().ok()?)),
            None => (text, None),
        };
        Some(Self {
            chapter: chapter.parse().ok()?,
            part,
        })
    }

    /// Whether a heading of this number may stand next after one of `last`.
    fn follows(self, last: Option<Self>) -> bool {
        let last = last.unwrap_or(Self {
            chapter: 0,
            part: None,
        });
        match self.part {
            None => self.chapter == last.chapter + 1,
            Some(part) => self.chapter == last.chapter && part == last.part.unwrap_or(0) + 1,
        }
    }
}

/// The folder that holds all of the repository.
fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().expect("a workspace").to_owned()
}

fn specification() -> String {
    fs::read_to_string(root().join("proto/SPEC.md")).expect("SPEC.md is part of the crate")
}

/// The numbers of the headings, in the order of the text.
fn headings(text: &str) -> Vec<Number> {
    let mut found = Vec::new();
    let mut in_block = false;
    for line in text.lines() {
        if line.starts_with("```") {
            in_block = !in_block;
        }
        let Some((marks, title)) = line.split_once(' ') else {
            continue;
        };
        if in_block || !(marks == "##" || marks == "###") {
            continue;
        }
        let number = title.split(' ').next().and_then(Number::parse);
        let number = number.unwrap_or_else(|| panic!("no number: {line}"));
        assert_eq!(
            marks == "###",
            number.part.is_some(),
            "the level and the number of {line} differ"
        );
        found.push(number);
    }
    found
}

/// One line of words, without what marks the lines of a comment.
fn flowing(text: &str) -> String {
    let lines = text.lines().map(|line| {
        let line = line.trim_start();
        ["//!", "///", "//", "#"]
            .iter()
            .find_map(|mark| line.strip_prefix(mark))
            .unwrap_or(line)
            .trim()
    });
    lines.collect::<Vec<_>>().join(" ")
}

/// Each "section 9.1", "sections 3 and 4", "sections 3 to 10" of a flowing text: what
/// stands before it, and its numbers.
fn references(text: &str) -> Vec<(&str, Vec<Number>)> {
    let mut found = Vec::new();
    for (at, word) in text.match_indices("section") {
        let rest = text[at + word.len()..].trim_start_matches('s');
        let mut words = rest.split_whitespace();
        let mut numbers = Vec::new();
        loop {
            let word = words.next().unwrap_or_default();
            let word = word.trim_matches(|c: char| !c.is_ascii_alphanumeric());
            let Some(number) = Number::parse(word) else {
                break;
            };
            numbers.push(number);
            if !["and", "to", "or"].contains(&words.next().unwrap_or_default()) {
                break;
            }
        }
        if !numbers.is_empty() {
            found.push((text[..at].trim_end(), numbers));
        }
    }
    found
}

/// Whether the words before a reference name another text: `RFC 4648, section 4`.
fn names_another_text(before: &str) -> bool {
    let Some(cited) = before.strip_suffix(',') else {
        return false;
    };
    let mut words = cited.rsplit(' ');
    let last = words.next().unwrap_or_default();
    last.starts_with("draft-") || words.next() == Some("RFC")
}

#[test]
fn sections_stand_in_their_order_with_unique_numbers() {
    let headings = headings(&specification());
    assert!(headings.len() > 40, "only {} headings", headings.len());
    let mut last = None;
    for number in headings {
        assert!(
            number.follows(last),
            "section {number:?} stands behind {last:?}"
        );
        last = Some(number);
    }
}

#[test]
fn sections_that_the_specification_refers_to_exist() {
    let specification = specification();
    let headings = headings(&specification);
    let text = flowing(&specification);
    let own: Vec<_> = references(&text)
        .into_iter()
        .filter(|(before, _)| !names_another_text(before))
        .collect();
    assert!(own.len() > 20, "only {} references", own.len());
    for (before, numbers) in own {
        for number in numbers {
            let sentence = before.rsplit(". ").next().unwrap_or_default();
            assert!(
                headings.contains(&number),
                "there is no section {number:?} to refer to behind {sentence:?}"
            );
        }
    }
}

#[test]
fn sections_that_the_repository_refers_to_exist() {
    let headings = headings(&specification());
    let mut folders = vec![root()];
    let mut seen = 0;
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("a folder of the repository") {
            let entry = entry.expect("an entry of a folder");
            let (path, name) = (entry.path(), entry.file_name());
            if entry.file_type().expect("a kind of file").is_dir() {
                if name != "target" && !name.as_encoded_bytes().starts_with(b".") {
                    folders.push(path);
                }
                continue;
            }
            let kinds = ["rs", "proto", "md", "py", "toml"];
            let extension = path.extension().unwrap_or_default();
            if !kinds.iter().any(|kind| extension == *kind) {
                continue;
            }
            let text = flowing(&fs::read_to_string(&path).expect("text"));
            for (before, numbers) in references(&text) {
                if !before.ends_with("SPEC.md,") {
                    continue;
                }
                for number in numbers {
                    seen += 1;
                    assert!(
                        headings.contains(&number),
                        "{} refers to section {number:?}, which is not there",
                        path.display()
                    );
                }
            }
        }
    }
    assert!(seen > 5, "only {seen} references");
}
