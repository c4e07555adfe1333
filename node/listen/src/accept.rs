//! The accept loop that all listeners share: one task for each connection, none
//! beyond the caps, until the node stops.

use std::{future::Future, io, net::SocketAddr, time::Duration};

use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpListener, TcpStream, UnixListener, UnixStream},
    runtime::Handle,
    task::yield_now,
    time::sleep,
};
use wpsx_client::transport::Counted;

use crate::{
    connections::{Connections, Slot},
    error::ListenError,
    panics::{self, Panicked, guarded},
};

/// After an error of the system that will not go away at once.
const ACCEPT_PAUSE: Duration = Duration::from_millis(500);

/// Where connections come from.
pub(crate) trait Door: Sync {
    /// A connection.
    type Io: AsyncRead + AsyncWrite + Send + Unpin + 'static;

    /// The next connection, and from where it comes if that has an address.
    fn next(&self) -> impl Future<Output = io::Result<(Self::Io, Option<SocketAddr>)>> + Send;
}

impl Door for TcpListener {
    type Io = TcpStream;

    async fn next(&self) -> io::Result<(TcpStream, Option<SocketAddr>)> {
        let (stream, address) = self.accept().await?;
        // Small messages go out at once; without it, each would wait for an answer.
        let _ = stream.set_nodelay(true);
        Ok((stream, Some(address)))
    }
}

impl Door for UnixListener {
    type Io = UnixStream;

    async fn next(&self) -> io::Result<(UnixStream, Option<SocketAddr>)> {
        let (stream, _) = self.accept().await?;
        Ok((stream, None))
    }
}

/// Accepts until the node stops, and runs `serve` for each connection in its own task in
/// `room`. `place` is where, for the error.
///
/// # Errors
/// When the loop ended in a panic: nobody can connect here any more.
pub(crate) async fn accept_each<D, F>(
    door: &D,
    place: impl FnOnce() -> String,
    connections: &Connections,
    room: &Handle,
    serve: impl Fn(Counted<D::Io>, Option<SocketAddr>, Slot) -> F,
) -> Result<(), ListenError>
where
    D: Door,
    F: Future<Output = Result<(), ListenError>> + Send + 'static,
{
    let accepting = async {
        loop {
            let accepted = tokio::select! {
                biased;
                () = connections.stop().cancelled() => return,
                accepted = door.next() => accepted,
            };
            match accepted {
                Ok((stream, address)) => {
                    take(stream, address, connections, room, &serve);
                    // What it has said already is heard before the next one comes, so that of
                    // many at once each is answered and nobody seems to be silent.
                    yield_now().await;
                }
                Err(error) if is_of_one_connection(&error) => {}
                Err(error) => {
                    tracing::warn!(%error, "cannot accept connections at the moment");
                    sleep(ACCEPT_PAUSE).await;
                }
            }
        }
    };
    guarded(accepting)
        .await
        .map_err(|Panicked| ListenError::Panicked { place: place() })
}

fn take<IO, F>(
    stream: IO,
    address: Option<SocketAddr>,
    connections: &Connections,
    room: &Handle,
    serve: impl Fn(Counted<IO>, Option<SocketAddr>, Slot) -> F,
) where
    IO: AsyncRead + AsyncWrite + Send + Unpin + 'static,
    F: Future<Output = Result<(), ListenError>> + Send + 'static,
{
    let stream = Counted::new(stream);
    let slot = connections.admit(address, None, stream.counters());
    let served = serve(stream, address, slot);
    let connections = connections.clone();
    room.spawn(async move {
        match guarded(served).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => connections.refuse(address, &error.to_string()),
            Err(Panicked) => panics::report(address),
        }
    });
}

fn is_of_one_connection(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionAborted
            | io::ErrorKind::ConnectionReset
            | io::ErrorKind::ConnectionRefused
            | io::ErrorKind::Interrupted
    )
}

#[cfg(test)]
mod tests {
    use tokio_util::sync::CancellationToken;
    use wpsx_client::clock::Clock;

    use super::*;
    use crate::limits::Limits;

    /// A door that breaks when somebody comes.
    struct Trap;

    impl Door for Trap {
        type Io = TcpStream;

        async fn next(&self) -> io::Result<(TcpStream, Option<SocketAddr>)> {
            panic!("the door fell off its hinges")
        }
    }

    #[tokio::test]
    async fn a_loop_that_panics_tells_who_started_it() {
        let all = Connections::new(Limits::default(), Clock::system(), CancellationToken::new());
        let ended = accept_each(
            &Trap,
            || "the trap".to_owned(),
            &all,
            &Handle::current(),
            |_, _, _| async { Ok(()) },
        )
        .await;
        let message = ended.unwrap_err().to_string();
        assert!(
            message.contains("connect to the trap any more"),
            "{message}"
        );
        assert!(!message.contains("hinges"), "{message}");
    }
}
