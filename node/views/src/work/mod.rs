pub(crate) mod poster;
pub(crate) mod refills;
pub(crate) mod rewrite;
pub(crate) mod step;
