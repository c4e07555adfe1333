//! A node that answers the operator's commands with made-up states.

pub(super) use std::pin::Pin;

pub(super) use futures::Stream;
pub(super) use tonic::{Request, Response, Status, Streaming};
pub(super) use wpsx_domain::NodeError;
pub(super) use wpsx_proto::{
    api::{
        admin::v1::{admin_service_server::AdminService, recover_response::Told, *},
        exchange::v1::{FacetCounts, ValueCount},
    },
    payload::Slot,
};
pub(super) use wpsx_services::codes::refusal;

pub(super) use super::{
    super::{HOUR, NOW},
    fork, history, log,
};

pub(super) type Answers<T> = Pin<Box<dyn Stream<Item = Result<T, Status>> + Send>>;
pub(super) type Answer<T> = Result<Response<T>, Status>;

/// A node with one log of its own, one followed log that stands still, and two peers.
#[derive(Clone, Default)]
pub(crate) struct MadeUp {
    pub(crate) damaged: bool,
}

fn origins() -> Vec<OriginStatus> {
    vec![
        OriginStatus {
            origin: "eu.example/wpsx/public".into(),
            local: true,
            tree_size: 12_345,
            known_size: 12_345,
            records: 12_000,
            erased: 1,
            seen_time: (NOW - 30_000) / 1000,
            cosigners: vec!["node.eu.example".into(), "node.au.example".into()],
            vkey: log().key.to_string(),
            root: vec![7; 32].into(),
            ..OriginStatus::default()
        },
        OriginStatus {
            origin: "au.example/wpsx/public".into(),
            tree_size: 10,
            known_size: 20,
            records: 9,
            filtered: 2,
            not_held: 1,
            unknown_kinds: 3,
            seen_time: (NOW - 50 * HOUR) / 1000,
            cosigners: vec!["node.au.example".into()],
            stopped: "two trees of it were signed; decide with wpsx fork accept".into(),
            vkey: "au.example/wpsx/public+00000000+AAAA".into(),
            root: vec![9; 32].into(),
            ..OriginStatus::default()
        },
    ]
}

fn peers() -> Vec<PeerStatus> {
    vec![
        PeerStatus {
            name: "node.au.example".into(),
            state: "connected".into(),
            behind: 10,
            bytes_in: 5_000_000,
            entries_in: 10,
            refused: vec![Refusal {
                origin: "au.example/wpsx/public".into(),
                code: "bad-proof".into(),
                reason: "the package does not hash to the checkpoint \u{1b}[31mred".into(),
                time: NOW - 2 * HOUR,
                first_time: NOW - 3 * HOUR,
                count: 7,
            }],
            ..PeerStatus::default()
        },
        PeerStatus {
            name: "node.wb.example".into(),
            state: "waiting".into(),
            last_error: "cannot connect to wb.example:7443: connection refused".into(),
            last_error_time: NOW - 40_000,
            last_error_count: 12,
            since: NOW - 2 * HOUR,
            unknown_logs: 1,
            ..PeerStatus::default()
        },
    ]
}

fn peer() -> Peer {
    Peer {
        name: "node.au.example".into(),
        peer_id: vec![3; 32].into(),
        endpoints: vec!["https://au.example:7443".into()],
        introduces: true,
        kinds: vec![1, 57],
        countries: vec!["KEN".into()],
        turn: false,
    }
}

pub(super) fn publisher() -> Publisher {
    Publisher {
        name: "eu.example".into(),
        title: "European Union".into(),
        identity: vec![1; 32].into(),
        vkey: "eu.example/wpsx/public+00000000+AAAA".into(),
        origin: "eu.example/wpsx/public".into(),
        tree_size: 12_345,
        countries: vec!["AUT".into(), "BEL".into()],
    }
}

pub(super) fn published(record_id: bytes::Bytes) -> Option<Published> {
    Some(Published {
        record_id,
        index: 77,
        revision: 2,
        unchanged: false,
        left_withdrawn: false,
    })
}

#[tonic::async_trait]
impl AdminService for MadeUp {
    type VerifyStream = Answers<VerifyResponse>;
    type ReindexStream = Answers<ReindexResponse>;
    type BackupStream = Answers<BackupResponse>;
    type RecoverStream = Answers<RecoverResponse>;
    type RepairStream = Answers<RepairResponse>;

    async fn create_publisher(
        &self,
        _: Request<CreatePublisherRequest>,
    ) -> Answer<CreatePublisherResponse> {
        Ok(Response::new(CreatePublisherResponse {
            publisher: Some(publisher()),
        }))
    }

    async fn list_publishers(
        &self,
        _: Request<ListPublishersRequest>,
    ) -> Answer<ListPublishersResponse> {
        Ok(Response::new(ListPublishersResponse {
            publishers: vec![publisher()],
        }))
    }

    async fn get_card(&self, _: Request<GetCardRequest>) -> Answer<GetCardResponse> {
        if self.damaged {
            return Err(Status::internal("the card cannot be signed"));
        }
        Ok(Response::new(GetCardResponse {
            card: super::card(),
            tls_certificate: "-----BEGIN CERTIFICATE-----\n".into(),
        }))
    }

    async fn add_peer(&self, _: Request<AddPeerRequest>) -> Answer<AddPeerResponse> {
        Ok(Response::new(AddPeerResponse { peer: Some(peer()) }))
    }

    async fn list_peers(&self, _: Request<ListPeersRequest>) -> Answer<ListPeersResponse> {
        Ok(Response::new(ListPeersResponse {
            peers: vec![peer()],
        }))
    }

    async fn remove_peer(&self, request: Request<RemovePeerRequest>) -> Answer<RemovePeerResponse> {
        match request.into_inner().name.as_str() {
            "node.au.example" => Ok(Response::new(RemovePeerResponse {})),
            other => Err(refusal(NodeError::not_found("peer", other))),
        }
    }

    async fn add_origin(&self, _: Request<AddOriginRequest>) -> Answer<AddOriginResponse> {
        let origins = vec!["au.example/wpsx/public".into()];
        Ok(Response::new(AddOriginResponse { origins }))
    }

    async fn list_origins(&self, _: Request<ListOriginsRequest>) -> Answer<ListOriginsResponse> {
        Ok(Response::new(ListOriginsResponse { origins: origins() }))
    }

    async fn publish(
        &self,
        request: Request<Streaming<PublishRequest>>,
    ) -> Answer<PublishResponse> {
        let mut messages = request.into_inner();
        let mut header = None;
        let mut drafts = Vec::new();
        while let Some(message) = messages.message().await? {
            header = header.or(message.header);
            drafts.extend(message.drafts);
        }
        header.ok_or_else(|| Status::invalid_argument("no header"))?;
        let records = drafts.iter().zip(0..).map(|(draft, index)| Published {
            record_id: vec![index; 16].into(),
            index: u64::from(index),
            revision: 1,
            unchanged: draft.external_id == "same",
            left_withdrawn: false,
        });
        Ok(Response::new(PublishResponse {
            records: records.collect(),
            origin: "eu.example/wpsx/public".into(),
            tree_size: 2,
        }))
    }

    async fn withdraw(&self, request: Request<WithdrawRequest>) -> Answer<WithdrawResponse> {
        let record = published(request.into_inner().record_id);
        Ok(Response::new(WithdrawResponse { record }))
    }

    async fn supersede(&self, request: Request<SupersedeRequest>) -> Answer<SupersedeResponse> {
        let record = published(request.into_inner().record_id);
        Ok(Response::new(SupersedeResponse { record }))
    }

    async fn erase(&self, request: Request<EraseRequest>) -> Answer<EraseResponse> {
        let record = published(request.into_inner().record_id);
        Ok(Response::new(EraseResponse {
            record,
            destroyed: 2,
        }))
    }

    async fn list_records(&self, _: Request<ListRecordsRequest>) -> Answer<ListRecordsResponse> {
        let entries = log().entries;
        Ok(Response::new(ListRecordsResponse {
            entries,
            ..Default::default()
        }))
    }

    async fn get_record(&self, request: Request<GetRecordRequest>) -> Answer<GetRecordResponse> {
        let id = hex::encode(request.into_inner().record_id);
        let log = log();
        let mut entry = match &id[..2] {
            "01" => log.entries[0].clone(),
            "02" => log.entries[1].clone(),
            "03" => log.entries[2].clone(),
            "05" => {
                let log = history();
                return Ok(Response::new(GetRecordResponse {
                    entry: log.entries.last().cloned(),
                    checkpoint: log.checkpoint.note_bytes(),
                }));
            }
            _ => return Err(refusal(NodeError::not_found("record", id))),
        };
        if self.damaged {
            entry.slot = Slot::seal(&[8; 32], b"another payload").bytes().clone();
        }
        let checkpoint = log.checkpoint.note_bytes();
        Ok(Response::new(GetRecordResponse {
            entry: Some(entry),
            checkpoint,
        }))
    }

    async fn count_records(
        &self,
        request: Request<CountRecordsRequest>,
    ) -> Answer<CountRecordsResponse> {
        let request = request.into_inner();
        let filters = request.filter.unwrap_or_default().facets;
        let is_computed = filters.iter().any(|it| it.values == ["derived"]);
        let values = |facet: &str| match (facet, is_computed) {
            ("status", false) => vec![("in-force", 70), ("adopted", 5)],
            ("status", true) => vec![("in-force", 68)],
            ("country", _) => vec![("KEN", 12_000), ("XKX", 345)],
            _ => vec![("mediation", 12_000), ("peacekeeping", 345)],
        };
        let facets = request.facets.into_iter().map(|facet| FacetCounts {
            values: values(&facet)
                .into_iter()
                .map(|(value, records)| ValueCount {
                    value: value.to_owned(),
                    records,
                })
                .collect(),
            facet,
        });
        Ok(Response::new(CountRecordsResponse {
            records: 12_345,
            facets: facets.collect(),
        }))
    }

    async fn get_history(&self, request: Request<GetHistoryRequest>) -> Answer<GetHistoryResponse> {
        let id = hex::encode(request.into_inner().record_id);
        let (log, entries) = match &id[..2] {
            // Of the one that was withdrawn nothing else is here.
            "03" => {
                let log = log();
                let entries = vec![log.entries[2].clone()];
                (log, entries)
            }
            "05" => {
                let mut log = history();
                let entries = std::mem::take(&mut log.entries);
                (log, entries.into_iter().rev().collect())
            }
            _ => return Err(refusal(NodeError::not_found("record", id))),
        };
        Ok(Response::new(GetHistoryResponse {
            entries,
            checkpoint: log.checkpoint.note_bytes(),
            next_page_token: String::new(),
        }))
    }

    async fn find_records(
        &self,
        request: Request<FindRecordsRequest>,
    ) -> Answer<FindRecordsResponse> {
        let prefix = request.into_inner().prefix;
        let mut ids = vec![[1; 16], [2; 16], [3; 16], [5; 16], [0xab; 16], [0xab; 16]];
        ids[5][15] = 0xac;
        let ids = ids
            .into_iter()
            .filter(|id| hex::encode(id).starts_with(&prefix));
        Ok(Response::new(FindRecordsResponse {
            record_ids: ids.map(|id| id.to_vec().into()).collect(),
        }))
    }

    async fn get_status(&self, _: Request<GetStatusRequest>) -> Answer<GetStatusResponse> {
        Ok(Response::new(GetStatusResponse {
            node: "node.eu.example".into(),
            software: "wpsx/0.1.0".into(),
            read_only: "peer node.au.example has seen 12,400 entries".into(),
            origins: origins(),
            peers: peers(),
            forks: 1,
            views_behind: 12,
            listen: "0.0.0.0:7443".into(),
            ..GetStatusResponse::default()
        }))
    }

    async fn list_forks(&self, _: Request<ListForksRequest>) -> Answer<ListForksResponse> {
        Ok(Response::new(ListForksResponse {
            forks: vec![fork()],
        }))
    }

    async fn accept_fork(&self, _: Request<AcceptForkRequest>) -> Answer<AcceptForkResponse> {
        Ok(Response::new(AcceptForkResponse {}))
    }

    async fn drop_origin(&self, request: Request<DropOriginRequest>) -> Answer<DropOriginResponse> {
        let again = request.into_inner().origin.starts_with("au.");
        Ok(Response::new(DropOriginResponse { again }))
    }

    async fn backup(&self, _: Request<BackupRequest>) -> Answer<Self::BackupStream> {
        Err(Status::unavailable("the store is read-only"))
    }

    async fn recover(&self, _: Request<RecoverRequest>) -> Answer<Self::RecoverStream> {
        let shown = |peer: &str, tree_size, reason: &str| {
            Told::Shown(ShownHead {
                peer: peer.into(),
                origin: "eu.example/wpsx/public".into(),
                held_size: 900,
                tree_size,
                seen_time: (NOW - HOUR) / 1000,
                reason: reason.into(),
            })
        };
        let told = [
            shown("node.au.example", 1000, ""),
            shown("node.un.example", 0, "it cannot be reached in time"),
            Told::Done(RecoveryDone {
                entries: 100,
                signs: true,
            }),
        ];
        let answers = told.map(|told| Ok(RecoverResponse { told: Some(told) }));
        Ok(Response::new(Box::pin(futures::stream::iter(answers))))
    }

    async fn verify(&self, _: Request<VerifyRequest>) -> Answer<Self::VerifyStream> {
        let problems = if self.damaged {
            vec!["tile/entries/000: entry 5 does not hash to the signed root".to_owned()]
        } else {
            Vec::new()
        };
        let answer = |checked, problems| {
            let origin = "eu.example/wpsx/public".into();
            Ok(VerifyResponse {
                origin,
                checked,
                total: 1000,
                problems,
                payloads: checked,
            })
        };
        let answers = [answer(256, Vec::new()), answer(1000, problems)];
        Ok(Response::new(Box::pin(futures::stream::iter(answers))))
    }

    async fn repair(&self, _: Request<RepairRequest>) -> Answer<Self::RepairStream> {
        let damage = |path: &str, mended| Damage {
            origin: "eu.example/wpsx/public".into(),
            path: path.into(),
            reason: "it does not hash to the tile above it".into(),
            mended,
        };
        let damage = [
            damage("/var/lib/wpsx/tile/0/000", true),
            damage("/var/lib/wpsx/tile/entries/000", !self.damaged),
        ];
        let answers = damage.map(|damage| {
            Ok(RepairResponse {
                damage: Some(damage),
                ..RepairResponse::default()
            })
        });
        Ok(Response::new(Box::pin(futures::stream::iter(answers))))
    }

    async fn reindex(&self, _: Request<ReindexRequest>) -> Answer<Self::ReindexStream> {
        let answers = [1, 1000].map(|done| Ok(ReindexResponse { done, total: 1000 }));
        Ok(Response::new(Box::pin(futures::stream::iter(answers))))
    }
}
