//! Signed notes and the keys that sign them.

use wpsx_proto::note::{MAX_NOTE, Note, NoteSigner, VerifierKey};

/// The seed of every key that the seeds of the corpus were signed with.
pub const SEED: [u8; 32] = [1; 32];

/// A note is passed on byte for byte.
pub fn note(bytes: &[u8]) -> bool {
    let Ok(note) = Note::parse(bytes) else {
        return false;
    };
    assert_eq!(note.to_bytes(), bytes);
    assert!(bytes.len() <= MAX_NOTE && note.text().ends_with('\n'));
    for line in note.signatures() {
        assert!(line.is_of_same_key(line));
        if let Ok(key) = NoteSigner::from_seed(&line.name, &SEED) {
            let _ = key.verifier_key().verify(note.text(), line);
        }
    }
    true
}

/// A key has one text form, a public one and a secret one.
pub fn key(bytes: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return false;
    };
    if let Ok(signer) = NoteSigner::parse(text) {
        secret_key(&signer, text);
    }
    let Ok(key) = VerifierKey::parse(text) else {
        return false;
    };
    assert_eq!(key.to_string(), text);
    let again = VerifierKey::from_material(key.name(), &key.material());
    assert_eq!(again.as_ref(), Ok(&key));
    let signer = NoteSigner::from_seed(key.name(), key.public_key()).expect("a key's name");
    secret_key(&signer, &signer.to_text());
    true
}

fn secret_key(signer: &NoteSigner, text: &str) {
    let again = NoteSigner::parse(text).expect("a key's own text");
    assert_eq!(again.to_text().as_str(), text);
    let signed = signer.sign("a text\n");
    assert_eq!(again.verifier_key().verify("a text\n", &signed), Ok(None));
}

/// The text of a note, or of bytes that are no note, signed with our own key under a
/// name: what stands behind a signature is reached although nobody can guess one.
/// Lines of other keys come along.
pub fn signed(bytes: &[u8], name: impl Fn(&str) -> Option<&str>, max: usize) -> Option<Vec<u8>> {
    let note = Note::parse_within(bytes, max).ok();
    let text = match &note {
        Some(note) => note.text(),
        None => std::str::from_utf8(bytes).ok()?,
    };
    let signer = NoteSigner::from_seed(name(text)?, &SEED).ok()?;
    let mut signed = signer.note(text, max).ok()?.to_bytes();
    let own = signer.sign(text);
    for line in note.iter().flat_map(Note::signatures) {
        if !line.is_of_same_key(&own) {
            signed.extend_from_slice(format!("{line}\n").as_bytes());
        }
    }
    Some(signed)
}
