//! Erasure wins for ever: whatever the id looks like under which a record comes back.

use anyhow::{Context as _, Result};
use wpsx_domain::publishing::Draft;
use wpsx_proto::{
    envelope::{Operation, Reason},
    index::LeafIndex,
};
use wpsx_tests::federation::{TestNode, join, practice, practices, wait_until};

use super::small_disk::SmallDisk;

/// What looks like `plé-1` to whoever reads it.
const ALIKE: [&str; 5] = [
    "ple\u{301}-1",
    "plé-\u{200b}1",
    " plé-1",
    "plé-1\u{a0}",
    "\u{feff}ple\u{34f}\u{301}-1",
];

#[tokio::test(flavor = "multi_thread")]
async fn an_id_in_another_spelling_does_not_bring_an_erased_record_back() -> Result<()> {
    let a = TestNode::start("a").await?;
    let done = a.publish(vec![practice("plé-1", &["FRA"], 200)]).await?;
    let id = done.records[0].record_id;
    for (n, alike) in ALIKE.into_iter().enumerate() {
        let revised = practice(alike, &["FRA"], 300 + n);
        let done = a.publish(vec![revised]).await?;
        assert_eq!(
            done.records[0].record_id, id,
            "{alike:?} names the same record"
        );
    }
    let both = vec![
        practice("x-1", &["FRA"], 200),
        practice("x-\u{ad}1", &["FRA"], 200),
    ];
    let refused = a.publish(both).await.expect_err("two of one id");
    assert!(
        refused.to_string().contains("that of record 1"),
        "{refused}"
    );

    a.retire(Operation::Erase, id, Reason::Unspecified).await?;
    for alike in ALIKE.into_iter().chain(["plé-1"]) {
        let named = practice(alike, &["FRA"], 200);
        // Its payload has the id, whatever the draft is called.
        let hidden = Draft {
            external_id: String::new(),
            ..named.clone()
        };
        let renamed = Draft {
            external_id: "new-1".to_owned(),
            ..named.clone()
        };
        for draft in [named, hidden, renamed] {
            let refused = a.publish(vec![draft]).await.err().context(alike)?;
            assert!(refused.to_string().contains("was erased"), "{refused}");
        }
    }
    a.publish(vec![practice("plé-2", &["FRA"], 200)]).await?;
    a.verify()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_does_not_bring_an_erased_record_back_in_another_spelling() -> Result<()> {
    let a = TestNode::start("a").await?;
    let import = async |file: &str, words: &str| {
        let path = a.folder().join(file);
        std::fs::write(&path, words)?;
        a.typed(&["import", path.to_str().context("a path")?]).await
    };
    import(
        "one.csv",
        "external_id,kind,title.en\nplé-1,good-practice,One\n",
    )
    .await?;
    let listed = a.typed(&["list", "--json"]).await?;
    assert!(listed.contains("One"), "{listed}");
    let again = import(
        "same.csv",
        "external_id,kind,title.en\n\u{200b}ple\u{301}-1 ,good-practice,One\n",
    );
    let again = again.await?;
    assert!(again.contains("stand in the log as they are"), "{again}");
    let log = a.own()?;
    let Some(wpsx_proto::envelope::Leaf::Known(first)) = Some(wpsx_proto::envelope::Leaf::read(
        &log.entry(wpsx_proto::index::LeafIndex::new(0))?,
    )) else {
        anyhow::bail!("an envelope");
    };
    a.retire(Operation::Erase, Some(first.record_id), Reason::Unspecified)
        .await?;
    for alike in ALIKE {
        let rows = format!("external_id,kind,title.en\n{alike},good-practice,One\n");
        let refused = import("again.csv", &rows).await.err().context(alike)?;
        assert!(refused.to_string().contains("was erased"), "{refused}");
    }
    let object = "{\"externalId\":\" ple\u{301}-1\",\"title\":[{\"language\":\"en\",\"text\":\"One\"}],\"goodPractice\":{}}\n";
    let refused = import("again.jsonl", object)
        .await
        .err()
        .context("refused")?;
    assert!(refused.to_string().contains("was erased"), "{refused}");
    Ok(())
}

/// Two copies of a publisher's node with ten entries in common ran on apart, b follows the
/// first and c the second, and all know of it.
#[tokio::test(flavor = "multi_thread")]
async fn an_erasure_is_carried_out_and_travels_while_a_fork_stops_the_log() -> Result<()> {
    let mut a = TestNode::start("a").await?;
    let shared = a.publish(practices("shared", 10, 300)).await?;
    a.stop().await?;
    let mut clone = a.copy()?;
    let (b, c) = (TestNode::start("b").await?, TestNode::start("c").await?);
    let origin = a.origin();
    clone.open().await?;
    clone.publish(practices("right", 5, 300)).await?;
    join(&clone, &c, false)?;
    c.holds(&origin, 15).await?;
    // Behind the relay of each tree there is one that knows nobody else.
    let (behind_b, behind_c) = (TestNode::start("e").await?, TestNode::start("f").await?);
    join(&behind_c, &c, true)?;
    behind_c.holds(&origin, 15).await?;
    clone.stop().await?;
    a.open().await?;
    a.publish(practices("left", 3, 300)).await?;
    join(&a, &b, false)?;
    b.holds(&origin, 13).await?;
    join(&behind_b, &b, true)?;
    behind_b.holds(&origin, 13).await?;
    join(&b, &c, false)?;
    join(&a, &c, false)?;
    for node in [&a, &b, &c, &behind_b, &behind_c] {
        let forks = || node.node().federation().forks().stopped(&origin);
        wait_until(forks).await.with_context(|| node.name.clone())?;
    }

    let refused = a.publish(practices("more", 1, 300)).await;
    assert!(refused.is_err(), "nothing else is published");
    let id = shared.records[4].record_id;
    a.retire(Operation::Erase, id, Reason::Protection).await?;
    // b holds the tree of the erase entry, c the other one; those behind them hear of it too.
    let all = [
        (&a, 14),
        (&b, 13),
        (&c, 15),
        (&behind_b, 13),
        (&behind_c, 15),
    ];
    for (node, size) in all {
        let log = node.replica(&origin).context("it holds the log")?;
        wait_until(|| log.is_erased(LeafIndex::new(4)))
            .await
            .with_context(|| node.name.clone())?;
        assert_eq!((log.stored().value(), log.holes().erased), (size, 1));
        node.verify()?;
    }
    Ok(())
}

/// The files below a folder that have these words in them.
fn holding(dir: &std::path::Path, words: &str) -> Result<Vec<std::path::PathBuf>> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(dir)? {
        let path = entry?.path();
        if path.is_dir() {
            found.extend(holding(&path, words)?);
        } else if path.is_file() {
            let bytes = std::fs::read(&path)?;
            let mut parts = bytes.windows(words.len());
            if parts.any(|part| part == words.as_bytes()) {
                found.push(path);
            }
        }
    }
    Ok(found)
}

/// A replica whose disk has not a byte left loses what is erased, in its store and in what
/// its records are found by; and it takes the entries when there is room again.
#[tokio::test(flavor = "multi_thread")]
async fn an_erasure_is_carried_out_at_a_replica_on_a_disk_that_is_full() -> Result<()> {
    let mut b = TestNode::start("b").await?;
    b.stop().await?;
    let Some(disk) = SmallDisk::under(&b)? else {
        eprintln!("a_replica_erases_while_the_disk_is_full… of the store always runs");
        return Ok(());
    };
    b.open().await?;
    let a = TestNode::start("a").await?;
    let mut drafts = practices("stays", 299, 300);
    drafts.insert(4, practice("vanishing-id", &["FRA"], 300));
    let published = a.publish(drafts).await?;
    join(&a, &b, false)?;
    let origin = a.origin();
    b.holds(&origin, 300).await?;
    b.node().store().keep_reserve(24 << 20)?;
    let filler = disk.fill()?;
    wait_until(|| b.node().store().disk().full.is_some()).await?;
    let id = published.records[4].record_id;
    a.retire(Operation::Erase, id, Reason::Protection).await?;
    let log = b.replica(&origin).context("it holds the log")?;
    wait_until(|| log.is_erased(LeafIndex::new(4))).await?;
    assert_eq!(log.stored().value(), 300, "nothing else is taken");
    // Not in any file of the node, its views too.
    let data = b.data_dir();
    wait_until(|| holding(&data, "vanishing-id").is_ok_and(|found| found.is_empty()))
        .await
        .with_context(|| format!("{:?} hold it", holding(&data, "vanishing-id")))?;
    std::fs::remove_file(filler)?;
    b.reaches(&origin, 301).await?;
    b.verify()?;
    b.stop().await
}
