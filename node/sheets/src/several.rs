//! Several values in one cell: `KEN | ALB`. A bar that stands alone, with a space or the end
//! of the cell on each side, is between two of them; the first of `| 2019` is empty.

const BAR: char = '|';

/// The values of a cell.
pub(super) fn apart(text: &str) -> Vec<String> {
    let (mut values, mut start) = (Vec::new(), 0);
    for (at, bar) in text.match_indices(BAR) {
        let (before, behind) = (&text[start..at], &text[at + bar.len()..]);
        let is_open = before.is_empty() || before.ends_with(' ');
        if is_open && (behind.is_empty() || behind.starts_with(' ')) {
            values.push(before.trim().to_owned());
            start = at + bar.len();
        }
    }
    values.push(text[start..].trim().to_owned());
    values
}

/// The values in one cell, without empty ones at its end; none where another cell than that
/// would be read: one of them has such a bar itself.
pub(super) fn together(values: &[&str]) -> Option<String> {
    let filled = values.iter().rposition(|value| !value.is_empty());
    let values = &values[..filled.map_or(0, |at| at + 1)];
    let mut text = String::new();
    let mut add = |part: &str| {
        if !text.is_empty() && !part.is_empty() {
            text.push(' ');
        }
        text.push_str(part);
    };
    for (at, value) in values.iter().enumerate() {
        if at > 0 {
            add(BAR.encode_utf8(&mut [0; 4]));
        }
        add(value);
    }
    let is_read = values.is_empty() || apart(&text) == values;
    is_read.then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_come_apart_as_they_were_put_together_each_in_its_place() {
        for (values, text) in [
            (&["KEN", "ALB"][..], "KEN | ALB"),
            (&["", "2019"], "| 2019"),
            (&["", "", "2019"], "| | 2019"),
            (&["a", "", "b"], "a | | b"),
            (&["a||b  c", "d|"], "a||b  c | d|"),
        ] {
            assert_eq!(together(values).as_deref(), Some(text));
            assert_eq!(apart(text), values, "{text}");
        }
        assert_eq!(together(&["2019", "", ""]).as_deref(), Some("2019"));
        assert_eq!(together(&[]).as_deref(), Some(""));
        for not_one in ["a | b", "|", "| a", "a |"] {
            assert_eq!(together(&[not_one, "c"]), None, "{not_one}");
        }
        assert_eq!(apart("a |b| c"), ["a |b| c"]);
    }
}
