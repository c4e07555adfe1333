//! Parts that people write in a line: dates, periods, sources, bodies, places, amounts,
//! documents, references. Any other part is its fields with what they are called.

use maud::{Markup, html};
use prost_reflect::{DynamicMessage, FieldDescriptor, ReflectMessage as _, Value};
use wpsx_proto::record::Date;

use super::writes::Writes as _;
use crate::{
    fields::{filled, is_true, names_in, part, parts, stated, string},
    links::Reference,
    names::{behind, known},
    pen::Pen,
    texts::{
        self,
        dated::{OPENED, wording},
    },
};

impl Pen<'_> {
    /// One part, as people write it.
    pub(super) fn part(self, message: &DynamicMessage) -> Markup {
        match message.descriptor().name() {
            "Date" => self.date(message),
            "Period" => self.period(message),
            "Text" => self.one_text(message),
            "Source" => self.source(message),
            "Body" => self.body(message),
            "Place" => self.place(message),
            "Pillar" => self.pillar(message),
            "Document" => self.document(message),
            "RecordReference" => self.reference(&Reference::of(message)),
            "Amount" => self.amount(message),
            "Edition" => self.edition(message),
            "Fact" => self.in_line(message, &["name", "values"]),
            _ => self.described(message),
        }
    }

    /// The fields of a part, each with what it is called.
    fn described(self, message: &DynamicMessage) -> Markup {
        html! {
            @for (field, value) in message.fields() {
                @if !self.room.is_full() {
                    div.part {
                        span.mark { (self.voice.shown(&self.voice.field(&field))) (self.voice.colon()) }
                        (self.small(&field, value))
                    }
                }
            }
        }
    }

    /// The named fields of a part in one line.
    pub(super) fn in_line(self, message: &DynamicMessage, names: &[&str]) -> Markup {
        let filled: Vec<(FieldDescriptor, Value)> = names
            .iter()
            .filter_map(|name| filled(message, name))
            .collect();
        html! {
            @for (at, (field, value)) in filled.iter().enumerate() {
                @if at > 0 { (self.voice.colon()) }
                @match value.as_list() {
                    Some(values) => {
                        @for (at, value) in values.iter().take(20).enumerate() {
                            @if at > 0 { (self.voice.comma()) }
                            (self.plain(field, value))
                        }
                    }
                    None => (self.value(field, value)),
                }
            }
        }
    }

    pub(crate) fn date(self, message: &DynamicMessage) -> Markup {
        let (value, note) = (string(message, "value"), string(message, "note"));
        let sense = stated(message, "sense");
        html! {
            @match value.parse::<Date>() {
                Ok(date) => (self.voice.date(date)),
                Err(_) => (self.text(&value)),
            }
            @if let Some((field, number)) = &sense {
                @let meant = self.voice.value(field, *number);
                // Where there is no date, this stands in its place.
                @if value.is_empty() { span.mark { (self.voice.shown(&meant)) } }
                @else { " " span.mark { "(" (self.voice.shown(&meant)) ")" } }
            }
            @if !note.is_empty() { " (" (self.unsaid(&note)) ")" }
        }
    }

    fn period(self, message: &DynamicMessage) -> Markup {
        let end = |name| {
            let date = part(message, name).filter(|date| date.fields().next().is_some())?;
            Some(self.date(&date))
        };
        let open = is_true(message, "open_ended");
        let note = parts(message, "note");
        let unknown = || html! { span.mark { (self.voice.say(&texts::END_UNKNOWN)) } };
        html! {
            bdi dir=[self.voice.span()] {
                @match (end("start"), end("end")) {
                    (Some(start), Some(end)) if start.0 == end.0 => (start),
                    (None, None) if open => (self.voice.say(&texts::NO_END)),
                    (start, end) => {
                        (start.unwrap_or_else(unknown)) " – "
                        @if open { (self.voice.say(&texts::NO_END)) }
                        @else { (end.unwrap_or_else(unknown)) }
                    }
                }
            }
            (self.best_text(&note))
        }
    }

    /// Where something can be looked up.
    pub(crate) fn source(self, message: &DynamicMessage) -> Markup {
        let [citation, symbol, url, locator] =
            ["citation", "symbol", "url", "locator"].map(|name| string(message, name));
        let words = match (citation.is_empty(), symbol.is_empty()) {
            (false, _) => Some(self.unsaid(&citation)),
            (_, false) => Some(self.text(&symbol)),
            _ => None,
        };
        let opened = part(message, "opened").filter(|date| date.fields().next().is_some());
        html! {
            // One run, whose direction is that of its first words.
            bdi {
                (self.web(&url, words))
                @if !citation.is_empty() && !symbol.is_empty() { (self.voice.comma()) (self.text(&symbol)) }
                @if !locator.is_empty() { (self.voice.comma()) (self.text(&locator)) }
            }
            @if let Some(date) = &opened {
                " " span.mark { "(" (self.voice.fill_in(wording(&OPENED, &string(date, "value")), &self.date(date))) ")" }
            }
        }
    }

    /// A body's name: in the reader's language, as the vocabularies have it where its record
    /// does not, else as it stands.
    fn name_of_body(self, texts: &[DynamicMessage]) -> Option<Markup> {
        let language = self.voice.language.tag();
        let of = |tag: &str| texts.iter().find(|text| string(text, "language") == tag);
        let stated = of("en").filter(|_| of(language).is_none());
        let stated = stated.map(|text| string(text, "text"));
        let known = stated.and_then(|text| known(&text, self.voice));
        match known {
            Some(known) => Some(html! { bdi { (self.voice.shown(&known)) } }),
            None => self.begun(texts),
        }
    }

    fn body(self, message: &DynamicMessage) -> Markup {
        let names = parts(message, "name");
        let (acronym, country) = (string(message, "acronym"), string(message, "country"));
        let name = match names.is_empty() {
            true => {
                behind(&acronym, self.voice).map(|name| html! { bdi { (self.voice.shown(&name)) } })
            }
            false => self.name_of_body(&names),
        };
        let role = self.name(&parts(message, "role"));
        let record = part(message, "record");
        let item = record.and_then(|record| self.links.find(&Reference::of(&record)));
        let called = names_in(message);
        let by_name = match item.is_none() && !called.is_empty() {
            true => self.links.organisation(called, country.clone()),
            false => None,
        };
        let item = item.or(by_name.clone());
        let words = html! {
            @match &name {
                Some(name) => (name),
                None => (self.unsaid(&acronym)),
            }
        };
        html! {
            // A name and its short form are one run.
            bdi {
                @match &item {
                    Some(item) => { a href=(format!("/{}/{}", self.voice.language, item.path())) { (words) } }
                    None => (words),
                }
                @if name.is_some() && !acronym.is_empty() { " (" (self.text(&acronym)) ")" }
            }
            // Nobody said that it is this one.
            @if by_name.is_some() { " " span.mark { "(" (self.voice.say(&texts::BY_NAME)) ")" } }
            @if !country.is_empty() {
                @if name.is_some() || !acronym.is_empty() { (self.voice.comma()) }
                (self.voice.coded("countries", &country))
            }
            @if let Some(role) = &role { (self.voice.colon()) (role) }
        }
    }

    fn place(self, message: &DynamicMessage) -> Markup {
        let name = self.name(&parts(message, "name"));
        let country = string(message, "country");
        html! {
            @if let Some(name) = &name { (name) }
            @if name.is_some() && !country.is_empty() { (self.voice.comma()) }
            @if !country.is_empty() { (self.voice.coded("countries", &country)) }
        }
    }

    /// A pillar by the plan's own name of it, with the core one that it counts under.
    fn pillar(self, message: &DynamicMessage) -> Markup {
        let name = self.name(&parts(message, "name"));
        let code = string(message, "code");
        let core = stated(message, "core");
        let core = core.map(|(field, number)| self.voice.shown(&self.voice.value(&field, number)));
        let own = name.or_else(|| (!code.is_empty()).then(|| self.voice.coded("pillars", &code)));
        html! {
            @match (own, core) {
                (Some(own), Some(core)) => { (own) " (" (core) ")" }
                (own, core) => (own.or(core).unwrap_or_default()),
            }
        }
    }

    /// The number of an edition, with what its author calls it.
    fn edition(self, message: &DynamicMessage) -> Markup {
        let label = self.name(&parts(message, "label"));
        let order = filled(message, "order");
        html! {
            @if let Some((field, order)) = &order { (self.plain(field, order)) }
            @if order.is_some() && label.is_some() { " · " }
            @if let Some(label) = &label { (label) }
        }
    }

    fn amount(self, message: &DynamicMessage) -> Markup {
        let year = string(message, "year");
        let about = is_true(message, "approximate");
        let covers = self.name(&parts(message, "covers"));
        html! {
            @if about { (self.voice.say(&texts::ABOUT_SO_MUCH)) " " }
            (self.voice.amount(&self.room.take(&string(message, "value")), &self.room.take(&string(message, "currency"))))
            @if !year.is_empty() { " (" (self.text(&year)) ")" }
            @if let Some(covers) = &covers { (self.voice.colon()) (covers) }
        }
    }

    /// A full text: what it is called, its language, how it came to be in it, its form.
    fn document(self, message: &DynamicMessage) -> Markup {
        let (url, language) = (string(message, "url"), string(message, "language"));
        let title = self.name(&parts(message, "title"));
        let kind = stated(message, "kind");
        let media = string(message, "media_type");
        html! {
            (self.web(&url, title))
            " " span.mark {
                "(" (self.voice.coded("languages", &language))
                @if let Some((field, number)) = &kind { (self.voice.comma()) (self.voice.shown(&self.voice.value(field, *number))) }
                @if !media.is_empty() { (self.voice.comma()) (self.text(&media)) }
                ")"
            }
        }
    }
}
