//! Mends what is damaged: from files that are not, or from what a peer has and the log
//! itself proves.

use bytes::Bytes;
use prost::Message as _;
use wpsx_proto::{
    bundle::EntryBundle,
    checkpoint::SignedCheckpoint,
    hash::Hash,
    identity::Identity,
    index::{BUNDLE, LeafIndex},
    note::NoteSigner,
    origin::{Audience, Origin},
    tree::root_of,
};

use crate::{
    damage::{Damage, Part},
    error::StoreError,
    format::{
        edge::TILE,
        kept::{Kept, VERSION},
        layout::FileKey,
        saved::name,
    },
    log::{contents::Dirty, handle::LogHandle, sound::leaf_hashes},
    store::Store,
    write::request::{MendFile, MendPayloads, Revive, Settle},
};

/// What it takes to mend something.
#[derive(Clone, Debug)]
pub enum Mending {
    /// Nothing more: it is mended, or was not damaged.
    Done,
    /// These entries, from whoever has them: the run, and how many there are with it.
    Entries {
        /// The bundle.
        bundle: u64,
        /// The index after the last.
        end: u64,
    },
    /// Whose log it is: its publisher's identity.
    Identity,
    /// Nothing that a peer has.
    Nothing,
}

impl Store {
    /// Mends what can be mended without anyone; says what it takes otherwise.
    ///
    /// # Errors
    /// It cannot be written.
    pub async fn mend(&self, damage: &Damage) -> Result<Mending, StoreError> {
        let Some(log) = self.log_numbered(damage.log) else {
            return self.mend_whole(damage).await;
        };
        match damage.part {
            Part::Log => {}
            Part::State => self.write_anew(&log).await?,
            Part::Payloads(bundle) if full(&log, bundle) => {
                let ask = MendPayloads {
                    log: log.clone(),
                    bundle,
                };
                self.ask(ask).await?;
            }
            Part::Tile { level, index }
                if (log.stored().value() >> (8 * u32::from(level))) / BUNDLE > index =>
            {
                let inner = log.inner.clone();
                let tile = blocking(move || inner.sound_tile(level, index)).await?;
                let bytes = Hash::list_to_bytes(tile.leaves());
                let key = FileKey::Tile { level, index };
                self.write_whole(&log, key, bytes).await?;
            }
            Part::Entries(bundle) if full(&log, bundle) => {
                let inner = log.inner.clone();
                let sound = blocking(move || inner.sound_entries(bundle)).await;
                let Ok(_) = sound else {
                    return Ok(Mending::Entries {
                        bundle,
                        end: (bundle + 1) * BUNDLE,
                    });
                };
                log.inner.damages.mended(log.number(), damage.part);
            }
            // Partial files are written with the next snapshot.
            Part::Payloads(_) | Part::Tile { .. } | Part::Entries(_) => {
                self.write_anew(&log).await?;
            }
        }
        Ok(Mending::Done)
    }

    /// Puts the entries of a bundle back that were damaged, if these are they.
    ///
    /// # Errors
    /// They are not; or they cannot be written.
    pub async fn mend_entries(
        &self,
        damage: &Damage,
        bundle: u64,
        entries: &EntryBundle,
    ) -> Result<(), StoreError> {
        let Some(log) = self.log_numbered(damage.log) else {
            return self.bring_back(damage, entries).await;
        };
        let differs = || StoreError::Differs(LeafIndex::new(bundle * BUNDLE));
        let hashes = leaf_hashes(entries);
        if hashes.len() != TILE {
            return Err(differs());
        }
        let inner = log.inner.clone();
        let root = blocking(move || inner.root_of_tile(0, bundle)).await?;
        if root_of(&hashes) != root {
            return Err(differs());
        }
        self.write_whole(&log, FileKey::Entries(bundle), entries.bytes())
            .await
    }

    /// Says whose log one is of which that is lost: the identity has to fit what is
    /// signed here.
    ///
    /// # Errors
    /// It does not, or nothing here says; or it cannot be written.
    pub async fn identify(&self, damage: &Damage, identity: Identity) -> Result<(), StoreError> {
        let Some(origin) = &damage.origin else {
            return Err(StoreError::UnknownLog(identity.origin(Audience::Public)));
        };
        let wrong = || StoreError::WrongIdentity(origin.clone());
        let key = identity.log_key(origin).ok_or_else(wrong)?;
        let file = format!("logs/{}/checkpoint", origin.hash_hex());
        let note = self.shared.backend.files.read(&file)?.ok_or_else(wrong)?;
        let signed = SignedCheckpoint::parse(&note).and_then(|signed| signed.verify(&key));
        signed.map_err(|_| wrong())?;
        let kept = Kept {
            version: VERSION,
            number: damage.log,
            origin: origin.as_str().to_owned(),
            own: self.shared.signers.lock().contains_key(origin),
            identity: identity.notes().to_vec(),
        };
        let state = &self.shared.state;
        state.put(&name(damage.log, "log"), &kept.encode_to_vec())?;
        self.revive(damage.log, None).await
    }

    /// Has peers asked again for what they did not have when they were asked.
    pub fn ask_again(&self) {
        self.shared.damages.ask_again();
    }

    /// How often that was wanted.
    pub fn rounds(&self) -> u64 {
        self.shared.damages.rounds()
    }

    /// Where the files of a log lie, for messages.
    pub fn path_of(&self, log: &LogHandle) -> std::path::PathBuf {
        log.inner.path()
    }

    /// Hands in the key of an own log that stands still, for when it goes on.
    pub fn keep_signer(&self, origin: &Origin, signer: NoteSigner) {
        self.shared.signers.lock().insert(origin.clone(), signer);
    }

    /// Whether the key of a log that stands still was handed in: it is ours.
    pub fn keeps_signer(&self, origin: &Origin) -> bool {
        self.shared.signers.lock().contains_key(origin)
    }

    async fn mend_whole(&self, damage: &Damage) -> Result<Mending, StoreError> {
        let wanted = self.shared.wanted.lock().get(&damage.log).cloned();
        if let Some(wanted) = wanted {
            return Ok(Mending::Entries {
                bundle: wanted.bundle,
                end: wanted.size(),
            });
        }
        if Kept::read(&self.shared.state, damage.log).is_err() {
            return Ok(Mending::Identity);
        }
        // The cause may be gone.
        match self.revive(damage.log, None).await {
            Ok(()) => Ok(Mending::Done),
            Err(_) => Ok(Mending::Nothing),
        }
    }

    async fn bring_back(&self, damage: &Damage, entries: &EntryBundle) -> Result<(), StoreError> {
        let wanted = self.shared.wanted.lock().get(&damage.log).cloned();
        match wanted {
            Some(wanted) if wanted.are(entries) => {
                let file = (wanted.name, entries.bytes());
                self.revive(damage.log, Some(file)).await
            }
            _ => Err(StoreError::Differs(LeafIndex::new(0))),
        }
    }

    async fn revive(&self, number: u32, file: Option<(String, Bytes)>) -> Result<(), StoreError> {
        self.ask(Revive { number, file }).await
    }

    /// Has what is in memory of a log written, whatever is in its files.
    pub(crate) async fn write_anew(&self, log: &LogHandle) -> Result<(), StoreError> {
        log.inner.contents.write().dirty = Dirty {
            log: true,
            erased: true,
            requests: true,
            remembered: true,
        };
        self.ask(Settle).await
    }

    async fn write_whole(
        &self,
        log: &LogHandle,
        key: FileKey,
        bytes: Bytes,
    ) -> Result<(), StoreError> {
        let log = log.inner.clone();
        self.ask(MendFile { log, key, bytes }).await
    }
}

fn full(log: &LogHandle, bundle: u64) -> bool {
    log.stored().value() / BUNDLE > bundle
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, StoreError> + Send + 'static,
) -> Result<T, StoreError> {
    tokio::task::spawn_blocking(work)
        .await
        .map_err(|_| StoreError::Closed)?
}
