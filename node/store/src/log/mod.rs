pub(crate) mod cache;
pub(crate) mod contents;
pub(crate) mod handle;
pub(crate) mod leftovers;
pub(crate) mod read;
pub(crate) mod recent;
pub(crate) mod verify;
