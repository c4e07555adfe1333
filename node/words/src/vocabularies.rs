//! The vocabularies whose codes records use: countries, languages, themes, and so on.
//!
//! `all` has them by name, with what an operator adds.

mod all;
mod countries;
mod memberships;
mod shipped;
mod table;
#[cfg(test)]
mod tests;
mod vocabulary;

pub use self::{
    all::{BadFolder, Vocabularies},
    countries::{Countries, GroupError},
    memberships::{Members, Membership},
    table::{Fault, Term},
    vocabulary::{Found, How, Vocabulary},
};
