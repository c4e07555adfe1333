//! A line between two nodes that can be cut and mended while both go on.

use std::net::SocketAddr;

use anyhow::Result;
use tokio::{
    io::copy_bidirectional,
    net::{TcpListener, TcpStream},
    sync::watch,
};

/// Forwards connections from a port of the loopback to another one.
pub struct Line {
    address: SocketAddr,
    leads_to: watch::Sender<Option<SocketAddr>>,
}

impl Line {
    /// A line that leads nowhere yet.
    ///
    /// # Errors
    /// There is no port.
    pub async fn lay() -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let (leads_to, target) = watch::channel(None);
        tokio::spawn(async move {
            while let Ok((near, _)) = listener.accept().await {
                tokio::spawn(carry(near, target.clone()));
            }
        });
        Ok(Self { address, leads_to })
    }

    /// What a card names, so that others come over this line.
    pub fn endpoint(&self) -> String {
        format!("https://{}", self.address)
    }

    /// From now on, connections are carried to this port.
    pub fn connect(&self, port: u16) {
        self.leads_to
            .send_replace(Some(SocketAddr::from(([127, 0, 0, 1], port))));
    }

    /// Breaks what is open, and what is opened until it is connected again.
    pub fn cut(&self) {
        self.leads_to.send_replace(None);
    }
}

async fn carry(mut near: TcpStream, mut target: watch::Receiver<Option<SocketAddr>>) {
    let Some(address) = *target.borrow_and_update() else {
        return;
    };
    let Ok(mut far) = TcpStream::connect(address).await else {
        return;
    };
    tokio::select! {
        _ = copy_bidirectional(&mut near, &mut far) => {}
        _ = target.changed() => {}
    }
}
