//! The bytes of the cover: which files the state has to have, and what is still to be
//! removed.
//!
//! ```text
//! cover 12                                   counts the versions
//! numbers 4                                  that logs had: the next one gets 4
//! there logs/0/log own ple.example/public    a name, and what may be noted of it
//! there peers/a.example
//! gone followers/views                       a file that is to be removed
//! dropped 3 9f86d0…                          a replica: its number, its folder below logs/
//! ```

use std::collections::{BTreeMap, BTreeSet};

use super::layout;

/// What the state has to have.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Cover {
    /// Grows with each version: the larger of two is the newer.
    pub(crate) version: u64,
    /// The number that the next log gets: larger than that of any log before.
    pub(crate) numbers: u32,
    /// The names of all files, each with what is noted of it.
    pub(crate) there: BTreeMap<String, String>,
    pub(crate) orders: BTreeSet<Order>,
}

/// Something that is to be removed, and may be gone already.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Order {
    /// A file of the state.
    File(String),
    /// All of a replica: its files in the state, and its folder below `logs/`.
    Replica { number: u32, folder: String },
}

impl Order {
    /// Whether it has this file of the state removed.
    pub(crate) fn names(&self, name: &str) -> bool {
        match self {
            Self::File(file) => file == name,
            Self::Replica { number, .. } => name.starts_with(&layout::in_state(*number)),
        }
    }

    /// Whether it has this folder below `logs/` removed.
    pub(crate) fn is_folder(&self, name: &str) -> bool {
        matches!(self, Self::Replica { folder, .. } if folder == name)
    }
}

impl Cover {
    /// A file was put that was not there.
    pub(crate) fn take_in(&mut self, name: &str, note: &str) {
        self.orders.remove(&Order::File(name.to_owned()));
        if let Some(number) = layout::number_of(name) {
            self.numbers = self.numbers.max(number.saturating_add(1));
        }
        self.there.insert(name.to_owned(), note.to_owned());
    }

    pub(crate) fn to_text(&self) -> String {
        let mut text = format!("cover {}\nnumbers {}\n", self.version, self.numbers);
        for (name, note) in &self.there {
            text.push_str(&match note.as_str() {
                "" => format!("there {name}\n"),
                note => format!("there {name} {note}\n"),
            });
        }
        for order in &self.orders {
            text.push_str(&match order {
                Order::File(name) => format!("gone {name}\n"),
                Order::Replica { number, folder } => format!("dropped {number} {folder}\n"),
            });
        }
        text
    }

    pub(crate) fn parse(bytes: &[u8]) -> Option<Self> {
        let mut lines = std::str::from_utf8(bytes).ok()?.split_terminator('\n');
        let version = lines.next()?.strip_prefix("cover ")?.parse().ok()?;
        let numbers = lines.next()?.strip_prefix("numbers ")?.parse().ok()?;
        let mut cover = Self {
            version,
            numbers,
            ..Self::default()
        };
        for line in lines {
            let (what, rest) = line.split_once(' ')?;
            match what {
                "there" => {
                    let (name, note) = rest.split_once(' ').unwrap_or((rest, ""));
                    cover.there.insert(name.to_owned(), note.to_owned());
                }
                "gone" => {
                    cover.orders.insert(Order::File(rest.to_owned()));
                }
                "dropped" => {
                    let (number, folder) = rest.split_once(' ')?;
                    let number = number.parse().ok()?;
                    let is_folder = folder.bytes().all(|b| b.is_ascii_hexdigit());
                    let folder = Some(folder)
                        .filter(|f| is_folder && !f.is_empty())?
                        .to_owned();
                    cover.orders.insert(Order::Replica { number, folder });
                }
                _ => return None,
            }
        }
        Some(cover)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cover_is_read_back_and_an_order_cannot_lead_out_of_the_logs() {
        let there = [("logs/0/log", "own ple.example/public"), ("peers/a", "")];
        let cover = Cover {
            version: 7,
            numbers: 4,
            there: there.map(|(a, b)| (a.to_owned(), b.to_owned())).into(),
            orders: BTreeSet::from([
                Order::File("followers/views".to_owned()),
                Order::Replica {
                    number: 3,
                    folder: "9f86".to_owned(),
                },
            ]),
        };
        assert_eq!(Cover::parse(cover.to_text().as_bytes()), Some(cover));
        for odd in [
            "there a b \n",
            "there a b\r\n",
            "there a b\r\r\n",
            "there a \n",
        ] {
            let cover = Cover::parse(format!("cover 1\nnumbers 0\n{odd}").as_bytes());
            let again = cover.as_ref().map(Cover::to_text).unwrap_or_default();
            assert!(cover.is_some(), "{odd:?}");
            assert_eq!(Cover::parse(again.as_bytes()), cover, "{odd:?}");
        }
        for bad in [
            "",
            "cover x\n",
            "cover 1\n",
            "cover 1\nnumbers 0\nwhat is\n",
            "cover 1\nnumbers 0\ndropped 3 ../x\n",
        ] {
            assert_eq!(Cover::parse(bad.as_bytes()), None, "{bad}");
        }
    }
}
