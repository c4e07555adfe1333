//! How the settings of the pages are read. An error says what would be usable.

use toml::Value;
use wpsx_observatory::Spoken;
use wpsx_words::Language;

use super::settings::AccessConfig;

/// Characters of a name or a short text.
const LONGEST: usize = 600;

/// Nothing where the text is empty.
pub(super) fn optional<T>(
    text: &str,
    read: impl FnOnce(&str) -> Result<T, String>,
) -> Result<Option<T>, String> {
    match text.trim() {
        "" => Ok(None),
        text => read(text).map(Some),
    }
}

/// A text, or a table of texts by language.
pub(super) fn spoken(value: &Value) -> Result<Spoken, String> {
    let expected = || {
        "a text, or one for each language, such as { en = \"The Network\", fr = \"Le Réseau\" }"
            .to_owned()
    };
    match value {
        Value::String(text) => Ok(line(text)?
            .map(|text| (Language::English, text))
            .into_iter()
            .collect()),
        Value::Table(texts) => {
            let mut said = Vec::new();
            for (tag, text) in texts {
                let known = Language::ALL.into_iter().find(|it| it.tag() == tag);
                let language = known.ok_or("texts in the languages en, fr, es, ru, ar and zh")?;
                let text = line(text.as_str().ok_or_else(expected)?)?;
                said.extend(text.map(|text| (language, text)));
            }
            Ok(said.into_iter().collect())
        }
        _ => Err(expected()),
    }
}

/// The same from a variable: a table stands in braces, as in the file.
pub(super) fn spoken_text(text: &str) -> Result<Spoken, String> {
    if !text.trim_start().starts_with('{') {
        return spoken(&Value::from(text));
    }
    let table: Result<toml::Table, _> = format!("texts = {text}").parse();
    let texts = table.ok().and_then(|mut table| table.remove("texts"));
    spoken(&texts.unwrap_or(Value::Boolean(false)))
}

fn line(text: &str) -> Result<Option<String>, String> {
    let text = text.trim();
    if text.chars().any(char::is_control) || text.chars().count() > LONGEST {
        return Err(format!("one line of at most {LONGEST} characters"));
    }
    Ok((!text.is_empty()).then(|| text.to_owned()))
}

/// A mail address, as far as one can be known by its looks.
pub(super) fn mail(text: &str) -> Result<String, String> {
    let plain = |c: char| c.is_ascii_alphanumeric() || ".-_+@".contains(c);
    let parts: Vec<&str> = text.split('@').collect();
    match parts[..] {
        [name, host]
            if !name.is_empty()
                && host.contains('.')
                && text.len() <= 254
                && text.chars().all(plain) =>
        {
            Ok(text.to_owned())
        }
        _ => Err("a mail address such as \"wps@example.org\"".to_owned()),
    }
}

/// A scheme and a host, perhaps with a port, and nothing behind them.
pub(super) fn base(text: &str) -> Result<String, String> {
    let expected = || "an address without a path, such as \"https://wps.example.org\"".to_owned();
    let uri: http::Uri = text.parse().map_err(|_| expected())?;
    let known = matches!(uri.scheme_str(), Some("http" | "https"));
    let host = uri.authority().filter(|host| !host.as_str().contains('@'));
    match (known, host, uri.path(), uri.query()) {
        (true, Some(_), "" | "/", None) => Ok(text.trim_end_matches('/').to_owned()),
        _ => Err(expected()),
    }
}

/// What is logged of requests.
pub(super) fn access(texts: &[&str]) -> Result<AccessConfig, String> {
    let mut access = AccessConfig {
        requests: false,
        addresses: false,
        questions: false,
    };
    for text in texts {
        match *text {
            "requests" => {}
            "addresses" => access.addresses = true,
            "questions" => access.questions = true,
            _ => return Err("a list of \"requests\", \"addresses\" and \"questions\"".to_owned()),
        }
        access.requests = true;
    }
    Ok(access)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_variable_holds_a_text_or_a_table_of_texts() {
        let english = |text: &str| [(Language::English, text.to_owned())].into_iter().collect();
        assert_eq!(spoken_text("One, two"), Ok(english("One, two")));
        let two = [
            (Language::English, "A".to_owned()),
            (Language::Arabic, "ب".to_owned()),
        ];
        assert_eq!(
            spoken_text("{ en = \"A\", ar = \"ب\" }"),
            Ok(two.into_iter().collect())
        );
        assert_eq!(spoken_text(""), Ok(Spoken::default()));
        assert!(spoken_text("{ en = ").is_err());
    }

    #[test]
    fn a_base_is_a_host_alone() {
        assert_eq!(
            base("https://a.example/"),
            Ok("https://a.example".to_owned())
        );
        assert_eq!(
            base("http://10.0.0.1:80"),
            Ok("http://10.0.0.1:80".to_owned())
        );
        for no in [
            "",
            "a.example",
            "ftp://a.example",
            "https://u@a.example",
            "https://a.example/?x",
        ] {
            assert!(base(no).is_err(), "{no}");
        }
    }
}
