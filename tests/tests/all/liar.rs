//! A peer that lies over a real connection: the test node of `wpsx-client` behind
//! this project's own listener, with a certificate and a card of its own.

use std::{net::Ipv4Addr, sync::Arc};

use anyhow::Result;
use tokio::net::TcpListener;
use tokio_util::sync::{CancellationToken, DropGuard};
use tonic::service::Routes;
use wpsx_client::clock::Clock;
use wpsx_client::testing::{TestLog, TestNode};
use wpsx_federation::peers::{PayloadFilter, Peer};
use wpsx_listen::{
    self as listen, Connections, Limits,
    tls::{NewTlsIdentity, ServerTls},
};
use wpsx_proto::{
    api::replication::v1::replication_service_server::ReplicationServiceServer, origin::NodeName,
};

/// A test node that real nodes can dial, until it is dropped.
pub(crate) struct Liar {
    /// The node's name.
    pub(crate) name: String,
    /// What it serves, and the lie that it tells.
    pub(crate) node: TestNode,
    _stop: DropGuard,
}

impl Liar {
    /// Serves `logs` as the node `<name>.example`; it tells the truth until told otherwise.
    ///
    /// # Errors
    /// There is no port to listen on.
    pub(crate) async fn start(name: &str, logs: Vec<TestLog>) -> Result<Self> {
        let name = NodeName::parse(&format!("{name}.example"))?;
        let identity = NewTlsIdentity::generate(name.as_str())?.identity()?;
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let endpoint = format!("https://{}", listener.local_addr()?);
        let node = TestNode::with_logs(logs);
        node.stand_at(&name, identity.key_hash(), &endpoint);

        let service = ReplicationServiceServer::new(node.clone())
            .max_encoding_message_size(usize::MAX)
            .max_decoding_message_size(usize::MAX);
        let router = Routes::new(service).into_axum_router();
        let stop = CancellationToken::new();
        let connections = Connections::new(Limits::default(), Clock::system(), stop.clone());
        let tls = ServerTls::new(&identity, Arc::new(|_| false))?;
        tokio::spawn(listen::serve_tls(listener, tls, router, None, connections));
        Ok(Self {
            name: name.to_string(),
            node,
            _stop: stop.drop_guard(),
        })
    }

    /// The peer that a node adds to be lied to.
    pub(crate) fn peer(&self) -> Peer {
        Peer {
            card: self.node.card(),
            introduces: false,
            filter: PayloadFilter::default(),
            turn: false,
        }
    }
}
