//! What a preview tells of drafts: each thing that is wrong once, and under which licence what
//! names none would be published.

use anyhow::Result;
use wpsx_domain::publishing::{Became, Draft, Extent, Licences, Unlicensed};
use wpsx_proto::record::Record;
use wpsx_tests::federation::TestNode;

use super::{Batch, batch, became, partial::hand_in, plan, preview, publish};

fn of(json: &str, fields: &[&str]) -> Draft {
    let record = Record::from_json(json).expect("a test's record");
    let fields: Vec<String> = fields.iter().map(ToString::to_string).collect();
    Draft {
        kind: record.kind().number(),
        payload: record.payload().clone(),
        external_id: "a".to_owned(),
        extent: Extent::of(&fields).expect("paths"),
        ..Draft::default()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rule_that_a_draft_breaks_by_itself_is_told_once() -> Result<()> {
    let a = TestNode::start("a").await?;
    publish(&a, batch(), vec![plan("a", "A", Some("2018"))]).await?;
    let wrong = r#"{"external_id": "a", "title": [{"language": "en", "text": "A"}],
        "countries": ["Kenya"], "national_action_plan": {"period":
        {"start": {"value": "2016"}, "end": {"value": "2018"}}}}"#;
    for fields in [&["countries"][..], &["*"], &[]] {
        let told = publish(&a, preview(), vec![of(wrong, fields)]).await?;
        let faults: Vec<String> = told.faults.told.iter().map(ToString::to_string).collect();
        assert_eq!(faults.len(), 1, "{fields:?}: {faults:?}");
        assert!(faults[0].contains("Kenya"), "{faults:?}");
    }
    // What only the two together break is told of them, beside what the draft breaks.
    let both = r#"{"external_id": "a", "title": [{"language": "en", "text": "A"}],
        "countries": ["Kenya"], "national_action_plan": {"period": {"end": {"value": "2015"}}}}"#;
    let fields = ["countries", "national_action_plan.period.end"];
    let told = publish(&a, preview(), vec![of(both, &fields)]).await?;
    let faults: Vec<String> = told.faults.told.iter().map(ToString::to_string).collect();
    assert_eq!(faults.len(), 2, "{faults:?}");
    assert!(
        faults[0].contains("Kenya") && !faults[1].contains("Kenya"),
        "{faults:?}"
    );
    assert!(
        faults[1].contains("with what the record says already"),
        "{faults:?}"
    );
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_written_without_a_licence_is_counted_with_the_one_it_gets() -> Result<()> {
    let said = |records, licence: Option<&str>| Unlicensed {
        records,
        licence: licence.map(str::to_owned),
    };
    let mut a = TestNode::start("a").await?;
    let own = r#"{"external_id": "a", "title": [{"language": "en", "text": "A"}],
        "licence": "CC0-1.0", "countries": ["KEN"], "national_action_plan": {}}"#;
    let drafts = || vec![of(own, &[]), plan("b", "B", None), plan("c", "C", None)];
    let told = publish(&a, preview(), drafts()).await?;
    assert_eq!(told.unlicensed, said(2, None));
    let done = publish(&a, batch(), drafts()).await?;
    assert_eq!(done.unlicensed, said(2, None));
    // Nothing is written of what stands, and what stands has its licence.
    let told = publish(&a, preview(), drafts()).await?;
    assert_eq!(told.unlicensed, said(0, None));
    let other = r#"{"external_id": "a", "title": [{"language": "en", "text": "Other"}],
        "countries": ["KEN"], "national_action_plan": {}}"#;
    let told = publish(&a, preview(), vec![of(other, &["title.en.text"])]).await?;
    assert_eq!(told.unlicensed, said(0, None));

    a.stop().await?;
    a.licences = Licences::parse(&["CC-BY-4.0"]).expect("a licence");
    a.open().await?;
    let told = publish(&a, preview(), vec![plan("d", "D", None)]).await?;
    assert_eq!(told.unlicensed, said(1, Some("CC-BY-4.0")));
    // What had none gets it, and is counted with the others, however much of it is spoken of.
    let other = of(other, &["title.en.text"]);
    let told = publish(&a, preview(), vec![plan("b", "B", None)]).await?;
    assert_eq!(told.unlicensed, said(1, Some("CC-BY-4.0")));
    let other = Draft {
        external_id: "c".to_owned(),
        ..other
    };
    let told = publish(&a, preview(), vec![other]).await?;
    assert_eq!(told.unlicensed, said(1, Some("CC-BY-4.0")));
    // Where that is all that changes, a preview says so: the file did not ask for it.
    let text = "external_id,kind,title.en\nb,national-action-plan,B\n";
    let told = hand_in(&a, "x.csv", text, &["--dry-run"]).await?;
    let line = "1 record names no licence: it gets the publisher's, CC-BY-4.0, and nothing else \
                of it changes\n";
    assert!(told.contains(line), "{told}");
    let text = text.replace(",B", ",Other");
    let told = hand_in(&a, "x.csv", &text, &["--dry-run"]).await?;
    assert!(told.contains("publisher's, CC-BY-4.0\n"), "{told}");
    // Of another one the file itself says the licence, and that is all that changes.
    let text = "external_id,kind,title.en,licence\nb,national-action-plan,Other,\n\
                c,national-action-plan,C,CC0-1.0\n";
    let told = hand_in(&a, "x.csv", text, &["--dry-run"]).await?;
    assert!(told.contains("+ licence: CC0-1.0"), "{told}");
    assert!(told.contains("publisher's, CC-BY-4.0\n"), "{told}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_rules_of_a_record_are_held_against_it_as_it_will_be() -> Result<()> {
    let a = TestNode::start("a").await?;
    publish(&a, batch(), vec![plan("a", "A", Some("2018"))]).await?;
    let untitled = r#"{"external_id": "a", "countries": ["UGA"], "national_action_plan": {}}"#;
    let drafts = |id: &str| {
        let mut draft = of(untitled, &["countries"]);
        draft.external_id = id.to_owned();
        vec![draft]
    };
    // The record has a title already; a new one has none.
    let told = publish(&a, preview(), drafts("a")).await?;
    assert_eq!(became(&told), [Became::Changed], "{:?}", told.faults);
    let told = publish(&a, preview(), drafts("b")).await?;
    assert_eq!(became(&told), [Became::Refused]);
    let fault = &told.faults.told[0];
    assert_eq!(
        (fault.field.as_str(), fault.rule.as_str()),
        ("title", "is missing")
    );
    assert_eq!(fault.remedy, "fill it in");
    // A title that is emptied is missing, and one that was never there would be too.
    let emptied = vec![of(untitled, &["title.en.text", "countries"])];
    let allowed = Batch {
        keep_values: false,
        ..preview()
    };
    let told = publish(&a, allowed, emptied).await?;
    assert_eq!(told.faults.told[0].rule, "is missing");
    assert_eq!(told.faults.count, 1);
    let done = publish(&a, batch(), drafts("a")).await?;
    assert_eq!(became(&done), [Became::Changed]);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_title_that_the_file_does_not_have_is_told_as_far_as_it_is_shown() -> Result<()> {
    let a = TestNode::start("a").await?;
    publish(&a, batch(), vec![plan("a", &"é".repeat(300), None)]).await?;
    let untitled = r#"{"external_id": "a", "countries": ["UGA"], "national_action_plan": {}}"#;
    let told = publish(&a, preview(), vec![of(untitled, &["countries"])]).await?;
    assert_eq!(told.records[0].title, "é".repeat(200));
    Ok(())
}
