//! `wpsx import`, `publish`, `withdraw`, `erase`: what changes a publisher's log.
//!
//! Every call carries a fresh request id, so that a call that is sent twice by
//! the transport is carried out once.

use std::io::{self, BufRead as _, IsTerminal as _};

use serde_json::{Value, json};
use wpsx_proto::api::{
    admin::v1::{EraseRequest, Published, WithdrawRequest},
    log::v1::Reason,
};

use super::{
    access::Desk,
    args::{EraseArgs, ReasonArg, RecordKey, RetireArgs},
    failure::Failure,
    output::{Output, many},
};

/// `wpsx withdraw`
pub(super) async fn withdraw(
    args: &RetireArgs,
    desk: &mut Desk,
    out: &mut Output,
) -> Result<(), Failure> {
    let request = WithdrawRequest {
        record_id: args.record.bytes(),
        reason: reason(args.reason).into(),
        request_id: request_id()?,
    };
    let answer = desk.admin.withdraw(request).await?.into_inner();
    let record = answer.record.unwrap_or_default();
    if out.is_json() {
        return Ok(out.document(&published_json(&record))?);
    }
    out.say(format!(
        "withdrew {} with entry {}; peers stop showing it when they pull\n\
         Its content stays readable in older copies. To destroy it: wpsx erase {}",
        hex::encode(&record.record_id),
        record.index,
        hex::encode(&record.record_id)
    ))?;
    Ok(())
}

/// `wpsx erase`
pub(super) async fn erase(
    args: &EraseArgs,
    desk: &mut Desk,
    out: &mut Output,
) -> Result<(), Failure> {
    let id = hex::encode(args.retire.record.0);
    if !args.yes {
        confirm(&id)?;
    }
    let request = EraseRequest {
        record_id: args.retire.record.bytes(),
        reason: reason(args.retire.reason).into(),
        request_id: request_id()?,
    };
    let answer = desk.admin.erase(request).await?.into_inner();
    let record = answer.record.unwrap_or_default();
    if out.is_json() {
        let mut document = published_json(&record);
        document["destroyed"] = Value::from(answer.destroyed);
        return Ok(out.document(&document)?);
    }
    out.say(format!(
        "erased {id} with entry {}: {} destroyed here; peers destroy theirs when they pull\n\
         Next: destroy it in your backups too; what people copied cannot be recalled.",
        record.index,
        many(answer.destroyed, "payload")
    ))?;
    Ok(())
}

/// Erasing is the one command that nothing undoes.
fn confirm(id: &str) -> Result<(), Failure> {
    if !io::stdin().is_terminal() {
        return Err(
            Failure::usage("erasing destroys the content for ever and asks first")
                .remedy("give --yes where nobody can answer"),
        );
    }
    eprint!("Destroy the content of {id} here and at every peer, for ever? Type yes: ");
    let mut answer = String::new();
    io::stdin()
        .lock()
        .read_line(&mut answer)
        .map_err(|error| Failure::because("cannot read the answer", &error))?;
    if answer.trim() == "yes" {
        Ok(())
    } else {
        Err(Failure::failed("nothing was erased"))
    }
}

fn published_json(record: &Published) -> Value {
    json!({
        "id": hex::encode(&record.record_id),
        "index": record.index,
        "revision": record.revision,
        "unchanged": record.unchanged,
    })
}

fn reason(reason: ReasonArg) -> Reason {
    match reason {
        ReasonArg::Correction => Reason::Correction,
        ReasonArg::Outdated => Reason::Outdated,
        ReasonArg::Mistake => Reason::Mistake,
        ReasonArg::Protection => Reason::Protection,
        ReasonArg::Legal => Reason::Legal,
        ReasonArg::Duplicate => Reason::Duplicate,
    }
}

impl RecordKey {
    fn bytes(self) -> bytes::Bytes {
        bytes::Bytes::copy_from_slice(&self.0)
    }
}

fn request_id() -> Result<String, Failure> {
    let mut random = [0; 16];
    getrandom::fill(&mut random)
        .map_err(|error| Failure::failed(format!("the system gives no random bytes: {error}")))?;
    Ok(hex::encode(random))
}
