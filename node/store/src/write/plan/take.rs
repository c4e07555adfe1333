//! Takes a request into a group, or says why not.

use super::{Not, Plan};
use crate::{
    error::StoreError,
    write::request::{Ask, Asked, Request},
};

/// What became of a request.
pub(crate) enum Planned {
    /// It is in the group, or was answered.
    Taken,
    /// It must see the group applied first.
    Later(Box<Request>),
}

impl Plan {
    /// Adds a request to the group.
    pub(crate) fn add(&mut self, request: Request) -> Planned {
        match request {
            Request::Append(asked) => self.take(asked, Self::append),
            Request::SetPending(asked) => self.take(asked, Self::set_pending),
            Request::Extend(asked) => self.take(asked, Self::extend),
            Request::Fill(asked) => self.take(asked, Self::fill),
            Request::CommitHead(asked) => self.take(asked, Self::commit_head),
            Request::Erase(asked) => self.take(asked, Self::erase),
            Request::MendPayloads(asked) => self.take(asked, Self::mend_payloads),
            // Nothing to write: answered when all before them is durable.
            Request::Settle(asked) => self.take(asked, |_, _| Ok(())),
            // It is answered once the files are held, which a plan cannot know.
            Request::Hold(asked) => {
                asked.reply.send(Err(StoreError::Closed));
                Planned::Taken
            }
            Request::Remove(asked) => self.take(asked, |_, _| Ok(())),
            Request::MendFile(asked) => self.take(asked, |_, _| Ok(())),
            Request::Revive(asked) => self.take(asked, |_, _| Ok(())),
            Request::Close(asked) => self.take(asked, |_, _| Ok(())),
        }
    }

    fn take<A: Ask>(
        &mut self,
        asked: Asked<A>,
        plan: impl FnOnce(&mut Self, &A) -> Result<A::Answer, Not>,
    ) -> Planned
    where
        A::Answer: 'static,
    {
        match plan(self, &asked.ask) {
            Ok(answer) => {
                let reply = asked.reply;
                let later = move |durable: Result<(), StoreError>| {
                    reply.send(durable.map(|()| answer));
                };
                self.replies.push(Box::new(later));
            }
            Err(Not::Now) => return Planned::Later(Box::new(A::carried(asked))),
            Err(Not::Ever(error)) => asked.reply.send(Err(error)),
        }
        Planned::Taken
    }
}
