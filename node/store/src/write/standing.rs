//! Whether the store writes, and why not.

use std::sync::Arc;

use parking_lot::RwLock;
use tokio::sync::watch;

use crate::error::{StoreError, chain};

/// How the store stands.
#[derive(Debug)]
pub(crate) struct Standing {
    /// Why nothing is written any more.
    failure: RwLock<Option<Failure>>,
    /// Why our own logs are not signed.
    read_only: RwLock<Option<String>>,
    /// The same, for a reason that stays until the operator has seen to it.
    doubt: RwLock<Option<String>>,
    /// Why whoever runs the store has to end it.
    alarm: watch::Sender<Option<Arc<str>>>,
}

#[derive(Clone, Debug)]
enum Failure {
    /// Something could not be written.
    Write(String),
    /// A thread ended in a panic.
    Panic(String),
}

impl Default for Standing {
    fn default() -> Self {
        Self {
            failure: RwLock::default(),
            read_only: RwLock::default(),
            doubt: RwLock::default(),
            alarm: watch::Sender::new(None),
        }
    }
}

impl Standing {
    /// Why nothing is written any more, if so.
    pub(crate) fn refusal(&self) -> Option<StoreError> {
        self.failure.read().clone().map(|failure| match failure {
            Failure::Write(reason) => StoreError::ReadOnly(reason),
            Failure::Panic(reason) => StoreError::Stopped(reason),
        })
    }

    pub(crate) fn has_failed(&self) -> bool {
        self.failure.read().is_some()
    }

    /// Why nothing is appended to our own logs, if so.
    pub(crate) fn read_only(&self) -> Option<String> {
        match &*self.failure.read() {
            Some(Failure::Write(reason) | Failure::Panic(reason)) => Some(reason.clone()),
            None => self.doubt().or_else(|| self.read_only.read().clone()),
        }
    }

    /// Why nobody knows whether all is here that was acknowledged, if so.
    pub(crate) fn doubt(&self) -> Option<String> {
        self.doubt.read().clone()
    }

    pub(crate) fn set_doubt(&self, reason: Option<String>) {
        *self.doubt.write() = reason;
    }

    /// Stops, or allows again, to sign our own logs.
    pub(crate) fn set_read_only(&self, reason: Option<String>) {
        *self.read_only.write() = reason;
    }

    /// Something could not be written: nothing more is.
    pub(crate) fn fail(&self, error: &StoreError) {
        let mut failure = self.failure.write();
        if failure.is_none() {
            let reason = format!(
                "{}; nothing more is written until the cause is removed and the node is started again",
                chain(error)
            );
            tracing::error!(reason, "the store is read-only");
            *failure = Some(Failure::Write(reason));
        }
    }

    /// A thread of the store ended in a panic: nothing goes on.
    pub(crate) fn stop(&self, what: &str, panic: &str) {
        let reason = format!(
            "the thread that {what} ended in a panic: {panic}; what was acknowledged is kept, \
             start the node again"
        );
        *self.failure.write() = Some(Failure::Panic(reason.clone()));
        self.raise(&reason);
    }

    /// Tells whoever runs the store to end it, for a reason.
    pub(crate) fn raise(&self, reason: &str) {
        tracing::error!(reason, "the store has to be opened anew");
        self.alarm.send_if_modified(|alarm| {
            let first = alarm.is_none();
            if first {
                *alarm = Some(reason.into());
            }
            first
        });
    }

    /// Resolves with the reason when there is one to end the store.
    pub(crate) fn raised(&self) -> impl Future<Output = String> + Send + use<> {
        let mut alarm = self.alarm.subscribe();
        async move {
            loop {
                if let Some(reason) = &*alarm.borrow_and_update() {
                    return reason.as_ref().to_owned();
                }
                if alarm.changed().await.is_err() {
                    // The store is gone, and nothing can happen to it any more.
                    return std::future::pending().await;
                }
            }
        }
    }
}
