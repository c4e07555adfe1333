//! The static public log, checked by a verifier that shares no code with us.

use std::net::SocketAddr;
use std::process::Command;

use axum::Router;
use bytes::Bytes;
use tempfile::TempDir;
use wpsx_client::clock::Clock;
use wpsx_client::random::Random;
use wpsx_domain::access::{Access, NoPeers};
use wpsx_doors::http::router as served;
use wpsx_proto::cosignature::Cosigner;
use wpsx_proto::envelope::{Operation, Reason};
use wpsx_proto::identity::{Genesis, Identity};
use wpsx_proto::note::NoteSigner;
use wpsx_proto::origin::{Audience, Origin, PublisherName, RecordId};
use wpsx_store::{Followers, LogRole, NewEntry, RecordTarget, Store, StoreFolder, StoreOptions};
use wpsx_tests::federation::wait_until;
use wpsx_views::Views;

/// What everybody may read of `store`.
fn router(store: Store) -> Router {
    served(Access::new(store, std::sync::Arc::new(NoPeers)).public())
}

/// A store with logs of these sizes.
async fn store(sizes: &[(&str, u32)]) -> (Store, Cosigner, TempDir) {
    let dir = tempfile::tempdir().expect("folder");
    let data = dir.path().join("data");
    Store::create(&data).expect("create");
    let cosigner = || Cosigner::from_seed("node.example", &[7; 32]).expect("cosigner");
    let options = StoreOptions {
        cosigner: Some(cosigner()),
        ..StoreOptions::new(Clock::system().as_fn(), Random::system().as_fn())
    };
    let folder = StoreFolder::lock(&data).expect("folder");
    let views = Views::of(&folder).expect("views");
    let (store, appender) = Store::open(folder, options, Followers::only(views)).expect("open");
    for (name, size) in sizes {
        let name = PublisherName::parse(name).expect("name");
        let signer = NoteSigner::from_seed(name.as_str(), &[5; 32]).expect("signer");
        let genesis = Genesis {
            name: name.clone(),
            title: "A publisher".to_owned(),
            countries: Vec::new(),
            recovery_keys: Vec::new(),
            time: 1,
        };
        let identity = Identity::create(genesis, &signer).expect("identity");
        let origin = Origin::new(&name, Audience::Public);
        let signer = signer.named(origin.as_str()).expect("signer");
        store
            .add_log(&origin, identity, LogRole::Own(signer))
            .expect("log");
        let numbers: Vec<u32> = (0..*size).collect();
        for batch in numbers.chunks(1000) {
            let entries = batch.iter().map(|number| NewEntry {
                target: RecordTarget::New(id(*number)),
                operation: Operation::Publish,
                kind: 1,
                payload: Some(Bytes::copy_from_slice(&number.to_be_bytes())),
                reason: Reason::Unspecified,
                salt: [3; 32],
            });
            appender
                .append(&origin, entries.collect(), None)
                .await
                .expect("append");
        }
    }
    // A node cosigns a log at most once a second: the last head may have to wait.
    let key = [cosigner().verifier_key()];
    let cosigned = || {
        let mut heads = store.logs().into_iter().filter_map(|log| log.head());
        heads.all(|head| !head.cosignatures(&key).is_empty())
    };
    wait_until(cosigned).await.expect("cosigned");
    (store, cosigner(), dir)
}

fn id(number: u32) -> RecordId {
    let mut id = [9; 16];
    id[..4].copy_from_slice(&number.to_be_bytes());
    RecordId::from_bytes(id)
}

async fn serve(router: Router) -> SocketAddr {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0")
        .await
        .expect("port");
    let address = listener.local_addr().expect("address");
    tokio::spawn(async move { axum::serve(listener, router).await });
    address
}

/// Runs the verifier: what it printed and, if it refused, why. `None` without Python.
async fn verify(address: SocketAddr, options: Vec<String>) -> Option<Result<String, String>> {
    let run = move || {
        Command::new("python3")
            .arg(concat!(
                env!("CARGO_MANIFEST_DIR"),
                "/interop/verify_tlog.py"
            ))
            .arg(format!("http://{address}"))
            .args(options)
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .output()
    };
    let Ok(output) = tokio::task::spawn_blocking(run).await.expect("thread") else {
        println!("SKIPPED: there is no python3 here, so nothing independent checked the log");
        return None;
    };
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    Some(if output.status.success() {
        Ok(text(&output.stdout))
    } else {
        Err(text(&output.stderr))
    })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_verifier_that_others_wrote_accepts_logs_of_all_shapes() {
    let sizes = [
        ("one.example", 1),
        ("full.example", 256),
        ("edge.example", 257),
        ("deep.example", 66_000),
    ];
    let (store, cosigner, _dir) = store(&sizes).await;
    let address = serve(router(store)).await;
    let options = vec![
        "--origin".to_owned(),
        "deep.example/wpsx/public".to_owned(),
        "--cosigner".to_owned(),
        cosigner.verifier_key().to_string(),
    ];
    let Some(result) = verify(address, options).await else {
        return;
    };
    let printed = result.expect("accepted");
    let logs: Vec<serde_json::Value> = printed
        .lines()
        .map(|line| serde_json::from_str(line).expect("json"))
        .collect();
    assert_eq!(logs.len(), sizes.len());
    for (name, size) in sizes {
        let origin = format!("{name}/wpsx/public");
        let log = logs.iter().find(|log| log["origin"] == origin.as_str());
        assert_eq!(log.expect("printed")["size"], size);
    }
}

/// The verifier is no ornament: whatever is changed on the way, it says so.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_verifier_that_others_wrote_refuses_what_was_changed() {
    let (store, cosigner, _dir) = store(&[("edge.example", 600)]).await;
    let other = Cosigner::from_seed("other.example", &[8; 32]).expect("cosigner");
    let address = serve(router(store.clone())).await;
    let Some(result) = verify(
        address,
        vec!["--cosigner".to_owned(), cosigner.verifier_key().to_string()],
    )
    .await
    else {
        return;
    };
    result.expect("accepted");
    let absent = vec!["--cosigner".to_owned(), other.verifier_key().to_string()];
    let refused = verify(address, absent)
        .await
        .expect("python3")
        .expect_err("refused");
    assert!(
        refused.contains("no valid cosignature of other.example"),
        "{refused}"
    );

    for (changed, reason) in [
        (
            "/tile/entries/001",
            "the entries do not make the signed root",
        ),
        ("/tile/0/002.p/88", "the tiles of level 0"),
        ("/tile/1/000.p/2", "the tiles of level 1"),
        ("/checkpoint", ""),
    ] {
        let flip = move |request: axum::extract::Request, next: axum::middleware::Next| async move {
            let hit = request.uri().path().ends_with(changed);
            let mut request = request;
            request.headers_mut().remove("accept-encoding");
            let (parts, body) = next.run(request).await.into_parts();
            let mut body = axum::body::to_bytes(body, 1 << 20)
                .await
                .expect("body")
                .to_vec();
            if hit {
                let middle = body.len() / 3;
                body[middle] ^= 1;
            }
            axum::response::Response::from_parts(parts, axum::body::Body::from(body))
        };
        let lying = router(store.clone()).layer(axum::middleware::from_fn(flip));
        let address = serve(lying).await;
        let refused = verify(address, Vec::new()).await.expect("python3");
        let refused = refused.expect_err(changed);
        assert!(refused.contains(reason), "{changed}: {refused}");
    }
}
