//! Where references lead: the record that one names, if it is here, by its id or by its
//! source's id and the log that it stands in.

use std::{
    cell::{Cell, RefCell},
    collections::BTreeMap,
    rc::Rc,
};

use maud::Markup;
use prost_reflect::DynamicMessage;
use wpsx_domain::{
    Wanted,
    records::{BodyNamed, Part, Question, record_id},
};
use wpsx_proto::origin::Origin;

use crate::{
    fields::{filled, string},
    item::Item,
    names::{self, called},
    observatory::Observatory,
    texts::Voice,
};

/// References of one page that are looked up; the others are told as they are worded.
const MOST: usize = 200;
/// Bodies that are looked for by their names.
const MOST_BODIES: usize = 30;

/// A reference as a record has it.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Reference {
    pub(crate) origin: String,
    pub(crate) record_id: Vec<u8>,
    pub(crate) external_id: String,
    pub(crate) citation: String,
}

impl Reference {
    pub(crate) fn of(message: &DynamicMessage) -> Self {
        let id = filled(message, "record_id");
        let id = id.and_then(|(_, id)| id.as_bytes().map(|bytes| bytes.to_vec()));
        Self {
            origin: string(message, "origin"),
            record_id: id.unwrap_or_default(),
            external_id: string(message, "external_id"),
            citation: string(message, "citation"),
        }
    }

    /// The same from a record: what names no log is looked for in the record's own.
    pub(crate) fn within(mut self, item: &Item) -> Self {
        if self.origin.is_empty() {
            self.origin = item.origin.to_string();
        }
        self
    }

    /// How it is worded, for who does not find the record.
    pub(crate) fn words(&self) -> String {
        let said = [&self.citation, &self.external_id];
        let said = said.into_iter().find(|text| !text.is_empty());
        said.cloned()
            .unwrap_or_else(|| hex::encode(&self.record_id))
    }
}

/// Finds what the references of one page name.
pub(crate) struct Links<'a> {
    site: &'a Observatory,
    /// The log in which a source's id is looked for where a reference names none.
    home: String,
    wanted: &'a Wanted,
    left: Cell<usize>,
    bodies_left: Cell<usize>,
    /// The country that the page is about, where that is one alone.
    about: String,
    bodies: RefCell<BTreeMap<BodyNamed, Option<Rc<Item>>>>,
    known: RefCell<BTreeMap<Reference, Option<Rc<Item>>>>,
}

impl<'a> Links<'a> {
    /// Of a page about a record of the log `home`.
    pub(crate) fn from(site: &'a Observatory, home: &Origin, wanted: &'a Wanted) -> Self {
        Self::of(site, home.to_string(), wanted)
    }

    /// Of a page about records of several logs, where each reference names one.
    pub(crate) fn among(site: &'a Observatory, wanted: &'a Wanted) -> Self {
        Self::of(site, String::new(), wanted)
    }

    fn of(site: &'a Observatory, home: String, wanted: &'a Wanted) -> Self {
        Self {
            site,
            home,
            wanted,
            left: Cell::new(MOST),
            bodies_left: Cell::new(MOST_BODIES),
            about: String::new(),
            bodies: RefCell::default(),
            known: RefCell::default(),
        }
    }

    /// Of a page about what these countries are said of: a body whose country is not stated may
    /// be of the one that it is.
    pub(crate) fn about(self, countries: &[String]) -> Self {
        let about = match countries {
            [only] => only.clone(),
            _ => String::new(),
        };
        Self { about, ..self }
    }

    /// The record of the organisation that alone is called as a body is. Blocks.
    pub(crate) fn organisation(&self, names: Vec<String>, country: String) -> Option<Rc<Item>> {
        let body = BodyNamed {
            names,
            country,
            about: self.about.clone(),
        };
        if let Some(known) = self.bodies.borrow().get(&body) {
            return known.clone();
        }
        self.bodies_left.set(self.bodies_left.get().checked_sub(1)?);
        let found = self.site.records.organisation(&self.site.sight(), &body);
        let found = found.ok().flatten().as_ref().and_then(Item::outline);
        let found = found.map(Rc::new);
        self.bodies.borrow_mut().insert(body, found.clone());
        found
    }

    /// The newest entry of the record that a reference names, if it is here. Blocks.
    pub(crate) fn find(&self, reference: &Reference) -> Option<Rc<Item>> {
        if let Some(known) = self.known.borrow().get(reference) {
            return known.clone();
        }
        self.left.set(self.left.get().checked_sub(1)?);
        let found = self.look_up(reference).map(Rc::new);
        self.known
            .borrow_mut()
            .insert(reference.clone(), found.clone());
        found
    }

    /// What a publisher is called.
    pub(crate) fn publisher(&self, origin: &Origin, voice: Voice<'_>) -> Option<String> {
        let log = self.site.sight().log(origin)?;
        Some(called(log.identity().title(), voice))
    }

    /// The day on which the page is made.
    pub(crate) fn today(&self) -> Option<String> {
        self.site.today()
    }

    /// The same on a page, with its language.
    pub(crate) fn publisher_shown(&self, origin: &Origin, voice: Voice<'_>) -> Option<Markup> {
        let log = self.site.sight().log(origin)?;
        Some(names::shown(log.identity().title(), voice))
    }

    fn look_up(&self, reference: &Reference) -> Option<Item> {
        let (sight, records) = (self.site.sight(), &self.site.records);
        if let Ok(id) = record_id(&reference.record_id) {
            let found = records.get(&sight, &id, &reference.origin);
            return Item::of(&found.ok()?.0);
        }
        if reference.external_id.is_empty() {
            return None;
        }
        let origin = match reference.origin.as_str() {
            "" => self.home.clone(),
            origin => origin.to_owned(),
        };
        let question = Question {
            origins: vec![origin],
            source_ids: vec![reference.external_id.clone()],
            include_withdrawn: true,
            ..Question::default()
        };
        let one = Part::shown(1);
        let found = records.list(&sight, &question, &one, self.wanted).ok()?;
        Item::of(found.entries.first()?)
    }
}
