//! Texts that people meet, pinned in files beside the tests.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails by panicking"
)]
#![allow(
    clippy::disallowed_methods,
    reason = "the environment says whether to write what is expected anew"
)]

use std::{env, fs, path::Path};

/// Compares with the file `name`, or writes it where `WPSX_TEST_UPDATE` is set.
pub(crate) fn compare(name: &str, text: &str, wrong: &mut Vec<String>) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests")
        .join(name);
    // Trailing blanks would be invisible in the file.
    let text: String = text
        .lines()
        .map(|line| format!("{}\n", line.trim_end()))
        .collect();
    if env::var_os("WPSX_TEST_UPDATE").is_some() {
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder).expect("the tests' folder can be written");
        }
        fs::write(&path, &text).expect("the tests' folder can be written");
        return;
    }
    let pinned = fs::read_to_string(&path).unwrap_or_default();
    if pinned != text {
        wrong.push(format!(
            "tests/{name} says\n{pinned}\nbut it is now\n{text}"
        ));
    }
}

/// Fails with all differences.
pub(crate) fn settle(wrong: &[String]) {
    assert!(
        wrong.is_empty(),
        "{}\nIf that is wanted, run the test with WPSX_TEST_UPDATE=1.",
        wrong.join("\n\n")
    );
}
