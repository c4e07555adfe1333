//! Publishers' identities and nodes' cards.

use bytes::Bytes;
use wpsx_proto::{
    card::{CardParts, MAX_CARD, NodeCard},
    identity::{Genesis, Identity},
    note::{MAX_NOTE, NoteSigner},
    origin::Audience,
};

use crate::notes::{SEED, signed};

/// The first value that stands behind a word, with which a line begins.
fn value<'a>(text: &'a str, word: &str) -> Option<&'a str> {
    text.lines()
        .find_map(|line| line.strip_prefix(word)?.strip_prefix(' '))
}

/// A genesis has one text: made again from what it says, it gives the same id.
pub fn identity(bytes: &[u8]) -> bool {
    let _ = Identity::verify(&[Bytes::copy_from_slice(bytes)]);
    let Some(note) = signed(bytes, |text| value(text, "name"), MAX_NOTE) else {
        return false;
    };
    let note = Bytes::from(note);
    let Ok(identity) = Identity::verify(std::slice::from_ref(&note)) else {
        return false;
    };
    assert_eq!(identity.notes(), std::slice::from_ref(&note));
    let signer = NoteSigner::from_seed(identity.name().as_str(), &SEED).expect("a name");
    let genesis = Genesis {
        name: identity.name().clone(),
        title: identity.title().to_owned(),
        countries: identity.countries().to_vec(),
        recovery_keys: identity.recovery_keys().to_vec(),
        time: identity.time(),
    };
    let again = Identity::create(genesis, &signer).expect("what was read");
    assert_eq!(again.id(), identity.id());
    for audience in [Audience::Public, Audience::Network, Audience::Internal] {
        let origin = identity.origin(audience);
        let key = identity.log_key(&origin).expect("a key of each own log");
        assert_eq!(key.name(), origin.as_str());
    }
    // An operation behind the genesis is refused, whatever it says.
    assert!(Identity::verify(&[note, Bytes::copy_from_slice(bytes)]).is_err());
    true
}

/// A card may hold lines that are not known here; what is known is written again and
/// reads as the same.
pub fn card(bytes: &[u8]) -> bool {
    let _ = NodeCard::verify(bytes);
    let Some(note) = signed(bytes, |text| value(text, "node"), MAX_CARD) else {
        return false;
    };
    let Ok(card) = NodeCard::verify(&note) else {
        return false;
    };
    assert_eq!(card.note_bytes(), note);
    let signer = NoteSigner::from_seed(card.name().as_str(), &SEED).expect("a name");
    let parts = CardParts {
        name: card.name().clone(),
        tls_key: card.tls_key(),
        cosigner: card.cosigner().clone(),
        endpoints: card.endpoints().to_vec(),
        mirrors: card.mirrors().to_vec(),
        publishers: card.publishers().to_vec(),
        time: card.time(),
        sequence: card.sequence(),
    };
    let again = NodeCard::sign(parts, &signer).expect("what was read");
    assert_eq!(again.peer_id(), card.peer_id());
    assert_eq!(again.endpoints(), card.endpoints());
    assert_eq!(again.mirrors(), card.mirrors());
    assert_eq!(again.publishers(), card.publishers());
    assert_eq!(
        (again.tls_key(), again.cosigner(), again.time()),
        (card.tls_key(), card.cosigner(), card.time())
    );
    true
}
