//! How much of what publishers say a page has room for, so that no record makes a page
//! that a poor link cannot carry. The files of the same address have all.

use std::{borrow::Cow, cell::Cell};

/// What one value costs besides its bytes: the markup around it.
const EACH: usize = 6;

/// The room that is left on a page.
#[derive(Debug)]
pub(crate) struct Room {
    left: Cell<usize>,
    was_cut: Cell<bool>,
}

impl Room {
    /// Room for so many bytes of text.
    pub(crate) fn of(bytes: usize) -> Self {
        Self {
            left: Cell::new(bytes),
            was_cut: Cell::new(false),
        }
    }

    /// The text, or as much of it as there is room for.
    pub(crate) fn take<'t>(&self, text: &'t str) -> Cow<'t, str> {
        let left = self.left.get();
        let needed = text.len().saturating_add(EACH);
        if needed <= left {
            self.left.set(left - needed);
            return Cow::Borrowed(text);
        }
        self.left.set(0);
        self.was_cut.set(true);
        Cow::Owned(shortened(text, left))
    }

    /// The same of at most `most` bytes of the text, whatever room there is.
    pub(crate) fn take_some(&self, text: &str, most: usize) -> String {
        match text.len() <= most {
            true => self.take(text).into_owned(),
            false => self.take(&shortened(text, most)).into_owned(),
        }
    }

    /// Takes the room over that another one has left.
    pub(crate) fn take_over(&self, other: &Self) {
        let left = self.left.get().saturating_add(other.left.replace(0));
        self.left.set(left);
    }

    /// Nothing more goes in. Who leaves something out for that says so.
    pub(crate) fn is_full(&self) -> bool {
        let is_full = self.left.get() == 0;
        if is_full {
            self.was_cut.set(true);
        }
        is_full
    }

    /// Something was left out.
    pub(crate) fn was_cut(&self) -> bool {
        self.was_cut.get()
    }
}

/// The beginning of a text, with a mark that it goes on.
fn shortened(text: &str, bytes: usize) -> String {
    let mut end = bytes.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    format!("{}…", &text[..end])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_fit_is_cut_between_characters_and_said_to_be() {
        let room = Room::of(20);
        assert_eq!(room.take("12345"), "12345");
        assert!(!room.was_cut());
        assert_eq!(room.take("ééééééé"), "éééé…");
        assert!(room.is_full() && room.was_cut());
        assert_eq!(room.take("more"), "…");
    }

    #[test]
    fn a_text_may_be_shortened_before_the_room_ends() {
        let room = Room::of(1_000);
        assert_eq!(room.take_some("a long text", 6), "a long…");
        assert!(!room.was_cut());
    }
}
