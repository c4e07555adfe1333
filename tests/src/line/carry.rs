//! What becomes of the bytes on a line.

use std::{
    io,
    net::Ipv4Addr,
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

use tokio::{
    io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _},
    net::TcpStream,
    sync::{mpsc, watch},
    time::{Instant, sleep_until},
};
use wpsx_client::clock::monotonic;

/// Bytes that a slow line carries as one.
const PACKET: usize = 1_400;
/// Pieces that wait on the line, as in the buffer of a router.
const BUFFER: usize = 32;

/// What happens to bytes on the line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    Open,
    /// Nothing arrives, and nobody is told: no FIN, no RST. What was under way arrives
    /// when the line is open again.
    BlackHole,
    /// Connections end, and new ones are hung up on.
    Cut,
}

/// What the line is like, for bytes that enter it from now on.
#[derive(Debug, Default)]
pub(super) struct Shape {
    /// Bytes a second; zero for all that come.
    pub(super) rate: AtomicU64,
    /// Milliseconds.
    pub(super) delay: AtomicU64,
}

/// Carries a connection to a port of this machine, to its end.
pub(super) async fn carry(
    near: TcpStream,
    port: u16,
    mut way: watch::Receiver<Way>,
    shape: &Shape,
    carried: &AtomicU64,
) -> io::Result<()> {
    passable(&mut way).await?;
    let far = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await?;
    near.set_nodelay(true)?;
    far.set_nodelay(true)?;
    let (near_in, near_out) = near.into_split();
    let (far_in, far_out) = far.into_split();
    tokio::select! {
        ended = pump(near_in, far_out, way.clone(), shape, carried) => ended,
        ended = pump(far_in, near_out, way, shape, carried) => ended,
    }
}

/// One direction of a connection, to its end.
async fn pump(
    from: impl AsyncRead + Unpin,
    to: impl AsyncWrite + Unpin,
    way: watch::Receiver<Way>,
    shape: &Shape,
    carried: &AtomicU64,
) -> io::Result<()> {
    let (sent, arriving) = mpsc::channel(BUFFER);
    let taken = take(from, way.clone(), shape, sent);
    let given = give(arriving, to, way, carried);
    let (taken, given) = tokio::join!(taken, given);
    taken.and(given)
}

/// Reads what is to be carried, as fast as the line is.
async fn take(
    mut from: impl AsyncRead + Unpin,
    mut way: watch::Receiver<Way>,
    shape: &Shape,
    out: mpsc::Sender<(Instant, Vec<u8>)>,
) -> io::Result<()> {
    let mut bytes = vec![0; 64 * 1024];
    let mut free = monotonic();
    loop {
        passable(&mut way).await?;
        let rate = shape.rate.load(Ordering::Relaxed);
        let most = if rate == 0 { bytes.len() } else { PACKET };
        let read = tokio::select! {
            read = from.read(&mut bytes[..most]) => read?,
            _ = way.changed() => continue,
        };
        if read == 0 {
            return Ok(());
        }
        let busy = (read as u64 * 1_000_000).checked_div(rate).unwrap_or(0);
        free = free.max(monotonic()) + Duration::from_micros(busy);
        let delay = Duration::from_millis(shape.delay.load(Ordering::Relaxed));
        let piece = (free + delay, bytes[..read].to_vec());
        if out.send(piece).await.is_err() {
            return Ok(());
        }
    }
}

/// Hands on each piece when it has arrived.
async fn give(
    mut arriving: mpsc::Receiver<(Instant, Vec<u8>)>,
    mut to: impl AsyncWrite + Unpin,
    mut way: watch::Receiver<Way>,
    carried: &AtomicU64,
) -> io::Result<()> {
    while let Some((at, bytes)) = arriving.recv().await {
        sleep_until(at).await;
        passable(&mut way).await?;
        to.write_all(&bytes).await?;
        carried.fetch_add(bytes.len() as u64, Ordering::Relaxed);
    }
    Ok(())
}

/// Waits while the line swallows everything.
async fn passable(way: &mut watch::Receiver<Way>) -> io::Result<()> {
    let now = way.wait_for(|way| *way != Way::BlackHole).await;
    match now.as_deref() {
        Ok(Way::Open) => Ok(()),
        _ => Err(io::ErrorKind::ConnectionAborted.into()),
    }
}
