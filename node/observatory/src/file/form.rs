//! The forms of files, and what each address has them for.

use std::{collections::HashMap, sync::LazyLock};

use prost_reflect::FieldDescriptor;
use wpsx_proto::record::{Kind, schema::kind_use_of};
use wpsx_sheets::long_lists;

/// The form of a file.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Form {
    Csv,
    /// Of a list that records of a kind have, each part in a row of its own.
    Parts(&'static Parts),
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

/// A list of parts that has a table of its own: `series.observations.csv`.
#[derive(Debug, PartialEq)]
pub(crate) struct Parts {
    kind: Kind,
    /// Its path: `observations`.
    pub(crate) list: String,
    pub(crate) field: FieldDescriptor,
    suffix: String,
}

static PARTS: LazyLock<Vec<Parts>> = LazyLock::new(|| {
    let of_kind = |kind| {
        let lists = long_lists(kind).into_iter();
        lists.map(move |(list, field)| Parts {
            kind,
            suffix: format!("{list}.{}", Csv.suffix()),
            list,
            field,
        })
    };
    Kind::known().flat_map(of_kind).collect()
});

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

/// The forms of one that was erased: the entry that says so, and its proof.
pub(crate) const OF_ERASED: [Form; 3] = [Json, JsonLines, Proof];

impl Form {
    /// The list whose parts have a row each; none where the records have.
    pub(crate) const fn parts(self) -> Option<&'static Parts> {
        match self {
            Form::Parts(parts) => Some(parts),
            _ => None,
        }
    }

    /// What stands behind the point.
    pub(crate) fn suffix(self) -> &'static str {
        match self {
            Csv => "csv",
            Form::Parts(parts) => &parts.suffix,
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
            Csv | Form::Parts(_) => "text/csv",
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
            Csv | Form::Parts(_) => "text/csv; charset=utf-8; header=present".to_owned(),
            Xlsx | Json | JsonLd => self.media_type().to_owned(),
            form => format!("{}; charset=utf-8", form.media_type()),
        }
    }
}

/// A name without the form behind its first point, and the form.
pub(crate) fn form_of(name: &str) -> (&str, Option<Form>) {
    let named = name.split_once('.').and_then(|(name, suffix)| {
        let parts = PARTS.iter().map(Form::Parts);
        let form = ALL
            .into_iter()
            .chain(parts)
            .find(|form| form.suffix() == suffix)?;
        Some((name, form))
    });
    named.map_or((name, None), |(name, form)| (name, Some(form)))
}

/// The forms of a list of records of this kind.
pub(crate) fn of_list(kind: Kind) -> &'static [Form] {
    static ALL: LazyLock<HashMap<Kind, Vec<Form>>> = LazyLock::new(|| {
        let of = |kind| {
            let forms: &[Form] = match is_in_calendars(kind) {
                true => &OF_EVENTS,
                false => &OF_LIST,
            };
            (kind, with_parts(forms, kind))
        };
        Kind::known().map(of).collect()
    });
    ALL.get(&kind).map_or(&OF_LIST, Vec::as_slice)
}

/// The forms of a record of this kind.
pub(crate) fn of_record(kind: Kind) -> Vec<Form> {
    with_parts(&OF_RECORD, kind)
}

/// These forms, with the tables of parts that the kind has behind that of the records.
fn with_parts(forms: &[Form], kind: Kind) -> Vec<Form> {
    let parts = || PARTS.iter().filter(|parts| parts.kind == kind);
    let each = forms.iter().flat_map(|form| {
        let further = parts().filter(|_| *form == Csv).map(Form::Parts);
        [*form].into_iter().chain(further)
    });
    each.collect()
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
        let series: Kind = "series".parse().unwrap();
        let (name, form) = form_of("series.observations.csv");
        assert!(matches!(form, Some(Form::Parts(parts)) if parts.list == "observations"));
        assert_eq!((name, of_list(series)[1]), ("series", form.unwrap()));
        assert_eq!(form_of("series.sources.csv").1, None);
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
