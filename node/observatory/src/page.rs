//! The pages.

pub(crate) mod country;
pub(crate) mod error;
mod frame;
pub(crate) mod home;
pub(crate) mod list;
pub(crate) mod network;
pub(crate) mod record;
mod rows;
