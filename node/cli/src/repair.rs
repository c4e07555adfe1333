//! `wpsx repair`: what was damaged, what was mended, and what nobody has.

use serde_json::{Value, json};
use wpsx_proto::api::admin::v1::{Damage, RepairRequest};

use super::{access::Desk, failure::Failure, output::Output, words::many};

/// `wpsx repair`: fails while something is left, after telling all of it.
pub(super) async fn repair(desk: &mut Desk, out: &mut Output) -> Result<(), Failure> {
    let mut answers = desk.admin.repair(RepairRequest {}).await?.into_inner();
    let mut told: Vec<Damage> = Vec::new();
    let bar = out.bar("checking", 0);
    while let Some(answer) = answers.message().await? {
        match answer.damage {
            Some(damage) => told.push(damage),
            None => {
                bar.set_message(answer.origin);
                bar.set_length(answer.total);
                bar.set_position(answer.checked);
            }
        }
    }
    bar.finish_and_clear();
    let left = told.iter().filter(|damage| !damage.mended).count();
    if out.is_json() {
        let damage: Vec<Value> = told.iter().map(damage_json).collect();
        out.document(&json!({ "repaired": left == 0, "damage": damage }))?;
    } else if told.is_empty() {
        out.say("every stored byte is what was written")?;
    } else {
        for damage in &told {
            let became = if damage.mended { "mended" } else { "LEFT" };
            out.say(format!("{became}: {}", damage.origin))?;
            out.say(format!("  {}", damage.path))?;
            out.say(format!("  {}", damage.reason))?;
        }
    }
    if left == 0 {
        if !out.is_json() {
            out.say("Next: wpsx status shows the node's state.")?;
        }
        return Ok(());
    }
    let of_logs = match desk.is_running() {
        true => {
            "run wpsx repair again when a peer that holds these logs is connected; a copy of \
             another's log that nobody mends is pulled anew by wpsx origin drop ORIGIN"
        }
        false => "start the node with wpsx serve: what is left of logs is asked of its peers",
    };
    let remedy = format!(
        "{of_logs}; a peer's card is added again by wpsx peer add, and keys come from their \
         backup"
    );
    let number = many(left as u64, "damaged part");
    Err(Failure::failed(format!("{number} could not be mended")).remedy(remedy))
}

/// A damaged part for scripts.
pub(super) fn damage_json(damage: &Damage) -> Value {
    json!({
        "origin": damage.origin,
        "path": damage.path,
        "reason": damage.reason,
        "mended": damage.mended,
    })
}
