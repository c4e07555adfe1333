//! The forms of files, and what each address has them for.

use wpsx_proto::record::{Kind, schema::kind_use_of};

/// The form of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    Csv,
    Xlsx,
    JsonLines,
    Json,
    /// What changed, newest first.
    Atom,
    /// Events for a calendar.
    Calendar,
    /// What a file holds, in words.
    Readme,
    JsonLd,
    Proof,
    Bibtex,
    Ris,
}

use Form::{Atom, Bibtex, Calendar, Csv, Json, JsonLd, JsonLines, Proof, Readme, Ris, Xlsx};

const ALL: [Form; 11] = [
    Csv, Xlsx, JsonLines, Json, Atom, Calendar, Readme, JsonLd, Proof, Bibtex, Ris,
];
/// The forms of a list, as they are offered. Of several kinds, a table has what all of them
/// have, and so does a workbook.
pub(crate) const OF_LIST: [Form; 6] = [Csv, Xlsx, JsonLines, Json, Atom, Readme];
/// The same for a kind that calendars show.
const OF_EVENTS: [Form; 7] = [Csv, Xlsx, JsonLines, Json, Atom, Calendar, Readme];
/// The forms of one record.
pub(crate) const OF_RECORD: [Form; 8] = [Json, JsonLines, Csv, Xlsx, JsonLd, Bibtex, Ris, Proof];

impl Form {
    /// What stands behind the point.
    pub(crate) fn suffix(self) -> &'static str {
        match self {
            Csv => "csv",
            Xlsx => "xlsx",
            JsonLines => "jsonl",
            Json => "json",
            Atom => "atom",
            Calendar => "ics",
            Readme => "readme.txt",
            JsonLd => "jsonld",
            Proof => "tlog-proof",
            Bibtex => "bib",
            Ris => "ris",
        }
    }

    /// Its type, without how it is written down.
    pub(crate) const fn media_type(self) -> &'static str {
        match self {
            Csv => "text/csv",
            Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            JsonLines => "application/jsonl",
            Json => "application/json",
            Atom => "application/atom+xml",
            Calendar => "text/calendar",
            Readme | Proof => "text/plain",
            JsonLd => "application/ld+json",
            Bibtex => "application/x-bibtex",
            Ris => "application/x-research-info-systems",
        }
    }

    /// Its type as an answer names it.
    pub(crate) fn content_type(self) -> String {
        match self {
            Csv => "text/csv; charset=utf-8; header=present".to_owned(),
            Xlsx | Json | JsonLd => self.media_type().to_owned(),
            form => format!("{}; charset=utf-8", form.media_type()),
        }
    }
}

/// A name without the form behind its first point, and the form.
pub(crate) fn form_of(name: &str) -> (&str, Option<Form>) {
    let named = name.split_once('.').and_then(|(name, suffix)| {
        let form = ALL.into_iter().find(|form| form.suffix() == suffix)?;
        Some((name, form))
    });
    named.map_or((name, None), |(name, form)| (name, Some(form)))
}

/// The forms of a list of records of this kind.
pub(crate) fn of_list(kind: Kind) -> &'static [Form] {
    match is_in_calendars(kind) {
        true => &OF_EVENTS,
        false => &OF_LIST,
    }
}

/// Whether records of the kind are what others call events.
pub(crate) fn is_in_calendars(kind: Kind) -> bool {
    let body = kind.body_field();
    let message = body
        .as_ref()
        .and_then(|body| body.kind().as_message().cloned());
    message.is_some_and(|message| {
        kind_use_of(&message)
            .terms
            .iter()
            .any(|term| term == "schema:Event")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_is_read_off_a_name_and_events_alone_have_a_calendar() {
        for form in ALL {
            assert_eq!(
                form_of(&format!("event.{}", form.suffix())),
                ("event", Some(form))
            );
        }
        assert_eq!(form_of("event"), ("event", None));
        assert_eq!(form_of("event.exe"), ("event.exe", None));
        let with_calendar = Kind::known().filter(|kind| of_list(*kind).contains(&Calendar));
        assert_eq!(
            with_calendar
                .map(|kind| kind.to_string())
                .collect::<Vec<_>>(),
            ["event"]
        );
    }
}
