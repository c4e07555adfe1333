pub(crate) mod forget;
pub(crate) mod poster;
pub(crate) mod refills;
pub(crate) mod rewrite;
pub(crate) mod shared;
pub(crate) mod step;
pub(crate) mod writer;
