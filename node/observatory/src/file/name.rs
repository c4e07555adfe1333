//! What a file is called on its reader's disk: of which list it is, what was chosen, and the
//! day on which it was taken, so that several of them lie beside each other and are told apart.

use wpsx_words::fold;

use super::{asked::Asked, form::Form};

/// Bytes of a name with its form.
const LONGEST: usize = 100;
/// Bytes of what was chosen, one by one.
const PART: usize = 30;
/// In the place of what has no room.
const FURTHER: &str = "etc";
/// Digits that are enough to tell one record from another.
const DIGITS: usize = 8;

/// `event_AU_KEN_mediation_2018-2020_2026-11-29`.
pub(crate) fn of_list(asked: &Asked, today: Option<&str>, form: Form) -> String {
    let address = &asked.address;
    let mut parts = vec![of_what(&asked.path, form)];
    // What the path says is not said again.
    let own = asked.path.split_once('/').map(|(_, key)| key.to_owned());
    let facets = address.facets.iter().map(|(_, value)| value);
    let chosen = address
        .regions
        .iter()
        .chain(&address.countries)
        .chain(facets);
    parts.extend(chosen.filter(|value| own.as_ref() != Some(*value)).cloned());
    parts.extend(address.years.map(|(from, to)| format!("{from}-{to}")));
    parts.extend(address.changed.map(|day| format!("since-{day}")));
    if asked.path == address.place()
        && let Some(id) = address.refers()
    {
        parts.push(id.chars().take(DIGITS).collect());
    }
    if !address.words.is_empty() {
        parts.push(address.words.clone());
    }
    named(&parts, today, ending(form))
}

/// The same of one record.
pub(crate) fn of_record(path: &str, today: Option<&str>, form: Form) -> String {
    named(&[of_what(path, form)], today, ending(form))
}

/// A page, and which list of its records. The table of a list is no file beside that of the
/// records, which holds it too: an import takes a file of such a name for one.
fn of_what(path: &str, form: Form) -> String {
    match form {
        Form::Parts(parts) => format!("{path} {}", parts.list),
        _ => path.to_owned(),
    }
}

fn ending(form: Form) -> &'static str {
    match form {
        Form::Parts(_) => Form::Csv.suffix(),
        form => form.suffix(),
    }
}

/// Of the proof of a revision: without a day, for the command on the record's page names it.
pub(crate) fn of_proof(path: &str) -> String {
    of_record(path, None, Form::Proof)
}

fn named(parts: &[String], today: Option<&str>, suffix: &str) -> String {
    let end = match today {
        Some(today) => format!("_{today}.{suffix}"),
        None => format!(".{suffix}"),
    };
    let room = LONGEST.saturating_sub(end.len() + FURTHER.len() + 1);
    let mut name = String::new();
    for (at, part) in parts.iter().enumerate() {
        let most = if at == 0 { room } else { PART };
        let part = plain(part, most);
        if part.is_empty() {
            continue;
        }
        if name.len() + part.len() + 1 > room && at > 0 {
            name.push('_');
            name.push_str(FURTHER);
            break;
        }
        if !name.is_empty() {
            name.push('_');
        }
        name.push_str(&part);
    }
    name + &end
}

/// Its letters and digits, as every disk and every header takes them.
fn plain(text: &str, most: usize) -> String {
    let mut plain = String::new();
    for letter in text.chars() {
        let folded = match letter.is_ascii() {
            true => String::from(letter),
            false => fold(&letter.to_string()),
        };
        let is_plain = !folded.is_empty() && folded.bytes().all(|b| b.is_ascii_alphanumeric());
        match is_plain {
            true => plain.push_str(&folded),
            false if plain.ends_with('-') || plain.is_empty() => {}
            false => plain.push('-'),
        }
        if plain.len() >= most {
            break;
        }
    }
    plain.trim_end_matches('-').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(parts: &[&str]) -> Vec<String> {
        parts.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_name_has_the_list_the_choices_and_the_day_and_nothing_that_a_disk_refuses() {
        let name = named(
            &texts(&["event", "KEN", "2018-2020"]),
            Some("2026-11-29"),
            "csv",
        );
        assert_eq!(name, "event_KEN_2018-2020_2026-11-29.csv");
        let odd = texts(&["country/KEN", "plán d’action \"\r\n\"; x=../..", "план", ""]);
        let name = named(&odd, None, "readme.txt");
        assert_eq!(name, "country-KEN_plan-d-action-x.readme.txt");
        let many: Vec<String> = (0..60)
            .map(|n| format!("value-{n}-{}", "x".repeat(40)))
            .collect();
        let name = named(&many, Some("2026-11-29"), "xlsx");
        assert!(name.len() <= LONGEST && name.is_ascii(), "{name}");
        assert!(name.ends_with("_etc_2026-11-29.xlsx"), "{name}");
        let long = named(&texts(&[&"record/".repeat(40)]), Some("2026-11-29"), "csv");
        assert!(long.len() <= LONGEST, "{long}");
    }
}
