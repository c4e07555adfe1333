//! How values are read. An error says what would be usable.

use std::{net::SocketAddr, time::Duration};

use wpsx_proto::record::{CountryCode, Kind};

pub(super) fn node_name(text: &str) -> Result<String, String> {
    let label = |label: &str| {
        (1..=63).contains(&label.len())
            && label
                .bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    if text.len() <= 253 && text.split('.').all(label) {
        Ok(text.to_owned())
    } else {
        Err(
            "a name of lower-case letters, digits, hyphens and dots, such as \"node.example.org\""
                .to_owned(),
        )
    }
}

pub(super) fn address(text: &str) -> Result<Option<SocketAddr>, String> {
    if text == "none" {
        return Ok(None);
    }
    text.parse().map(Some).map_err(|_| {
        "an address and port such as \"0.0.0.0:7443\" or \"[::]:7443\", or \"none\"".to_owned()
    })
}

pub(super) fn urls(texts: &[&str], schemes: &[&str]) -> Result<Vec<String>, String> {
    texts.iter().map(|text| url(text, schemes)).collect()
}

pub(super) fn url(text: &str, schemes: &[&str]) -> Result<String, String> {
    let expected = || format!("an address such as {}://host.example.org:7443", schemes[0]);
    let uri: http::Uri = text.parse().map_err(|_| expected())?;
    let known = uri.scheme_str().is_some_and(|s| schemes.contains(&s));
    let plain = uri.query().is_none() && uri.host().is_some_and(|host| !host.is_empty());
    if known && plain && !text.contains('@') {
        Ok(text.trim_end_matches('/').to_owned())
    } else {
        Err(expected())
    }
}

/// Where peers reach a node: a host and a port, and nothing behind them.
pub(super) fn endpoints(texts: &[&str]) -> Result<Vec<String>, String> {
    let endpoint = |text: &&str| {
        let uri: Option<http::Uri> = text.parse().ok();
        let whole = uri.is_some_and(|uri| {
            uri.port_u16().is_some_and(|port| port > 0) && matches!(uri.path(), "" | "/")
        });
        match url(text, &["https"]) {
            Ok(text) if whole => Ok(text),
            _ => Err("an address with its port, such as https://host.example.org:7443".to_owned()),
        }
    };
    texts.iter().map(endpoint).collect()
}

/// A bare word that is no level would be taken for the name of a module.
pub(super) fn log_filter(text: &str) -> Result<String, String> {
    let levels = ["off", "error", "warn", "info", "debug", "trace"];
    let usable = text
        .split(',')
        .all(|part| part.contains('=') || levels.contains(&part.trim()));
    match text.parse::<tracing_subscriber::filter::Targets>() {
        Ok(_) if usable => Ok(text.to_owned()),
        _ => Err("error, warn, info, debug or trace".to_owned()),
    }
}

pub(super) fn kind(text: &str) -> Result<u32, String> {
    text.parse().map(Kind::number).map_err(|_| {
        let known: Vec<String> = Kind::known().map(|kind| kind.to_string()).collect();
        format!("a list of {}", known.join(", "))
    })
}

pub(super) fn country(text: &str) -> Result<String, String> {
    let known: Result<CountryCode, _> = text.parse();
    known.map(|known| known.to_string()).map_err(|_| {
        "codes of ISO 3166-1 alpha-3, in three capital letters, such as \"KEN\"".to_owned()
    })
}

pub(super) fn seconds(number: i64) -> Result<Duration, String> {
    within(number, 1, 3600).map(Duration::from_secs)
}

pub(super) fn within<T: TryFrom<i64>>(number: i64, least: i64, most: i64) -> Result<T, String> {
    let expected = || format!("a number from {least} to {most}");
    if !(least..=most).contains(&number) {
        return Err(expected());
    }
    T::try_from(number).map_err(|_| expected())
}
