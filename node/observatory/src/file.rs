//! The same answers as files: every list and every record at the address of its page, with
//! the form's name behind it.
//!
//! `form` has the forms, `asked` what is asked for, `list` and `one` answer; `stream` writes
//! while it reads, in the forms of `writers`, and `workbook` where that cannot be; `turn` is
//! what both wait for. `readme`
//! says what a file is, `name` what it is called, and `sent` puts it into an answer; `refused`
//! says why there is none.

mod asked;
pub(crate) mod form;
mod json;
mod list;
mod name;
mod one;
mod readme;
mod refused;
mod row;
mod sent;
mod stream;
mod turn;
mod workbook;
mod writers;

use tower_http::compression::predicate::{DefaultPredicate, NotForContentType, Predicate};

pub(crate) use self::{
    asked::Asked,
    form::{Form, form_of},
    list::{Reader, list},
    name::of_proof,
    one::{forms_of, record},
    readme::question,
    refused::refused,
    turn::Turn,
};

/// Whether compression makes an answer smaller: a workbook is compressed already.
pub(crate) fn is_compressible() -> impl Predicate {
    DefaultPredicate::new().and(NotForContentType::const_new(Form::Xlsx.media_type()))
}
