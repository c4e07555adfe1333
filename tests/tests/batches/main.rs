//! Files of records as batches: what a preview says is what happens, and what a batch did
//! can be taken back.

mod files;
mod handed_in_again;
mod ids;
mod made;
mod own_kind;
mod partial;
mod round_trips;
mod told;
mod whose;

use std::collections::BTreeSet;

use anyhow::{Context as _, Result};
use wpsx_domain::{
    NodeError, Wanted,
    publishing::{
        Batch, Became, Draft, Extent, Fault, Outcome, Place, Published, Remembered, Reversal,
        Suspect,
    },
    records::{Order, OrderBy, Part, Question},
};
use wpsx_listen::Allowance;
use wpsx_proto::{
    envelope::{Operation, Reason},
    record::{Reading, Record},
};
use wpsx_services::codes::refusal;
use wpsx_tests::federation::TestNode;

fn plan(id: &str, title: &str, end: Option<&str>) -> Draft {
    let period = end.map_or_else(String::new, |end| {
        format!(r#""period": {{"start": {{"value": "2016"}}, "end": {{"value": "{end}"}}}}"#)
    });
    let json = format!(
        r#"{{"external_id": "{id}", "title": [{{"language": "en", "text": "{title}"}}],
            "countries": ["KEN"],
            "national_action_plan": {{{period}}}}}"#
    );
    let record = Record::from_json(&json).expect("a test's record");
    Draft {
        kind: record.kind().number(),
        payload: record.payload().clone(),
        external_id: id.to_owned(),
        ..Draft::default()
    }
}

fn batch() -> Batch {
    Batch {
        keep_values: true,
        leave_withdrawn: true,
        remembered: Some(Remembered {
            title: "plans.csv".to_owned(),
            ..Remembered::default()
        }),
        ..Batch::default()
    }
}

fn preview() -> Batch {
    Batch {
        dry_run: true,
        ..batch()
    }
}

async fn publish(node: &TestNode, batch: Batch, drafts: Vec<Draft>) -> Result<Outcome, NodeError> {
    node.node().publishing().publish(batch, drafts).await
}

/// The same, until it is found.
async fn publish_and_settle(node: &TestNode, batch: Batch, drafts: Vec<Draft>) -> Result<()> {
    publish(node, batch, drafts).await?;
    Ok(node.node().records().index().settled(&node.own()?).await?)
}

fn became(outcome: &Outcome) -> Vec<Became> {
    outcome.records.iter().map(|record| record.became).collect()
}

fn title(node: &TestNode, published: &Published) -> Result<String> {
    let log = node.own()?;
    let slot = log.slot(wpsx_proto::index::LeafIndex::new(published.index))?;
    let slot = slot.1.context("a payload")?;
    let Reading::Readable(record) = Record::read(1, &slot[wpsx_proto::payload::SALT..]) else {
        anyhow::bail!("not readable");
    };
    Ok(record.message().title[0].text.clone())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_preview_says_what_the_import_then_does() -> Result<()> {
    let a = TestNode::start("a").await?;
    let first = vec![
        plan("a", "A", Some("2018")),
        plan("b", "B", Some("2018")),
        plan("c", "C", Some("2018")),
    ];
    let told = publish(&a, preview(), first.clone()).await?;
    assert_eq!(became(&told), [Became::New; 3]);
    assert_eq!((told.tree_size, told.batch), (0, None));
    let done = publish(&a, batch(), first.clone()).await?;
    assert_eq!(became(&done), [Became::New; 3]);
    let name = done.batch.context("it is remembered")?;

    // The same again changes nothing, and is no batch.
    for again in [preview(), batch()] {
        let told = publish(&a, again, first.clone()).await?;
        assert_eq!(became(&told), [Became::Unchanged; 3]);
        assert_eq!((told.tree_size, told.batch), (3, None));
    }

    let changed = vec![
        plan("a", "A", Some("2018")),
        plan("d", "D", None),
        plan("b", "Better", Some("2019-05")),
    ];
    let told = publish(&a, preview(), changed.clone()).await?;
    assert_eq!(
        became(&told),
        [Became::Unchanged, Became::New, Became::Changed]
    );
    let changes = &told.records[2].changes;
    let changes = changes.iter().map(|change| {
        let text = |text: &Option<String>| text.clone().unwrap_or_default();
        format!(
            "{}: {} > {}",
            change.path,
            text(&change.before),
            text(&change.after)
        )
    });
    let changes: Vec<String> = changes.collect();
    assert_eq!(
        changes,
        ["title.en: B > Better", "period.end: 2018 > 2019-05"]
    );
    assert_eq!(told.records[2].revision, 2);
    // Only what changed, under one checkpoint.
    let done = publish(&a, batch(), changed).await?;
    assert_eq!(became(&done), became(&told));
    assert_eq!(done.tree_size, 5);
    let batches = a.node().publishing().batches("")?;
    let told: Vec<_> = batches
        .iter()
        .map(|batch| {
            (
                batch.start,
                batch.count,
                batch.new,
                batch.changed,
                batch.unchanged,
            )
        })
        .collect();
    assert_eq!(told, [(3, 2, 1, 1, 1), (0, 3, 3, 0, 0)]);
    assert_eq!(
        (&batches[1].id, batches[1].title.as_str()),
        (&name, "plans.csv")
    );
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_value_is_removed_only_where_that_is_allowed() -> Result<()> {
    let a = TestNode::start("a").await?;
    publish(&a, batch(), vec![plan("a", "A", Some("2018"))]).await?;
    let emptied = Draft {
        extent: Extent::of(&["national_action_plan.period.end".to_owned()])?,
        place: Some(Place {
            file: "plans.csv".into(),
            line: 7,
        }),
        ..plan("a", "A", None)
    };
    let told = publish(&a, preview(), vec![emptied.clone()]).await?;
    assert_eq!(became(&told), [Became::Refused]);
    assert_eq!(told.faults.told[0].field, "period.end");
    assert_eq!(told.faults.told[0].value, "2018");
    let columns = [("period.end".to_owned(), "Ends".to_owned())].into();
    let named = Batch { columns, ..batch() };
    let refused = publish(&a, named, vec![emptied.clone()]).await;
    let refused = refused.expect_err("it removes a value");
    let status = refusal(refused);
    let details = tonic_types::StatusExt::get_details_bad_request(&status);
    let violations = details.context("field violations")?.field_violations;
    assert_eq!(violations[0].field, "drafts[0].period.end");
    for part in ["plans.csv:7: Ends: ", "2018", "--allow-removals"] {
        let description = &violations[0].description;
        assert!(description.contains(part), "{description}");
    }
    let allowed = Batch {
        keep_values: false,
        ..batch()
    };
    // A column that the file does not have leaves its field alone.
    let done = publish(&a, allowed, vec![emptied]).await?;
    assert_eq!(became(&done), [Became::Changed]);
    let again = Draft {
        extent: Extent::of(&["title.en.text".to_owned()])?,
        ..plan("a", "New", None)
    };
    let told = publish(&a, preview(), vec![again]).await?;
    let paths: Vec<_> = told.records[0].changes.iter().map(|c| &c.path).collect();
    assert_eq!(paths, ["title.en"]);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_edit_of_an_older_revision_is_refused_and_names_both() -> Result<()> {
    let a = TestNode::start("a").await?;
    for title in ["one", "two"] {
        publish(&a, batch(), vec![plan("a", title, None)]).await?;
    }
    let edit = |title, revision| {
        vec![Draft {
            revision: Some(revision),
            ..plan("a", title, None)
        }]
    };
    let refused = publish(&a, batch(), edit("three", 1)).await;
    let refused = refused.expect_err("there is a newer one").to_string();
    assert!(refused.contains("revision 1"), "{refused}");
    assert!(refused.contains("revision 2"), "{refused}");
    // What says the same as now, or was not edited, is no edit.
    for title in ["two", "one"] {
        let told = publish(&a, batch(), edit(title, 1)).await?;
        assert_eq!(became(&told), [Became::Unchanged], "{title}");
    }
    let done = publish(&a, batch(), edit("three", 2)).await?;
    assert_eq!(became(&done), [Became::Changed]);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn contacts_in_a_draft_are_refused_but_for_those_that_are_named() -> Result<()> {
    let a = TestNode::start("a").await?;
    let draft = || vec![plan("a", "Ask jane.doe@ministry.example", None)];
    let refused = publish(&a, Batch::default(), draft()).await;
    let refused = refused.expect_err("an address").to_string();
    assert!(refused.contains("jane.doe@ministry.example"), "{refused}");
    assert!(refused.contains("--allow-contact"), "{refused}");
    for named in ["b:title.en", "a:note.en", "john@ministry.example"] {
        let other = Batch {
            allow_contact: BTreeSet::from([named.to_owned()]),
            ..batch()
        };
        assert!(publish(&a, other, draft()).await.is_err(), "{named}");
    }
    let named = Batch {
        allow_contact: BTreeSet::from(["a:title.en".to_owned()]),
        ..batch()
    };
    let done = publish(&a, named, draft()).await?;
    assert_eq!(became(&done), [Became::New]);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_contact_that_a_record_says_in_public_already_stops_nothing() -> Result<()> {
    let a = TestNode::start("a").await?;
    let office = "Write to office@ministry.example";
    let allowed = Batch {
        allow_contact: BTreeSet::from(["office@ministry.example".to_owned()]),
        ..batch()
    };
    publish_and_settle(&a, allowed, vec![plan("a", office, None)]).await?;
    let again = publish(&a, batch(), vec![plan("a", office, None)]).await?;
    assert_eq!(became(&again), [Became::Unchanged]);
    let changed = publish(&a, batch(), vec![plan("a", office, Some("2020"))]).await?;
    assert_eq!(became(&changed), [Became::Changed]);
    // Another one does, and so does the same one of another record, or of a withdrawn one.
    let other = format!("{office} and jane@ministry.example");
    for draft in [plan("a", &other, Some("2020")), plan("b", office, None)] {
        let told = publish(&a, preview(), vec![draft]).await?;
        assert_eq!(became(&told), [Became::Refused]);
        assert_eq!(told.faults.told.len(), 1);
        assert_eq!(told.faults.told[0].field, "title.en");
    }
    let id = changed.records[0].record_id;
    a.retire(Operation::Withdraw, id, Reason::Unspecified)
        .await?;
    let reinstated = Batch {
        leave_withdrawn: false,
        ..preview()
    };
    let told = publish(&a, reinstated, vec![plan("a", office, Some("2020"))]).await?;
    assert_eq!(became(&told), [Became::Refused]);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_hides_among_public_numbers_is_a_new_contact_all_the_same() -> Result<()> {
    let a = TestNode::start("a").await?;
    let draft = |note: &str| {
        let json = format!(
            r#"{{"external_id": "a", "title": [{{"language": "en", "text": "A"}}],
                "note": [{{"language": "en", "text": "{note}"}}],
                "sources": [{{"url": "https://a.example/254722123456"}}], "law": {{}}}}"#
        );
        let record = Record::from_json(&json).expect("a test's record");
        Draft {
            kind: record.kind().number(),
            payload: record.payload().clone(),
            ..plan("a", "A", None)
        }
    };
    // More than are told of one record.
    let offices = (0..30).map(|n| format!("office-{n}@ministry.example"));
    let offices: Vec<String> = offices.collect();
    let allowed = Batch {
        allow_contact: offices.iter().cloned().collect(),
        ..batch()
    };
    let public = format!("{} room 5550100", offices.join(" "));
    publish_and_settle(&a, allowed, vec![draft(&public)]).await?;
    let suspect = |note: &str| Draft {
        suspects: vec![Suspect {
            contact: "5550100".to_owned(),
            fault: Fault {
                field: "note.en".to_owned(),
                rule: "told by the name of its column".to_owned(),
                ..Fault::default()
            },
        }],
        ..draft(note)
    };
    for (what, told, faults) in [
        (
            "an address",
            draft(&format!("{public} jane@ministry.example")),
            1,
        ),
        ("what was no contact", draft("call 254722123456"), 1),
        (
            "what a column told",
            suspect(&format!("{public}; 5550100")),
            1,
        ),
        ("all as it stands", suspect(&public), 0),
        ("nothing new", draft(&format!("once more: {public}")), 0),
    ] {
        let told = publish(&a, preview(), vec![told]).await?;
        assert_eq!(told.faults.told.len(), faults, "{what}: {:?}", told.faults);
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_published_again_keeps_what_its_file_does_not_speak_of() -> Result<()> {
    let a = TestNode::start("a").await?;
    let first = publish(&a, batch(), vec![plan("a", "A", Some("2018"))]).await?;
    let id = first.records[0].record_id;
    a.retire(Operation::Withdraw, id, Reason::Unspecified)
        .await?;
    let reinstate = |dry_run| Batch {
        leave_withdrawn: false,
        dry_run,
        ..batch()
    };
    let fewer = || Draft {
        extent: Extent::of(&["title.en.text".to_owned()]).expect("a path"),
        ..plan("a", "Again", None)
    };
    let emptied = || Draft {
        extent: Extent::of(&["national_action_plan.period.end".to_owned()]).expect("a path"),
        ..plan("a", "A", None)
    };
    let told = publish(&a, reinstate(true), vec![emptied()]).await?;
    assert_eq!(became(&told), [Became::Refused]);
    assert_eq!(told.faults.told[0].field, "period.end");
    let told = publish(&a, reinstate(true), vec![fewer()]).await?;
    let paths: Vec<_> = told.records[0].changes.iter().map(|c| &c.path).collect();
    assert_eq!(
        (became(&told), paths),
        (vec![Became::Reinstated], vec![&"title.en".to_owned()])
    );
    let done = publish(&a, reinstate(false), vec![fewer()]).await?;
    assert_eq!(became(&done), [Became::Reinstated]);
    let full = publish(&a, preview(), vec![plan("a", "Again", Some("2018"))]).await?;
    assert_eq!(became(&full), [Became::Unchanged]);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_id_that_another_record_has_is_not_taken_from_it() -> Result<()> {
    let a = TestNode::start("a").await?;
    let done = publish(
        &a,
        batch(),
        vec![plan("a", "A", None), plan("b", "B", None)],
    )
    .await?;
    let taking = Draft {
        record_id: done.records[1].record_id,
        ..plan("a", "B", None)
    };
    let told = publish(&a, preview(), vec![taking]).await?;
    assert_eq!(became(&told), [Became::Refused]);
    let fault = &told.faults.told[0];
    let owner = done.records[0].record_id.context("published")?;
    assert_eq!(fault.field, "external_id");
    assert!(fault.rule.contains(&owner.to_string()), "{}", fault.rule);
    // Its own, and one that nobody has, are no faults.
    for (id, expected) in [("b", Became::Unchanged), ("c", Became::Changed)] {
        let own = Draft {
            record_id: done.records[1].record_id,
            ..plan(id, "B", None)
        };
        let told = publish(&a, preview(), vec![own]).await?;
        assert_eq!(became(&told), [expected], "{id}");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn another_kind_is_a_change_that_is_seen() -> Result<()> {
    let a = TestNode::start("a").await?;
    publish(&a, batch(), vec![plan("a", "A", None)]).await?;
    let json = r#"{"external_id": "a", "title": [{"language": "en", "text": "A"}],
        "countries": ["KEN"], "law": {}}"#;
    let law = Record::from_json(json).map_err(|wrong| anyhow::anyhow!("{wrong:?}"))?;
    let law = Draft {
        kind: law.kind().number(),
        payload: law.payload().clone(),
        ..plan("a", "A", None)
    };
    let told = publish(&a, preview(), vec![law]).await?;
    let change = &told.records[0].changes[0];
    assert_eq!(became(&told), [Became::Changed]);
    let said = [
        Some(&change.path),
        change.before.as_ref(),
        change.after.as_ref(),
    ];
    assert_eq!(
        said.map(|it| it.map(String::as_str)),
        [Some("kind"), Some("national-action-plan"), Some("law")]
    );
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_revert_publishes_what_was_before_and_leaves_what_changed_since() -> Result<()> {
    let a = TestNode::start("a").await?;
    let old = ["changed", "later", "erased"].map(|id| plan(id, "old", None));
    publish(&a, batch(), old.to_vec()).await?;
    let new = ["changed", "later", "erased", "new"].map(|id| plan(id, "new", None));
    let done = publish(&a, batch(), new.to_vec()).await?;
    let id = done.batch.context("a batch")?;
    publish(&a, batch(), vec![plan("later", "corrected", None)]).await?;
    let erased = done.records[2].record_id;
    a.retire(Operation::Erase, erased, Reason::Protection)
        .await?;

    let publishing = a.node().publishing();
    let expected = [
        Reversal::Restored,
        Reversal::ChangedSince,
        Reversal::Erased,
        Reversal::Withdrawn,
    ];
    let size = a.own()?.stored().value();
    let told = publishing.revert(&id[..6], "", true).await?;
    let planned: Vec<_> = told.records.iter().map(|record| record.reversal).collect();
    assert_eq!((planned, told.by), (expected.to_vec(), None));
    assert_eq!(a.own()?.stored().value(), size);

    let reverted = publishing.revert(&id, "", false).await?;
    let carried: Vec<_> = reverted.records.iter().map(|it| it.reversal).collect();
    assert_eq!(carried, expected);
    assert_eq!(a.own()?.stored().value(), size + 2);
    let by = reverted.by.context("a batch too")?;
    let now = publish(&a, preview(), old.to_vec())
        .await
        .map(|told| told.records);
    // The erased one does not come back by its file either, and the preview says so.
    let now = now?;
    assert_eq!(now[0].became, Became::Unchanged);
    assert_eq!(title(&a, &now[0])?, "old");
    assert_eq!(now[2].became, Became::Refused);
    let told = publish(&a, preview(), vec![plan("new", "new", None)]).await?;
    assert_eq!(became(&told), [Became::LeftWithdrawn]);

    let batches = publishing.batches("")?;
    let of = |id: &str| {
        batches
            .iter()
            .find(|batch| batch.id == id)
            .context("a batch")
    };
    assert_eq!(of(&by)?.reverts, id);
    assert_eq!(of(&id)?.reverted_by, by);
    // What it did is taken back like any other.
    let back = publishing.revert(&by, "", false).await?;
    let back: Vec<_> = back.records.iter().map(|record| record.reversal).collect();
    assert_eq!(back, [Reversal::Restored, Reversal::Restored]);
    let told = publish(&a, preview(), vec![plan("new", "new", None)]).await?;
    assert_eq!(became(&told), [Became::Unchanged]);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn batches_are_taken_back_one_after_the_other_the_newest_first() -> Result<()> {
    let a = TestNode::start("a").await?;
    let first = publish(&a, batch(), vec![plan("p", "one", None)]).await?;
    let second = publish(&a, batch(), vec![plan("p", "two", None)]).await?;
    for (done, expected) in [
        (second, Reversal::Restored),
        // It stands as this one left it, though in another entry.
        (first, Reversal::Withdrawn),
    ] {
        let id = done.batch.context("a batch")?;
        let told = a.node().publishing().revert(&id, "", false).await?;
        let became: Vec<_> = told.records.iter().map(|it| it.reversal).collect();
        assert_eq!(became, [expected]);
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_imported_as_history_is_never_news() -> Result<()> {
    let a = TestNode::start("a").await?;
    let old = Batch {
        remembered: Some(Remembered {
            title: "archive.csv".to_owned(),
            backfill: true,
            ..Remembered::default()
        }),
        ..batch()
    };
    let news = Question {
        news_only: true,
        order: Order {
            by: OrderBy::Change,
            descending: true,
        },
        ..Question::default()
    };
    let everything = Question {
        news_only: false,
        ..news.clone()
    };
    let sight = || a.node().access().public();
    let records = a.node().records();
    let mut watch = records.watch(sight(), news.clone(), None)?;
    let listed = |question: &Question| -> Result<Vec<(u64, bool)>> {
        let page = records.list(&sight(), question, &Part::default(), &Wanted::default())?;
        let told = page.entries.iter();
        Ok(told.map(|it| (it.index.value(), it.backfill)).collect())
    };

    let archive = vec![plan("a", "A", None), plan("b", "B", None)];
    publish_and_settle(&a, old.clone(), archive).await?;
    assert_eq!(listed(&news)?, []);
    assert_eq!(listed(&everything)?, [(1, true), (0, true)]);
    publish_and_settle(&a, batch(), vec![plan("c", "C", None)]).await?;
    assert_eq!(listed(&news)?, [(2, false)]);
    let counted = records.tally(&sight(), &news, &[], &Wanted::default())?;
    assert_eq!(counted.total, 1);
    // What a batch of history changes is no news; what an edit changes in it is.
    publish_and_settle(&a, old, vec![plan("c", "C", Some("2018"))]).await?;
    assert_eq!(listed(&news)?, []);
    publish_and_settle(&a, batch(), vec![plan("a", "A", Some("2018"))]).await?;
    assert_eq!(listed(&news)?, [(4, false)]);
    assert_eq!(listed(&everything)?.len(), 3);

    // Who watched from the beginning was told of the same, and of nothing else.
    let allowance = Allowance::default();
    for expected in [2, 4] {
        let (entry, _) = watch.next(&allowance).await.context("an entry")??;
        assert_eq!((entry.index.value(), entry.backfill), (expected, false));
    }
    Ok(())
}
