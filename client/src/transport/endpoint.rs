//! Where a node is reached: `https://host:port`, perhaps through a proxy.

use std::{fmt, str::FromStr};

use http::Uri;

use super::error::TransportError;

/// The longest text that is looked at: a DNS name has at most 253 bytes.
const MAX_TEXT: usize = 300;

/// The address of a node: `https://host:port`; the port is 443 where none is given.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Endpoint {
    host: String,
    port: u16,
}

impl Endpoint {
    /// The host name or address, without brackets.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The port.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// `host:port`, an IPv6 address in brackets.
    pub fn authority(&self) -> String {
        if self.host.contains(':') {
            format!("[{}]:{}", self.host, self.port)
        } else {
            format!("{}:{}", self.host, self.port)
        }
    }
}

impl FromStr for Endpoint {
    type Err = TransportError;

    fn from_str(text: &str) -> Result<Self, TransportError> {
        let bad = |reason| TransportError::BadEndpoint {
            text: text.chars().take(MAX_TEXT).collect(),
            reason,
        };
        let (uri, host) = parse(text, "https").map_err(bad)?;
        Ok(Self {
            port: uri.port_u16().unwrap_or(443),
            host,
        })
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "https://{}", self.authority())
    }
}

/// An HTTP proxy that lets connections out by CONNECT: `http://host:port`, perhaps
/// with `user:password@` before the host.
#[derive(Clone, PartialEq, Eq)]
pub struct Proxy {
    pub(super) host: String,
    pub(super) port: u16,
    pub(super) credentials: Option<String>,
}

impl FromStr for Proxy {
    type Err = TransportError;

    fn from_str(text: &str) -> Result<Self, TransportError> {
        let bad = |reason| TransportError::BadProxy { reason };
        let (credentials, bare) = match text.strip_prefix("http://").map(|t| t.rsplit_once('@')) {
            Some(Some((credentials, rest))) => {
                (Some(credentials.to_owned()), format!("http://{rest}"))
            }
            _ => (None, text.to_owned()),
        };
        let (uri, host) = parse(&bare, "http").map_err(bad)?;
        Ok(Self {
            port: uri
                .port_u16()
                .ok_or_else(|| bad("it needs a port, as in http://proxy.example:3128"))?,
            host,
            credentials,
        })
    }
}

// Shown in messages and logs: never with the credentials.
impl fmt::Display for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "http://{}:{}", self.host, self.port)
    }
}

impl fmt::Debug for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Proxy({self})")
    }
}

fn parse(text: &str, scheme: &str) -> Result<(Uri, String), &'static str> {
    if text.len() > MAX_TEXT {
        return Err("it is too long");
    }
    let uri: Uri = text.parse().map_err(|_| "it is not a URL")?;
    if uri.scheme_str() != Some(scheme) {
        return Err(if scheme == "https" {
            "it must begin with https://"
        } else {
            "it must begin with http://"
        });
    }
    if uri.path_and_query().is_some_and(|path| path != "/") {
        return Err("nothing may follow the port");
    }
    let authority = uri.authority().ok_or("it names no host")?;
    if authority.as_str().contains('@') {
        return Err("it may not hold a user name");
    }
    // `port_u16` is silent about a port that is no number or too large.
    let after_host = &authority.as_str()[authority.host().len()..];
    if !after_host.is_empty() && uri.port_u16().is_none_or(|port| port == 0) {
        return Err("its port is not a number from 1 to 65535");
    }
    let host = authority.host();
    let host = host
        .strip_prefix('[')
        .map_or(host, |h| h.trim_end_matches(']'));
    if host.is_empty() {
        return Err("it names no host");
    }
    Ok((uri.clone(), host.to_ascii_lowercase()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_endpoint_is_read_and_printed() {
        for (text, printed) in [
            ("https://eu.example:7443", "https://eu.example:7443"),
            ("https://EU.example:7443/", "https://eu.example:7443"),
            ("https://eu.example", "https://eu.example:443"),
            ("https://127.0.0.1:7443", "https://127.0.0.1:7443"),
            ("https://[::1]:7443", "https://[::1]:7443"),
        ] {
            assert_eq!(text.parse::<Endpoint>().unwrap().to_string(), printed);
        }
        assert_eq!(
            "https://[::1]:7443".parse::<Endpoint>().unwrap().host(),
            "::1"
        );
    }

    #[test]
    fn what_is_no_endpoint_is_refused_with_the_reason() {
        for (text, reason) in [
            ("http://eu.example:80", "https://"),
            ("eu.example:7443", "https://"),
            ("https://", "URL"),
            ("https://eu.example:7443/path", "nothing may follow"),
            ("https://eu.example:7443/?x=1", "nothing may follow"),
            ("https://me@eu.example:7443", "user name"),
            ("https://eu.example:0", "port"),
            ("https://eu.example:70000", "port"),
            ("https://eu.example:", "port"),
        ] {
            let message = text.parse::<Endpoint>().unwrap_err().to_string();
            assert!(message.contains(reason), "{text}: {message}");
        }
        let long = format!("https://{}:1", "a".repeat(400));
        assert!(long.parse::<Endpoint>().is_err());
    }

    #[test]
    fn a_proxy_does_not_show_its_password() {
        let proxy: Proxy = "http://me:secret@proxy.example:3128".parse().unwrap();
        assert_eq!(proxy.credentials.as_deref(), Some("me:secret"));
        assert_eq!(format!("{proxy} {proxy:?}").matches("secret").count(), 0);
        let bad = "http://me:secret@proxy.example".parse::<Proxy>();
        assert!(!bad.unwrap_err().to_string().contains("secret"));
    }
}
