//! How the texts of the pages and the labels of the schema are set: what a printer would mend
//! in any of the six languages fails here.

use std::{fs, path::Path};

/// Signs that French keeps on the line of the word before them.
const HIGH: [char; 5] = [':', ';', '?', '!', '»'];

/// What is set wrongly in a text.
fn fault(text: &str) -> Option<&'static str> {
    let signs: Vec<char> = text.chars().collect();
    for (at, around) in signs.windows(3).enumerate() {
        match *around {
            [before, '\'', after] if before.is_alphabetic() && after.is_alphabetic() => {
                return Some("a plain apostrophe");
            }
            // `: ` and `…:"`, and no time of day or address.
            [_, ' ', sign] if HIGH.contains(&sign) => {
                let after = signs.get(at + 3);
                if after.is_none_or(|after| !after.is_alphanumeric()) {
                    return Some("a sign that may begin a line");
                }
            }
            ['«', ' ', _] => return Some("an opening quotation mark that may end a line"),
            _ => {}
        }
    }
    None
}

/// The texts of a file of Rust: what stands between quotation marks.
fn literals(file: &str) -> impl Iterator<Item = &str> {
    let code = file.split("#[cfg(test)]").next().unwrap_or_default();
    let lines = code.lines();
    let lines = lines.filter(|line| !line.trim_start().starts_with("//"));
    lines.flat_map(|line| line.split('"').skip(1).step_by(2))
}

#[test]
fn every_text_in_six_languages_has_its_apostrophes_and_its_spaces_that_do_not_break() {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let (mut read, mut faults) = (0, Vec::new());
    let mut check = |file: &Path, text: &str| {
        read += 1;
        if let Some(fault) = fault(text) {
            faults.push(format!("{}: {fault}: {text}", file.display()));
        }
    };
    for folder in ["src/texts", "src/settings", "src"] {
        for file in fs::read_dir(here.join(folder)).unwrap() {
            let path = file.unwrap().path();
            let is_this = path.file_stem().is_some_and(|name| name == "typography");
            if path.extension().is_some_and(|it| it == "rs") && !is_this {
                let code = fs::read_to_string(&path).unwrap();
                literals(&code).for_each(|text| check(&path, text));
            }
        }
    }
    for file in fs::read_dir(here.join("../words/labels")).unwrap() {
        let path = file.unwrap().path();
        let labels = fs::read_to_string(&path).unwrap();
        let lines = labels.lines().filter(|line| !line.starts_with('#'));
        lines.for_each(|line| check(&path, line));
    }
    assert!(read > 6_000, "{read}");
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn what_is_set_wrongly_is_found() {
    for wrong in ["l'État", "Retirer : {0}", "« a »", "Quoi ?", "a ; b"] {
        assert!(fault(wrong).is_some(), "{wrong}");
    }
    for right in [
        "l’État",
        "Retirer\u{a0}: {0}",
        "«\u{a0}a\u{a0}»",
        "{0}: 9",
        "at 10:02",
    ] {
        assert_eq!(fault(right), None, "{right}");
    }
}
