//! Who speaks for others: proxies that the operator trusts, and the one header in which
//! they say for whom.
//!
//! A proxy adds the address that it sees to what came with the request, so all to the left
//! of what trusted proxies added may be a stranger's invention. The caller is therefore the
//! rightmost address that is no trusted proxy's. What comes from anybody else is not read
//! at all, and neither is the other header, which a proxy hands on as it came.

use std::net::IpAddr;

use http::{HeaderMap, HeaderName, header::FORWARDED};

/// What most proxies set; it is no standard.
const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
/// How far back is looked. Nobody stands behind so many proxies.
const MOST_HOPS: usize = 32;

/// The proxies that are trusted; by default none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Proxies {
    networks: Vec<Network>,
    header: Header,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Header {
    #[default]
    XForwardedFor,
    Forwarded,
}

/// An address, or all that begin with the same bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Network {
    bits: u128,
    length: u32,
    is_v4: bool,
}

impl Proxies {
    /// Trusts these addresses and networks, and no others.
    ///
    /// # Errors
    /// One of them is none, or means everybody: a sentence of what would do.
    pub fn trust(&mut self, texts: &[&str]) -> Result<(), String> {
        let networks = texts.iter().map(|text| Network::parse(text));
        self.networks = networks.collect::<Result<_, _>>()?;
        Ok(())
    }

    /// Reads this header.
    ///
    /// # Errors
    /// It is none of the two.
    pub fn read(&mut self, header: &str) -> Result<(), String> {
        self.header = match header {
            name if name.eq_ignore_ascii_case("x-forwarded-for") => Header::XForwardedFor,
            name if name.eq_ignore_ascii_case("forwarded") => Header::Forwarded,
            _ => return Err("\"X-Forwarded-For\" or \"Forwarded\"".to_owned()),
        };
        Ok(())
    }

    /// Whether an address is a proxy's.
    pub(crate) fn are_trusted(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.networks.iter().any(|network| network.has(address))
    }

    /// For whom somebody asks who comes from `from`: for itself, unless it is trusted.
    pub(crate) fn caller(&self, from: IpAddr, headers: &HeaderMap) -> IpAddr {
        let mut caller = from;
        if !self.are_trusted(from) {
            return caller;
        }
        let lines = headers.get_all(match self.header {
            Header::XForwardedFor => X_FORWARDED_FOR,
            Header::Forwarded => FORWARDED,
        });
        let lines: Vec<&str> = lines
            .iter()
            .map(|line| line.to_str().unwrap_or(""))
            .collect();
        let hops = lines.iter().rev().flat_map(|line| line.rsplit(','));
        for hop in hops.take(MOST_HOPS) {
            let address = match self.header {
                Header::XForwardedFor => address(hop),
                Header::Forwarded => forwarded(hop),
            };
            // What cannot be read was written by whoever stands before it: the last that
            // is known answers for it.
            let Some(address) = address else { break };
            caller = address;
            if !self.are_trusted(address) {
                break;
            }
        }
        caller
    }
}

impl Network {
    fn parse(text: &str) -> Result<Self, String> {
        let expected = || {
            format!("addresses and networks such as \"127.0.0.1\" or \"10.1.0.0/16\", not {text:?}")
        };
        let (address, length) = match text.split_once('/') {
            Some((address, length)) => (address, Some(length)),
            None => (text, None),
        };
        let address: IpAddr = address.trim().parse().map_err(|_| expected())?;
        let address = address.to_canonical();
        let whole = if address.is_ipv4() { 32 } else { 128 };
        let length = match length {
            Some(length) => length.trim().parse().map_err(|_| expected())?,
            None => whole,
        };
        if length == 0 {
            return Err(format!("networks of yours; {text:?} is everybody"));
        }
        if length > whole {
            return Err(expected());
        }
        Ok(Self {
            bits: bits(address),
            length,
            is_v4: address.is_ipv4(),
        })
    }

    fn has(self, address: IpAddr) -> bool {
        let differs = self.bits ^ bits(address);
        address.is_ipv4() == self.is_v4 && differs >> (128 - self.length) == 0
    }
}

/// The bits of an address, at the upper end.
fn bits(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(v4) => u128::from(v4.to_bits()) << 96,
        IpAddr::V6(v6) => v6.to_bits(),
    }
}

/// An address, perhaps with a port: `192.0.2.1`, `192.0.2.1:80`, `[2001:db8::1]:80`.
fn address(text: &str) -> Option<IpAddr> {
    let text = text.trim();
    if let Ok(address) = text.parse::<IpAddr>() {
        return Some(address.to_canonical());
    }
    if let Ok(socket) = text.parse::<std::net::SocketAddr>() {
        return Some(socket.ip().to_canonical());
    }
    let inner = text.strip_prefix('[')?.strip_suffix(']')?;
    inner
        .parse()
        .ok()
        .map(|address: IpAddr| address.to_canonical())
}

/// What `for` says of one hop (RFC 7239, 4): `for="[2001:db8::1]:4711";proto=https`.
fn forwarded(hop: &str) -> Option<IpAddr> {
    let mut pairs = hop.split(';').filter_map(|pair| pair.split_once('='));
    let (_, value) = pairs.find(|(name, _)| name.trim().eq_ignore_ascii_case("for"))?;
    address(value.trim().trim_matches('"'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;

    fn proxies(header: &str) -> Proxies {
        let mut proxies = Proxies::default();
        let trusted = ["10.1.0.0/16", "127.0.0.1", "2001:db8::/32"];
        proxies.trust(&trusted).unwrap();
        proxies.read(header).unwrap();
        proxies
    }

    fn caller(proxies: &Proxies, from: &str, lines: &[(&'static str, &str)]) -> String {
        let mut headers = HeaderMap::new();
        for (name, line) in lines {
            headers.append(*name, HeaderValue::from_bytes(line.as_bytes()).unwrap());
        }
        proxies.caller(from.parse().unwrap(), &headers).to_string()
    }

    #[test]
    fn a_caller_is_the_rightmost_address_that_no_trusted_proxy_has() {
        let proxies = proxies("X-Forwarded-For");
        let of = |from: &str, line: &str| caller(&proxies, from, &[("x-forwarded-for", line)]);
        assert_eq!(of("127.0.0.1", "192.0.2.7"), "192.0.2.7");
        assert_eq!(of("127.0.0.1", "192.0.2.7, 10.1.9.9"), "192.0.2.7");
        assert_eq!(of("::ffff:127.0.0.1", "192.0.2.7:4711"), "192.0.2.7");
        assert_eq!(of("2001:db8::1", "[2a00::1]:80"), "2a00::1");
        assert_eq!(of("127.0.0.1", ""), "127.0.0.1");
        assert_eq!(caller(&proxies, "127.0.0.1", &[]), "127.0.0.1");
        let lines = [
            ("x-forwarded-for", "192.0.2.1"),
            ("x-forwarded-for", "192.0.2.2"),
        ];
        assert_eq!(caller(&proxies, "127.0.0.1", &lines), "192.0.2.2");
    }

    #[test]
    fn nobody_chooses_an_address_by_what_it_sends() {
        let proxies = proxies("X-Forwarded-For");
        let of = |from: &str, line: &str| caller(&proxies, from, &[("x-forwarded-for", line)]);
        // A stranger that comes by itself.
        assert_eq!(of("192.0.2.7", "198.51.100.1"), "192.0.2.7");
        assert_eq!(of("10.2.0.1", "198.51.100.1"), "10.2.0.1");
        // A stranger behind a proxy, which adds the address that it sees.
        assert_eq!(of("127.0.0.1", "198.51.100.1, 192.0.2.7"), "192.0.2.7");
        assert_eq!(
            of("127.0.0.1", "127.0.0.1, 10.1.0.1, 192.0.2.7"),
            "192.0.2.7"
        );
        assert_eq!(
            of("127.0.0.1", "198.51.100.1, ????, 192.0.2.7"),
            "192.0.2.7"
        );
        // Something that cannot be read stands where a proxy would have written.
        assert_eq!(of("127.0.0.1", "198.51.100.1, \u{ff}"), "127.0.0.1");
        assert_eq!(of("127.0.0.1", &"10.1.0.1,".repeat(5_000)), "127.0.0.1");
        // The header that this proxy does not set.
        let other = [("forwarded", "for=198.51.100.1")];
        assert_eq!(caller(&proxies, "127.0.0.1", &other), "127.0.0.1");
        let none = Proxies::default();
        let own = [("x-forwarded-for", "198.51.100.1")];
        assert_eq!(caller(&none, "127.0.0.1", &own), "127.0.0.1");
    }

    #[test]
    fn the_standard_header_is_read_where_the_settings_say_so() {
        let proxies = proxies("Forwarded");
        let of = |line: &str| caller(&proxies, "127.0.0.1", &[("forwarded", line)]);
        assert_eq!(of("for=192.0.2.7;proto=https"), "192.0.2.7");
        assert_eq!(of("proto=https; For=\"[2a00::1]:4711\""), "2a00::1");
        assert_eq!(of("for=198.51.100.1, for=192.0.2.7"), "192.0.2.7");
        assert_eq!(of("for=198.51.100.1, for=_hidden"), "127.0.0.1");
        assert_eq!(of("for=198.51.100.1, for=unknown"), "127.0.0.1");
    }

    #[test]
    fn a_network_has_the_addresses_that_begin_as_it_does() {
        let network = |text: &str| Network::parse(text).unwrap();
        let has = |text: &str, address: &str| network(text).has(address.parse().unwrap());
        assert!(has("10.1.0.0/16", "10.1.255.255") && !has("10.1.0.0/16", "10.2.0.0"));
        assert!(has("::1", "::1") && !has("::1", "::2"));
        assert!(!has("::/1", "10.0.0.1"));
        for no in [
            "",
            "proxy",
            "10.0.0.0/",
            "10.0.0.0/33",
            "::/129",
            "0.0.0.0/0",
            "10.0.0.0/-1",
        ] {
            assert!(Network::parse(no).is_err(), "{no}");
        }
    }
}
