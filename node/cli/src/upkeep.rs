//! `wpsx verify`, `wpsx reindex`: long work on the whole store.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use wpsx_proto::api::admin::v1::{ReindexRequest, VerifyRequest, VerifyResponse};

use super::{
    access::Desk,
    failure::Failure,
    output::Output,
    words::{count, entries, many},
};

/// `wpsx verify`: fails if anything is wrong, after telling all of it.
pub(super) async fn verify(desk: &mut Desk, out: &mut Output) -> Result<(), Failure> {
    let mut answers = desk.admin.verify(VerifyRequest {}).await?.into_inner();
    let mut logs: BTreeMap<String, VerifyResponse> = BTreeMap::new();
    let bar = out.bar("verifying", 0);
    while let Some(answer) = answers.message().await? {
        let log = logs.entry(answer.origin.clone()).or_default();
        log.checked = answer.checked;
        log.total = answer.total;
        log.payloads = answer.payloads;
        log.problems.extend(answer.problems);
        bar.set_message(answer.origin);
        bar.set_length(logs.values().map(|log| log.total).sum());
        bar.set_position(logs.values().map(|log| log.checked).sum());
    }
    bar.finish_and_clear();
    let problems: usize = logs.values().map(|log| log.problems.len()).sum();
    let unchecked = logs.values().any(|log| log.checked < log.total);
    if out.is_json() {
        let origins: Vec<Value> = logs
            .iter()
            .map(|(origin, log)| {
                json!({
                    "origin": origin,
                    "entries": log.checked,
                    "tree_size": log.total,
                    "payloads": log.payloads,
                    "problems": log.problems,
                    "verified": log.problems.is_empty() && log.checked >= log.total,
                })
            })
            .collect();
        let ok = problems == 0 && !unchecked;
        out.document(&json!({ "verified": ok, "origins": origins }))?;
    } else {
        let rows: Vec<Vec<String>> = logs
            .iter()
            .map(|(origin, log)| {
                let verdict = match log.problems.len() {
                    0 if log.checked < log.total => "incomplete".to_owned(),
                    0 => "correct".to_owned(),
                    n => many(n as u64, "problem"),
                };
                vec![
                    origin.clone(),
                    out.count(log.checked),
                    out.count(log.payloads),
                    verdict,
                ]
            })
            .collect();
        if rows.is_empty() {
            out.say("no logs yet, so nothing to verify")?;
        } else {
            out.table(&["origin", "entries", "payloads", "verdict"], &rows)?;
        }
        for (origin, log) in &logs {
            for problem in &log.problems {
                out.say(format!("{origin}: {problem}"))?;
            }
        }
    }
    if problems > 0 {
        return Err(Failure::failed(format!(
            "the store does not verify: {}",
            many(problems as u64, "problem")
        ))
        .remedy("run wpsx repair; see \"Healing\" in deploy/OPERATING.md"));
    }
    if unchecked {
        return Err(Failure::failed("the check ended before all was checked")
            .remedy("run wpsx verify again"));
    }
    Ok(())
}

/// `wpsx reindex`
pub(super) async fn reindex(desk: &mut Desk, out: &mut Output) -> Result<(), Failure> {
    let mut answers = desk.admin.reindex(ReindexRequest {}).await?.into_inner();
    let bar = out.bar("reindexing", 0);
    let (mut done, mut total) = (0, 0);
    while let Some(answer) = answers.message().await? {
        (done, total) = (answer.done, answer.total);
        bar.set_length(total);
        bar.set_position(done);
    }
    bar.finish_and_clear();
    if done < total {
        return Err(Failure::failed(format!(
            "the views were built for {} of {} entries only",
            count(done),
            count(total)
        ))
        .remedy("run wpsx reindex again"));
    }
    if out.is_json() {
        return Ok(out.document(&json!({ "entries": done }))?);
    }
    Ok(out.say(format!(
        "built the views again from {}\nNext: wpsx list shows what they find.",
        entries(done)
    ))?)
}
