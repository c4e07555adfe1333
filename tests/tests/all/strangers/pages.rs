//! Strangers that ask for the costliest pages and files, and do not take them.

use std::{
    net::{Ipv4Addr, SocketAddr},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use anyhow::Result;
use tokio::{io::AsyncReadExt as _, task::JoinHandle, time::timeout};
use wpsx_tests::{
    federation::{TestNode, join, practices, wait_until},
    strangers::{ask, ask_for_little, large_practice, status},
};

/// Whoever waits longer was forgotten.
const SOON: Duration = Duration::from_secs(60);
/// A file whose first part is some 3 MB.
const FILE: &str = "/en/good-practice.jsonl";
/// How many answers of that size one address may have under way.
const MOST: usize = 3;
const ASKED: usize = 32;
/// What others ask for, from an address each.
const COSTLY: [&str; 4] = [
    "/en/good-practice",
    "/ar/good-practice?words=women+peace",
    "/en/good-practice.xlsx",
    "/en/good-practice.csv",
];

/// Asks for this, counts an answer that begins, and takes none of it.
fn takes_nothing(
    from: Ipv4Addr,
    site: SocketAddr,
    path: &'static str,
    begun: &Arc<AtomicUsize>,
) -> JoinHandle<Result<()>> {
    let begun = begun.clone();
    tokio::spawn(async move {
        let mut stream = ask_for_little(from, site, path).await?;
        if status(&mut stream).await? == 200 {
            begun.fetch_add(1, Ordering::SeqCst);
        }
        std::future::pending().await
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_and_files_that_strangers_do_not_take_hold_up_no_peer_no_operator_and_no_other_reader()
-> Result<()> {
    let (node, peer) = (
        TestNode::start("node").await?,
        TestNode::start("peer").await?,
    );
    let large: Vec<_> = (0..24).map(large_practice).collect();
    node.publish(large).await?;
    join(&node, &peer, true)?;
    peer.holds(&node.origin(), 24).await?;
    node.counted(&node.origin()).await?;
    let site: SocketAddr = node.node().addresses().1.parse()?;
    let (files, pages) = (Arc::default(), Arc::default());
    let mut strangers = Vec::new();
    for _ in 0..ASKED {
        strangers.push(takes_nothing([127, 0, 0, 2].into(), site, FILE, &files));
    }
    for n in 0..8 {
        for path in COSTLY {
            strangers.push(takes_nothing([127, 0, 0, 3 + n].into(), site, path, &pages));
        }
    }
    wait_until(|| files.load(Ordering::SeqCst) > 0 && pages.load(Ordering::SeqCst) > 0).await?;
    timeout(SOON, node.typed(&["status"])).await??;
    node.publish(practices("more", 1, 300)).await?;
    timeout(SOON, peer.holds(&node.origin(), 25)).await??;
    // Another reader has one page after the other: all that was asked for before has had its
    // turn by then, but for what its own caller has no room for.
    for _ in 0..ASKED {
        let mut page = ask([127, 0, 0, 99].into(), site, COSTLY[0]).await?;
        let mut text = Vec::new();
        timeout(SOON, page.read_to_end(&mut text)).await??;
        assert!(text.starts_with(b"HTTP/1.1 200") && text.ends_with(b"</html>"));
    }
    let held = files.load(Ordering::SeqCst);
    assert!(
        held <= MOST,
        "one address holds {held} of {ASKED} answers that it does not take"
    );
    strangers.iter().for_each(JoinHandle::abort);
    Ok(())
}
