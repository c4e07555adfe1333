//! What changes, for who follows it: a feed of a list's changes, and a calendar.

mod atom;
mod calendar;
mod lines;
mod when;
mod xml;
mod zones;

pub(crate) use self::{atom::changes, calendar::events};
