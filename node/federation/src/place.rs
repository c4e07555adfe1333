//! What a pull needs before it begins: its log's lease, and a place among the pulls from
//! its peer. It holds both or neither, so that logs which wait for a slow peer keep no
//! other log of this one from being pulled: two peers with the same logs share the work.

use tokio::sync::{Semaphore, SemaphorePermit};
use wpsx_proto::origin::Origin;

use crate::{
    lease::{Lease, Leases},
    trouble::Trouble,
};

/// Waits until the log called `origin` may be pulled, and there is a place for it.
///
/// # Errors
/// The session ended.
pub(crate) async fn lease_and_place<'a>(
    leases: &Leases,
    places: &'a Semaphore,
    origin: &Origin,
) -> Result<(Lease, SemaphorePermit<'a>), Trouble> {
    loop {
        let lease = leases.take(origin).await;
        if let Ok(place) = places.try_acquire() {
            return Ok((lease, place));
        }
        drop(lease);
        let place = places.acquire().await;
        let place = place.map_err(|_| Trouble::Lost("the session ended".to_owned()))?;
        if let Some(lease) = leases.try_take(origin) {
            return Ok((lease, place));
        }
    }
}

#[cfg(test)]
mod tests {
    use futures::FutureExt as _;

    use super::*;

    fn origin(number: usize) -> Origin {
        Origin::parse(&format!("log{number}.example/wpsx/public")).expect("well-formed")
    }

    #[tokio::test]
    async fn logs_that_wait_for_a_slow_peer_keep_no_other_log_waiting() {
        let leases = Leases::default();
        let slow = Semaphore::new(4);
        let mut held = Vec::new();
        for number in 0..4 {
            held.push(lease_and_place(&leases, &slow, &origin(number)).await);
        }
        let origins: Vec<Origin> = (0..8).map(origin).collect();
        // All places of the slow peer are taken: its other logs wait, and keep no lease.
        let mut others: Vec<_> = origins[4..]
            .iter()
            .map(|origin| Box::pin(lease_and_place(&leases, &slow, origin)))
            .collect();
        for other in &mut others {
            assert!(other.as_mut().now_or_never().is_none());
        }
        // The other peer has the same logs: it takes those that are free.
        let other = Semaphore::new(4);
        let mut tries: Vec<_> = origins
            .iter()
            .map(|origin| Box::pin(lease_and_place(&leases, &other, origin)))
            .collect();
        let mut taken = Vec::new();
        for (number, attempt) in tries.iter_mut().enumerate() {
            if let Some(got) = attempt.as_mut().now_or_never() {
                taken.push((number, got));
            }
        }
        let numbers: Vec<usize> = taken.iter().map(|(number, _)| *number).collect();
        assert_eq!(numbers, [4, 5, 6, 7]);
        drop(taken);
        // When the slow one is done, what waited gets its turn.
        drop(held);
        assert!(tries[0].as_mut().now_or_never().is_some());
    }
}
