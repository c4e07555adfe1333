//! A plan that is kept for a country passes to the country's own publisher.

use anyhow::{Context as _, Result};
use wpsx_domain::publishing::{Batch, Became, Draft};
use wpsx_proto::{api::record::v1 as api, record::Record};
use wpsx_tests::federation::{TestNode, pair};

fn draft(external_id: &str, says: impl FnOnce(&mut api::Record)) -> Result<Draft> {
    let message = api::Record {
        external_id: external_id.to_owned(),
        title: vec![api::Text {
            language: "en".to_owned(),
            text: "The plan".to_owned(),
            ..Default::default()
        }],
        countries: vec!["KEN".to_owned()],
        body: Some(api::record::Body::NationalActionPlan(Default::default())),
        ..Default::default()
    };
    let record = Record::new(message).and_then(|record| record.with(says));
    let record = record.map_err(|error| anyhow::anyhow!("{error}"))?;
    Ok(Draft {
        kind: record.kind().number(),
        payload: record.payload().clone(),
        external_id: external_id.to_owned(),
        ..Draft::default()
    })
}

async fn current(on: &TestNode, of: &[&TestNode]) -> Result<u64> {
    let mut all = 0;
    for node in of {
        all += on.counted(&node.origin()).await?.0;
    }
    Ok(all)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_in_custody_passes_to_its_own_publisher_when_both_sign_and_counts_once() -> Result<()>
{
    let (custodian, country) = pair().await?;
    let kept = custodian
        .publish(vec![draft("kept-1", |record| {
            record.custody = Some(api::Custody {
                countries: vec!["KEN".to_owned()],
                ..Default::default()
            });
        })?])
        .await?;
    let old = kept.records[0].record_id.context("published")?;
    country.reaches(&custodian.origin(), 1).await?;

    // Its own publisher's record does not take it over yet.
    let own = country.publish(vec![draft("own-1", |_| {})?]).await?;
    let new = own.records[0].record_id.context("published")?;
    custodian.reaches(&country.origin(), 1).await?;
    let (old_id, by) = (old.to_string(), format!("{}/{new}", country.origin()));
    let early = custodian.typed(&["supersede", &old_id, "--by", &by]).await;
    let early = early.err().context("one has signed")?.to_string();
    assert!(early.contains("does not say that it takes over"), "{early}");
    let unknown = format!("{}/{old}", country.origin());
    let unknown = custodian
        .typed(&["supersede", &old_id, "--by", &unknown])
        .await;
    assert!(unknown.is_err(), "there is no such record");
    assert_eq!(current(&country, &[&custodian, &country]).await?, 2);

    // Now it does, and the old one still stands until its publisher agrees.
    let takes_over = api::RecordReference {
        origin: custodian.origin().to_string(),
        record_id: old.as_bytes().to_vec().into(),
        ..Default::default()
    };
    let signed = draft("own-1", |record| record.takes_over = vec![takes_over])?;
    country.publish(vec![signed]).await?;
    custodian.reaches(&country.origin(), 2).await?;
    assert_eq!(current(&custodian, &[&custodian, &country]).await?, 2);

    let said = custodian
        .typed(&["supersede", &old_id, "--by", &by])
        .await?;
    assert!(said.contains("counts in its place"), "{said}");
    country.reaches(&custodian.origin(), 2).await?;
    for node in [&custodian, &country] {
        assert_eq!(current(node, &[&custodian, &country]).await?, 1);
        node.verify()?;
    }
    let shown = country.typed(&["get", &old_id, "--json"]).await?;
    assert!(
        shown.contains(&format!("superseded by {new} of {}", country.origin())),
        "{shown}"
    );
    let again = custodian
        .typed(&["supersede", &old_id, "--by", &by])
        .await?;
    assert!(again.contains("nothing to do"), "{again}");

    // A file that still has its row does not publish it again, whatever is asked.
    let kept = || draft("kept-1", |_| {});
    let publishing = custodian.node().publishing();
    let imported = Batch {
        leave_withdrawn: true,
        ..Batch::default()
    };
    let told = publishing.publish(imported, vec![kept()?]).await?;
    assert_eq!(told.records[0].became, Became::LeftHandedOver);
    let refused = publishing.publish(Batch::default(), vec![kept()?]).await;
    let refused = refused.err().context("it is another's")?.to_string();
    assert!(refused.contains("handed over"), "{refused}");
    assert_eq!(current(&custodian, &[&custodian, &country]).await?, 1);
    Ok(())
}
