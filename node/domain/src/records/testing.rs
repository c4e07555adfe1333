//! A store whose views are asked.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails by panicking"
)]

use wpsx_store::{
    Followers,
    testing::{Opened, Place},
};
use wpsx_views::Views;

/// The store in a place, and its views.
pub(crate) fn with_views(place: &Place) -> (Opened, Views) {
    let mut views = None;
    let store = place.open_with(|folder| {
        let opened = Views::of(folder)?;
        views = Some(opened.clone());
        Ok(Followers::only(opened))
    });
    (store.unwrap(), views.unwrap())
}
