//! Tells the operator how own logs are recovered.

use std::sync::Arc;

use tokio::sync::mpsc;
use tonic::Status;
use wpsx_proto::api::admin::v1::{
    RecoverResponse, Recovered, RecoveryDone, ShownHead, recover_response::Told,
};

use crate::{
    codes::refusal,
    network::{Operations, RecoveryStep},
};

/// Steps that wait to be told.
const AHEAD: usize = 16;

/// Recovers, and tells each step. The command may be gone; what it began is finished.
pub(super) async fn run(
    operations: Arc<dyn Operations>,
    yes: bool,
    answers: mpsc::Sender<Result<RecoverResponse, Status>>,
) {
    let (tell, mut steps) = mpsc::channel(AHEAD);
    let done = async {
        let done = operations.recover(yes, &tell).await;
        drop(tell);
        done
    };
    let telling = async {
        while let Some(step) = steps.recv().await {
            let _ = answers.send(Ok(message(step))).await;
        }
    };
    let (done, ()) = tokio::join!(done, telling);
    if let Err(error) = done {
        let _ = answers.send(Err(refusal(error))).await;
    }
}

fn message(step: RecoveryStep) -> RecoverResponse {
    let told = match step {
        RecoveryStep::Shown {
            peer,
            origin,
            held,
            size,
            time,
            reason,
        } => Told::Shown(ShownHead {
            peer,
            origin,
            held_size: held,
            tree_size: size,
            seen_time: time,
            reason,
        }),
        RecoveryStep::Pulled {
            origin,
            stored,
            total,
        } => Told::Recovered(Recovered {
            origin,
            stored,
            total,
        }),
        RecoveryStep::Done { entries, signs } => Told::Done(RecoveryDone { entries, signs }),
    };
    RecoverResponse { told: Some(told) }
}
