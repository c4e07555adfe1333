//! The Unix socket by which commands reach the running node.

use std::{
    fs::{self, Permissions},
    io,
    os::unix::fs::{FileTypeExt as _, PermissionsExt as _},
    path::{Path, PathBuf},
};

use axum::Router;
use tokio::{
    net::{UnixListener, UnixStream},
    time::sleep,
};
use wpsx_client::transport::Counted;

use super::{ACCEPT_PAUSE, Connections, ListenError, http2_connection};

/// `sun_path` has 108 bytes on Linux and 104 on other systems, the closing zero included.
const MAX_PATH: usize = 100;

/// Serves HTTP/2 on a Unix socket that only this user may open, until the node stops;
/// then removes it. A socket that a dead process left is replaced.
///
/// # Errors
/// When the path is too long, in use or not ours to write.
pub async fn serve_unix(
    path: &Path,
    router: Router,
    connections: Connections,
) -> Result<(), ListenError> {
    let socket = Socket::bind(path).await?;
    loop {
        let accepted = tokio::select! {
            biased;
            () = connections.stop().cancelled() => return Ok(()),
            accepted = socket.listener.accept() => accepted,
        };
        let stream = match accepted {
            Ok((stream, _)) => Counted::new(stream),
            Err(error) => {
                tracing::warn!(%error, "cannot accept commands at the moment");
                sleep(ACCEPT_PAUSE).await;
                continue;
            }
        };
        let slot = match connections.admit(None, None, stream.counters()) {
            Ok(slot) => slot,
            Err(cap) => {
                connections.refuse(None, cap);
                continue;
            }
        };
        let router = router.clone();
        tokio::spawn(async move {
            if let Err(error) = http2_connection(stream, None, None, router, &slot).await {
                slot.connections.refuse(None, &error.to_string());
            }
        });
    }
}

struct Socket {
    listener: UnixListener,
    path: PathBuf,
}

impl Socket {
    async fn bind(path: &Path) -> Result<Self, ListenError> {
        let shown = path.display().to_string();
        // Made beside its place with its rights, then moved there: at no moment can
        // another user open it.
        let new = path.with_extension("new");
        if path.as_os_str().len().max(new.as_os_str().len()) > MAX_PATH {
            return Err(ListenError::PathTooLong(shown));
        }
        match fs::symlink_metadata(path) {
            Ok(found) if !found.file_type().is_socket() => {
                return Err(ListenError::NotASocket(shown));
            }
            Ok(_) if UnixStream::connect(path).await.is_ok() => {
                return Err(ListenError::SocketTaken(shown));
            }
            _ => {}
        }
        let made = || -> io::Result<UnixListener> {
            if fs::symlink_metadata(&new).is_ok() {
                fs::remove_file(&new)?;
            }
            let listener = UnixListener::bind(&new)?;
            fs::set_permissions(&new, Permissions::from_mode(0o600))?;
            fs::rename(&new, path)?;
            Ok(listener)
        };
        let listener = made().map_err(|source| ListenError::Socket {
            path: shown,
            source,
        })?;
        Ok(Self {
            listener,
            path: path.to_owned(),
        })
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.path);
    }
}
