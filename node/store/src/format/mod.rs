pub(crate) mod change;
pub(crate) mod edge;
pub(crate) mod erased;
pub(crate) mod journal;
pub(crate) mod layout;
pub(crate) mod payloads;
pub(crate) mod request;
pub(crate) mod slots;
