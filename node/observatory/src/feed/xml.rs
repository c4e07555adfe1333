//! Texts in XML: markup is text, and what no XML can hold is left out.

/// The text between tags, or between quotes.
pub(super) fn text(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&apos;"),
            '\t' | '\n' => safe.push(c),
            c if c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}') => {}
            c => safe.push(c),
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    #[test]
    fn no_text_is_markup_and_no_sign_breaks_the_document() {
        let evil = "]]></title><script>&\u{0}\u{8}\u{1b}\u{ffff}\"'\r\n";
        assert_eq!(
            super::text(evil),
            "]]&gt;&lt;/title&gt;&lt;script&gt;&amp;&quot;&apos;\n"
        );
    }
}
