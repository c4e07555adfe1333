pub(crate) mod cache;
pub(crate) mod caches;
pub(crate) mod check;
pub(crate) mod contents;
pub(crate) mod handle;
pub(crate) mod read;
pub(crate) mod recent;
pub(crate) mod records;
