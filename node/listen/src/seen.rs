//! What a reader says that it has of an address, so that it need not be sent again
//! (RFC 9110, 13.1.2).

use http::{HeaderMap, header};

/// The answers that a reader has, by their tags. A list of tags that is not well-formed says
/// nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Seen {
    is_any: bool,
    /// Without what says that they are weak: compared so, they are equal.
    tags: Vec<String>,
}

impl Seen {
    /// What a request says.
    pub fn of(headers: &HeaderMap) -> Self {
        let lists = headers.get_all(header::IF_NONE_MATCH).into_iter();
        let lists: Vec<&str> = lists.filter_map(|list| list.to_str().ok()).collect();
        if lists.iter().map(|list| list.trim()).eq(["*"]) {
            return Self {
                is_any: true,
                tags: Vec::new(),
            };
        }
        let tags = lists.iter().filter_map(|list| opaque_tags(list)).flatten();
        Self {
            is_any: false,
            tags: tags.map(str::to_owned).collect(),
        }
    }

    /// It has any answer, whatever its tag.
    pub fn is_any(&self) -> bool {
        self.is_any
    }

    /// It has the answer of this tag, weak or not: it is the same answer.
    pub fn has(&self, tag: &str) -> bool {
        let opaque = tag.strip_prefix("W/").unwrap_or(tag);
        self.tags.iter().any(|seen| seen == opaque)
    }
}

/// The tags of a list with their quotation marks, between which anything may stand but those.
fn opaque_tags(list: &str) -> Option<Vec<&str>> {
    let is_between = |c: char| matches!(c, ' ' | '\t' | ',');
    let (mut tags, mut rest) = (Vec::new(), list.trim_start_matches(is_between));
    while !rest.is_empty() {
        rest = rest.strip_prefix("W/").unwrap_or(rest);
        let end = rest.strip_prefix('"')?.find('"')? + 2;
        let (tag, behind) = rest.split_at(end);
        tags.push(tag);
        let behind = behind.trim_start_matches([' ', '\t']);
        rest = behind.trim_start_matches(is_between);
        // Two tags have a comma between them.
        if !rest.is_empty() && !behind.starts_with(',') {
            return None;
        }
    }
    Some(tags)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(lists: &[&str]) -> Seen {
        let mut headers = HeaderMap::new();
        for list in lists {
            headers.append(header::IF_NONE_MATCH, list.parse().unwrap());
        }
        Seen::of(&headers)
    }

    #[test]
    fn a_tag_is_had_in_any_well_formed_list_weak_or_not() {
        for lists in [
            &["\"a\""][..],
            &["W/\"a\""],
            &["\"x,y\", W/\"a\""],
            &["\"x\",\t\"a\" "],
            &[", ,\"a\","],
            &["\"x\"", "\"a\""],
            &["nonsense", "\"a\""],
        ] {
            assert!(seen(lists).has("\"a\""), "{lists:?}");
            assert!(seen(lists).has("W/\"a\""), "{lists:?}");
        }
        assert!(seen(&["*"]).is_any() && seen(&[" * "]).is_any());
    }

    #[test]
    fn what_is_no_list_of_tags_says_nothing() {
        for lists in [
            &["a"][..],
            &["\"a"],
            &["a\""],
            &["w/\"a\""],
            &["\"x\" \"a\""],
            &["\"x\", *"],
            &["\"b,\"a\",c\""],
            &["W/", ""],
            &["\"x\", a, \"a\""],
        ] {
            let seen = seen(lists);
            assert!(!seen.has("\"a\"") && !seen.is_any(), "{lists:?}");
        }
    }
}
