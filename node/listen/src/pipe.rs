//! A line to the node in this very process, over which its operator's service is called
//! as a command calls it over the socket.

use axum::Router;
use futures::future::BoxFuture;
use wpsx_client::transport::{Connection, Settings, TransportError};

use crate::stream::serve_pipe;

/// How many bytes may be on their way in the pipe.
const IN_THE_PIPE: usize = 1 << 20;

/// An open pipe; the node's end goes when this one does.
pub struct Pipe {
    connection: Connection,
}

impl Pipe {
    /// A pipe to the service `operator`.
    ///
    /// # Errors
    /// The process is being stopped.
    pub fn open(operator: Router) -> BoxFuture<'static, Result<Self, TransportError>> {
        Box::pin(async move {
            let (ours, theirs) = tokio::io::duplex(IN_THE_PIPE);
            tokio::spawn(serve_pipe(theirs, operator));
            let connection = Connection::over(ours, &Settings::default()).await?;
            Ok(Self { connection })
        })
    }

    /// The line, for a client of the service.
    pub fn connection(&self) -> Connection {
        self.connection.clone()
    }
}

impl Drop for Pipe {
    fn drop(&mut self) {
        self.connection.close();
    }
}
