//! The files of a list: all records that its page would show, on whatever page of it.

use axum::body::Body;
use serde_json::{Map, Value};
use wpsx_domain::{NodeError, Wanted};
use wpsx_listen::Caller;

use super::{
    asked::Asked,
    form::{Form, OF_LIST, of_list},
    name, readme,
    sent::{Sent, sent},
    stream::{Stream, Writer},
    turn::Turn,
    workbook,
    writers::{Csv, Json, JsonLines},
};
use crate::{
    feed,
    observatory::{Answered, Observatory},
    unheld::Unheld,
};

/// Who reads a file, and whose turn that is.
pub(crate) struct Reader {
    pub(crate) caller: Caller,
    pub(crate) turn: Turn,
    /// Of the answer, its headers are wanted alone.
    pub(crate) is_head: bool,
}

/// The answer to a question in a form. Blocks.
pub(crate) fn list(
    site: &Observatory,
    asked: &Asked,
    form: Form,
    reader: Reader,
    wanted: &Wanted,
) -> Result<Answered, NodeError> {
    let missing = || NodeError::not_found("file", form.suffix());
    let offered = asked.address.kind.map_or(&OF_LIST[..], of_list);
    if !offered.contains(&form) {
        return Err(missing());
    }
    let lines = || JsonLines {
        site: site.clone(),
        language: asked.language,
    };
    let unheld = Unheld::of(site, asked.address.kind, wanted)?;
    let body = match form {
        Form::Csv | Form::Parts(_) => {
            let kind = asked.address.kind;
            let csv = Csv::of(form.parts(), kind, site, asked.language).ok_or_else(missing)?;
            stream(site, asked, csv, reader, wanted)?
        }
        Form::JsonLines => stream(site, asked, lines(), reader, wanted)?,
        Form::Json => {
            let about = about(readme::rows(site, asked, form, &unheld, wanted)?);
            stream(site, asked, Json::new(lines(), about), reader, wanted)?
        }
        Form::Xlsx => match workbook::list(site, asked, reader.is_head, &unheld, wanted)? {
            Ok(body) => body,
            Err(why_not) => return Ok(why_not),
        },
        Form::Readme => {
            let rows = readme::rows(site, asked, form, &unheld, wanted)?;
            Body::from(readme::text(&rows, site.voice(asked.language)))
        }
        Form::Atom => Body::from(feed::changes(site, asked, wanted)?),
        Form::Calendar => Body::from(feed::events(site, asked, wanted)?),
        Form::JsonLd | Form::Proof | Form::Bibtex | Form::Ris => return Err(missing()),
    };
    let readme = asked.file(Form::Readme.suffix());
    let name = name::of_list(asked, site.today().as_deref(), form);
    Ok(Answered::File(sent(Sent {
        form,
        name: &name,
        page: &asked.page(),
        readme: Some(&readme),
        not_held: unheld.total(),
        body,
    })))
}

fn stream(
    site: &Observatory,
    asked: &Asked,
    writer: impl Writer,
    reader: Reader,
    wanted: &Wanted,
) -> Result<Body, NodeError> {
    let stream = Stream::begin(site, asked.each().question(), writer, wanted)?;
    Ok(stream.body(reader.turn.memory, reader.caller))
}

/// The readme as an object of JSON.
fn about(rows: Vec<[String; 2]>) -> Value {
    let rows = rows.into_iter().map(|[word, text]| (word, text.into()));
    Value::Object(rows.collect::<Map<_, _>>())
}
