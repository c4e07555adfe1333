//! Fetches packages, window after window, and checks that they are the ones asked for.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};
use wpsx_proto::{
    api::replication::v1::ReadPackagesRequest,
    bundle::EntryBundle,
    index::{BUNDLE, LeafIndex, TreeSize},
    package::Package,
};

use super::{error::PullError, puller::Puller, transport::Transport};
use crate::clock::monotonic;

/// Packages asked for in one call, at the most.
const WINDOW: u64 = 64;
/// Windows fetched ahead, the one being verified included.
const WINDOWS: usize = 2;
/// Room for every package of those windows, and for the error that ends them: handing
/// one on never waits, so that a window is read to its end.
pub(super) const ROOM: usize = WINDOWS * WINDOW as usize + 1;
/// About what a whole package weighs, its proof and framing included.
const PACKAGE_BYTES: u64 = 32 * 1024;
/// About what an entry weighs, by which the speed of the line is told.
const ENTRY_BYTES: u64 = 96;

/// A package as it came, not verified yet.
pub(super) struct Fetched {
    pub(super) package: Package,
    /// Held by the last package of a window: dropping it lets the next window come.
    pub(super) _window: Option<OwnedSemaphorePermit>,
}

/// Sends every package of [start, end), bound to the tree of that `end`. A window
/// is always read to its end, whether or not anyone takes the packages yet: a
/// stream left unread would hold back the others of its connection.
pub(super) async fn fetch<T: Transport>(
    puller: Puller<T>,
    start: LeafIndex,
    end: TreeSize,
    out: mpsc::Sender<Result<Fetched, PullError>>,
) {
    let windows = Arc::new(Semaphore::new(WINDOWS));
    let mut next = start.value();
    while next < end.value() {
        let Ok(permit) = Arc::clone(&windows).acquire_owned().await else {
            return;
        };
        let speed = &puller.options.speed;
        let many = (speed.piece(WINDOW * PACKAGE_BYTES) / PACKAGE_BYTES).max(1);
        let until = end.value().min((next / BUNDLE + many) * BUNDLE);
        let window = Window {
            start: next,
            until,
            tree_size: end,
        };
        let bytes = (until - next).div_ceil(BUNDLE) * PACKAGE_BYTES;
        let whole = puller.options.whole_call(bytes);
        let begun = monotonic();
        let done = match tokio::time::timeout(whole, window.read(&puller, permit, &out)).await {
            Ok(done) => {
                done.inspect(|()| speed.came(window.entries() * ENTRY_BYTES, begun.elapsed()))
            }
            Err(_) => Err(PullError::Stalled { waited: whole }),
        };
        if let Err(error) = done {
            // Nobody listens any more if this fails.
            let _ = out.send(Err(error)).await;
            return;
        }
        next = until;
    }
}

impl<T: Transport> Puller<T> {
    /// Fetches the entries `[start, end)`, which lie in one bundle, from a source that
    /// holds as many. Nothing is verified: the caller knows what they must hash to.
    ///
    /// # Errors
    /// Those of the call, and an answer that is not these entries.
    pub async fn unchecked_entries(
        &self,
        start: LeafIndex,
        end: TreeSize,
    ) -> Result<EntryBundle, PullError> {
        let window = Window {
            start: start.value(),
            until: end.value(),
            tree_size: end,
        };
        let (out, mut packages) = mpsc::channel(ROOM);
        let permit = Arc::new(Semaphore::new(1)).acquire_owned().await;
        let permit = permit.map_err(|_| PullError::Interrupted)?;
        let whole = self.options.whole_call(PACKAGE_BYTES);
        tokio::time::timeout(whole, window.read(self, permit, &out))
            .await
            .map_err(|_| PullError::Stalled { waited: whole })??;
        let fetched = packages.try_recv().map_err(|_| PullError::Interrupted)??;
        Ok(fetched.package.unchecked_entries())
    }
}

struct Window {
    start: u64,
    until: u64,
    tree_size: TreeSize,
}

impl Window {
    fn entries(&self) -> u64 {
        self.until - self.start
    }

    async fn read<T: Transport>(
        &self,
        puller: &Puller<T>,
        permit: OwnedSemaphorePermit,
        out: &mpsc::Sender<Result<Fetched, PullError>>,
    ) -> Result<(), PullError> {
        let mut client = puller.client.clone();
        let request = ReadPackagesRequest {
            origin: puller.origin.to_string(),
            start: self.start,
            end: self.until,
            tree_size: self.tree_size.value(),
        };
        let mut stream = puller
            .options
            .wait(client.read_packages(request))
            .await?
            .into_inner();
        let mut permit = Some(permit);
        let mut next = self.start;
        while next < self.until {
            let message = puller.options.wait(stream.message()).await?;
            let Some(message) = message else {
                return Err(PullError::Truncated {
                    received: LeafIndex::new(next),
                    asked: LeafIndex::new(self.until),
                });
            };
            let package = read(message.package.unwrap_or_default())?;
            next = self.check(&package, next)?;
            let _window = if next == self.until {
                permit.take()
            } else {
                None
            };
            if out.send(Ok(Fetched { package, _window })).await.is_err() {
                return Ok(());
            }
        }
        match puller.options.wait(stream.message()).await? {
            None => Ok(()),
            Some(_) => Err(PullError::Oversized {
                what: "the answer to a read of packages".to_owned(),
            }),
        }
    }

    /// The package must be the one that comes next, whole. Returns what comes after it.
    fn check(&self, package: &Package, next: u64) -> Result<u64, PullError> {
        if package.start().value() != next {
            return Err(PullError::OutOfOrder {
                expected: LeafIndex::new(next),
                got: package.start(),
            });
        }
        let whole = self.until.min((next / BUNDLE + 1) * BUNDLE);
        let end = package.end().value();
        if end < whole {
            return Err(PullError::Truncated {
                received: LeafIndex::new(end),
                asked: LeafIndex::new(whole),
            });
        }
        if end > whole {
            return Err(PullError::Oversized {
                what: format!("the package at {next}"),
            });
        }
        Ok(whole)
    }
}

fn read(package: wpsx_proto::api::log::v1::Package) -> Result<Package, PullError> {
    Package::from_api(package).map_err(|error| PullError::Malformed {
        what: "a package",
        why: error.to_string(),
    })
}
