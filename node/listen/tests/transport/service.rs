//! What the listener of these tests serves.

use std::pin::Pin;

use axum::{Router, routing::get};
use bytes::Bytes;
use futures::{Stream, stream};
use tokio::time::sleep;
use tonic::{Extensions, Request, Response, Status};
use wpsx_listen::Caller;
use wpsx_proto::api::{
    log::v1::Package,
    replication::v1::{
        GetConsistencyRequest, GetConsistencyResponse, GetIdentityRequest, GetIdentityResponse,
        HelloRequest, HelloResponse, ListHeadsRequest, ListHeadsResponse, ReadPackagesRequest,
        ReadPackagesResponse, ReadPayloadsRequest, ReadPayloadsResponse, ReportErasureRequest,
        ReportErasureResponse, ReportForkRequest, ReportForkResponse, ReportRefusalRequest,
        ReportRefusalResponse, WatchHeadsRequest, WatchHeadsResponse,
        replication_service_server::{ReplicationService, ReplicationServiceServer},
    },
};

use crate::node::SHORT;

/// Answers with who called, and sends as much as it is asked for.
pub(crate) struct Service;

impl Service {
    pub(crate) fn router() -> Router {
        let service = ReplicationServiceServer::new(Self);
        let slow = || async {
            sleep(SHORT * 3).await;
            "at last"
        };
        Router::new()
            .route("/page", get(|| async { "a page" }))
            .route("/slow", get(slow))
            .route_service("/wpsx.replication.v1.ReplicationService/{call}", service)
    }
}

type Sent<T> = Pin<Box<dyn Stream<Item = Result<T, Status>> + Send>>;

fn caller(extensions: &Extensions) -> Caller {
    extensions
        .get::<Caller>()
        .expect("every request has one")
        .clone()
}

#[tonic::async_trait]
impl ReplicationService for Service {
    type WatchHeadsStream = Sent<WatchHeadsResponse>;
    type ReadPackagesStream = Sent<ReadPackagesResponse>;
    type ReadPayloadsStream = Sent<ReadPayloadsResponse>;

    async fn hello(
        &self,
        request: Request<HelloRequest>,
    ) -> Result<Response<HelloResponse>, Status> {
        let key = caller(request.extensions()).key().copied();
        Ok(Response::new(HelloResponse {
            software: key.map_or("nobody".to_owned(), |key| key.to_string()),
            ..Default::default()
        }))
    }

    async fn watch_heads(
        &self,
        _: Request<WatchHeadsRequest>,
    ) -> Result<Response<Self::WatchHeadsStream>, Status> {
        Ok(Response::new(Box::pin(stream::pending())))
    }

    async fn read_packages(
        &self,
        request: Request<ReadPackagesRequest>,
    ) -> Result<Response<Self::ReadPackagesStream>, Status> {
        let asked = request.into_inner();
        let entries = Bytes::from(vec![7; usize::try_from(asked.end).unwrap()]);
        let messages = (0..asked.start).map(move |_| {
            let package = Some(Package {
                entries: entries.clone(),
                ..Default::default()
            });
            Ok(ReadPackagesResponse { package })
        });
        Ok(Response::new(Box::pin(stream::iter(messages))))
    }

    async fn list_heads(
        &self,
        _: Request<ListHeadsRequest>,
    ) -> Result<Response<ListHeadsResponse>, Status> {
        Err(Status::unimplemented(""))
    }

    async fn get_identity(
        &self,
        _: Request<GetIdentityRequest>,
    ) -> Result<Response<GetIdentityResponse>, Status> {
        Err(Status::unimplemented(""))
    }

    async fn get_consistency(
        &self,
        _: Request<GetConsistencyRequest>,
    ) -> Result<Response<GetConsistencyResponse>, Status> {
        Err(Status::unimplemented(""))
    }

    async fn read_payloads(
        &self,
        _: Request<ReadPayloadsRequest>,
    ) -> Result<Response<Self::ReadPayloadsStream>, Status> {
        Err(Status::unimplemented(""))
    }

    async fn report_refusal(
        &self,
        _: Request<ReportRefusalRequest>,
    ) -> Result<Response<ReportRefusalResponse>, Status> {
        Err(Status::unimplemented(""))
    }

    async fn report_fork(
        &self,
        _: Request<ReportForkRequest>,
    ) -> Result<Response<ReportForkResponse>, Status> {
        Err(Status::unimplemented(""))
    }

    async fn report_erasure(
        &self,
        _: Request<ReportErasureRequest>,
    ) -> Result<Response<ReportErasureResponse>, Status> {
        Err(Status::unimplemented(""))
    }
}
