//! A line between two nodes that a test can break: a proxy on the loopback that
//! carries bytes, swallows them without a word, or hangs up.

use std::{
    io,
    net::Ipv4Addr,
    sync::{
        Arc,
        atomic::{AtomicU16, AtomicU64, Ordering},
    },
};

use anyhow::Result;
use tokio::{
    io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    sync::watch,
    task::JoinSet,
};

/// What happens to bytes on the line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    Open,
    /// Nothing arrives, and nobody is told: no FIN, no RST. What was under way arrives
    /// when the line is open again.
    BlackHole,
    /// Connections end, and new ones are hung up on.
    Cut,
}

/// A port that leads to another one of this machine.
pub struct Line {
    port: u16,
    way: watch::Sender<Way>,
    target: Arc<AtomicU16>,
    carried: Arc<AtomicU64>,
    _running: JoinSet<()>,
}

impl Line {
    /// A line that leads nowhere yet.
    ///
    /// # Errors
    /// There is no port to listen on.
    pub async fn start() -> Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let port = listener.local_addr()?.port();
        let (way, _) = watch::channel(Way::Open);
        let (target, carried) = (Arc::<AtomicU16>::default(), Arc::<AtomicU64>::default());
        let mut running = JoinSet::new();
        running.spawn(accept(
            listener,
            way.clone(),
            target.clone(),
            carried.clone(),
        ));
        Ok(Self {
            port,
            way,
            target,
            carried,
            _running: running,
        })
    }

    /// The endpoint to put on a card.
    pub fn endpoint(&self) -> String {
        format!("https://127.0.0.1:{}", self.port)
    }

    /// Leads to this port of the loopback from now on.
    pub fn lead_to(&self, port: u16) {
        self.target.store(port, Ordering::Relaxed);
    }

    /// Carries bytes.
    pub fn open(&self) {
        self.way.send_replace(Way::Open);
    }

    /// Carries nothing any more and tells nobody.
    pub fn swallow(&self) {
        self.way.send_replace(Way::BlackHole);
    }

    /// Hangs up.
    pub fn cut(&self) {
        self.way.send_replace(Way::Cut);
    }

    /// The bytes that arrived so far, both directions together.
    pub fn carried(&self) -> u64 {
        self.carried.load(Ordering::Relaxed)
    }
}

async fn accept(
    listener: TcpListener,
    way: watch::Sender<Way>,
    target: Arc<AtomicU16>,
    carried: Arc<AtomicU64>,
) {
    let mut calls = JoinSet::new();
    while let Ok((near, _)) = listener.accept().await {
        let (way, carried) = (way.subscribe(), carried.clone());
        let port = target.load(Ordering::Relaxed);
        calls.spawn(async move {
            // However it ends: both ends are closed with it.
            let _ = carry(near, port, way, &carried).await;
        });
    }
}

async fn carry(
    near: TcpStream,
    port: u16,
    mut way: watch::Receiver<Way>,
    carried: &AtomicU64,
) -> io::Result<()> {
    passable(&mut way).await?;
    let far = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await?;
    near.set_nodelay(true)?;
    far.set_nodelay(true)?;
    let (near_in, near_out) = near.into_split();
    let (far_in, far_out) = far.into_split();
    tokio::select! {
        ended = pump(near_in, far_out, way.clone(), carried) => ended,
        ended = pump(far_in, near_out, way, carried) => ended,
    }
}

async fn pump(
    mut from: impl AsyncRead + Unpin,
    mut to: impl AsyncWrite + Unpin,
    mut way: watch::Receiver<Way>,
    carried: &AtomicU64,
) -> io::Result<()> {
    let mut bytes = vec![0; 64 * 1024];
    loop {
        passable(&mut way).await?;
        let read = tokio::select! {
            read = from.read(&mut bytes) => read?,
            _ = way.changed() => continue,
        };
        if read == 0 {
            return Ok(());
        }
        passable(&mut way).await?;
        to.write_all(&bytes[..read]).await?;
        carried.fetch_add(read as u64, Ordering::Relaxed);
    }
}

/// Waits while the line swallows everything.
async fn passable(way: &mut watch::Receiver<Way>) -> io::Result<()> {
    let now = way.wait_for(|way| *way != Way::BlackHole).await;
    match now.as_deref() {
        Ok(Way::Open) => Ok(()),
        _ => Err(io::ErrorKind::ConnectionAborted.into()),
    }
}
