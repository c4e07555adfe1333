//! Heads, packages and payloads, as software of before cards had numbers asked for them and
//! answered: its own test node wrote the files in `stored/before`, of a log of 300 entries.

use std::{fs, path::Path};

use anyhow::{Context as _, Result};
use futures::{Stream, StreamExt as _};
use prost::Message;
use tonic::{Request, Response, Status};
use wpsx_client::{
    pull::{Judgement, Known, judge},
    testing::{TestLog, TestNode},
};
use wpsx_proto::{
    api::replication::v1::{
        GetIdentityRequest, GetIdentityResponse, ListHeadsRequest, ListHeadsResponse,
        ReadPackagesRequest, ReadPackagesResponse, ReadPayloadsRequest, ReadPayloadsResponse,
        replication_service_server::ReplicationService as _,
    },
    checkpoint::SignedCheckpoint,
    envelope::Leaf,
    hash::Hash,
    identity::Identity,
    index::TreeSize,
    origin::Origin,
    package::Package,
    payload::Frame,
    tree::MemoryTree,
};

const SIZE: u64 = 300;
const HELD: u64 = 256;

/// A stored message; what this software writes of it is what was read.
fn stored<M: Message + Default>(name: &str) -> Result<M> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("stored/before");
    let bytes = fs::read(folder.join(name)).with_context(|| name.to_owned())?;
    let message = M::decode(bytes.as_slice())?;
    assert_eq!(message.encode_to_vec(), bytes, "{name}");
    Ok(message)
}

/// The only answer, or all of them.
async fn all<M>(
    answers: Response<impl Stream<Item = Result<M, Status>> + Unpin>,
) -> Result<Vec<M>> {
    let answers: Vec<_> = answers.into_inner().collect().await;
    Ok(answers.into_iter().collect::<Result<_, _>>()?)
}

#[tokio::test]
async fn heads_packages_and_payloads_of_nodes_of_before_are_understood() -> Result<()> {
    let identity: GetIdentityResponse = stored("identity.bin")?;
    let identity = Identity::verify(&identity.operations)?;
    let heads: ListHeadsResponse = stored("heads.bin")?;
    let [head] = &heads.heads[..] else {
        panic!("one head: {heads:?}");
    };
    let origin = Origin::parse(&head.origin)?;
    let key = identity.log_key(&origin).context("its key")?;
    let signed = SignedCheckpoint::parse(&head.checkpoint)?.verify(&key)?;
    assert_eq!(signed.size(), TreeSize::new(SIZE));

    let mut leaves: Vec<Leaf> = Vec::new();
    let mut hashes: Vec<Hash> = Vec::new();
    for name in ["package-1.bin", "package-2.bin"] {
        let answer: ReadPackagesResponse = stored(name)?;
        let package = Package::from_api(answer.package.context("a package")?)?;
        let package = package.verify(&[], &signed)?;
        leaves.extend(package.leaves().iter().cloned());
        hashes.extend(package.leaf_hashes());
    }
    assert_eq!(leaves.len() as u64, SIZE);
    // The proof with the head is that of a log that has grown.
    let tree: MemoryTree = hashes[..HELD as usize].iter().copied().collect();
    let known = Known {
        stored: TreeSize::new(HELD),
        ..Known::default()
    };
    let judged = judge(head, &origin, &key, &tree, known)?;
    assert!(matches!(judged, Judgement::New(_)), "{judged:?}");

    for name in ["payloads-raw.bin", "payloads-zstd.bin"] {
        let answer: ReadPayloadsResponse = stored(name)?;
        let frame = Frame::from_api(answer.frame.context("a frame")?)?;
        let frame = frame.verify(&leaves[HELD as usize..], |_| false)?;
        let first = frame.slot(0).context("a payload")?;
        assert!(!first.is_empty());
    }
    Ok(())
}

#[tokio::test]
async fn nodes_of_before_are_answered_with_what_they_would_have_answered() -> Result<()> {
    let log = TestLog::with_records("before.example", SIZE, 60);
    let node = TestNode::new(log);
    let request = GetIdentityRequest {
        origin: "before.example/wpsx/public".to_owned(),
    };
    let answer = node.get_identity(Request::new(request)).await?.into_inner();
    assert_eq!(answer, stored("identity.bin")?);
    let request: ListHeadsRequest = stored("heads-request.bin")?;
    let answer = node.list_heads(Request::new(request)).await?.into_inner();
    assert_eq!(answer, stored::<ListHeadsResponse>("heads.bin")?);
    let request: ReadPackagesRequest = stored("packages-request.bin")?;
    let packages = all(node.read_packages(Request::new(request)).await?).await?;
    let theirs = ["package-1.bin", "package-2.bin"].map(stored);
    assert_eq!(packages, theirs.into_iter().collect::<Result<Vec<_>>>()?);
    for form in ["raw", "zstd"] {
        let request: ReadPayloadsRequest = stored(&format!("payloads-{form}-request.bin"))?;
        let payloads = all(node.read_payloads(Request::new(request)).await?).await?;
        let theirs = stored(&format!("payloads-{form}.bin"))?;
        assert_eq!(payloads, [theirs], "{form}");
    }
    Ok(())
}
