//! A line between two nodes that a test can break: a proxy on the loopback that
//! carries bytes, at a rate and with a delay, swallows them without a word, or hangs up.

mod carry;

use std::{
    net::Ipv4Addr,
    sync::{
        Arc,
        atomic::{AtomicU16, AtomicU64, Ordering},
    },
    time::Duration,
};

use anyhow::Result;
use tokio::{net::TcpListener, sync::watch, task::JoinSet};

use self::carry::{Shape, Way, carry};

/// A port that leads to another one of this machine.
pub struct Line {
    port: u16,
    way: watch::Sender<Way>,
    target: Arc<AtomicU16>,
    shape: Arc<Shape>,
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
        let shape = Arc::<Shape>::default();
        let mut running = JoinSet::new();
        running.spawn(accept(
            listener,
            way.clone(),
            target.clone(),
            shape.clone(),
            carried.clone(),
        ));
        Ok(Self {
            port,
            way,
            target,
            shape,
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

    /// Carries so many bytes a second in each direction, each of them for so long.
    /// Zero bytes a second: as many as come.
    pub fn slow_down(&self, bytes_per_second: u64, delay: Duration) {
        let Shape {
            rate,
            delay: millis,
        } = &*self.shape;
        rate.store(bytes_per_second, Ordering::Relaxed);
        millis.store(delay.as_millis() as u64, Ordering::Relaxed);
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
    shape: Arc<Shape>,
    carried: Arc<AtomicU64>,
) {
    let mut calls = JoinSet::new();
    while let Ok((near, _)) = listener.accept().await {
        let (way, shape, carried) = (way.subscribe(), shape.clone(), carried.clone());
        let port = target.load(Ordering::Relaxed);
        calls.spawn(async move {
            // However it ends: both ends are closed with it.
            let _ = carry(near, port, way, &shape, &carried).await;
        });
    }
}
