//! `Repair`: everything is checked, then mended, then told.

use std::{sync::Arc, time::Duration};

use wpsx_domain::{access::Sight, upkeep::Upkeep};
use wpsx_proto::api::admin::v1::{Damage, RepairResponse};

use crate::{calls::Answers, codes::refusal, network::Operations, pushed::pushed_while};

/// Messages ready to be sent.
const AHEAD: usize = 16;
/// How long the peers may do nothing before they are not waited for any more.
const PATIENCE: Duration = Duration::from_secs(10);

pub(super) fn repair(
    upkeep: Upkeep,
    operations: Arc<dyn Operations>,
    sight: Sight,
) -> Answers<RepairResponse> {
    pushed_while(AHEAD, |tx| async move {
        let (checking, progress) = (upkeep.clone(), tx.clone());
        let check: Box<dyn FnOnce() + Send> = Box::new(move || {
            checking.verify(&sight, &mut |checked| {
                let told = checked.map(|checked| RepairResponse {
                    origin: checked.origin,
                    checked: checked.checked,
                    total: checked.total,
                    damage: None,
                });
                progress.blocking_send(told.map_err(refusal)).is_ok()
            });
        });
        if tokio::task::spawn_blocking(check).await.is_err() {
            let broken = tonic::Status::internal("checking ended in a panic; please report it");
            let _ = tx.send(Err(broken)).await;
            return;
        }
        let patience = match operations.is_connected() {
            true => PATIENCE,
            false => Duration::ZERO,
        };
        for repaired in upkeep.repair(patience).await {
            let damage = Damage {
                origin: repaired.origin,
                path: repaired.path,
                reason: repaired.reason,
                mended: repaired.mended,
            };
            let answer = RepairResponse {
                damage: Some(damage),
                ..RepairResponse::default()
            };
            if tx.send(Ok(answer)).await.is_err() {
                return;
            }
        }
    })
}
