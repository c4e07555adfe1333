//! Lists in which a reader weighs what it would rather have: languages and types
//! (RFC 9110, 12.4.2). What is not well-formed says nothing, and is passed over.

use http::{HeaderMap, header::HeaderName};

/// Parts that are read of all lists of one name.
const MOST: usize = 50;
/// The weight of what nothing is said of.
const WHOLE: u16 = 1_000;

/// Whether names may have parameters beside their weight, as types have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Parameters {
    Any,
    None,
}

/// What a request weighs by a header: names as they stand there, each with its weight in
/// thousandths; 0 is not wanted at all.
pub(crate) fn weighed(
    headers: &HeaderMap,
    name: &HeaderName,
    parameters: Parameters,
) -> Vec<(String, u16)> {
    let lists = headers.get_all(name).into_iter();
    let lists = lists.filter_map(|list| list.to_str().ok());
    let parts = lists.flat_map(|list| apart(list, ','));
    let parts = parts.filter(|part| !part.is_empty()).take(MOST);
    parts.filter_map(|part| one(part, parameters)).collect()
}

/// A name with its weight.
fn one(part: &str, parameters: Parameters) -> Option<(String, u16)> {
    let mut parts = apart(part, ';').into_iter();
    let name = parts.next().filter(|name| !name.is_empty())?;
    let mut weight = None;
    for parameter in parts {
        match parameter.split_once('=') {
            Some(("q" | "Q", value)) if weight.is_none() => weight = Some(thousandths(value)?),
            Some((of, _)) if !of.eq_ignore_ascii_case("q") && parameters == Parameters::Any => {}
            // A type may have parameters that are none.
            None if parameter.is_empty() && parameters == Parameters::Any => {}
            _ => return None,
        }
    }
    Some((name.to_owned(), weight.unwrap_or(WHOLE)))
}

/// A weight from 0 to 1 with at most three digits behind the point, and nothing else.
fn thousandths(text: &str) -> Option<u16> {
    let (whole, digits) = text.split_once('.').unwrap_or((text, ""));
    let is_number = digits.len() <= 3 && digits.bytes().all(|digit| digit.is_ascii_digit());
    let part: u16 = is_number.then(|| format!("{digits:0<3}"))?.parse().ok()?;
    match (whole, part) {
        ("0", part) => Some(part),
        ("1", 0) => Some(WHOLE),
        _ => None,
    }
}

/// The parts of a text, but where the sign stands in quotation marks, without what is empty
/// around them.
fn apart(text: &str, sign: char) -> Vec<&str> {
    let (mut parts, mut start) = (Vec::new(), 0);
    let (mut is_quoted, mut is_escaped) = (false, false);
    for (at, letter) in text.char_indices() {
        match letter {
            _ if is_escaped => is_escaped = false,
            '\\' if is_quoted => is_escaped = true,
            '"' => is_quoted = !is_quoted,
            letter if letter == sign && !is_quoted => {
                parts.push(text[start..at].trim_matches([' ', '\t']));
                start = at + letter.len_utf8();
            }
            _ => {}
        }
    }
    parts.push(text[start..].trim_matches([' ', '\t']));
    parts
}

#[cfg(test)]
mod tests {
    use http::header;

    use super::*;

    fn read(lists: &[&str], parameters: Parameters) -> Vec<(String, u16)> {
        let mut headers = HeaderMap::new();
        for list in lists {
            headers.append(header::ACCEPT, list.parse().unwrap());
        }
        weighed(&headers, &header::ACCEPT, parameters)
    }

    #[test]
    fn a_weight_is_a_number_from_0_to_1_with_at_most_three_digits() {
        for (text, weight) in [
            ("0", 0),
            ("0.", 0),
            ("0.5", 500),
            ("0.125", 125),
            ("1", 1_000),
            ("1.000", 1_000),
        ] {
            assert_eq!(thousandths(text), Some(weight), "{text}");
        }
        for text in [
            "", ".5", "1.5", "1.001", "0.1234", "inf", "nan", "NaN", "-0", "+1", "1e0", "0.5 ",
            "2", "00.5", "\"0.5\"",
        ] {
            assert_eq!(thousandths(text), None, "{text}");
        }
    }

    #[test]
    fn what_is_not_well_formed_in_a_list_is_passed_over_and_the_rest_is_read() {
        let plain = Parameters::None;
        let of = |list: &str| -> Vec<String> {
            let all = read(&[list], plain).into_iter();
            all.map(|(name, weight)| format!("{name} {weight}"))
                .collect()
        };
        assert_eq!(of("fr;q=0.5;x=1, en;q=0.2"), ["en 200"]);
        assert_eq!(of("fr ; Q=0.5,\t,es"), ["fr 500", "es 1000"]);
        assert_eq!(of("fr;q=inf, ru;q=nan, ar;q=1.5, zh;q = 1, es;"), [""; 0]);
        assert_eq!(of("fr;q=0.5;q=0.6, ;q=1, en;q=0"), ["en 0"]);
        assert_eq!(read(&["fr;q=0.1", "en"], plain).len(), 2);
    }

    #[test]
    fn a_type_keeps_its_weight_among_its_parameters_and_a_comma_in_quotes() {
        let list = "text/csv;header=present;q=0.5, a/b;x=\"1,2;q=0\\\"\";q=0.3, text/html;;q=1.0";
        assert_eq!(
            read(&[list], Parameters::Any),
            [("text/csv", 500), ("a/b", 300), ("text/html", 1_000)]
                .map(|(name, weight)| (name.to_owned(), weight))
        );
        let many = "a/b, ".repeat(10_000);
        assert_eq!(read(&[&many], Parameters::Any).len(), MOST);
    }
}
