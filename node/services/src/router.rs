//! The services as routers: what peers and readers call, and what the operator's
//! commands call.

use std::{sync::Arc, time::Duration};

use axum::{
    Router,
    extract::Request,
    middleware::{Next, from_fn, from_fn_with_state},
    response::Response,
};
use prost_reflect::{DescriptorError, DescriptorPool};
use tokio_util::sync::CancellationToken;
use tonic::{Status, service::Routes};
use wpsx_domain::{NodeError, access::Access, records::Records};
use wpsx_listen::Operator;
use wpsx_proto::api::{
    DESCRIPTORS,
    admin::v1::{
        admin_service_server::AdminServiceServer, batch_service_server::BatchServiceServer,
    },
    exchange::v1::exchange_service_server::ExchangeServiceServer,
    replication::v1::replication_service_server::ReplicationServiceServer,
};

use crate::{
    admin::{Admin, Desk},
    batches::Batches,
    deadline::{self, Deadline},
    exchange::Exchange,
    network::Network,
    oversized,
    reflection::Reflection,
    replication::Replication,
};

/// The largest request: known heads of a thousand logs.
const MOST_REQUEST: usize = 1 << 20;
/// The largest request of an operator's command: part of an import.
const MOST_ADMIN_REQUEST: usize = 16 << 20;

/// What the public services are made of.
pub struct PublicParts {
    /// Makes each caller's sight.
    pub access: Access,
    /// Questions.
    pub records: Records,
    /// The network of peers.
    pub network: Arc<dyn Network>,
    /// The longest that a call with one answer may take.
    pub deadline: Duration,
    /// Ends watches.
    pub stop: CancellationToken,
}

/// The services that peers and readers call, for the listener and for turned connections.
///
/// # Errors
/// The schemas cannot be described, which is a fault of the build.
pub async fn public(parts: PublicParts) -> Result<Router, NodeError> {
    let PublicParts {
        access,
        records,
        network,
        deadline,
        stop,
    } = parts;
    let (reporter, health) = tonic_health::server::health_reporter();
    reporter
        .set_serving::<ReplicationServiceServer<Replication>>()
        .await;
    reporter
        .set_serving::<ExchangeServiceServer<Exchange>>()
        .await;
    let replication = Replication::new(access.clone(), network.clone(), stop.clone());
    let exchange = Exchange::new(access, records, network, stop);
    let replication =
        ReplicationServiceServer::new(replication).max_decoding_message_size(MOST_REQUEST);
    let exchange = ExchangeServiceServer::new(exchange).max_decoding_message_size(MOST_REQUEST);
    let described = described().map_err(|e| NodeError::Internal(e.to_string()))?;
    let deadline = Deadline::new(deadline, &described);
    let reflection = Reflection::new(&described);
    let routes = Routes::new(replication)
        .add_service(exchange)
        .add_service(health)
        .add_service(reflection.v1())
        .add_service(reflection.v1alpha());
    Ok(routes
        .into_axum_router()
        .layer(from_fn(oversized::said))
        .layer(from_fn_with_state(deadline, deadline::keep)))
}

/// The service that the operator's commands call. Whoever comes with no operator's
/// token is refused before anything is read.
pub fn operator(desk: Desk) -> Router {
    let batches = BatchServiceServer::new(Batches::new(desk.publishing.clone()))
        .max_decoding_message_size(MOST_ADMIN_REQUEST)
        .max_encoding_message_size(MOST_ADMIN_REQUEST);
    let admin = AdminServiceServer::new(Admin::new(desk))
        .max_decoding_message_size(MOST_ADMIN_REQUEST)
        .max_encoding_message_size(MOST_ADMIN_REQUEST);
    Routes::new(admin)
        .add_service(batches)
        .into_axum_router()
        .layer(from_fn(oversized::said))
        .layer(from_fn(operator_only))
}

async fn operator_only(request: Request, next: Next) -> Response {
    if Operator::of(request.extensions()).is_some() {
        return next.run(request).await;
    }
    Status::permission_denied("only the operator may call this").into_http::<axum::body::Body>()
}

/// The schemas of everything that is served.
pub(crate) fn described() -> Result<Vec<DescriptorPool>, DescriptorError> {
    [
        DESCRIPTORS,
        tonic_health::pb::FILE_DESCRIPTOR_SET,
        tonic_reflection::pb::v1::FILE_DESCRIPTOR_SET,
        tonic_reflection::pb::v1alpha::FILE_DESCRIPTOR_SET,
    ]
    .into_iter()
    .map(DescriptorPool::decode)
    .collect()
}
