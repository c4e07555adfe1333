//! The node's secret keys, as files in one folder.
//!
//! `node.key` signs the node's card, `cosigner.key` its cosignatures, `tls.key` with
//! `tls.crt` proves it on connections, and `publisher-<name>.key` signs one
//! publisher's logs. Every file is written whole, is never overwritten, and may be
//! read by the node's own user alone; otherwise it is refused.

mod error;
mod look_over;

use std::{
    fmt,
    fs::{self, DirBuilder, File, OpenOptions},
    io::{self, Read as _, Write as _},
    os::unix::fs::{DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _},
    path::{Path, PathBuf},
    sync::Arc,
};

use parking_lot::Mutex;
use wpsx_client::{
    random::Random,
    tls::{TlsIdentity, TlsKeyHash},
};
use wpsx_listen::tls::{NewTlsIdentity, ServerTls};
use wpsx_proto::{
    cosignature::Cosigner,
    note::{NoteError, NoteSigner},
    origin::{NodeName, PublisherName},
};
use zeroize::Zeroizing;

pub use self::error::{Damage, KeysError};

const NODE: &str = "node.key";
const COSIGNER: &str = "cosigner.key";
/// The folder of the keys, in the data directory.
pub const KEYS: &str = "keys";
const TLS_KEY: &str = "tls.key";
const TLS_CERTIFICATE: &str = "tls.crt";
/// No key file of ours comes near.
const MAX_FILE: u64 = 64 * 1024;

/// The open keys of a node.
pub struct Keys {
    folder: PathBuf,
    name: NodeName,
    node: NoteSigner,
    cosigner: Cosigner,
    tls: Arc<TlsIdentity>,
    /// In PEM.
    tls_certificate: String,
    /// Held while a publisher's key is looked for and made.
    making: Mutex<()>,
}

impl Keys {
    /// Makes the keys of a new node from `random`. The folder appears whole or not at all.
    ///
    /// # Errors
    /// When the folder exists or cannot be written.
    pub fn create(folder: &Path, name: &NodeName, random: &Random) -> Result<Self, KeysError> {
        let new = begin(folder)?;
        let made = |e: NoteError| KeysError::Make(e.into());
        let node = NoteSigner::from_seed(name.as_str(), &*seed(random)?).map_err(made)?;
        let cosigner = Cosigner::from_seed(&cosigner_name(name), &*seed(random)?).map_err(made)?;
        let tls = NewTlsIdentity::generate(name.as_str()).map_err(|e| KeysError::Make(e.into()))?;
        write_new(&new, NODE, &line(&node.to_text()))?;
        write_new(&new, COSIGNER, &line(&cosigner.to_text()))?;
        write_new(&new, TLS_KEY, &tls.key)?;
        write_new(&new, TLS_CERTIFICATE, &tls.certificate)?;
        finish(&new, folder)?;
        Self::open(folder)
    }

    /// Copies the keys of a node into a new folder, which appears whole or not at all.
    ///
    /// # Errors
    /// When the folder exists or cannot be written, or one of the keys cannot be read.
    pub fn copy(from: &Path, folder: &Path) -> Result<Self, KeysError> {
        let keys = Self::open(from)?;
        let new = begin(folder)?;
        let mut files: Vec<String> = [NODE, COSIGNER, TLS_KEY, TLS_CERTIFICATE]
            .map(str::to_owned)
            .into();
        files.extend(keys.publishers()?.iter().map(publisher_file));
        for file in files {
            write_new(&new, &file, &read_text(&from.join(&file))?)?;
        }
        finish(&new, folder)?;
        Self::open(folder)
    }

    /// Opens the keys of a node.
    ///
    /// # Errors
    /// When one is missing, damaged, or may be read by others.
    pub fn open(folder: &Path) -> Result<Self, KeysError> {
        check_rights(folder, 0o700)?;
        let node = read(folder, NODE, NoteSigner::parse)?;
        let name = NodeName::parse(node.name()).map_err(|e| damaged(folder.join(NODE), e))?;
        let cosigner = read(folder, COSIGNER, Cosigner::parse)?;
        check_name(
            folder.join(COSIGNER),
            cosigner.name(),
            &cosigner_name(&name),
        )?;
        let key = read_text(&folder.join(TLS_KEY))?;
        let certificate = read_text(&folder.join(TLS_CERTIFICATE))?;
        let tls = TlsIdentity::from_pem(certificate.as_bytes(), key.as_bytes())
            .and_then(|tls| {
                // Finds out here, not at the first connection, that they are no pair.
                ServerTls::new(&tls, Arc::new(|_| false))?;
                Ok(tls)
            })
            .map_err(|e| damaged(folder.join(TLS_KEY), e))?;
        Ok(Self {
            folder: folder.to_owned(),
            name,
            node,
            cosigner,
            tls: Arc::new(tls),
            tls_certificate: certificate.to_string(),
            making: Mutex::new(()),
        })
    }

    /// The node's name.
    pub fn node_name(&self) -> &NodeName {
        &self.name
    }

    /// The key that signs the node's card; its name is the node's.
    pub fn node_key(&self) -> &NoteSigner {
        &self.node
    }

    /// The key that cosigns, called `<node>/wpsx/cosigner`.
    pub fn cosigner(&self) -> &Cosigner {
        &self.cosigner
    }

    /// The key that proves the node on connections.
    pub fn tls_identity(&self) -> &TlsIdentity {
        &self.tls
    }

    /// The same, for who keeps it.
    pub fn shared_tls_identity(&self) -> Arc<TlsIdentity> {
        self.tls.clone()
    }

    /// The certificate that carries that key, in PEM.
    pub fn tls_certificate(&self) -> &str {
        &self.tls_certificate
    }

    /// What others pin.
    pub fn tls_key_hash(&self) -> TlsKeyHash {
        self.tls.key_hash()
    }

    /// Makes the key of a new publisher from `random`, called as the publisher is. Its file
    /// has another name until [`Keys::keep`]: one that is there under that is returned, so
    /// that an interrupted attempt can be repeated.
    ///
    /// # Errors
    /// When it cannot be written, or the publisher has a key that is kept: something was
    /// signed with it that is not here.
    pub fn add_publisher(
        &self,
        name: &PublisherName,
        random: &Random,
    ) -> Result<NoteSigner, KeysError> {
        let _making = self.making.lock();
        let kept = self.folder.join(publisher_file(name));
        if fs::symlink_metadata(&kept).is_ok() {
            return Err(KeysError::Unknown(kept));
        }
        match self.read_publisher(name, &new_publisher_file(name)) {
            Err(KeysError::Missing(_)) => {}
            found => return found,
        }
        let signer = NoteSigner::from_seed(name.as_str(), &*seed(random)?)
            .map_err(|e| KeysError::Make(e.into()))?;
        write_new(
            &self.folder,
            &new_publisher_file(name),
            &line(&signer.to_text()),
        )?;
        Ok(signer)
    }

    /// The publisher has a log from now on: its key gets its own name.
    ///
    /// # Errors
    /// When the folder cannot be written.
    pub fn keep(&self, name: &PublisherName) -> Result<(), KeysError> {
        let _making = self.making.lock();
        let new = self.folder.join(new_publisher_file(name));
        match fs::rename(&new, self.folder.join(publisher_file(name))) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            Err(source) => Err(KeysError::Write { path: new, source }),
            Ok(()) => sync_folder(&self.folder),
        }
    }

    /// The key of a publisher.
    ///
    /// # Errors
    /// When it is missing, damaged, or may be read by others.
    pub fn publisher(&self, name: &PublisherName) -> Result<NoteSigner, KeysError> {
        match self.read_publisher(name, &publisher_file(name)) {
            // Its log was made, and a crash came before the key got its name.
            Err(KeysError::Missing(path)) => self
                .read_publisher(name, &new_publisher_file(name))
                .map_err(|error| match error {
                    KeysError::Missing(_) => KeysError::Missing(path),
                    other => other,
                }),
            found => found,
        }
    }

    fn read_publisher(&self, name: &PublisherName, file: &str) -> Result<NoteSigner, KeysError> {
        let signer = read(&self.folder, file, NoteSigner::parse)?;
        check_name(self.folder.join(file), signer.name(), name.as_str())?;
        Ok(signer)
    }

    /// The file of a publisher's key.
    pub fn publisher_path(&self, name: &PublisherName) -> PathBuf {
        self.folder.join(publisher_file(name))
    }

    /// Says what it means that a publisher has a key here and no log.
    pub fn unknown(&self, name: &PublisherName) -> KeysError {
        KeysError::Unknown(self.publisher_path(name))
    }

    /// The publishers that have a key here, in order.
    ///
    /// # Errors
    /// When the folder cannot be read.
    pub fn publishers(&self) -> Result<Vec<PublisherName>, KeysError> {
        let failed = |source| KeysError::Read {
            path: self.folder.clone(),
            source,
        };
        let mut names = Vec::new();
        for entry in fs::read_dir(&self.folder).map_err(failed)? {
            let file = entry.map_err(failed)?.file_name();
            let name = file
                .to_str()
                .and_then(|file| file.strip_prefix("publisher-")?.strip_suffix(".key"))
                .and_then(|name| PublisherName::parse(name).ok());
            names.extend(name);
        }
        names.sort();
        Ok(names)
    }
}

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Keys")
            .field("node", &self.name)
            .finish_non_exhaustive()
    }
}

/// A folder beside the one that is to be made.
fn begin(folder: &Path) -> Result<PathBuf, KeysError> {
    if fs::symlink_metadata(folder).is_ok() {
        return Err(KeysError::Exists(folder.to_owned()));
    }
    // What an interrupted attempt left was never used.
    let new = folder.with_extension("new");
    let write = |source| KeysError::Write {
        path: new.clone(),
        source,
    };
    if fs::symlink_metadata(&new).is_ok() {
        fs::remove_dir_all(&new).map_err(write)?;
    }
    DirBuilder::new().mode(0o700).create(&new).map_err(write)?;
    Ok(new)
}

/// Gives a folder that is whole its name.
fn finish(new: &Path, folder: &Path) -> Result<(), KeysError> {
    fs::rename(new, folder).map_err(|source| KeysError::Write {
        path: new.to_owned(),
        source,
    })?;
    match folder.parent() {
        Some(parent) => sync_folder(parent),
        None => Ok(()),
    }
}

fn cosigner_name(node: &NodeName) -> String {
    format!("{node}/wpsx/cosigner")
}

fn publisher_file(name: &PublisherName) -> String {
    format!("publisher-{name}.key")
}

/// Before it has a log.
fn new_publisher_file(name: &PublisherName) -> String {
    format!("{}.new", publisher_file(name))
}

fn seed(random: &Random) -> Result<Zeroizing<[u8; 32]>, KeysError> {
    let mut seed = Zeroizing::new([0; 32]);
    random.try_fill(&mut *seed).map_err(KeysError::Random)?;
    Ok(seed)
}

fn line(text: &str) -> Zeroizing<String> {
    Zeroizing::new(format!("{text}\n"))
}

fn damaged(path: PathBuf, damage: impl Into<Damage>) -> KeysError {
    KeysError::Damaged {
        path,
        source: damage.into(),
    }
}

fn check_name(path: PathBuf, found: &str, wanted: &str) -> Result<(), KeysError> {
    if found == wanted {
        return Ok(());
    }
    let (found, wanted) = (found.to_owned(), wanted.to_owned());
    Err(damaged(path, Damage::Named { found, wanted }))
}

fn read<T>(
    folder: &Path,
    file: &str,
    parse: impl Fn(&str) -> Result<T, NoteError>,
) -> Result<T, KeysError> {
    let path = folder.join(file);
    let text = read_text(&path)?;
    parse(text.trim_end()).map_err(|e| damaged(path, e))
}

fn read_text(path: &Path) -> Result<Zeroizing<String>, KeysError> {
    check_rights(path, 0o600)?;
    let failed = |source| KeysError::Read {
        path: path.to_owned(),
        source,
    };
    let mut bytes = Zeroizing::new(Vec::with_capacity(4096));
    File::open(path)
        .and_then(|file| file.take(MAX_FILE).read_to_end(&mut bytes))
        .map_err(failed)?;
    match std::str::from_utf8(&bytes) {
        Ok(text) => Ok(Zeroizing::new(text.to_owned())),
        Err(_) => Err(damaged(path.to_owned(), Damage::NotText)),
    }
}

fn check_rights(path: &Path, wanted: u32) -> Result<(), KeysError> {
    let found = fs::metadata(path).map_err(|source| match source.kind() {
        io::ErrorKind::NotFound => KeysError::Missing(path.to_owned()),
        _ => KeysError::Read {
            path: path.to_owned(),
            source,
        },
    })?;
    if found.mode() & 0o077 == 0 {
        return Ok(());
    }
    Err(KeysError::Exposed {
        path: path.to_owned(),
        wanted,
    })
}

/// Writes a file whole: beside its place, synced, moved there, the folder synced.
fn write_new(folder: &Path, file: &str, text: &str) -> Result<(), KeysError> {
    let path = folder.join(file);
    let new = folder.join("new");
    let write = || -> io::Result<()> {
        if fs::symlink_metadata(&new).is_ok() {
            fs::remove_file(&new)?;
        }
        let mut options = OpenOptions::new();
        let mut out = options
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&new)?;
        out.write_all(text.as_bytes())?;
        out.sync_all()?;
        fs::rename(&new, &path)
    };
    write().map_err(|source| KeysError::Write {
        path: path.clone(),
        source,
    })?;
    sync_folder(folder)
}

fn sync_folder(folder: &Path) -> Result<(), KeysError> {
    // The parent of a bare name is the empty path: the current folder.
    let folder = match folder.as_os_str().is_empty() {
        true => Path::new("."),
        false => folder,
    };
    File::open(folder)
        .and_then(|folder| folder.sync_all())
        .map_err(|source| KeysError::Write {
            path: folder.to_owned(),
            source,
        })
}

#[cfg(test)]
mod tests {
    use std::{fs::Permissions, os::unix::fs::PermissionsExt as _};

    use super::*;

    fn made() -> (tempfile::TempDir, PathBuf, Keys) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("keys");
        let keys = Keys::create(
            &path,
            &NodeName::parse("n1.eu.example").unwrap(),
            &Random::system(),
        )
        .unwrap();
        (folder, path, keys)
    }

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().mode() & 0o777
    }

    #[test]
    fn keys_that_were_made_open_again() {
        let (_folder, path, keys) = made();
        let eu = PublisherName::parse("eu.example").unwrap();
        let signer = keys.add_publisher(&eu, &Random::system()).unwrap();
        assert_eq!(signer.name(), "eu.example");
        let again = Keys::open(&path).unwrap();
        assert_eq!(again.node_name().as_str(), "n1.eu.example");
        assert_eq!(again.cosigner().name(), "n1.eu.example/wpsx/cosigner");
        assert_eq!(again.tls_key_hash(), keys.tls_key_hash());
        assert_eq!(
            again.node_key().verifier_key().to_string(),
            keys.node_key().verifier_key().to_string()
        );
        // Adding it again gives the same key as long as it has no log.
        assert_eq!(again.publishers().unwrap(), []);
        let same = again.add_publisher(&eu, &Random::system()).unwrap();
        let found = again.publisher(&eu).unwrap();
        for signer_again in [same, found] {
            let key = signer_again.verifier_key().to_string();
            assert_eq!(key, signer.verifier_key().to_string());
        }
        again.keep(&eu).unwrap();
        again.keep(&eu).unwrap();
        assert_eq!(again.publishers().unwrap(), std::slice::from_ref(&eu));
        again.publisher(&eu).unwrap();
        // With a kept one something may have been signed.
        assert!(matches!(
            again.add_publisher(&eu, &Random::system()),
            Err(KeysError::Unknown(_))
        ));
        let none = PublisherName::parse("au.example").unwrap();
        assert!(matches!(again.publisher(&none), Err(KeysError::Missing(_))));
    }

    #[test]
    fn nobody_else_may_read_them() {
        let (_folder, path, keys) = made();
        keys.add_publisher(
            &PublisherName::parse("eu.example").unwrap(),
            &Random::system(),
        )
        .unwrap();
        assert_eq!(mode(&path), 0o700);
        let mut files = 0;
        for entry in fs::read_dir(&path).unwrap() {
            assert_eq!(mode(&entry.unwrap().path()), 0o600);
            files += 1;
        }
        assert_eq!(files, 5);
        let file = path.join(COSIGNER);
        fs::set_permissions(&file, Permissions::from_mode(0o640)).unwrap();
        let message = Keys::open(&path).unwrap_err().to_string();
        assert!(
            message.contains(&format!("chmod 600 {}", file.display())),
            "{message}"
        );
        fs::set_permissions(&file, Permissions::from_mode(0o600)).unwrap();
        fs::set_permissions(&path, Permissions::from_mode(0o755)).unwrap();
        let message = Keys::open(&path).unwrap_err().to_string();
        assert!(
            message.contains(&format!("chmod 700 {}", path.display())),
            "{message}"
        );
    }

    #[test]
    fn keys_are_never_overwritten() {
        let (_folder, path, keys) = made();
        let name = NodeName::parse("other.example").unwrap();
        let again = Keys::create(&path, &name, &Random::system());
        assert!(matches!(again, Err(KeysError::Exists(_))));
        assert_eq!(
            Keys::open(&path).unwrap().tls_key_hash(),
            keys.tls_key_hash()
        );
    }

    #[test]
    fn what_an_interrupted_attempt_left_is_no_hindrance() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("keys");
        let left = path.with_extension("new");
        fs::create_dir(&left).unwrap();
        fs::write(left.join(NODE), "half").unwrap();
        let keys = Keys::create(&path, &NodeName::parse("n1").unwrap(), &Random::system()).unwrap();
        assert!(!left.exists());
        fs::write(path.join("new"), "half").unwrap();
        keys.add_publisher(&PublisherName::parse("eu").unwrap(), &Random::system())
            .unwrap();
    }

    #[test]
    fn a_missing_foreign_or_damaged_key_is_named() {
        for (file, content) in [
            (NODE, None),
            (TLS_CERTIFICATE, None),
            (NODE, Some("nonsense")),
            (COSIGNER, Some("")),
            (TLS_KEY, Some("-----BEGIN PRIVATE KEY-----\n")),
        ] {
            let (_folder, path, _keys) = made();
            match content {
                None => fs::remove_file(path.join(file)).unwrap(),
                Some(content) => fs::write(path.join(file), content).unwrap(),
            }
            let error = Keys::open(&path).unwrap_err();
            assert!(error.to_string().contains(file), "{error}");
            let is_missing = matches!(error, KeysError::Missing(_));
            assert_eq!(is_missing, content.is_none());
        }
        // The keys of two nodes, mixed.
        let (_one, first, _) = made();
        let folder = tempfile::tempdir().unwrap();
        let second = folder.path().join("keys");
        Keys::create(&second, &NodeName::parse("n2").unwrap(), &Random::system()).unwrap();
        for file in [COSIGNER, TLS_KEY] {
            let kept = fs::read(second.join(file)).unwrap();
            fs::write(second.join(file), fs::read(first.join(file)).unwrap()).unwrap();
            let error = Keys::open(&second).unwrap_err();
            assert!(matches!(error, KeysError::Damaged { .. }), "{error}");
            fs::write(second.join(file), kept).unwrap();
        }
        let (eu, au) = (
            PublisherName::parse("eu").unwrap(),
            PublisherName::parse("au").unwrap(),
        );
        let keys = Keys::open(&second).unwrap();
        keys.add_publisher(&eu, &Random::system()).unwrap();
        keys.keep(&eu).unwrap();
        fs::rename(
            second.join(publisher_file(&eu)),
            second.join(publisher_file(&au)),
        )
        .unwrap();
        assert!(matches!(
            keys.publisher(&au),
            Err(KeysError::Damaged { .. })
        ));
    }
}
