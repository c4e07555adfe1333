//! What this site does not hold is called so wherever it is counted or listed.

use anyhow::{Context as _, Result};
use wpsx_federation::peers::PayloadFilter;
use wpsx_tests::federation::{TestNode, wait_until};

use super::{
    LANGUAGES, PLAN, Site, draft,
    record::{has, published},
};

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_held_here_is_called_so_on_pages_in_citations_feeds_and_tables() -> Result<()> {
    let (ministry, hub) = (
        TestNode::start("ministry").await?,
        TestNode::start("hub").await?,
    );
    let ids = published(&ministry, vec![draft(PLAN)?]).await?;
    let id = ids.first().context("an id")?;
    let events_alone = PayloadFilter {
        kinds: vec![10],
        countries: vec![],
    };
    ministry.add(&hub, false)?;
    hub.add_with(&ministry, false, events_alone)?;
    hub.reaches(&ministry.origin(), 1).await?;
    let log = hub.replica(&ministry.origin()).context("its replica")?;
    wait_until(|| log.holes().total() == 1).await?;
    hub.node().records().index().settled(&log).await?;
    let site = Site::of(&hub);
    for path in [
        format!("/en/record/{id}"),
        format!("/en/record/{id}.bib"),
        format!("/en/record/{id}.ris"),
        "/en/national-action-plan".to_owned(),
        "/en/national-action-plan.atom".to_owned(),
        "/en".to_owned(),
    ] {
        let text = site.get(&path).await?.text;
        has(&text, &["Not held here"]);
        assert!(!text.contains("Without a title"), "{path}: {text}");
    }
    let page = site.get(&format!("/en/record/{id}")).await?.text;
    has(&page, &["<h1>Not held here (National action plan)</h1>"]);
    assert!(!page.contains("This text stands"), "{page}");
    for language in LANGUAGES {
        let page = site.get(&format!("/{language}/record/{id}")).await?.text;
        assert_eq!(page.matches("<h1>").count(), 1, "{language}");
    }
    let table = site.get("/en/national-action-plan.csv").await?.text;
    let mut lines = table.lines();
    let header = lines.next().context("a header")?;
    let at = header.split(',').position(|name| name == "payload");
    let row = lines.next().context("a row")?;
    assert_eq!(
        row.split(',').nth(at.context("a column")?),
        Some("filtered")
    );
    Ok(())
}
