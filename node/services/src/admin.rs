//! Serves `wpsx.admin.v1` to the operator's commands: over the node's Unix
//! socket while it runs, else over a pipe within the command's own process.

use std::pin::Pin;

use bytes::Bytes;
use futures::Stream;
use tokio::sync::mpsc;
use tokio_stream::{StreamExt as _, wrappers::ReceiverStream};
use tonic::{Request, Response, Status, Streaming};
use wpsx_proto::{
    api::admin::v1::{
        AcceptForkRequest, AcceptForkResponse, AddOriginRequest, AddOriginResponse, AddPeerRequest,
        AddPeerResponse, CreatePublisherRequest, CreatePublisherResponse, EraseRequest,
        EraseResponse, Fork, ForkChoice, GetCardRequest, GetCardResponse, GetRecordRequest,
        GetRecordResponse, GetStatusRequest, GetStatusResponse, ListForksRequest,
        ListForksResponse, ListOriginsRequest, ListOriginsResponse, ListPeersRequest,
        ListPeersResponse, ListPublishersRequest, ListPublishersResponse, ListRecordsRequest,
        ListRecordsResponse, Peer as PeerMessage, PublishRequest, PublishResponse,
        Publisher as PublisherMessage, ReindexRequest, ReindexResponse, RemovePeerRequest,
        RemovePeerResponse, VerifyRequest, VerifyResponse, WithdrawRequest, WithdrawResponse,
        admin_service_server::AdminService,
    },
    card::NodeCard,
    envelope::Operation,
    identity::Identity,
    origin::Origin,
};

use crate::{
    calls::blocking,
    error::NodeError,
    forks::Decision,
    node::Node,
    peers::{PayloadFilter, Peer},
    publish::{self, MOST_BYTES, MOST_DRAFTS},
    records, status,
    store::LogHandle,
};

/// Messages ready to be sent on one stream.
const AHEAD: usize = 16;

type Answers<T> = Pin<Box<dyn Stream<Item = Result<T, Status>> + Send>>;

/// The service over one node.
#[derive(Clone)]
pub struct Admin {
    node: Node,
}

impl Admin {
    /// Administers `node`.
    pub fn new(node: Node) -> Self {
        Self { node }
    }
}

fn publisher_message(log: &LogHandle) -> PublisherMessage {
    let identity = log.identity();
    PublisherMessage {
        name: identity.name().to_string(),
        title: identity.title().to_owned(),
        identity: Bytes::copy_from_slice(identity.id().as_bytes()),
        vkey: log.key().to_string(),
        origin: log.origin().to_string(),
        tree_size: log.head().map_or(0, |head| head.size().value()),
        countries: identity
            .countries()
            .iter()
            .map(ToString::to_string)
            .collect(),
    }
}

fn peer_message(peer: &Peer) -> PeerMessage {
    PeerMessage {
        name: peer.name().to_owned(),
        peer_id: Bytes::copy_from_slice(peer.id().as_bytes()),
        endpoints: peer
            .card
            .endpoints()
            .iter()
            .map(ToString::to_string)
            .collect(),
        introduces: peer.introduces,
        kinds: peer.filter.kinds.clone(),
        countries: peer.filter.countries.clone(),
        turn: peer.turn,
    }
}

#[tonic::async_trait]
impl AdminService for Admin {
    type VerifyStream = Answers<VerifyResponse>;
    type ReindexStream = Answers<ReindexResponse>;

    async fn create_publisher(
        &self,
        request: Request<CreatePublisherRequest>,
    ) -> Result<Response<CreatePublisherResponse>, Status> {
        let request = request.into_inner();
        let node = self.node.clone();
        let log = blocking(move || {
            node.create_publisher(&request.name, &request.title, &request.countries)
        })
        .await?;
        let publisher = Some(publisher_message(&log));
        Ok(Response::new(CreatePublisherResponse { publisher }))
    }

    async fn list_publishers(
        &self,
        _: Request<ListPublishersRequest>,
    ) -> Result<Response<ListPublishersResponse>, Status> {
        let logs = self.node.store().logs();
        let publishers = logs
            .iter()
            .filter(|log| log.is_own())
            .map(publisher_message)
            .collect();
        Ok(Response::new(ListPublishersResponse { publishers }))
    }

    async fn get_card(
        &self,
        _: Request<GetCardRequest>,
    ) -> Result<Response<GetCardResponse>, Status> {
        let card = self.node.card()?.note_bytes();
        let card = String::from_utf8(card.to_vec()).map_err(|e| Status::internal(e.to_string()))?;
        Ok(Response::new(GetCardResponse { card }))
    }

    async fn add_peer(
        &self,
        request: Request<AddPeerRequest>,
    ) -> Result<Response<AddPeerResponse>, Status> {
        let request = request.into_inner();
        let node = self.node.clone();
        let peer = blocking(move || {
            let card = NodeCard::verify(request.card.as_bytes())
                .map_err(|e| NodeError::invalid("card", e))?;
            node.add_peer(Peer {
                card,
                introduces: request.introduces,
                filter: PayloadFilter {
                    kinds: request.kinds,
                    countries: request.countries,
                },
                turn: request.turn,
            })
        })
        .await?;
        Ok(Response::new(AddPeerResponse {
            peer: Some(peer_message(&peer)),
        }))
    }

    async fn list_peers(
        &self,
        _: Request<ListPeersRequest>,
    ) -> Result<Response<ListPeersResponse>, Status> {
        let peers = self
            .node
            .peers()
            .all()
            .iter()
            .map(|peer| peer_message(peer))
            .collect();
        Ok(Response::new(ListPeersResponse { peers }))
    }

    async fn remove_peer(
        &self,
        request: Request<RemovePeerRequest>,
    ) -> Result<Response<RemovePeerResponse>, Status> {
        self.node.remove_peer(&request.into_inner().name)?;
        Ok(Response::new(RemovePeerResponse {}))
    }

    async fn add_origin(
        &self,
        request: Request<AddOriginRequest>,
    ) -> Result<Response<AddOriginResponse>, Status> {
        let card = request.into_inner().card;
        let node = self.node.clone();
        let origins = blocking(move || {
            let identities = match NodeCard::verify(card.as_bytes()) {
                Ok(card) => card.publishers().to_vec(),
                Err(not_a_card) => {
                    let notes = [Bytes::from(card.into_bytes())];
                    let identity = Identity::verify(&notes).map_err(|not_an_identity| {
                        NodeError::invalid(
                            "card",
                            format!("neither a node's card ({not_a_card}) nor a publisher's ({not_an_identity})"),
                        )
                    })?;
                    vec![identity]
                }
            };
            identities.iter().map(|identity| node.follow(identity)).collect::<Result<Vec<_>, _>>()
        })
        .await?;
        let origins = origins.iter().map(|log| log.origin().to_string()).collect();
        Ok(Response::new(AddOriginResponse { origins }))
    }

    async fn list_origins(
        &self,
        _: Request<ListOriginsRequest>,
    ) -> Result<Response<ListOriginsResponse>, Status> {
        let node = self.node.clone();
        let origins = blocking(move || status::origins(&node)).await?;
        Ok(Response::new(ListOriginsResponse { origins }))
    }

    async fn publish(
        &self,
        request: Request<Streaming<PublishRequest>>,
    ) -> Result<Response<PublishResponse>, Status> {
        let mut messages = request.into_inner();
        let mut header = None;
        let mut drafts = Vec::new();
        let mut bytes = 0;
        while let Some(message) = messages.next().await {
            let message = message?;
            if header.is_none() {
                header = message.header;
            }
            bytes += message
                .drafts
                .iter()
                .map(|draft| draft.payload.len())
                .sum::<usize>();
            drafts.extend(message.drafts);
            if drafts.len() > MOST_DRAFTS || bytes > MOST_BYTES {
                return Err(NodeError::invalid(
                    "drafts",
                    "at most 100,000 records and 256 MiB in one batch; split the file",
                )
                .into());
            }
        }
        let header = header.ok_or_else(|| Status::from(NodeError::invalid("header", "missing")))?;
        Ok(Response::new(
            publish::publish(&self.node, header, drafts).await?,
        ))
    }

    async fn withdraw(
        &self,
        request: Request<WithdrawRequest>,
    ) -> Result<Response<WithdrawResponse>, Status> {
        let request = request.into_inner();
        let (record, _) = publish::retire(
            &self.node,
            Operation::Withdraw,
            &request.record_id,
            request.reason,
            &request.request_id,
        )
        .await?;
        Ok(Response::new(WithdrawResponse {
            record: Some(record),
        }))
    }

    async fn erase(
        &self,
        request: Request<EraseRequest>,
    ) -> Result<Response<EraseResponse>, Status> {
        let request = request.into_inner();
        let (record, destroyed) = publish::retire(
            &self.node,
            Operation::Erase,
            &request.record_id,
            request.reason,
            &request.request_id,
        )
        .await?;
        Ok(Response::new(EraseResponse {
            record: Some(record),
            destroyed,
        }))
    }

    async fn list_records(
        &self,
        request: Request<ListRecordsRequest>,
    ) -> Result<Response<ListRecordsResponse>, Status> {
        let request = request.into_inner();
        let node = self.node.clone();
        let named = request.filter.iter().flat_map(|filter| &filter.origins);
        for origin in named {
            // A misspelt name would look like a log without records.
            let known =
                Origin::parse(origin).is_ok_and(|origin| node.store().log(&origin).is_some());
            if !known {
                return Err(NodeError::not_found("log", origin).into());
            }
        }
        node.all_views_settled().await?;
        let page = blocking(move || {
            records::list(
                &node,
                request.filter,
                request.page_size,
                &request.page_token,
                |_| true,
            )
        })
        .await?;
        Ok(Response::new(ListRecordsResponse {
            entries: page.entries,
            next_page_token: page.next_page_token,
        }))
    }

    async fn get_record(
        &self,
        request: Request<GetRecordRequest>,
    ) -> Result<Response<GetRecordResponse>, Status> {
        let request = request.into_inner();
        let node = self.node.clone();
        node.all_views_settled().await?;
        let (entry, head) =
            blocking(move || records::record(&node, &request.record_id, &request.origin, |_| true))
                .await?;
        Ok(Response::new(GetRecordResponse {
            entry: Some(entry),
            checkpoint: head.note_bytes(),
        }))
    }

    async fn get_status(
        &self,
        _: Request<GetStatusRequest>,
    ) -> Result<Response<GetStatusResponse>, Status> {
        let node = self.node.clone();
        Ok(Response::new(
            blocking(move || status::status(&node)).await?,
        ))
    }

    async fn list_forks(
        &self,
        _: Request<ListForksRequest>,
    ) -> Result<Response<ListForksResponse>, Status> {
        let forks = self.node.forks().all().into_iter().map(|shown| Fork {
            origin: shown.origin.to_string(),
            fork_id: Bytes::copy_from_slice(shown.id.as_bytes()),
            evidence: Some(shown.evidence),
            decision: shown
                .decision
                .map_or_else(String::new, |d| d.as_str().to_owned()),
        });
        Ok(Response::new(ListForksResponse {
            forks: forks.collect(),
        }))
    }

    async fn accept_fork(
        &self,
        request: Request<AcceptForkRequest>,
    ) -> Result<Response<AcceptForkResponse>, Status> {
        let request = request.into_inner();
        let origin = Origin::parse(&request.origin)
            .map_err(|e| Status::from(NodeError::invalid("origin", e)))?;
        let decision = match ForkChoice::try_from(request.choice) {
            Ok(ForkChoice::Keep) => Decision::Keep,
            Ok(ForkChoice::Switch) => Decision::Switch,
            _ => {
                return Err(NodeError::invalid("choice", "keep or switch").into());
            }
        };
        self.node.accept_fork(&origin, decision).await?;
        Ok(Response::new(AcceptForkResponse {}))
    }

    async fn verify(
        &self,
        _: Request<VerifyRequest>,
    ) -> Result<Response<Self::VerifyStream>, Status> {
        let node = self.node.clone();
        let (tx, rx) = mpsc::channel(AHEAD);
        tokio::task::spawn_blocking(move || {
            for log in node.store().logs() {
                let origin = log.origin().to_string();
                let report = node.store().verify(&log, |progress| {
                    let _ = tx.blocking_send(Ok(VerifyResponse {
                        origin: origin.clone(),
                        checked: progress.checked,
                        total: progress.total,
                        payloads: progress.payloads,
                        problems: Vec::new(),
                    }));
                });
                let answer = report
                    .map(|report| VerifyResponse {
                        origin: origin.clone(),
                        checked: report.checked,
                        total: report.total,
                        payloads: report.payloads,
                        problems: report.problems,
                    })
                    .map_err(|e| Status::from(NodeError::Store(e)));
                if tx.blocking_send(answer).is_err() {
                    return;
                }
            }
        });
        Ok(Response::new(Box::pin(ReceiverStream::new(rx))))
    }

    async fn reindex(
        &self,
        _: Request<ReindexRequest>,
    ) -> Result<Response<Self::ReindexStream>, Status> {
        let node = self.node.clone();
        let (tx, rx) = mpsc::channel(AHEAD);
        tokio::task::spawn_blocking(move || {
            let told = tx.clone();
            let done = node.store().reindex(move |done, total| {
                let _ = told.blocking_send(Ok(ReindexResponse { done, total }));
            });
            if let Err(error) = done {
                let _ = tx.blocking_send(Err(Status::from(NodeError::Store(error))));
            }
        });
        Ok(Response::new(Box::pin(ReceiverStream::new(rx))))
    }
}
