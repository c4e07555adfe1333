//! What who asks for a list as a file waits for, before a thread is taken for it.

use std::time::Duration;

use tokio::{sync::OwnedSemaphorePermit, time::timeout};
use wpsx_listen::{Caller, Holding};

use super::form::{Form, form_of};
use crate::{observatory::Observatory, trouble::Trouble};

/// How long it is waited for.
const PATIENCE: Duration = Duration::from_secs(20);
/// Bytes that a part of a file takes while it is made: what is read at once of records. What
/// is made of them meanwhile is bounded by the places.
const MAKING: usize = 3 << 20;

/// The turn of who asks for a file.
#[derive(Default)]
pub(crate) struct Turn {
    /// What its first part may hold, where it is written while it is taken.
    pub(crate) memory: Holding,
    /// Held by the one who makes a workbook: they take room on the disk.
    _workbook: Option<OwnedSemaphorePermit>,
}

impl Turn {
    /// Waits for the turn of a file of this name; what is no file need not wait.
    ///
    /// # Errors
    /// It took too long to come.
    pub(crate) async fn of(
        site: &Observatory,
        caller: &Caller,
        name: &str,
        is_head: bool,
    ) -> Result<Self, Trouble> {
        let waiting = async {
            match form_of(name).1 {
                Some(Form::Csv | Form::Parts(_) | Form::Json | Form::JsonLines) => Self {
                    memory: memory(caller).await,
                    ..Self::default()
                },
                Some(Form::Xlsx) if !is_head => Self {
                    _workbook: site.workbooks.clone().acquire_owned().await.ok(),
                    ..Self::default()
                },
                _ => Self::default(),
            }
        };
        timeout(PATIENCE, waiting).await.map_err(|_| Trouble::Busy)
    }
}

/// Room for one part of a file. Who waits for it holds none.
pub(crate) async fn memory(caller: &Caller) -> Holding {
    caller.allowance().memory(MAKING).await
}
