//! What an entry does to its record, and why: numbers of the schema that newer
//! software may add to.

use std::fmt;

macro_rules! open_enum {
    ($(#[$doc:meta])* $name:ident { $($(#[$value_doc:meta])* $value:ident = $number:literal $text:literal,)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name {
            $($(#[$value_doc])* $value,)*
            /// One that newer software knows, by its number in the schema.
            Unknown(i32),
        }

        impl $name {
            /// Its number in the schema.
            #[must_use]
            pub const fn number(self) -> i32 {
                match self {
                    $(Self::$value => $number,)*
                    Self::Unknown(number) => number,
                }
            }
        }

        impl From<i32> for $name {
            fn from(number: i32) -> Self {
                match number {
                    $($number => Self::$value,)*
                    other => Self::Unknown(other),
                }
            }
        }

        impl From<$name> for i32 {
            fn from(value: $name) -> Self {
                value.number()
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                match self {
                    $(Self::$value => f.pad($text),)*
                    Self::Unknown(number) => write!(f, "number {number}"),
                }
            }
        }
    };
}

impl Operation {
    /// Whether the entry's payload is the record, which is current while this entry is its
    /// newest. With every other operation it is not, be that known here or not: what newer
    /// software may have taken back is not shown as current.
    #[must_use]
    pub const fn publishes(self) -> bool {
        matches!(self, Self::Publish)
    }
}

open_enum! {
    /// What an entry does to its record.
    Operation {
        /// A new revision, with a payload.
        Publish = 1 "publish",
        /// No longer current.
        Withdraw = 2 "withdraw",
        /// All earlier payloads are destroyed, everywhere.
        Erase = 3 "erase",
        /// Another record replaces this one; the payload says which.
        Supersede = 4 "supersede",
        /// An operation of the publisher's identity.
        Key = 5 "key",
        /// A change of a sharing group.
        Group = 6 "group",
        /// The state of the log at one size.
        Snapshot = 7 "snapshot",
    }
}

open_enum! {
    /// Why a record was withdrawn or erased, as its publisher states it.
    #[derive(Default)]
    Reason {
        /// Not stated.
        #[default]
        Unspecified = 0 "unspecified",
        /// The content was wrong.
        Correction = 1 "correction",
        /// The content no longer applies.
        Outdated = 2 "outdated",
        /// Published by mistake.
        Mistake = 3 "mistake",
        /// To protect a person.
        Protection = 4 "protection",
        /// A court or a law asks for it.
        Legal = 5 "legal",
        /// The same content stands in another record.
        Duplicate = 6 "duplicate",
    }
}
