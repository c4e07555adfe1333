//! `wpsx recover`: own logs come back from peers.

use std::io::{self, BufRead as _, IsTerminal as _};

use serde_json::{Value, json};
use wpsx_proto::api::admin::v1::{RecoverRequest, RecoveryDone, ShownHead, recover_response::Told};

use super::{
    access::Desk,
    failure::Failure,
    output::Output,
    words::{entries, rfc3339},
};

/// `wpsx recover`
///
/// # Errors
/// Peers cannot be asked, show two histories, or the operator did not say yes.
pub async fn recover(yes: bool, desk: &mut Desk, out: &mut Output) -> Result<(), Failure> {
    let (shown, found) = run(desk, out, false).await?;
    if !out.is_json() {
        table(&shown, out)?;
    }
    if found.entries == 0 && found.signs {
        return end(&shown, &found, out);
    }
    if !yes {
        confirm(found.entries)?;
    }
    let (shown, done) = run(desk, out, true).await?;
    end(&shown, &done, out)
}

/// One pass: what peers show, and how it ended.
async fn run(
    desk: &mut Desk,
    out: &Output,
    carry_out: bool,
) -> Result<(Vec<ShownHead>, RecoveryDone), Failure> {
    let mut answers = desk
        .admin
        .recover(RecoverRequest { carry_out })
        .await?
        .into_inner();
    let bar = out.bar(
        if carry_out {
            "recovering"
        } else {
            "asking peers"
        },
        0,
    );
    let mut shown = Vec::new();
    while let Some(answer) = answers.message().await? {
        match answer.told {
            Some(Told::Shown(head)) => shown.push(head),
            Some(Told::Recovered(log)) => {
                bar.set_message(log.origin);
                bar.set_length(log.total);
                bar.set_position(log.stored);
            }
            Some(Told::Done(done)) => {
                bar.finish_and_clear();
                return Ok((shown, done));
            }
            None => {}
        }
    }
    Err(Failure::failed("recovering ended before all was done").remedy("run wpsx recover again"))
}

fn table(shown: &[ShownHead], out: &mut Output) -> Result<(), Failure> {
    let rows: Vec<Vec<String>> = shown
        .iter()
        .map(|head| {
            let or = |text: &str| if text.is_empty() { "-" } else { text }.to_owned();
            let size = match head.tree_size {
                0 => "-".to_owned(),
                size => out.count(size),
            };
            let verdict = match (head.reason.as_str(), head.tree_size > head.held_size) {
                ("", true) => "has more than this node",
                ("", false) => "has nothing more",
                (reason, _) => reason,
            };
            vec![
                head.peer.clone(),
                or(&head.origin),
                out.count(head.held_size),
                size,
                out.age(head.seen_time.saturating_mul(1000)),
                verdict.to_owned(),
            ]
        })
        .collect();
    let header = ["peer", "log", "here", "there", "seen", "verdict"];
    Ok(out.table(&header, &rows)?)
}

fn end(shown: &[ShownHead], done: &RecoveryDone, out: &mut Output) -> Result<(), Failure> {
    if out.is_json() {
        let peers: Vec<Value> = shown.iter().map(json_of).collect();
        out.document(&json!({
            "peers": peers,
            "entries": done.entries,
            "signs": done.signs,
        }))?;
    } else if done.entries == 0 {
        out.say(
            "nothing is missing: no peer has more of this node's logs than this node\n\
             Next: wpsx status shows the node's state.",
        )?;
    } else {
        out.say(format!(
            "{} came back; what they erase was destroyed here\n\
             Next: wpsx verify, then publish as before.",
            entries(done.entries)
        ))?;
    }
    if done.signs {
        return Ok(());
    }
    Err(Failure::failed("the node is still read-only").remedy("wpsx status says why"))
}

fn json_of(head: &ShownHead) -> Value {
    json!({
        "peer": head.peer,
        "origin": head.origin,
        "held_size": head.held_size,
        "tree_size": head.tree_size,
        "seen_time": (head.seen_time > 0).then(|| rfc3339(head.seen_time.saturating_mul(1000))),
        "reason": head.reason,
    })
}

/// Whoever says yes knows that no other copy of the node runs.
fn confirm(missing: u64) -> Result<(), Failure> {
    if !io::stdin().is_terminal() {
        return Err(Failure::usage(
            "recovering goes on signing where the peers have seen this node, and asks first",
        )
        .remedy("give --yes where nobody can answer"));
    }
    let what = match missing {
        0 => "No peer has more than this node. Sign on from here?".to_owned(),
        missing => format!(
            "Get {} back from the peers and sign on from there?",
            entries(missing)
        ),
    };
    eprint!(
        "{what} All peers that hold these logs should be in the table, and no other copy of \
         this node may run. Type yes: "
    );
    let mut answer = String::new();
    io::stdin()
        .lock()
        .read_line(&mut answer)
        .map_err(|error| Failure::because("cannot read the answer", &error))?;
    match answer.trim() {
        "yes" => Ok(()),
        _ => Err(Failure::failed("nothing was changed")),
    }
}
