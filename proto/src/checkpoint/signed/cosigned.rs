//! The lines beside the log's own: whose are told, which are kept when there are more
//! than a note can hold, and which give way.

use super::VerifiedCheckpoint;
use crate::{
    cosignature::{Cosignature, Cosigner, time_claimed},
    note::{self, KeyType, MAX_NOTE, MAX_SIGNATURES, SignatureLine, VerifierKey},
};

impl VerifiedCheckpoint {
    /// The cosignatures of the keys given that are there and valid.
    #[must_use]
    pub fn cosignatures(&self, keys: &[VerifierKey]) -> Vec<Cosignature> {
        let cosigners = keys
            .iter()
            .filter(|key| key.key_type() == KeyType::Cosignature);
        let valid = cosigners.filter_map(|key| {
            let line = self.others().find(|line| key.is_claimed_by(line))?;
            let time = key.verify(&self.text, line).ok()??;
            Some(Cosignature {
                name: key.name().to_owned(),
                time,
            })
        });
        valid.collect()
    }

    /// The names on lines that have the form of a cosignature; nobody has checked them.
    #[must_use]
    pub fn claimed_cosigners(&self) -> Vec<&str> {
        let timed = self.others().filter(|line| time_claimed(line).is_some());
        timed.map(|line| line.name.as_str()).collect()
    }

    /// Takes over the lines of the same checkpoint from elsewhere, and says whether
    /// anything changed.
    ///
    /// Of a key given here only a valid line is taken, if it is newer than the one
    /// held; when the note is full, it takes the place of lines of unknown keys. Of
    /// an unknown key the line that was here first stays.
    pub fn merge(&mut self, other: &Self, keys: &[VerifierKey]) -> bool {
        self.merge_until(other, keys, u64::MAX)
    }

    /// The same at a time at which no clock can be right that is beyond `latest`, seconds
    /// since 1970-01-01T00:00:00Z: a line of such a time is never the newer one.
    pub fn merge_until(&mut self, other: &Self, keys: &[VerifierKey], latest: u64) -> bool {
        if other.text != self.text || other.key != self.key {
            return false;
        }
        let mut changed = false;
        for line in other.others() {
            changed |= match keys.iter().find(|key| key.is_claimed_by(line)) {
                Some(key) => self.take_known(line, key, keys, latest),
                None => self.take_unknown(line),
            };
        }
        if changed {
            self.note = note::to_bytes(&self.text, &self.lines).into();
        }
        changed
    }

    /// Adds or renews the line of our own cosigner, at a time in seconds since
    /// 1970-01-01T00:00:00Z.
    pub fn cosign(&mut self, cosigner: &Cosigner, unix_seconds: u64) {
        let line = cosigner.sign(&self.text, unix_seconds);
        self.place(line, &[cosigner.verifier_key()]);
        self.note = note::to_bytes(&self.text, &self.lines).into();
    }

    fn others(&self) -> impl Iterator<Item = &SignatureLine> {
        self.lines.iter().skip(1)
    }

    fn held(&self, line: &SignatureLine) -> Option<&SignatureLine> {
        self.others().find(|held| held.is_of_same_key(line))
    }

    fn take_known(
        &mut self,
        line: &SignatureLine,
        key: &VerifierKey,
        keys: &[VerifierKey],
        latest: u64,
    ) -> bool {
        let held = self.held(line);
        if held == Some(line) {
            return false;
        }
        let Ok(time) = key.verify(&self.text, line) else {
            return false;
        };
        let held = held.and_then(|held| key.verify(&self.text, held).ok());
        let possible = |time: Option<u64>| time.filter(|time| *time <= latest);
        if held.is_some_and(|held| possible(held) >= possible(time)) {
            return false;
        }
        self.place(line.clone(), keys)
    }

    fn take_unknown(&mut self, line: &SignatureLine) -> bool {
        let fits =
            self.lines.len() < MAX_SIGNATURES && self.length() + line_length(line) <= MAX_NOTE;
        let taken = fits && self.held(line).is_none() && !self.key.is_claimed_by(line);
        if taken {
            self.lines.push(line.clone());
        }
        taken
    }

    /// Puts a line in the place of the one of the same key, or after the log's own.
    /// Lines of keys other than `keep` make room, the last one first: so those that
    /// were once placed here go after those that nobody here knows.
    fn place(&mut self, line: SignatureLine, keep: &[VerifierKey]) -> bool {
        let before = self.lines.clone();
        match self
            .lines
            .iter()
            .skip(1)
            .position(|held| held.is_of_same_key(&line))
        {
            Some(at) => self.lines[at + 1] = line,
            None => self.lines.insert(1, line),
        }
        while self.lines.len() > MAX_SIGNATURES || self.length() > MAX_NOTE {
            let unknown = |line: &SignatureLine| !keep.iter().any(|key| key.is_claimed_by(line));
            match self.lines.iter().skip(1).rposition(unknown) {
                Some(at) => drop(self.lines.remove(at + 1)),
                None => {
                    self.lines = before;
                    return false;
                }
            }
        }
        true
    }

    fn length(&self) -> usize {
        self.text.len() + 1 + self.lines.iter().map(line_length).sum::<usize>()
    }
}

/// Bytes of a line in a note: dash, name, base64 of key id and signature, newline.
fn line_length(line: &SignatureLine) -> usize {
    let encoded = (4 + line.signature.len()).div_ceil(3) * 4;
    "\u{2014}  \n".len() + line.name.len() + encoded
}
