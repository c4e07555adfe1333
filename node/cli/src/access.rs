//! How a command reaches the node.
//!
//! Every command speaks `wpsx.admin.v1`: over the Unix socket in the data
//! directory while a node runs there, else over a pipe inside this process to a
//! node that the command opens itself. There is one code path, so a command
//! cannot behave differently because a node happens to run.

use std::{
    io,
    path::{Path, PathBuf},
};

use axum::Router;
use futures::future::BoxFuture;
use tokio::net::UnixStream;
use wpsx_client::transport::{Connection, Settings, TransportError};
use wpsx_listen::Pipe;
use wpsx_proto::{
    api::admin::v1::{
        admin_service_client::AdminServiceClient, batch_service_client::BatchServiceClient,
    },
    chain,
};

use super::failure::Failure;

/// The name of the operator's socket in the data directory.
pub const SOCKET: &str = "admin.sock";

/// The client that commands call.
pub type Admin = AdminServiceClient<Connection>;

/// What must be done before the process ends: closing the node that was opened.
type Closing = BoxFuture<'static, Result<(), Failure>>;

/// A node that this command may command.
pub struct Desk {
    /// The calls.
    pub admin: Admin,
    /// Those about whole files.
    pub batches: BatchServiceClient<Connection>,
    connection: Connection,
    data_dir: Option<PathBuf>,
    _pipe: Option<Pipe>,
    closing: Option<Closing>,
}

/// The socket of the node that runs on this data directory.
pub fn socket_path(data_dir: &Path) -> PathBuf {
    data_dir.join(SOCKET)
}

impl Desk {
    /// The running node's desk; `None` if no node runs on the data directory.
    ///
    /// # Errors
    ///
    /// The socket is there and cannot be used.
    #[expect(
        clippy::disallowed_methods,
        reason = "a command knocks on its own machine and explains each answer of the system"
    )]
    pub fn running(data_dir: &Path) -> BoxFuture<'_, Result<Option<Self>, Failure>> {
        Box::pin(async move {
            let path = socket_path(data_dir);
            let stream = match UnixStream::connect(&path).await {
                Ok(stream) => stream,
                // A node that was killed leaves its socket behind.
                Err(error)
                    if matches!(
                        error.kind(),
                        io::ErrorKind::NotFound | io::ErrorKind::ConnectionRefused
                    ) =>
                {
                    return Ok(None);
                }
                Err(error) => {
                    let what = format!("cannot reach the node through {}", path.display());
                    let remedy = match error.kind() {
                        io::ErrorKind::PermissionDenied => {
                            "run the command as the user that the node runs as"
                        }
                        io::ErrorKind::InvalidInput => {
                            "the path is too long for a socket; start the command from a folder nearer \
                             to it and give --data-dir relative to that"
                        }
                        _ => "see whether the node still runs",
                    };
                    return Err(Failure::unreached(format!("{what}: {error}")).remedy(remedy));
                }
            };
            let connection = Connection::over(stream, &Settings::default()).await;
            let desk = Self::on(connection.map_err(unanswered)?, None, None);
            Ok(Some(desk.at(data_dir)))
        })
    }

    /// A desk in front of the operator's service `operator`, in this process. `closing` is awaited by [`Desk::close`].
    ///
    /// # Errors
    ///
    /// The pipe breaks at once, which means that this process is being stopped.
    pub fn before(
        operator: Router,
        closing: impl Future<Output = Result<(), Failure>> + Send + 'static,
    ) -> BoxFuture<'static, Result<Self, Failure>> {
        let closing: Closing = Box::pin(closing);
        Box::pin(async move {
            let pipe = Pipe::open(operator).await.map_err(unanswered)?;
            let connection = pipe.connection();
            Ok(Self::on(connection, Some(pipe), Some(closing)))
        })
    }

    fn on(connection: Connection, pipe: Option<Pipe>, closing: Option<Closing>) -> Self {
        let admin = AdminServiceClient::new(connection.clone())
            .max_decoding_message_size(MESSAGE)
            .max_encoding_message_size(MESSAGE);
        let batches = BatchServiceClient::new(connection.clone())
            .max_decoding_message_size(MESSAGE)
            .max_encoding_message_size(MESSAGE);
        Self {
            admin,
            batches,
            connection,
            data_dir: None,
            _pipe: pipe,
            closing,
        }
    }

    /// The same, in front of the node of this data directory.
    #[must_use]
    pub fn at(mut self, data_dir: &Path) -> Self {
        self.data_dir = Some(data_dir.to_owned());
        self
    }

    /// The node's data directory, where its operator's own files are.
    pub(crate) fn data_dir(&self) -> Option<&Path> {
        self.data_dir.as_deref()
    }

    /// Whether the node runs by itself, in another process.
    pub fn is_running(&self) -> bool {
        self.closing.is_none()
    }

    /// Ends the conversation and closes the node if this command opened it.
    ///
    /// # Errors
    ///
    /// The node could not write its last bytes.
    pub fn close(self) -> BoxFuture<'static, Result<(), Failure>> {
        Box::pin(async move {
            self.connection.close();
            match self.closing {
                Some(closing) => closing.await,
                None => Ok(()),
            }
        })
    }
}

/// The largest message on a desk: a batch of drafts, or a card.
const MESSAGE: usize = 8 << 20;

fn unanswered(error: TransportError) -> Failure {
    Failure::unreached(format!("the node does not answer: {}", chain(&error)))
}
