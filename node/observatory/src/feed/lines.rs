//! The lines of a calendar (RFC 5545): texts escaped, long lines folded, and no text with a
//! line of its own.

use crate::plain::one_line;

/// Bytes of a line without its end.
const LONGEST: usize = 75;

/// Adds a line whose value is written as it stands.
pub(super) fn raw(out: &mut String, name: &str, value: &str) {
    let line = format!("{name}:{value}");
    let (mut taken, mut width) = (0, 0);
    for (at, c) in line.char_indices() {
        if width + c.len_utf8() > LONGEST {
            out.push_str(&line[taken..at]);
            out.push_str("\r\n ");
            (taken, width) = (at, 1);
        }
        width += c.len_utf8();
    }
    out.push_str(&line[taken..]);
    out.push_str("\r\n");
}

/// Adds a line with a text.
pub(super) fn text(out: &mut String, name: &str, text: &str) {
    let mut safe = String::with_capacity(text.len());
    for c in one_line(text).chars() {
        if matches!(c, '\\' | ';' | ',') {
            safe.push('\\');
        }
        safe.push(c);
    }
    raw(out, name, &safe);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_stays_in_its_line_and_lines_are_short() {
        let mut out = String::new();
        let evil = format!("a, b; c\\\r\nATTACH:x {}", "ж".repeat(200));
        text(&mut out, "SUMMARY", &evil);
        assert!(out.ends_with("\r\n"));
        let lines: Vec<&str> = out.trim_end().split("\r\n").collect();
        assert!(lines.len() > 4);
        assert!(lines.iter().all(|line| line.len() <= LONGEST));
        assert!(lines[1..].iter().all(|line| line.starts_with(' ')));
        let unfolded: String = out.replace("\r\n ", "");
        assert!(
            unfolded.starts_with("SUMMARY:a\\, b\\; c\\\\ ATTACH:x жж"),
            "{unfolded}"
        );
        assert_eq!(unfolded.matches("\r\n").count(), 1);
    }
}
