//! What is hashed into logs, and what carries it: envelopes, bundles, packages, tiles.

use bytes::Bytes;
use prost::Message as _;
use wpsx_proto::{
    api::log::v1 as api,
    bundle::EntryBundle,
    envelope::{Envelope, Leaf},
    hash::Hash,
    index::BUNDLE,
    package::Package,
    tile::TilePath,
};

/// An envelope has one encoding.
pub fn envelope(bytes: &[u8]) -> bool {
    let parsed = Envelope::parse(bytes);
    if let Ok(envelope) = &parsed {
        assert_eq!(envelope.encode(), bytes);
        assert_eq!(envelope.check(), Ok(()));
    }
    match Leaf::read(bytes) {
        Leaf::Known(envelope) => assert_eq!(parsed, Ok(envelope)),
        Leaf::Newer { version } => assert!(version > 1 && parsed.is_err()),
        Leaf::Unreadable => assert!(parsed.is_err()),
    }
    parsed.is_ok()
}

/// A bundle is the concatenation of its entries, and so is each part of it.
pub fn bundle(bytes: &[u8]) -> bool {
    let Ok(bundle) = EntryBundle::parse(Bytes::copy_from_slice(bytes)) else {
        return false;
    };
    assert_eq!(bundle.bytes(), bytes);
    let again = EntryBundle::from_entries(bundle.iter()).expect("entries of a bundle");
    assert_eq!(again, bundle);
    let middle = bundle.len() / 2;
    let parts = [bundle.slice(0..middle), bundle.slice(middle..bundle.len())];
    assert_eq!(parts.each_ref().map(EntryBundle::bytes).concat(), bytes);
    for (at, entry) in bundle.iter().enumerate() {
        assert_eq!(bundle.entry(at), entry);
        assert_eq!(bundle.entry_bytes(at), entry);
    }
    true
}

/// A package that is sent on is the one that came.
pub fn package(bytes: &[u8]) -> bool {
    let Ok(message) = api::Package::decode(bytes) else {
        return false;
    };
    let Ok(package) = Package::from_api(message.clone()) else {
        return false;
    };
    assert_eq!(package.to_api(), message);
    let (start, end) = (package.start(), package.end());
    assert!(start.size_before() < end);
    assert_eq!(
        start.bundle(),
        end.last_index().expect("not empty").bundle()
    );
    true
}

/// A tile's path is written in one way, and its hashes stand one after the other.
pub fn tile(bytes: &[u8]) -> bool {
    let path = std::str::from_utf8(bytes).map(str::parse::<TilePath>);
    if let Ok(Ok(path)) = &path {
        assert_eq!(path.to_string().as_bytes(), bytes);
        assert!((1..=BUNDLE).contains(&path.width().into()));
        assert_eq!(path.filled().to_string().parse(), Ok(path.filled()));
    }
    let hashes = Hash::list_from_bytes(bytes, BUNDLE as usize);
    if let Ok(hashes) = &hashes {
        assert_eq!(Hash::list_to_bytes(hashes), bytes);
    }
    matches!(path, Ok(Ok(_))) || hashes.is_ok()
}
