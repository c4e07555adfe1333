//! The pages.

pub(crate) mod accessibility;
mod ask;
mod brief;
mod contact;
mod downloads;
pub(crate) mod error;
mod forms;
pub(crate) mod frame;
mod group;
pub(crate) mod home;
pub(crate) mod index;
pub(crate) mod list;
pub(crate) mod method;
mod misread;
mod names;
pub(crate) mod network;
mod news;
pub(crate) mod organisation;
pub(crate) mod place;
pub(crate) mod record;
mod rows;
pub(crate) mod styleguide;
mod table;
