//! E-mail addresses, also those that were written to hide from machines.

/// Every address in a text, with `@` and `.` as they are meant.
pub(super) fn find(text: &str) -> Vec<String> {
    if !text.contains(['@', '＠', '(', '[', '{']) {
        return Vec::new();
    }
    let plain = plainly(text);
    let mut found = Vec::new();
    for (at, _) in plain.match_indices('@') {
        let local = last_of(&plain[..at]);
        let domain = first_of(&plain[at + 1..]);
        if !local.is_empty() && is_domain(domain) {
            found.push(format!("{local}@{domain}"));
        }
    }
    found
}

/// `jane (at) example [dot] org` as `jane@example.org`.
fn plainly(text: &str) -> String {
    let mut plain = text.replace('＠', "@");
    for (written, meant) in [("at", "@"), ("dot", ".")] {
        for (open, close) in [('(', ')'), ('[', ']'), ('{', '}')] {
            for word in [written.to_owned(), written.to_uppercase()] {
                plain = joined(&plain, &format!("{open}{word}{close}"), meant);
            }
        }
    }
    joined(&plain, "@", "@")
}

/// Puts `meant` for `written` and the spaces around it.
fn joined(text: &str, written: &str, meant: &str) -> String {
    let parts: Vec<&str> = text.split(written).collect();
    let last = parts.len() - 1;
    let trimmed = parts.iter().enumerate().map(|(at, part)| {
        let part = if at > 0 {
            part.trim_start_matches(' ')
        } else {
            part
        };
        if at < last {
            part.trim_end_matches(' ')
        } else {
            part
        }
    });
    trimmed.collect::<Vec<_>>().join(meant)
}

fn last_of(text: &str) -> &str {
    let inside = |c: char| c.is_alphanumeric() || "._%+-'".contains(c);
    text[text.trim_end_matches(inside).len()..].trim_start_matches(['.', '\'', '-'])
}

fn first_of(text: &str) -> &str {
    let inside = |c: char| c.is_alphanumeric() || ".-".contains(c);
    let rest = text.trim_start_matches(inside).len();
    text[..text.len() - rest].trim_end_matches(['.', '-'])
}

fn is_domain(text: &str) -> bool {
    let Some((host, top)) = text.rsplit_once('.') else {
        return false;
    };
    !host.is_empty() && top.chars().count() >= 2 && top.chars().all(char::is_alphabetic)
}
