//! What commands print, against a made-up node: tables, columns, JSON, failures.
//!
//! After a wanted change: `WPSX_TEST_UPDATE=1 cargo test -p wpsx-cli --test rendering`.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails by panicking"
)]

mod made_up;
mod pinned;

use std::{io, pin::Pin, sync::Arc};

use clap::Parser as _;
use futures::Stream;
use parking_lot::Mutex;
use tonic::{Request, Response, Status, Streaming, service::Routes};
use wpsx_cli::{Cli, Desk, Failure, Output, with_desk, without_desk};
use wpsx_domain::NodeError;
use wpsx_proto::{
    api::admin::v1::{
        admin_service_server::{AdminService, AdminServiceServer},
        recover_response::Told,
        *,
    },
    envelope::Envelope,
    hash::Hash,
    payload::Slot,
    tlog_proof::TlogProof,
};
use wpsx_services::codes::refusal;

use self::made_up::{fork, log};

const NOW: u64 = 1_800_000_000_000;
const HOUR: u64 = 3_600_000;

type Answers<T> = Pin<Box<dyn Stream<Item = Result<T, Status>> + Send>>;
type Answer<T> = Result<Response<T>, Status>;

/// A node with one log of its own, one followed log that stands still, and two peers.
#[derive(Clone, Default)]
struct MadeUp {
    damaged: bool,
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

fn publisher() -> Publisher {
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

fn published(record_id: bytes::Bytes) -> Option<Published> {
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
        Err(Status::internal("the card cannot be signed"))
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
                let log = made_up::history();
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

    async fn get_history(&self, request: Request<GetHistoryRequest>) -> Answer<GetHistoryResponse> {
        let id = hex::encode(request.into_inner().record_id);
        if !id.starts_with("05") {
            return Err(refusal(NodeError::not_found("record", id)));
        }
        let log = made_up::history();
        let entries = log.entries.into_iter().rev();
        Ok(Response::new(GetHistoryResponse {
            entries: entries.collect(),
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

/// What a command wrote.
#[derive(Clone, Default)]
struct Paper(Arc<Mutex<Vec<u8>>>);

impl Paper {
    fn written(&self) -> String {
        String::from_utf8(self.0.lock().clone()).unwrap()
    }
}

impl io::Write for Paper {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

async fn typed(node: MadeUp, line: &str, terminal: bool) -> (String, Result<(), Failure>) {
    typed_at(160, node, line, terminal).await
}

async fn typed_at(
    width: u16,
    node: MadeUp,
    line: &str,
    terminal: bool,
) -> (String, Result<(), Failure>) {
    let cli = Cli::try_parse_from(line.split(' ')).unwrap();
    let paper = Paper::default();
    let mut out =
        Output::to(Box::new(paper.clone()), cli.global.json, terminal, NOW).at_width(width);
    let command = match without_desk(cli.command, &mut out).await {
        Ok(Some(command)) => command,
        done => return (paper.written(), done.map(|_| ())),
    };
    let batches = batch_service_server::BatchServiceServer::new(node.clone());
    let router = Routes::new(AdminServiceServer::new(node)).add_service(batches);
    let router = router.into_axum_router();
    let mut desk = Desk::before(router, async { Ok(()) }).await.unwrap();
    let done = with_desk(command, &mut desk, &mut out).await;
    desk.close().await.unwrap();
    (paper.written(), done)
}

const ID: &str = "00112233445566778899aabbccddeeff";

#[tokio::test]
async fn answers_are_as_pinned() {
    let lines = [
        "publisher add eu.example --title EU",
        "publisher list",
        "peer list",
        "peer remove node.au.example",
        "origin list",
        "origin drop au.example/wpsx/public",
        "origin drop un.example/wpsx/public",
        "status",
        "list --lang sw",
        "get 01010101010101010101010101010101",
        "get 02020202020202020202020202020202",
        "get 03030303030303030303030303030303",
        "get 0505050505",
        "history 050505",
        "verify",
        "repair",
        "reindex",
        "recover --yes",
        "fork list",
        "fork show au.example/wpsx/public",
        "fork accept au.example/wpsx/public switch",
        &format!("withdraw {ID} --reason outdated"),
        &format!("supersede {ID} --by ke.example/wpsx/public/{ID}"),
        &format!("erase {ID} --reason protection --yes"),
    ];
    let mut wrong = Vec::new();
    for line in lines {
        for (form, terminal) in [("terminal", true), ("pipe", false), ("json", false)] {
            let json = if form == "json" { " --json" } else { "" };
            let (text, done) =
                typed(MadeUp::default(), &format!("wpsx {line}{json}"), terminal).await;
            done.unwrap();
            assert!(!text.contains('\u{1b}'), "{line}");
            if form == "json" {
                serde_json::from_str::<serde_json::Value>(&text).unwrap();
            }
            let name = line.split(" --").next().unwrap_or(line);
            let name = name
                .replace([' ', '/', '.'], "-")
                .replace(&format!("-{ID}"), "");
            pinned::compare(&format!("expected/{name}.{form}.txt"), &text, &mut wrong);
        }
    }
    pinned::settle(&wrong);
}

#[tokio::test]
async fn what_is_read_most_reads_well_at_80_columns() {
    let mut wrong = Vec::new();
    for line in ["list", "get 050505", "history 050505"] {
        let line = format!("wpsx {line}");
        let (text, done) = typed_at(80, MadeUp::default(), &line, true).await;
        done.unwrap();
        for line in text.lines() {
            assert!(line.chars().count() <= 80, "{line}\nin\n{text}");
        }
        let name = line.split(' ').nth(1).unwrap();
        pinned::compare(&format!("expected/at-80/{name}.txt"), &text, &mut wrong);
    }
    pinned::settle(&wrong);
}

#[tokio::test]
async fn a_list_has_the_columns_that_are_asked_for() {
    let line = "wpsx list --columns id,source-id,title.sw,publisher";
    let (text, done) = typed(MadeUp::default(), line, false).await;
    done.unwrap();
    let mut lines = text.lines();
    assert_eq!(lines.next(), Some("id\tsource-id\ttitle.sw\tpublisher"));
    let id = "01".repeat(16);
    let row = format!("{id}\tnap-ken-2\tMpango wa pili\teu.example");
    assert_eq!(lines.next(), Some(row.as_str()));
}

const HEADER: &str = "external_id,kind,title.en,countries,period.start,period.end\n";

#[tokio::test]
async fn imports_tell_what_was_done() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, rows: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, format!("{HEADER}{rows}")).unwrap();
        path.display().to_string()
    };
    let plan = |id: &str| format!("{id},national-action-plan,A plan,KEN,2016,2018\n");
    let sound = file(
        "sound.csv",
        &format!("{}{}{}", plan("a"), plan("b"), plan("same")),
    );
    let other = file(
        "other.csv",
        &format!("{}{}{}", plan("other"), plan("a"), plan("removed")),
    );
    let same = file("same.csv", &plan("same"));
    let bad = file(
        "bad.csv",
        &format!(
            "{}b,national-action-plan,A plan,Kenya,2016,2018\nc,plan,A plan,KEN,2016,2018\n",
            plan("a")
        ),
    );
    let mut told = String::new();
    for line in [
        format!("import {sound}"),
        format!("import {sound} --dry-run"),
        format!("import {sound} --json"),
        format!("import {other}"),
        format!("import {other} --dry-run"),
        format!("import {other} --dry-run --json --allow-removals"),
        "history".to_owned(),
        "history --json".to_owned(),
        "revert 5eed --dry-run".to_owned(),
        "revert 5eed".to_owned(),
        "revert 5eed --json".to_owned(),
        "revert beef".to_owned(),
        format!("import {same}"),
        format!("import {bad}"),
        format!("import {bad} --json"),
        format!("import {sound} --publisher old.example"),
        "import plans.xlsx".to_owned(),
    ] {
        let (text, done) = typed(MadeUp::default(), &format!("wpsx {line}"), true).await;
        told.push_str(&format!("$ wpsx {line}\n{text}"));
        if let Err(failure) = done {
            let failure = match line.ends_with("--json") {
                true => failure.to_json().to_string(),
                false => format!("{failure}\n(exit {})", failure.exit()),
            };
            told.push_str(&format!("{failure}\n"));
        }
        told.push('\n');
    }
    let told = told.replace(&format!("{}/", folder.path().display()), "");
    let mut wrong = Vec::new();
    pinned::compare("expected/import.txt", &told, &mut wrong);
    pinned::settle(&wrong);
}

#[tokio::test]
async fn failures_are_as_pinned() {
    let damaged = MadeUp { damaged: true };
    let sound = MadeUp::default();
    let lines = [
        (damaged.clone(), "verify".to_owned()),
        (damaged.clone(), "verify --json".to_owned()),
        (damaged.clone(), "repair".to_owned()),
        (damaged.clone(), "repair --json".to_owned()),
        (damaged, format!("get {}", "01".repeat(16))),
        (sound.clone(), "peer remove nobody".to_owned()),
        (sound.clone(), "peer add no-such-file.card".to_owned()),
        (sound.clone(), "fork show eu.example/wpsx/public".to_owned()),
        (sound.clone(), "card".to_owned()),
        (sound.clone(), "key nobody".to_owned()),
        (sound.clone(), format!("get {ID}")),
        (sound.clone(), "get 777777".to_owned()),
        (sound.clone(), "get ABABABAB".to_owned()),
        (sound.clone(), format!("history {ID}")),
        (sound, "list --columns title,€".to_owned()),
    ];
    let mut told = String::new();
    for (node, line) in lines {
        let (text, done) = typed(node, &format!("wpsx {line}"), true).await;
        let failure = done.unwrap_err();
        told.push_str(&format!(
            "$ wpsx {line}\n{text}{failure}\n(exit {})\n\n",
            failure.exit()
        ));
    }
    let mut wrong = Vec::new();
    pinned::compare("expected/failures.txt", &told, &mut wrong);
    pinned::settle(&wrong);
}

#[tokio::test]
async fn a_proof_file_needs_nothing_but_the_key() {
    let folder = tempfile::tempdir().unwrap();
    let (proof, payload) = (
        folder.path().join("plan.tlog-proof"),
        folder.path().join("plan"),
    );
    let line = format!(
        "wpsx get {} --proof {} --payload {}",
        "01".repeat(16),
        proof.display(),
        payload.display()
    );
    typed(MadeUp::default(), &line, true).await.1.unwrap();
    let proof = TlogProof::parse(&std::fs::read_to_string(proof).unwrap()).unwrap();
    let extra = proof.extra().unwrap().clone();
    let length = usize::from(u16::from_be_bytes([extra[0], extra[1]]));
    let (entry, slot) = (extra.slice(2..2 + length), extra.slice(2 + length..));
    proof.verify(Hash::leaf(&entry), &log().key).unwrap();
    let slot = Slot::new(slot).unwrap();
    slot.verify(&Envelope::parse(&entry).unwrap().payload.unwrap())
        .unwrap();
    assert_eq!(std::fs::read(payload).unwrap(), slot.payload());
}

#[test]
fn what_is_typed_wrongly_is_refused_with_what_would_do() {
    let lines = [
        "get 1234".to_owned(),
        "history not-an-id".to_owned(),
        "list --sort size".to_owned(),
        "list --since yesterday".to_owned(),
        "check-proof plan.tlog-proof".to_owned(),
        "completions tcsh".to_owned(),
        "list --kind plan".to_owned(),
        "list --limit 0".to_owned(),
        "list --lang swahili_".to_owned(),
        format!("withdraw {ID}"),
        "fork accept eu.example/wpsx/public maybe".to_owned(),
        "peer ad x".to_owned(),
    ];
    let mut told = String::new();
    for line in lines {
        let error = Cli::try_parse_from(format!("wpsx {line}").split(' ')).unwrap_err();
        told.push_str(&format!(
            "$ wpsx {line}\n{error}(exit {})\n\n",
            error.exit_code()
        ));
    }
    let mut wrong = Vec::new();
    pinned::compare("expected/usage.txt", &told, &mut wrong);
    pinned::settle(&wrong);
}
