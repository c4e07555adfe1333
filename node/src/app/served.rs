//! The services, over the parts that they use.

use std::{sync::Arc, time::Duration};

use axum::Router;
use futures::future::BoxFuture;
use tokio_util::sync::CancellationToken;
use wpsx_domain::{
    NodeError,
    access::{Access, Sight},
    records::Records,
};
use wpsx_doors::app::Services;
use wpsx_proto::api::admin::v1::GetStatusResponse;
use wpsx_services::{
    admin::Desk,
    network::{Network, Operations as _},
    router::{self, PublicParts},
};

use super::network::NodeNetwork;

/// What is served of a node.
pub(super) struct Served {
    pub(super) access: Access,
    pub(super) records: Records,
    pub(super) network: Arc<NodeNetwork>,
    pub(super) desk: Desk,
    /// The longest that a call of the public services may take.
    pub(super) deadline: Duration,
    pub(super) stopping: CancellationToken,
}

impl Services for Served {
    fn public(&self) -> BoxFuture<'_, Result<Router, NodeError>> {
        Box::pin(router::public(PublicParts {
            access: self.access.clone(),
            records: self.records.clone(),
            network: self.network.clone() as Arc<dyn Network>,
            deadline: self.deadline,
            stop: self.stopping.clone(),
        }))
    }

    fn operator(&self) -> Router {
        router::operator(self.desk.clone())
    }

    fn status(&self, sight: &Sight) -> Result<GetStatusResponse, NodeError> {
        Ok(self.network.state(sight)?.into_api())
    }
}
