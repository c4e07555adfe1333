//! `wpsx fork`: evidence that two contradicting trees of a log were signed, and
//! the operator's decision.

use serde_json::{Value, json};
use wpsx_proto::api::{
    admin::v1::{AcceptForkRequest, Fork, ForkChoice, ListForksRequest},
    log::v1::ForkEvidence,
};

use super::{
    access::Desk,
    args::{ForkChoiceArg, ForkCommand},
    failure::Failure,
    output::Output,
    words::rfc3339,
};

/// `wpsx fork list|show|accept`
pub(super) async fn fork(
    command: &ForkCommand,
    desk: &mut Desk,
    out: &mut Output,
) -> Result<(), Failure> {
    match command {
        ForkCommand::List => list(desk, out).await,
        ForkCommand::Show { origin } => show(origin, desk, out).await,
        ForkCommand::Accept { origin, choice } => accept(origin, *choice, desk, out).await,
    }
}

async fn forks(desk: &mut Desk) -> Result<Vec<Fork>, Failure> {
    let answer = desk.admin.list_forks(ListForksRequest {}).await?;
    Ok(answer.into_inner().forks)
}

async fn list(desk: &mut Desk, out: &mut Output) -> Result<(), Failure> {
    let forks = forks(desk).await?;
    if out.is_json() {
        let list: Vec<Value> = forks.iter().map(fork_json).collect();
        return Ok(out.document(&json!({ "forks": list }))?);
    }
    if forks.is_empty() {
        return Ok(out.say("no evidence of a fork")?);
    }
    let rows: Vec<Vec<String>> = forks
        .iter()
        .map(|fork| {
            let evidence = fork.evidence.clone().unwrap_or_default();
            let (small, large) = sizes(&evidence);
            let decision = match fork.decision.as_str() {
                "" if fork.unknown_log => "none: the log is not known here",
                "" => "none: the log is stopped",
                decision => decision,
            };
            vec![
                fork.origin.clone(),
                format!("{small} / {large}"),
                out.age(evidence.found_time),
                decision.to_owned(),
            ]
        })
        .collect();
    out.table(&["origin", "tree sizes", "found", "decision"], &rows)?;
    out.say("Next: wpsx fork show ORIGIN")?;
    Ok(())
}

async fn show(origin: &str, desk: &mut Desk, out: &mut Output) -> Result<(), Failure> {
    let mut forks = forks(desk).await?;
    forks.retain(|fork| fork.origin == origin);
    if forks.is_empty() {
        return Err(no_fork(origin));
    }
    if out.is_json() {
        let list: Vec<Value> = forks.iter().map(fork_json).collect();
        return Ok(out.document(&json!({ "forks": list }))?);
    }
    for fork in &forks {
        let evidence = fork.evidence.clone().unwrap_or_default();
        let (small, large) = sizes(&evidence);
        let why = if small == large {
            "the same size and different roots".to_owned()
        } else {
            format!(
                "the first is no prefix of the second: a path of {} hashes proves it",
                evidence.path.len() / 32
            )
        };
        out.say(format!(
            "evidence {} found {}\n\
             Two checkpoints signed with the log's key contradict each other: {why}.\n\n{}\n{}",
            hex::encode(&fork.fork_id),
            rfc3339(evidence.found_time),
            String::from_utf8_lossy(&evidence.small),
            String::from_utf8_lossy(&evidence.large),
        ))?;
        if !fork.decision.is_empty() {
            out.say(format!("decided: {}", fork.decision))?;
        }
    }
    out.say(format!(
        "Next: ask the publisher by another way which tree is theirs, then\n\
         wpsx fork accept {origin} keep      go on with the tree held here\n\
         wpsx fork accept {origin} switch    drop it and pull the other one"
    ))?;
    Ok(())
}

async fn accept(
    origin: &str,
    choice: ForkChoiceArg,
    desk: &mut Desk,
    out: &mut Output,
) -> Result<(), Failure> {
    let (choice, name) = match choice {
        ForkChoiceArg::Keep => (ForkChoice::Keep, "keep"),
        ForkChoiceArg::Switch => (ForkChoice::Switch, "switch"),
    };
    let request = AcceptForkRequest {
        origin: origin.to_owned(),
        choice: choice.into(),
    };
    desk.admin.accept_fork(request).await?;
    if out.is_json() {
        return Ok(out.document(&json!({ "origin": origin, "decision": name }))?);
    }
    let done = match choice {
        ForkChoice::Switch => "its copy here is dropped and pulled again; it will not be cosigned",
        _ => "it goes on with the tree held here",
    };
    out.say(format!(
        "decided on {origin}: {done}\nThe evidence is kept. Next: wpsx status"
    ))?;
    Ok(())
}

fn no_fork(origin: &str) -> Failure {
    Failure::failed(format!("there is no evidence of a fork of {origin}"))
        .remedy("wpsx fork list shows the logs with evidence")
}

fn fork_json(fork: &Fork) -> Value {
    let evidence = fork.evidence.clone().unwrap_or_default();
    json!({
        "origin": fork.origin,
        "fork_id": hex::encode(&fork.fork_id),
        "found_time": rfc3339(evidence.found_time),
        "small": String::from_utf8_lossy(&evidence.small),
        "large": String::from_utf8_lossy(&evidence.large),
        "path": evidence.path.chunks(32).map(hex::encode).collect::<Vec<_>>(),
        "unknown_log": fork.unknown_log,
        "decision": (!fork.decision.is_empty()).then_some(&fork.decision),
    })
}

/// The second line of a checkpoint is its tree size.
fn sizes(evidence: &ForkEvidence) -> (String, String) {
    let size = |note: &[u8]| {
        let text = String::from_utf8_lossy(note);
        text.lines().nth(1).unwrap_or("?").to_owned()
    };
    (size(&evidence.small), size(&evidence.large))
}
