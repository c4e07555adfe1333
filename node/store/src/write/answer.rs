//! Answers: whoever asked hears something, whatever becomes of the thread that had
//! the question.

use tokio::sync::oneshot;

use crate::error::StoreError;

/// Where an answer is awaited.
pub(crate) type Answered<T> = oneshot::Receiver<Result<T, StoreError>>;

/// Where an answer goes. One that is dropped answers that nothing is known.
#[derive(Debug)]
pub(crate) struct Reply<T>(Option<oneshot::Sender<Result<T, StoreError>>>);

impl<T> Reply<T> {
    /// A reply, and where it is awaited.
    pub(crate) fn new() -> (Self, Answered<T>) {
        let (sender, answered) = oneshot::channel();
        (Self(Some(sender)), answered)
    }

    /// Answers. Who asked may be gone; then nobody wants to know.
    pub(crate) fn send(mut self, answer: Result<T, StoreError>) {
        if let Some(sender) = self.0.take() {
            let _ = sender.send(answer);
        }
    }
}

impl<T> Drop for Reply<T> {
    fn drop(&mut self) {
        if let Some(sender) = self.0.take() {
            let _ = sender.send(Err(StoreError::Stopped(
                "a request was dropped on the way; whether it was carried out shows after the next start"
                    .to_owned(),
            )));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reply_that_is_dropped_answers() {
        let (reply, mut answered) = Reply::<u32>::new();
        drop(reply);
        let answer = answered.try_recv().unwrap().unwrap_err();
        assert!(answer.to_string().contains("was dropped"), "{answer}");
        let (reply, mut answered) = Reply::new();
        reply.send(Ok(7));
        assert_eq!(answered.try_recv().unwrap().unwrap(), 7);
    }
}
