//! The observatory: every public record on a page that a person wants to read.
//!
//! Pages are rendered on the server and need no script. They see records through
//! `wpsx-domain`, within what everybody may read, and never a log or the store.
//!
//! Read in this order:
//!
//! - [`Observatory`] is what the pages stand on, [`Settings`] what a site says of itself, [`Network`]
//!   what a node tells of its logs, and [`router`] where the pages are.
//! - `address` turns an address into a question and back: the same address always means
//!   the same question. What it does not understand is `misread`; `unclear` decides for pages
//!   and files alike what then is answered. `at` is where a page is asked
//!   for, as it was typed.
//! - `answer` answers it, once for the page and for every file of the same address; `listing`
//!   adds what to ask next: what each of its `choices` would leave.
//! - `item` is one record as pages have it and `called` what it is called, `revision` finds the one that an address names;
//!   `body` writes it down by its schema, so that a new kind needs no code here. A `pen` does
//!   the writing: it follows references (`links`), keeps foreign text in its place (`foreign`)
//!   and the page within bounds (`room`); `fields` and `path` read and name what is written,
//!   `referring` counts what names a record, `series` says what one of values is called and
//!   `coded` what a code of an indicator is, `term` tells how the time of a plan stands, `passed` says so where its
//!   state says otherwise, and of an event that its day is over, `due` of what is to be done by a day that it has passed, `editions` which plan came when.
//! - `page` has the pages, `file` the downloads, `texts` the words around them, and `saying`
//!   how numbers, dates, plurals and lists are said.
//! - `unheld` is what a site knows to be there without holding it.
//! - `names` says what nodes are called, `publishers` what publishers are, `cite` how a record is
//!   cited.
//! - `trail` is the way back from a page, `near` what was meant by a word that nobody knows,
//!   `spelled` where a language in another spelling leads, `entrance` where an address without
//!   one does. `weighed` reads what a reader would
//!   rather have.
//! - `style.css` is how all of it looks; `colours` measures what can be read in it, and
//!   `page/styleguide` shows it. `tests/pages` looks at the pages in a browser.

mod address;
mod alternates;
mod answer;
mod answering;
mod at;
mod body;
mod called;
mod choices;
mod cite;
mod coded;
mod colours;
mod due;
mod editions;
mod entrance;
mod facets;
mod feed;
mod fields;
mod file;
mod foreign;
mod instead;
mod item;
mod linked;
mod links;
mod listing;
mod meant;
mod misread;
mod names;
mod near;
mod negotiated;
mod network;
mod observatory;
mod page;
mod passed;
mod path;
mod pen;
mod plain;
mod publishers;
mod reading;
mod referring;
mod revision;
mod room;
mod saying;
mod scope;
mod series;
mod serving;
mod settings;
mod site;
mod sitemap;
mod spelled;
mod starting;
mod style;
mod term;
mod texts;
mod time;
mod told;
mod trail;
mod trouble;
mod unclear;
mod unheld;
mod weighed;

pub use self::{
    names::Hosted,
    network::{Attestation, Holes, Network, NetworkLog, NetworkState, Refused, Stopped},
    observatory::Observatory,
    serving::refusing,
    settings::{Accent, AccentError, Logo, LogoError, Scope, Settings, Spoken},
    site::router,
    starting::starting,
};
