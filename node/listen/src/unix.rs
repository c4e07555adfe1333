//! The Unix socket by which the operator's commands reach the running node.

use std::{
    fs::{self, DirBuilder, Permissions},
    io,
    os::unix::fs::{DirBuilderExt as _, FileTypeExt as _, PermissionsExt as _},
    path::{Path, PathBuf},
};

use axum::Router;
use tokio::{
    net::{UnixListener, UnixStream},
    runtime::Handle,
};

use crate::{
    accept::accept_each,
    connections::Connections,
    error::ListenError,
    http::{Served, http2_connection},
    operator::Operator,
};

/// `sun_path` has 108 bytes on Linux and 104 on other systems, the closing zero included.
const MAX_PATH: usize = 100;

/// Serves HTTP/2 on a Unix socket that only this user may open, until the node stops;
/// then removes it. A socket that a dead process left is replaced. Every request is
/// the operator's: nobody else can open it.
///
/// # Errors
/// When the path is too long, in use or not ours to write, or when accepting ended in
/// a panic.
pub async fn serve_unix(
    path: &Path,
    router: Router,
    connections: Connections,
) -> Result<(), ListenError> {
    let socket = Socket::bind(path).await?;
    accept_each(
        &socket.listener,
        || path.display().to_string(),
        &connections,
        &Handle::current(),
        |stream, _, slot| {
            let router = router.clone();
            async move {
                let served = Served::to_operator(Operator::at_this_door(), &slot, router);
                http2_connection(stream, served, &slot).await
            }
        },
    )
    .await
}

struct Socket {
    listener: UnixListener,
    path: PathBuf,
}

impl Socket {
    #[expect(
        clippy::disallowed_methods,
        reason = "this is the owner of the way in; it knocks only to hear whether somebody lives there"
    )]
    async fn bind(path: &Path) -> Result<Self, ListenError> {
        let shown = path.display().to_string();
        // Made in a folder that nobody else may enter, then moved to its place with its
        // rights: at no moment can another user open it, whatever the umask is.
        let private = path.with_extension("new");
        let new = private.join("s");
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
            remove(&private)?;
            DirBuilder::new().mode(0o700).create(&private)?;
            let listener = UnixListener::bind(&new)?;
            fs::set_permissions(&new, Permissions::from_mode(0o600))?;
            fs::rename(&new, path)?;
            fs::remove_dir(&private)?;
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

/// Removes what an interrupted attempt left, a folder or a socket.
fn remove(left: &Path) -> io::Result<()> {
    match fs::symlink_metadata(left) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error),
        Ok(found) if found.is_dir() => fs::remove_dir_all(left),
        Ok(_) => fs::remove_file(left),
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.path);
    }
}
