//! Whose call it is: what they may hold, and who waits for whom, follows from it.

/// Whose call it is. Nobody waits for one further down.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Class {
    /// The operator of this node, over its own socket or pipe, and what asks for them.
    Operator,
    /// Who proved the key of a peer.
    Peer,
    /// Everybody else.
    #[default]
    Reader,
}
