//! Who makes a request, as far as the connection proves it.

use std::net::{IpAddr, SocketAddr};

use wpsx_client::tls::TlsKeyHash;

use crate::{
    allowance::{Allowance, Holding},
    class::Class,
    pulse::Held,
};

/// Who makes a request. Every request carries it as an extension.
///
/// It says nothing of what the caller may do: the services look that up, and who
/// commands this node is told by an [`Operator`](crate::Operator). Only a listener makes
/// one that has a key; anybody can make that of a stranger:
///
/// ```compile_fail
/// let peer = wpsx_listen::Caller { key: None, ..Default::default() };
/// ```
///
/// ```
/// assert_eq!(wpsx_listen::Caller::default().key(), None);
/// ```
#[derive(Clone, Default, Debug)]
pub struct Caller {
    key: Option<TlsKeyHash>,
    address: Option<SocketAddr>,
    connection: u64,
    class: Class,
    allowance: Allowance,
    held: Held,
}

impl Caller {
    /// Only a listener says whose key was proved.
    pub(crate) fn new(
        key: Option<TlsKeyHash>,
        address: Option<SocketAddr>,
        connection: u64,
        class: Class,
        allowance: Allowance,
    ) -> Self {
        Self {
            key,
            address,
            connection,
            class,
            allowance,
            held: Held::default(),
        }
    }

    /// The same, in a call that holds this until its answer was taken.
    pub(crate) fn in_call(self, held: Held) -> Self {
        Self { held, ..self }
    }

    /// The TLS key that the caller proved to have, if it showed one.
    pub fn key(&self) -> Option<&TlsKeyHash> {
        self.key.as_ref()
    }

    /// Its address; none on a Unix socket or a pipe.
    pub fn address(&self) -> Option<SocketAddr> {
        self.address
    }

    /// Whose call it is.
    pub fn class(&self) -> Class {
        self.class
    }

    /// What it may hold. Nothing bounds who was made by no listener.
    pub fn allowance(&self) -> &Allowance {
        &self.allowance
    }

    /// Holds this until the answer to this call was taken.
    pub fn hold(&self, holding: Holding) {
        self.held.lock().join(holding);
    }

    /// The connection, by a number that is not used again.
    pub fn connection(&self) -> u64 {
        self.connection
    }
}

/// From what kind of place somebody calls: enough to know where to look for a fault,
/// and nothing about who it is.
pub(crate) fn kind_of_place(address: Option<SocketAddr>) -> &'static str {
    let Some(address) = address else {
        return "a socket or pipe of this machine";
    };
    match address.ip().to_canonical() {
        ip if ip.is_loopback() => "this machine",
        IpAddr::V4(v4) if v4.is_private() || v4.is_link_local() => "a private network",
        IpAddr::V6(v6) if v6.is_unique_local() || v6.is_unicast_link_local() => "a private network",
        _ => "the internet",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_told_by_its_kind() {
        let told = |address: &str| kind_of_place(Some(address.parse().unwrap()));
        assert_eq!(kind_of_place(None), "a socket or pipe of this machine");
        assert_eq!(told("127.0.0.1:1"), "this machine");
        assert_eq!(told("[::1]:1"), "this machine");
        assert_eq!(told("10.1.2.3:1"), "a private network");
        assert_eq!(told("[::ffff:192.168.0.1]:1"), "a private network");
        assert_eq!(told("[fd00::1]:1"), "a private network");
        assert_eq!(told("[fe80::1]:1"), "a private network");
        assert_eq!(told("[2001:db8::1]:1"), "the internet");
        assert_eq!(told("198.51.100.7:1"), "the internet");
    }
}
