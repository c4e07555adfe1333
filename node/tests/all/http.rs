//! The static public log, asked by a client that knows only the specification.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails by panicking"
)]

use axum::Router;
use axum::body::Body;
use bytes::Bytes;
use http::{HeaderMap, Method, Request, StatusCode};
use http_body_util::BodyExt as _;
use tempfile::TempDir;
use tower::ServiceExt as _;
use wpsx_client::clock::Clock;
use wpsx_client::random::Random;
use wpsx_domain::access::{Access, NoPeers};
use wpsx_doors::http::router as served;
use wpsx_proto::bundle::EntryBundle;
use wpsx_proto::checkpoint::SignedCheckpoint;
use wpsx_proto::cosignature::Cosigner;
use wpsx_proto::envelope::{Operation, Reason};
use wpsx_proto::hash::Hash;
use wpsx_proto::identity::{Genesis, Identity};
use wpsx_proto::index::TreeSize;
use wpsx_proto::note::{NoteSigner, VerifierKey};
use wpsx_proto::origin::{Audience, Origin, PublisherName, RecordId};
use wpsx_store::{
    Appender, Followers, LogRole, NewEntry, RecordTarget, Store, StoreFolder, StoreOptions,
};
use wpsx_views::Views;

/// What everybody may read of `store`.
fn router(store: Store) -> Router {
    served(Access::new(store, std::sync::Arc::new(NoPeers)).public())
}

struct Place {
    router: Router,
    appender: Appender,
    public: Origin,
    network: Origin,
    _dir: TempDir,
}

impl Place {
    async fn with(entries: u32) -> Self {
        let dir = tempfile::tempdir().expect("folder");
        let data = dir.path().join("data");
        Store::create(&data).expect("create");
        let cosigner = Cosigner::from_seed("node.example", &[7; 32]).expect("cosigner");
        let options = StoreOptions {
            cosigner: Some(cosigner),
            ..StoreOptions::new(Clock::system().as_fn(), Random::system().as_fn())
        };
        let folder = StoreFolder::lock(&data).expect("folder");
        let views = Views::of(&folder).expect("views");
        let (store, appender) = Store::open(folder, options, Followers::only(views)).expect("open");
        let name = PublisherName::parse("ministry.example").expect("name");
        let signer = NoteSigner::from_seed(name.as_str(), &[5; 32]).expect("signer");
        let genesis = Genesis {
            name: name.clone(),
            title: "A ministry".to_owned(),
            countries: Vec::new(),
            recovery_keys: Vec::new(),
            time: 1,
        };
        let identity = Identity::create(genesis, &signer).expect("identity");
        let origins = [Audience::Public, Audience::Network].map(|a| Origin::new(&name, a));
        for origin in &origins {
            let signer = signer.named(origin.as_str()).expect("signer");
            store
                .add_log(origin, identity.clone(), LogRole::Own(signer))
                .expect("log");
            publish(&appender, origin, 0..entries).await;
        }
        let [public, network] = origins;
        Self {
            router: router(store),
            appender,
            public,
            network,
            _dir: dir,
        }
    }

    async fn ask(&self, method: Method, path: &str, headers: HeaderMap) -> Answer {
        let mut request = Request::new(Body::empty());
        *request.method_mut() = method;
        *request.uri_mut() = path.parse().expect("path");
        *request.headers_mut() = headers;
        let response = self.router.clone().oneshot(request).await.expect("answer");
        let (parts, body) = response.into_parts();
        let body = body.collect().await.expect("body").to_bytes();
        Answer {
            status: parts.status,
            headers: parts.headers,
            body,
        }
    }

    async fn get(&self, path: &str) -> Answer {
        self.ask(Method::GET, path, HeaderMap::new()).await
    }

    /// A file of the public log.
    async fn file(&self, path: &str) -> Answer {
        self.get(&format!("/mirror/{}/{path}", self.public.hash_hex()))
            .await
    }
}

async fn publish(appender: &Appender, origin: &Origin, numbers: std::ops::Range<u32>) {
    let entries = numbers.map(|number| {
        let mut id = [0; 16];
        id[..4].copy_from_slice(&number.to_be_bytes());
        NewEntry {
            target: RecordTarget::New(RecordId::from_bytes(id)),
            operation: Operation::Publish,
            kind: 1,
            payload: Some(Bytes::from(format!("record {number}"))),
            reason: Reason::Unspecified,
            salt: [3; 32],
        }
    });
    appender
        .append(origin, entries.collect(), None)
        .await
        .expect("append");
}

struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    body: Bytes,
}

impl Answer {
    fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map_or("", |value| value.to_str().expect("text"))
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_log_is_listed_and_its_checkpoint_is_signed() {
    let place = Place::with(3).await;
    let list = place.get("/mirror/").await;
    assert_eq!(list.header("content-type"), "application/json");
    let list: serde_json::Value = serde_json::from_slice(&list.body).expect("json");
    let hash = place.public.hash_hex();
    assert_eq!(list.as_array().expect("list").len(), 1);
    assert_eq!(list[0]["origin"], place.public.as_str());
    assert_eq!(list[0]["path"], format!("/mirror/{hash}/"));
    let key = VerifierKey::parse(list[0]["vkey"].as_str().expect("text")).expect("key");

    for path in [
        format!("/mirror/{hash}/checkpoint"),
        format!("/mirror/{hash}//checkpoint"),
    ] {
        let answer = place.get(&path).await;
        assert_eq!(answer.header("content-type"), "text/plain; charset=utf-8");
        assert_eq!(answer.header("cache-control"), "public, max-age=5");
        let head = SignedCheckpoint::parse(&answer.body).expect("note");
        let head = head.verify(&key).expect("signed");
        assert_eq!(head.size(), TreeSize::new(3));
        assert_eq!(head.claimed_cosigners(), ["node.example"]);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_known_checkpoint_is_not_sent_again_until_it_changes() {
    let place = Place::with(3).await;
    let path = format!("/mirror/{}/checkpoint", place.public.hash_hex());
    let tag = place.get(&path).await.headers["etag"].clone();
    let again = || HeaderMap::from_iter([(http::header::IF_NONE_MATCH, tag.clone())]);
    let answer = place.ask(Method::GET, &path, again()).await;
    assert_eq!(answer.status, StatusCode::NOT_MODIFIED);
    assert!(answer.body.is_empty());
    publish(&place.appender, &place.public, 3..4).await;
    let answer = place.ask(Method::GET, &path, again()).await;
    assert_eq!(answer.status, StatusCode::OK);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tiles_and_bundles_are_served_up_to_the_head_and_as_prefixes() {
    let place = Place::with(300).await;
    let bundle = place.file("tile/entries/001.p/44").await;
    assert_eq!(bundle.status, StatusCode::OK);
    assert_eq!(bundle.header("content-type"), "application/octet-stream");
    assert_eq!(
        bundle.header("cache-control"),
        "public, max-age=31536000, immutable"
    );
    let entries = EntryBundle::parse(bundle.body.clone()).expect("bundle");
    assert_eq!(entries.len(), 44);
    let tile = place.file("tile/0/001.p/44").await;
    assert_eq!(tile.header("content-type"), "application/octet-stream");
    let hashes: Vec<u8> = entries
        .iter()
        .flat_map(|e| *Hash::leaf(e).as_bytes())
        .collect();
    assert_eq!(tile.body, hashes);

    let narrow = place.file("tile/0/001.p/7").await;
    assert_eq!(narrow.body, hashes[..7 * 32]);
    let narrow = place.file("tile/entries/001.p/7").await;
    assert!(bundle.body.starts_with(&narrow.body));
    assert_eq!(place.file("tile/0/000").await.body.len(), 8192);
    assert_eq!(place.file("tile/0/000.p/200").await.body.len(), 6400);
    assert_eq!(place.file("tile/1/000.p/1").await.body.len(), 32);
    // The log grows; what was served stays.
    publish(&place.appender, &place.public, 300..600).await;
    assert_eq!(place.file("tile/0/001.p/44").await.body, hashes);
    assert_eq!(place.file("tile/entries/001.p/44").await.body, bundle.body);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_the_head_does_not_require_is_not_found() {
    let place = Place::with(300).await;
    for path in [
        "",
        "tile",
        "tile/",
        "tile/0/001",
        "tile/0/001.p/45",
        "tile/0/001.p/0",
        "tile/0/000.p/256",
        "tile/0/002",
        "tile/0/002.p/1",
        "tile/1/000",
        "tile/1/000.p/2",
        "tile/2/000.p/1",
        "tile/63/000.p/1",
        "tile/64/000",
        "tile/00/000",
        "tile/0/0",
        "tile/0/x000/000",
        "tile/0/000/",
        "tile/0//000",
        "tile/0/%30%30%30",
        "tile/0/000?x/../..",
        "Tile/0/000",
        "tile/-1/000",
        "tile/0/001.p/044",
        "tile/entries/001",
        "tile/entries/002.p/1",
        "tile/payloads/000",
        "payloads/000",
        "tile/data/000",
        "checkpoint/",
        "checkpoint.txt",
        "../checkpoint",
        "tile/0/x999/x999/x999/x999/x999/x999/x999",
        "tile/entries/../0/000",
        "tile/0/x018/x446/x744/x073/x709/x551/615",
    ] {
        let answer = place.file(path).await;
        // A query is no part of the path.
        let expected = if path.contains('?') {
            StatusCode::OK
        } else {
            StatusCode::NOT_FOUND
        };
        assert_eq!(answer.status, expected, "{path}");
    }
    for path in [
        "/",
        "/mirror",
        "/mirror/x/checkpoint",
        "/state",
        "/metrics",
        "/mirror/../mirror/",
    ] {
        assert_eq!(
            place.get(path).await.status,
            StatusCode::NOT_FOUND,
            "{path}"
        );
    }
    let upper = place.public.hash_hex().to_uppercase();
    assert_eq!(
        place
            .get(&format!("/mirror/{upper}/checkpoint"))
            .await
            .status,
        StatusCode::NOT_FOUND
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_log_that_is_not_public_is_answered_like_one_that_is_not_there() {
    let place = Place::with(3).await;
    for path in ["checkpoint", "tile/0/000.p/3", "tile/entries/000.p/3"] {
        let hidden = place
            .get(&format!("/mirror/{}/{path}", place.network.hash_hex()))
            .await;
        let absent = place
            .get(&format!("/mirror/{}/{path}", "0".repeat(64)))
            .await;
        assert_eq!(hidden.status, StatusCode::NOT_FOUND);
        assert_eq!((hidden.headers, hidden.body), (absent.headers, absent.body));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_reading_is_allowed_and_a_head_has_no_body() {
    let place = Place::with(3).await;
    let path = format!("/mirror/{}/tile/0/000.p/3", place.public.hash_hex());
    let head = place.ask(Method::HEAD, &path, HeaderMap::new()).await;
    assert_eq!(
        (head.status, head.header("content-length")),
        (StatusCode::OK, "96")
    );
    assert!(head.body.is_empty());
    for method in [Method::POST, Method::PUT, Method::DELETE] {
        let answer = place.ask(method, &path, HeaderMap::new()).await;
        assert_eq!(answer.status, StatusCode::METHOD_NOT_ALLOWED);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn entry_bundles_are_compressed_for_those_who_ask() {
    let place = Place::with(256).await;
    let gzip =
        || HeaderMap::from_iter([(http::header::ACCEPT_ENCODING, "gzip".parse().expect("text"))]);
    let folder = format!("/mirror/{}/", place.public.hash_hex());
    let plain = place.get(&format!("{folder}tile/entries/000")).await;
    assert_eq!(plain.header("content-encoding"), "");
    let small = place
        .ask(Method::GET, &format!("{folder}tile/entries/000"), gzip())
        .await;
    assert_eq!(small.header("content-encoding"), "gzip");
    assert!(small.header("vary").contains("accept-encoding"));
    assert!(small.body.len() < plain.body.len());
    // Hashes do not get smaller.
    let tile = place
        .ask(Method::GET, &format!("{folder}tile/0/000"), gzip())
        .await;
    assert_eq!(tile.header("content-encoding"), "");
    assert_eq!(tile.body.len(), 8192);
}
