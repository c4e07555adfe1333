//! Every file of `state/`, `logs/`, `journal/` and `keys/`, and `wpsx-store`: removed, cut
//! in half, and with one bit flipped, on a node whose peer holds its logs. (Without a peer
//! it is `node/tests/all/stopped/matrix.rs`.)
//!
//! Whatever it is: it is told, nothing vanishes, nothing wrong is called correct, no smaller
//! tree is signed, what is not damaged is published to, and `repair`, and else `recover`, brings
//! back what was damaged. What only the operator has, the operator puts back: keys, and the
//! file that makes the folder a store.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result, ensure};
use futures::{StreamExt as _, TryStreamExt as _, stream};
use wpsx_proto::{
    envelope::{Operation, Reason},
    hash::Hash,
    index::TreeSize,
    origin::Origin,
    tree::root_at,
};
use wpsx_store::testing::Harm;
use wpsx_tests::federation::{TestNode, join, practices, wait_until};

/// Cases that are under way at once.
const AT_ONCE: usize = 4;
/// Entries of each log, one of which erases another.
const ENTRIES: u64 = 260;

/// A node that was killed, and its peer, which goes on and does not follow what copies of
/// the first sign.
struct Pair {
    killed: TestNode,
    peer: TestNode,
    /// The root of each log.
    roots: [(Origin, Hash); 2],
}

impl Pair {
    async fn new() -> Result<Self> {
        let (a, b) = (TestNode::start("a").await?, TestNode::start("b").await?);
        join(&a, &b, false)?;
        for node in [&a, &b] {
            let first = practices("first", ENTRIES as usize - 2, 200);
            let published = node.publish(first).await?;
            let id = published.records[4].record_id;
            node.retire(Operation::Erase, id, Reason::Mistake).await?;
            node.node().store().settle().await?;
        }
        // What came last is in the journal alone.
        b.publish(practices("last", 1, 200)).await?;
        a.holds(&b.origin(), ENTRIES).await?;
        a.node().store().settle().await?;
        a.publish(practices("last", 1, 200)).await?;
        b.holds(&a.origin(), ENTRIES).await?;
        b.node().federation().peering().remove("a.example")?;
        let root = |origin: Origin| {
            let log = b.replica(&origin).context("it has both")?;
            anyhow::Ok((origin, root_at(&log, TreeSize::new(ENTRIES))?))
        };
        Ok(Self {
            roots: [root(a.origin())?, root(b.origin())?],
            killed: a.copy()?,
            peer: b,
        })
    }

    /// The files that are harmed, as paths below the data directory.
    fn targets(&self) -> Result<Vec<PathBuf>> {
        let data = self.killed.data_dir();
        let mut found = Vec::new();
        for part in ["state", "logs", "journal", "keys"] {
            files(&data.join(part), &mut found)?;
        }
        found.push(data.join("wpsx-store"));
        let below = found.iter().map(|path| path.strip_prefix(&data));
        Ok(below
            .map(|path| path.map(Path::to_owned))
            .collect::<Result<_, _>>()?)
    }

    async fn judge(&self, path: &Path, harm: Harm) -> Result<()> {
        let mut a = self.killed.copy()?;
        let hurt = a.data_dir().join(path);
        if fs::read(&hurt)?.is_empty() {
            return Ok(());
        }
        harm.apply(&hurt);
        let is_the_operators = path.starts_with("keys") || path == Path::new("wpsx-store");
        let opened = a.open().await;
        ensure!(
            opened.is_ok() || is_the_operators,
            "it does not open: {opened:?}"
        );
        if is_the_operators {
            a.stop().await?;
            // With its rights, as from a backup.
            if hurt.exists() {
                fs::remove_file(&hurt)?;
            }
            fs::copy(self.killed.data_dir().join(path), &hurt)?;
            a.open().await?;
        }
        if !is_the_operators {
            let verified = a.typed(&["verify"]).await;
            ensure!(verified.is_err(), "it is not told: {verified:?}");
            let checked = a.typed(&["status", "--check"]).await;
            ensure!(checked.is_err(), "it is no finding: {checked:?}");
        }
        if path.starts_with("state/peers") {
            a.add(&self.peer, false)?;
        }
        let foreign = Path::new("logs").join(self.peer.origin().hash_hex());
        let is_foreign = path.starts_with(foreign) || path.starts_with("state/logs/1");
        if is_foreign || path.starts_with("state/peers") {
            a.publish(practices("beside", 1, 200)).await?;
        }
        // It finds all that is damaged, and has it mended by the peer.
        let repaired = a.typed(&["repair"]).await.is_ok();
        if !repaired || !signs(&a) {
            wait_until(|| self.is_connected(&a)).await?;
            a.typed(&["recover", "--yes"]).await?;
            a.typed(&["repair"]).await?;
        }
        wait_until(|| self.is_whole(&a)).await?;
        // What was mended since is told with this.
        a.typed(&["repair"]).await?;
        a.typed(&["verify"]).await?;
        self.nothing_vanished(&a)?;
        let before = a.head_size(&a.origin());
        a.publish(practices("after", 1, 200)).await?;
        ensure!(a.head_size(&a.origin()) == before + 1, "a smaller tree");
        for (origin, root) in &self.roots {
            let log = a.replica(origin).context("it has both")?;
            ensure!(
                root_at(&log, TreeSize::new(ENTRIES))? == *root,
                "{origin} is not what it was"
            );
            ensure!(log.holes().erased == 1, "{origin}: {:?}", log.holes());
        }
        a.stop().await
    }

    /// All files of the state, the keys and the logs are there, but for those that are
    /// replaced by wider ones.
    fn nothing_vanished(&self, a: &TestNode) -> Result<()> {
        for path in self.targets()? {
            let moves_on = path.starts_with("journal") || path.to_string_lossy().contains(".p/");
            let is_there = moves_on || a.data_dir().join(&path).exists();
            ensure!(is_there, "{} is gone", path.display());
        }
        Ok(())
    }

    fn is_connected(&self, a: &TestNode) -> bool {
        let peer = a.peer_status(self.peer.node().name().as_str());
        peer.is_ok_and(|peer| peer.state == "connected")
    }

    fn is_whole(&self, a: &TestNode) -> bool {
        let store = a.node().store();
        let holds = |origin: &Origin| {
            let log = a.replica(origin);
            log.is_some_and(|log| log.holes().not_held == 0) && a.head_size(origin) >= ENTRIES
        };
        store.damage().is_empty() && self.roots.iter().all(|(origin, _)| holds(origin))
    }
}

/// Whether nothing keeps the node from signing its own log.
fn signs(a: &TestNode) -> bool {
    let log = a.replica(&a.origin());
    a.node().store().read_only().is_none() && log.is_some_and(|log| log.contradiction().is_none())
}

fn files(dir: &Path, found: &mut Vec<PathBuf>) -> Result<()> {
    for entry in fs::read_dir(dir)? {
        let path = entry?.path();
        match path.is_dir() {
            true => files(&path, found)?,
            false => found.push(path),
        }
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_file_that_is_harmed_comes_back_with_what_the_peer_holds() -> Result<()> {
    let pair = Pair::new().await?;
    let targets = pair.targets()?;
    ensure!(targets.len() > 35, "{targets:?}");
    let cases = targets
        .iter()
        .flat_map(|path| Harm::ALL.map(|harm| (path, harm)));
    stream::iter(cases.map(|(path, harm)| {
        let judged = pair.judge(path, harm);
        async move {
            judged
                .await
                .with_context(|| format!("{} {harm:?}", path.display()))
        }
    }))
    .buffer_unordered(AT_ONCE)
    .try_collect::<()>()
    .await?;
    pair.peer.verify()
}
