//! Serves `wpsx.admin.v1` to the operator's commands: over the node's Unix
//! socket while it runs, else over a pipe within the command's own process.

mod asking;
mod backup;
pub(crate) mod messages;
mod recovery;
mod repair;

use std::sync::Arc;

use bytes::Bytes;
use tokio_stream::StreamExt as _;
use tonic::{Request, Response, Status, Streaming};
use wpsx_domain::{
    NodeError,
    access::{Access, Sight},
    backup::Backup,
    publishing::Publishing,
    records::{Records, record_id},
    upkeep::{Checked, Upkeep},
};
use wpsx_listen::Operator;
use wpsx_proto::{
    api::admin::v1::{
        AcceptForkRequest, AcceptForkResponse, AddOriginRequest, AddOriginResponse, AddPeerRequest,
        AddPeerResponse, BackupRequest, BackupResponse, CountRecordsRequest, CountRecordsResponse,
        CreatePublisherRequest, CreatePublisherResponse, DropOriginRequest, DropOriginResponse,
        EraseRequest, EraseResponse, FindRecordsRequest, FindRecordsResponse, Fork, ForkChoice,
        GetCardRequest, GetCardResponse, GetHistoryRequest, GetHistoryResponse, GetRecordRequest,
        GetRecordResponse, GetStatusRequest, GetStatusResponse, ListForksRequest,
        ListForksResponse, ListOriginsRequest, ListOriginsResponse, ListPeersRequest,
        ListPeersResponse, ListPublishersRequest, ListPublishersResponse, ListRecordsRequest,
        ListRecordsResponse, PublishRequest, PublishResponse, Published as PublishedMessage,
        RecoverRequest, RecoverResponse, ReindexRequest, ReindexResponse, RemovePeerRequest,
        RemovePeerResponse, RepairRequest, RepairResponse, SupersedeRequest, SupersedeResponse,
        VerifyRequest, VerifyResponse, WithdrawRequest, WithdrawResponse,
        admin_service_server::AdminService,
    },
    card::NodeCard,
    envelope::{Operation, Reason},
    origin::Origin,
    record::Successor,
};

use crate::{
    calls::{Answers, Cost, answer, blocking, caller},
    codes::refusal,
    drafts::Drafts,
    network::{Operations, PeerState},
    pushed::{pushed, pushed_while},
    records,
    state::LogState,
};

/// Messages ready to be sent on one stream.
const AHEAD: usize = 16;

/// What the operator's commands reach.
#[derive(Clone)]
pub struct Desk {
    /// Makes the operator's sight.
    pub access: Access,
    /// Questions.
    pub records: Records,
    /// The door to own logs.
    pub publishing: Publishing,
    /// Checking and rebuilding.
    pub upkeep: Upkeep,
    /// Copying all of it.
    pub backup: Backup,
    /// The certificate that the node shows over TLS, in PEM.
    pub tls_certificate: String,
    /// Peers, and the node as a whole.
    pub operations: Arc<dyn Operations>,
}

/// The service over one node. Clones are the same. Only the router that asks for the
/// operator's token mounts it.
#[derive(Clone)]
pub(crate) struct Admin {
    desk: Desk,
}

impl Admin {
    /// Administers what is behind `desk`.
    pub(crate) fn new(desk: Desk) -> Self {
        Self { desk }
    }

    /// The operator's sight; only who came over the node's own socket or pipe has one.
    fn sight<T>(&self, request: &Request<T>) -> Result<Sight, Status> {
        let operator = Operator::of(request.extensions())
            .ok_or_else(|| Status::permission_denied("only the operator may ask this"))?;
        Ok(self.desk.access.operator(&operator))
    }

    async fn retire(
        &self,
        operation: Operation,
        id: &[u8],
        reason: i32,
        request: &str,
    ) -> Result<(PublishedMessage, u64), Status> {
        let id = record_id(id).map_err(refusal)?;
        let publishing = &self.desk.publishing;
        let retired = publishing.retire(operation, &id, Reason::from(reason), request);
        let (published, destroyed) = retired.await.map_err(refusal)?;
        Ok((messages::published(published), destroyed))
    }
}

fn invalid(field: &'static str, reason: impl ToString) -> Status {
    refusal(NodeError::invalid(field, reason))
}

#[tonic::async_trait]
impl AdminService for Admin {
    type VerifyStream = Answers<VerifyResponse>;
    type RecoverStream = Answers<RecoverResponse>;
    type ReindexStream = Answers<ReindexResponse>;
    type BackupStream = Answers<BackupResponse>;
    type RepairStream = Answers<RepairResponse>;

    async fn create_publisher(
        &self,
        request: Request<CreatePublisherRequest>,
    ) -> Result<Response<CreatePublisherResponse>, Status> {
        let request = request.into_inner();
        let publishers = self.desk.publishing.publishers().clone();
        let hosted =
            blocking(move || publishers.create(&request.name, &request.title, &request.countries))
                .await?;
        let publisher = Some(messages::publisher(hosted));
        Ok(Response::new(CreatePublisherResponse { publisher }))
    }

    async fn list_publishers(
        &self,
        _: Request<ListPublishersRequest>,
    ) -> Result<Response<ListPublishersResponse>, Status> {
        let hosted = self.desk.publishing.publishers().all().into_iter();
        let publishers = hosted.map(messages::publisher).collect();
        Ok(Response::new(ListPublishersResponse { publishers }))
    }

    async fn get_card(
        &self,
        _: Request<GetCardRequest>,
    ) -> Result<Response<GetCardResponse>, Status> {
        let card = self.desk.operations.card().map_err(refusal)?;
        let card = String::from_utf8(card.to_vec()).map_err(|e| Status::internal(e.to_string()))?;
        Ok(Response::new(GetCardResponse {
            card,
            tls_certificate: self.desk.tls_certificate.clone(),
        }))
    }

    async fn add_peer(
        &self,
        request: Request<AddPeerRequest>,
    ) -> Result<Response<AddPeerResponse>, Status> {
        let request = request.into_inner();
        let operations = self.desk.operations.clone();
        let peer = blocking(move || {
            let card = NodeCard::verify(request.card.as_bytes())
                .map_err(|e| NodeError::invalid("card", e))?;
            let peer = PeerState {
                id: card.peer_id(),
                card,
                introduces: request.introduces,
                kinds: request.kinds,
                countries: records::countries(&request.countries)?,
                turn: request.turn,
            };
            operations.add_peer(peer, request.only_given)
        })
        .await?;
        Ok(Response::new(AddPeerResponse {
            peer: Some(messages::peer(peer)),
        }))
    }

    async fn list_peers(
        &self,
        _: Request<ListPeersRequest>,
    ) -> Result<Response<ListPeersResponse>, Status> {
        let peers = self.desk.operations.peers().into_iter();
        let peers = peers.map(messages::peer).collect();
        Ok(Response::new(ListPeersResponse { peers }))
    }

    async fn remove_peer(
        &self,
        request: Request<RemovePeerRequest>,
    ) -> Result<Response<RemovePeerResponse>, Status> {
        let name = request.into_inner().name;
        let operations = self.desk.operations.clone();
        blocking(move || operations.remove_peer(&name)).await?;
        Ok(Response::new(RemovePeerResponse {}))
    }

    async fn add_origin(
        &self,
        request: Request<AddOriginRequest>,
    ) -> Result<Response<AddOriginResponse>, Status> {
        let card = request.into_inner().card;
        let operations = self.desk.operations.clone();
        let origins = blocking(move || {
            let identities = messages::identities(card)?;
            let followed = identities
                .iter()
                .map(|identity| operations.follow(identity));
            followed.collect::<Result<Vec<_>, _>>()
        })
        .await?;
        let origins = origins.iter().map(ToString::to_string).collect();
        Ok(Response::new(AddOriginResponse { origins }))
    }

    async fn list_origins(
        &self,
        request: Request<ListOriginsRequest>,
    ) -> Result<Response<ListOriginsResponse>, Status> {
        let sight = self.sight(&request)?;
        let operations = self.desk.operations.clone();
        let caller = caller(&request);
        let state = answer(&caller, Cost::SMALL, move |_| operations.state(&sight));
        let logs = state.await?.logs;
        let origins = logs.into_iter().map(LogState::into_api).collect();
        Ok(Response::new(ListOriginsResponse { origins }))
    }

    async fn drop_origin(
        &self,
        request: Request<DropOriginRequest>,
    ) -> Result<Response<DropOriginResponse>, Status> {
        let origin = records::origin("origin", &request.into_inner().origin).map_err(refusal)?;
        let dropped = self.desk.operations.drop_origin(origin);
        let again = dropped.await.map_err(refusal)?;
        Ok(Response::new(DropOriginResponse { again }))
    }

    async fn publish(
        &self,
        request: Request<Streaming<PublishRequest>>,
    ) -> Result<Response<PublishResponse>, Status> {
        let mut messages = request.into_inner();
        let mut header = None;
        let mut drafts = Drafts::default();
        while let Some(message) = messages.next().await {
            let message = message?;
            if header.is_none() {
                header = message.header;
            }
            drafts.take(message.drafts).await?;
        }
        let header = header.ok_or_else(|| invalid("header", "missing"))?;
        if header.give_up {
            let publishing = &self.desk.publishing;
            let done = publishing.give_up(&header.publisher, &header.request_id);
            let outcome = done.await.map_err(refusal)?;
            return Ok(Response::new(messages::outcome(outcome)));
        }
        let batch = messages::batch(header);
        let published = self.desk.publishing.publish(batch, drafts.all()).await;
        let outcome = published.map_err(refusal)?;
        Ok(Response::new(messages::outcome(outcome)))
    }

    async fn withdraw(
        &self,
        request: Request<WithdrawRequest>,
    ) -> Result<Response<WithdrawResponse>, Status> {
        let request = request.into_inner();
        let retired = self.retire(
            Operation::Withdraw,
            &request.record_id,
            request.reason,
            &request.request_id,
        );
        let (record, _) = retired.await?;
        Ok(Response::new(WithdrawResponse {
            record: Some(record),
        }))
    }

    async fn supersede(
        &self,
        request: Request<SupersedeRequest>,
    ) -> Result<Response<SupersedeResponse>, Status> {
        let request = request.into_inner();
        let old = record_id(&request.record_id).map_err(refusal)?;
        let by = Successor {
            origin: Origin::parse(&request.origin).map_err(|error| invalid("origin", error))?,
            record_id: record_id(&request.by).map_err(refusal)?,
        };
        let done = self
            .desk
            .publishing
            .supersede(&old, by, &request.request_id);
        let record = messages::published(done.await.map_err(refusal)?);
        Ok(Response::new(SupersedeResponse {
            record: Some(record),
        }))
    }

    async fn erase(
        &self,
        request: Request<EraseRequest>,
    ) -> Result<Response<EraseResponse>, Status> {
        let request = request.into_inner();
        let retired = self.retire(
            Operation::Erase,
            &request.record_id,
            request.reason,
            &request.request_id,
        );
        let (record, destroyed) = retired.await?;
        Ok(Response::new(EraseResponse {
            record: Some(record),
            destroyed,
        }))
    }

    async fn list_records(
        &self,
        request: Request<ListRecordsRequest>,
    ) -> Result<Response<ListRecordsResponse>, Status> {
        let (sight, caller) = (self.sight(&request)?, caller(&request));
        let request = request.into_inner();
        let mut question = records::question(request.filter).map_err(refusal)?;
        question.order = records::order(request.order, request.descending).map_err(refusal)?;
        if let Some(unknown) = question.origins.iter().find(|o| sight.named(o).is_none()) {
            // A misspelt name would look like a log without records.
            return Err(refusal(NodeError::not_found("log", unknown)));
        }
        let records = self.desk.records.clone();
        records.index().settled_in(&sight).await.map_err(refusal)?;
        let page = answer(&caller, Cost::PAGE, move |wanted| {
            let part = records::part(request.page_size, request.page_token);
            records.list(&sight, &question, &part, wanted)
        })
        .await?;
        Ok(Response::new(ListRecordsResponse {
            entries: page.entries.into_iter().map(records::entry).collect(),
            next_page_token: page.next_token,
        }))
    }

    async fn get_record(
        &self,
        request: Request<GetRecordRequest>,
    ) -> Result<Response<GetRecordResponse>, Status> {
        let (sight, caller) = (self.sight(&request)?, caller(&request));
        let request = request.into_inner();
        let records = self.desk.records.clone();
        records.index().settled_in(&sight).await.map_err(refusal)?;
        let (entry, checkpoint) = answer(&caller, Cost::RECORD, move |_| {
            records::get(&records, &sight, &request.record_id, &request.origin)
        })
        .await?;
        Ok(Response::new(GetRecordResponse {
            entry: Some(entry),
            checkpoint,
        }))
    }

    async fn count_records(
        &self,
        request: Request<CountRecordsRequest>,
    ) -> Result<Response<CountRecordsResponse>, Status> {
        let (sight, caller) = (self.sight(&request)?, caller(&request));
        let request = asking::count(request.into_inner());
        let records = self.desk.records.clone();
        records.index().settled_in(&sight).await.map_err(refusal)?;
        let counts = answer(&caller, Cost::PAGE, move |wanted| {
            records::count(&records, &sight, request, wanted)
        });
        Ok(Response::new(asking::count_answer(counts.await?)))
    }

    async fn get_history(
        &self,
        request: Request<GetHistoryRequest>,
    ) -> Result<Response<GetHistoryResponse>, Status> {
        let (sight, caller) = (self.sight(&request)?, caller(&request));
        let request = request.into_inner();
        let records = self.desk.records.clone();
        records.index().settled_in(&sight).await.map_err(refusal)?;
        let history = answer(&caller, Cost::PAGE, move |wanted| {
            records::history(&records, &sight, &asking::history(request), wanted)
        });
        Ok(Response::new(asking::history_answer(history.await?)))
    }

    async fn find_records(
        &self,
        request: Request<FindRecordsRequest>,
    ) -> Result<Response<FindRecordsResponse>, Status> {
        let (sight, caller) = (self.sight(&request)?, caller(&request));
        let prefix = request.into_inner().prefix;
        let records = self.desk.records.clone();
        records.index().settled_in(&sight).await.map_err(refusal)?;
        let found = answer(&caller, Cost::RECORD, move |_| {
            records.beginning(&sight, &prefix, asking::MOST_FOUND)
        });
        Ok(Response::new(asking::found(&found.await?)))
    }

    async fn get_status(
        &self,
        request: Request<GetStatusRequest>,
    ) -> Result<Response<GetStatusResponse>, Status> {
        let sight = self.sight(&request)?;
        let operations = self.desk.operations.clone();
        let caller = caller(&request);
        let state = answer(&caller, Cost::SMALL, move |_| operations.state(&sight)).await?;
        Ok(Response::new(state.into_api()))
    }

    async fn list_forks(
        &self,
        _: Request<ListForksRequest>,
    ) -> Result<Response<ListForksResponse>, Status> {
        let forks = self.desk.operations.forks().into_iter().map(|fork| Fork {
            origin: fork.origin.to_string(),
            fork_id: Bytes::copy_from_slice(fork.id.as_bytes()),
            evidence: Some(fork.evidence),
            decision: fork.decision.to_owned(),
            unknown_log: !fork.known,
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
        let origin = Origin::parse(&request.origin).map_err(|e| invalid("origin", e))?;
        let other_tree = match ForkChoice::try_from(request.choice) {
            Ok(ForkChoice::Keep) => false,
            Ok(ForkChoice::Switch) => true,
            _ => return Err(invalid("choice", "keep or switch")),
        };
        let accepted = self.desk.operations.accept_fork(origin, other_tree);
        accepted.await.map_err(refusal)?;
        Ok(Response::new(AcceptForkResponse {}))
    }

    async fn verify(
        &self,
        request: Request<VerifyRequest>,
    ) -> Result<Response<Self::VerifyStream>, Status> {
        let sight = self.sight(&request)?;
        let upkeep = self.desk.upkeep.clone();
        let answer = |checked: Checked| VerifyResponse {
            origin: checked.origin,
            checked: checked.checked,
            total: checked.total,
            payloads: checked.payloads,
            problems: checked.problems,
        };
        Ok(Response::new(pushed(AHEAD, move |tx| {
            upkeep.verify(&sight, &mut |checked| {
                let told = checked.map(answer).map_err(refusal);
                tx.blocking_send(told).is_ok()
            });
            Ok(())
        })))
    }

    async fn recover(
        &self,
        request: Request<RecoverRequest>,
    ) -> Result<Response<Self::RecoverStream>, Status> {
        let yes = request.into_inner().carry_out;
        let operations = self.desk.operations.clone();
        Ok(Response::new(pushed_while(AHEAD, move |answers| {
            recovery::run(operations, yes, answers)
        })))
    }

    async fn reindex(
        &self,
        _: Request<ReindexRequest>,
    ) -> Result<Response<Self::ReindexStream>, Status> {
        let upkeep = self.desk.upkeep.clone();
        Ok(Response::new(pushed(AHEAD, move |tx| {
            upkeep.reindex(&mut |done, total| {
                // The command may be gone; what it began is finished.
                let _ = tx.blocking_send(Ok(ReindexResponse { done, total }));
            })
        })))
    }

    async fn backup(
        &self,
        request: Request<BackupRequest>,
    ) -> Result<Response<Self::BackupStream>, Status> {
        let with_keys = request.into_inner().with_keys;
        let answers = backup::answers(self.desk.backup.clone(), with_keys);
        Ok(Response::new(answers))
    }

    async fn repair(
        &self,
        request: Request<RepairRequest>,
    ) -> Result<Response<Self::RepairStream>, Status> {
        let sight = self.sight(&request)?;
        let desk = self.desk.clone();
        Ok(Response::new(repair::repair(
            desk.upkeep,
            desk.operations,
            sight,
        )))
    }
}

impl std::fmt::Debug for Admin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Admin").finish_non_exhaustive()
    }
}
