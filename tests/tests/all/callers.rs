//! Callers that ask for what cannot be: each is told precisely what is wrong, and the
//! node goes on for everybody else.

use std::time::Duration;

use anyhow::{Context as _, Result};
use bytes::{BufMut as _, Bytes, BytesMut};
use futures::{TryStreamExt as _, pin_mut};
use prost::Message as _;
use prost_reflect::{DescriptorPool, MethodDescriptor};
use tonic::{Code, Status, body::Body};
use tower::Service as _;
use wpsx_client::{
    Client, Filter, Watched,
    tls::{Pins, TlsDialer},
    transport::{Connection, Endpoint, Settings},
};
use wpsx_federation::refusals::Side;
use wpsx_listen::tls::NewTlsIdentity;
use wpsx_proto::api::{
    exchange::v1::{
        GetRecordRequest, ListRecordsRequest, RecordFilter,
        exchange_service_client::ExchangeServiceClient,
    },
    log::v1::{ErasureEvidence, ForkEvidence},
    replication::v1::{
        GetConsistencyRequest, GetIdentityRequest, IndexRange, KnownHead, ListHeadsRequest,
        ReadPackagesRequest, ReadPayloadsRequest, ReportErasureRequest, ReportForkRequest,
        ReportRefusalRequest, WatchHeadsRequest,
        replication_service_client::ReplicationServiceClient,
    },
};
use wpsx_tests::{
    federation::{TestNode, practices},
    noise,
};

/// Every method that the schema has, those of the operator too, which strangers are refused.
fn methods() -> Result<Vec<String>> {
    let pool = DescriptorPool::decode(wpsx_proto::api::DESCRIPTORS)?;
    let mut methods = vec!["grpc.health.v1.Health/Check".to_owned()];
    for service in pool.services() {
        let named = |method: MethodDescriptor| format!("{}/{}", service.full_name(), method.name());
        methods.extend(service.methods().map(named));
    }
    Ok(methods)
}

async fn dial(node: &TestNode, with_key: bool) -> Result<Connection> {
    let card = node.card()?;
    let endpoint: Endpoint = card.endpoints()[0].parse()?;
    let identity = NewTlsIdentity::generate("stranger.example")?.identity()?;
    let identity = with_key.then_some(&identity);
    let dialer = TlsDialer::new(identity, Pins::only(card.tls_key()))?;
    Ok(Connection::dial(&endpoint, &dialer, &Settings::default()).await?)
}

/// The answer was refused with this code; a wrong argument is named in the details.
fn refused<T>(answer: Result<T, Status>, code: Code, what: &str) {
    let Err(status) = answer else {
        panic!("{what} was answered");
    };
    assert_eq!(status.code(), code, "{what}: {status}");
    assert!(!status.message().is_empty(), "{what}");
    if code == Code::InvalidArgument {
        assert!(!status.details().is_empty(), "{what} has no details");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn absurd_arguments_are_refused_with_what_is_wrong() -> Result<()> {
    let node = TestNode::start("node").await?;
    node.publish(practices("node", 300, 300)).await?;
    node.node().records().index().settled(&node.own()?).await?;
    let origin = node.origin().to_string();
    for with_key in [false, true] {
        let connection = dial(&node, with_key).await?;
        let mut client = ReplicationServiceClient::new(connection.clone());
        let known = |count: usize, hash: &'static [u8]| -> Vec<KnownHead> {
            (0..count)
                .map(|n| KnownHead {
                    origin: n.to_string(),
                    tree_size: u64::MAX,
                    note_hash: Bytes::from_static(hash),
                })
                .collect()
        };
        for (known, origins, page_size, page_token, code) in [
            (
                known(1_001, b""),
                vec![],
                0,
                "",
                Some(Code::InvalidArgument),
            ),
            (known(1, b"123"), vec![], 0, "", Some(Code::InvalidArgument)),
            (
                vec![],
                vec!["x".to_owned(); 1_001],
                0,
                "",
                Some(Code::InvalidArgument),
            ),
            (
                vec![],
                vec![],
                u32::MAX,
                "\u{1F}~garbage",
                Some(Code::InvalidArgument),
            ),
            (
                vec![],
                vec!["".to_owned()],
                0,
                "",
                Some(Code::InvalidArgument),
            ),
            (known(1_000, b"12345678"), vec![], u32::MAX, "", None),
        ] {
            let request = ListHeadsRequest {
                known: known.clone(),
                origins: origins.clone(),
                page_size,
                page_token: page_token.to_owned(),
            };
            let answer = client.list_heads(request).await;
            match code {
                Some(code) => {
                    refused(answer, code, "ListHeads");
                    if !page_token.is_empty() {
                        continue;
                    }
                    let request = WatchHeadsRequest { known, origins };
                    refused(client.watch_heads(request).await, code, "WatchHeads");
                }
                None => drop(answer?),
            }
        }
        for (name, code) in [
            ("", Code::InvalidArgument),
            ("nobody.example/wpsx/public", Code::NotFound),
            ("node.example/wpsx/network", Code::NotFound),
            ("\u{0}", Code::InvalidArgument),
        ] {
            let request = GetIdentityRequest {
                origin: name.to_owned(),
            };
            refused(client.get_identity(request).await, code, name);
        }
        for (from_size, to_size) in [(2, 1), (0, 301), (u64::MAX, u64::MAX), (0, u64::MAX)] {
            let request = GetConsistencyRequest {
                origin: origin.clone(),
                from_size,
                to_size,
            };
            let what = format!("GetConsistency {from_size} {to_size}");
            refused(
                client.get_consistency(request).await,
                Code::InvalidArgument,
                &what,
            );
        }
        for (start, end, tree_size) in [
            (2, 1, 300),
            (0, 301, 300),
            (301, 0, 300),
            (0, 0, 301),
            (u64::MAX, u64::MAX, u64::MAX),
        ] {
            let request = ReadPackagesRequest {
                origin: origin.clone(),
                start,
                end,
                tree_size,
            };
            let what = format!("ReadPackages {start} {end} {tree_size}");
            refused(
                client.read_packages(request).await,
                Code::InvalidArgument,
                &what,
            );
        }
        for ranges in [
            vec![(1, 1)],
            vec![(2, 1)],
            vec![(0, 301)],
            vec![(0, 2), (1, 3)],
            vec![(0, u64::MAX)],
            vec![(0, 1); 4_097],
        ] {
            let what = format!("ReadPayloads {:?}", ranges[0]);
            let ranges = ranges
                .into_iter()
                .map(|(start, end)| IndexRange { start, end });
            let request = ReadPayloadsRequest {
                origin: origin.clone(),
                ranges: ranges.collect(),
                ..ReadPayloadsRequest::default()
            };
            refused(
                client.read_payloads(request).await,
                Code::InvalidArgument,
                &what,
            );
        }
        // Only a peer may report; a key that nobody pinned is no peer's.
        let report = ReportRefusalRequest::default();
        refused(
            client.report_refusal(report).await,
            Code::PermissionDenied,
            "ReportRefusal",
        );
        let report = ReportForkRequest {
            evidence: Some(ForkEvidence::default()),
        };
        refused(
            client.report_fork(report).await,
            Code::PermissionDenied,
            "ReportFork",
        );
        let report = ReportErasureRequest {
            evidence: Some(ErasureEvidence::default()),
        };
        refused(
            client.report_erasure(report).await,
            Code::PermissionDenied,
            "ReportErasure",
        );

        let mut client = ExchangeServiceClient::new(connection);
        for id in [&b""[..], b"123", &[0; 17], &[0; 65_536]] {
            let request = GetRecordRequest {
                record_id: Bytes::copy_from_slice(id),
                ..GetRecordRequest::default()
            };
            refused(
                client.get_record(request).await,
                Code::InvalidArgument,
                "GetRecord",
            );
        }
        let request = ListRecordsRequest {
            page_token: "garbage".to_owned(),
            ..ListRecordsRequest::default()
        };
        refused(
            client.list_records(request).await,
            Code::InvalidArgument,
            "ListRecords",
        );
        // A token of one question is none of another, nor is one of a place that is not there.
        let request = ListRecordsRequest {
            page_size: 1,
            ..ListRecordsRequest::default()
        };
        let page = client.list_records(request).await?.into_inner();
        let token = page.next_page_token;
        let asked = |page_token: String, kinds: Vec<u32>| ListRecordsRequest {
            page_token,
            filter: Some(RecordFilter {
                kinds,
                ..RecordFilter::default()
            }),
            ..ListRecordsRequest::default()
        };
        client.list_records(asked(token.clone(), vec![])).await?;
        let elsewhere = format!("7{token}");
        for (token, kinds) in [(token, vec![1]), (elsewhere, vec![])] {
            refused(
                client.list_records(asked(token, kinds)).await,
                Code::InvalidArgument,
                "ListRecords",
            );
        }
        let oversized = asked("x".repeat(2 << 20), vec![]);
        refused(
            client.list_records(oversized).await,
            Code::ResourceExhausted,
            "ListRecords of 2 MiB",
        );
        let request = ListRecordsRequest {
            page_size: u32::MAX,
            ..ListRecordsRequest::default()
        };
        client.list_records(request).await?;
    }
    assert!(
        node.node()
            .federation()
            .refusals()
            .of("", Side::Theirs)
            .is_empty()
    );
    node.verify()
}

/// The bytes of a gRPC message that claims to have `length` bytes.
fn framed(length: u32, bytes: &[u8]) -> Bytes {
    let mut frame = BytesMut::new();
    frame.put_u8(0);
    frame.put_u32(length);
    frame.put_slice(bytes);
    frame.freeze()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_that_grpc_compressed_is_answered_as_unimplemented() -> Result<()> {
    let node = TestNode::start("node").await?;
    let mut connection = dial(&node, true).await?;
    let request = http::Request::post("/wpsx.exchange.v1.ExchangeService/GetNode")
        .header("content-type", "application/grpc")
        .header("te", "trailers")
        .header("grpc-encoding", "gzip")
        .body(Body::new(http_body_util::Full::new(framed(0, b""))))?;
    let answer = connection.call(request).await?;
    let status = answer.headers().get("grpc-status").context("a status")?;
    assert_eq!(status, "12", "{answer:?}");
    assert!(
        answer.headers().get("grpc-encoding").is_none(),
        "{answer:?}"
    );
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn bytes_that_mean_nothing_are_answered_and_harm_nobody() -> Result<()> {
    let node = TestNode::start("node").await?;
    node.publish(practices("node", 300, 300)).await?;
    let known = GetIdentityRequest {
        origin: node.origin().to_string(),
    };
    let methods = methods()?;
    assert!(methods.len() > 30, "{methods:?}");
    for method in methods {
        let mut connection = dial(&node, true).await?;
        let mut bodies = vec![
            Bytes::new(),
            Bytes::from(noise::bytes(1, 3)),
            framed(u32::MAX, b"short"),
            framed(2 << 20, &noise::bytes(2, 70_000)),
            framed(0, b""),
        ];
        for seed in 3..35 {
            let bytes = noise::bytes(seed, 1 + (seed as usize * 37) % 400);
            bodies.push(framed(bytes.len() as u32, &bytes));
            // Sound at the beginning, garbage behind it.
            let mut bytes = known.encode_to_vec();
            bytes.extend(noise::bytes(seed, seed as usize));
            bodies.push(framed(bytes.len() as u32, &bytes));
        }
        for (number, body) in bodies.into_iter().enumerate() {
            let request = http::Request::post(format!("/{method}"))
                .header("content-type", "application/grpc")
                .header("te", "trailers")
                .body(Body::new(http_body_util::Full::new(body)))?;
            let answer = tokio::time::timeout(Duration::from_secs(20), connection.call(request))
                .await
                .with_context(|| format!("{method} {number} is not answered"))?
                .with_context(|| format!("{method} {number}"))?;
            assert_eq!(answer.status(), 200, "{method} {number}");
        }
        // The connection is as good as before.
        let mut client = ReplicationServiceClient::new(connection);
        client.get_identity(known.clone()).await?;
    }
    node.verify()
}

#[tokio::test(flavor = "multi_thread")]
async fn evidence_about_a_log_that_is_not_known_is_kept_and_stops_nothing() -> Result<()> {
    let mut node = TestNode::start("node").await?;
    let evidence = ForkEvidence {
        origin: "gone.example/wpsx/public".to_owned(),
        ..ForkEvidence::default()
    };
    let name = "forks/gone-1.evidence";
    let state = node.node().store().state().clone();
    state.put(name, &evidence.encode_to_vec())?;
    drop(state);
    node.stop().await?;
    node.open().await?;
    node.publish(practices("node", 1, 1)).await?;
    assert!(node.node().store().state().get(name)?.is_some());
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn who_lists_and_then_watches_sees_every_record_exactly_once() -> Result<()> {
    const RECORDS: usize = 1_500;
    const BATCH: usize = 50;
    let node = TestNode::start("node").await?;
    node.publish(practices("before", RECORDS / 2, 300)).await?;
    node.node().records().index().settled(&node.own()?).await?;
    let client = Client::connect(&node.card()?).await?;
    // It publishes before, between and after the pages, and while the watch begins.
    let publishing = async {
        for n in 0..RECORDS / 2 / BATCH {
            node.publish(practices(&format!("during-{n}"), BATCH, 300))
                .await?;
        }
        anyhow::Ok(())
    };
    let reading = async {
        let told = client.list(Filter::new()).page_size(100).then_watch();
        pin_mut!(told);
        let mut seen = Vec::new();
        while seen.len() < RECORDS {
            let told = tokio::time::timeout(Duration::from_secs(60), told.try_next());
            if let Watched::Changed(entry) = told.await??.context("it goes on")? {
                seen.push(entry.record_id().context("a record")?);
            }
        }
        // What would come twice comes before what is published now.
        node.publish(practices("last", 1, 300)).await?;
        while seen.len() == RECORDS {
            let told = tokio::time::timeout(Duration::from_secs(60), told.try_next());
            if let Watched::Changed(entry) = told.await??.context("it goes on")? {
                seen.push(entry.record_id().context("a record")?);
            }
        }
        anyhow::Ok(seen)
    };
    let (published, seen) = tokio::join!(publishing, reading);
    published?;
    let mut seen = seen?;
    assert_eq!(seen.len(), RECORDS + 1);
    seen.sort_unstable();
    seen.dedup();
    assert_eq!(seen.len(), RECORDS + 1, "none comes twice");
    Ok(())
}
