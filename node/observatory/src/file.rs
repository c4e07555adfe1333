//! The same answers as files: every list and every record at the address of its page, with
//! the form's name behind it.

use std::{
    fs::File,
    io::{BufWriter, Seek as _},
};

use axum::{
    body::Body,
    response::{IntoResponse, Response},
};
use http::{HeaderValue, header};
use tokio_util::io::ReaderStream;
use wpsx_domain::{
    NodeError, Wanted,
    records::{Part, Proven},
};
use wpsx_proto::{
    checkpoint::VerifiedCheckpoint,
    payload::SALT,
    record::{Kind, Record},
    tlog_proof::TlogProof,
};
use wpsx_sheets::{Export, ExportError, Row, Written};

use crate::{
    item::Item,
    observatory::{Answered, Observatory},
    revision,
};

/// Records that are read in one go.
const AT_ONCE: u32 = 1_000;

/// The form of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    Csv,
    Xlsx,
    JsonLines,
    Json,
    Proof,
}

/// The forms of a list.
pub(crate) const FORMS: [Form; 3] = [Form::Csv, Form::Xlsx, Form::JsonLines];

impl Form {
    /// What stands behind the point.
    pub(crate) fn suffix(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Xlsx => "xlsx",
            Self::JsonLines => "jsonl",
            Self::Json => "json",
            Self::Proof => "tlog-proof",
        }
    }

    fn media_type(self) -> &'static str {
        match self {
            Self::Csv => "text/csv; charset=utf-8; header=present",
            Self::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            Self::JsonLines => "application/jsonl; charset=utf-8",
            Self::Json => "application/json",
            Self::Proof => "text/plain; charset=utf-8",
        }
    }
}

/// A name without the form behind its point, and the form.
pub(crate) fn form_of(name: &str) -> (&str, Option<Form>) {
    let forms = [
        Form::Csv,
        Form::Xlsx,
        Form::JsonLines,
        Form::Json,
        Form::Proof,
    ];
    let named = name.split_once('.').and_then(|(name, suffix)| {
        let form = forms.into_iter().find(|form| form.suffix() == suffix)?;
        Some((name, form))
    });
    named.map_or((name, None), |(name, form)| (name, Some(form)))
}

/// All records that an address asks for, whatever page of it. Blocks.
pub(crate) fn list(
    site: &Observatory,
    kind: Kind,
    query: &str,
    form: Form,
    wanted: &Wanted,
) -> Result<Answered, NodeError> {
    let written = match form {
        Form::Csv => Written::Csv,
        Form::Xlsx => Written::Xlsx,
        Form::JsonLines => Written::JsonLines,
        Form::Json | Form::Proof => return Err(NodeError::not_found("file", form.suffix())),
    };
    let address = site.asked(Some(kind), query);
    let (sight, question) = (site.sight(), address.question());
    let mut export = Export::new(written).map_err(failed)?;
    let mut part = Part {
        size: AT_ONCE,
        token: String::new(),
    };
    loop {
        let page = site.records.list(&sight, &question, &part, wanted)?;
        for proven in &page.entries {
            if let Some(row) = row(proven) {
                export.add(&row).map_err(failed)?;
            }
        }
        part.token = page.next_token;
        if part.token.is_empty() {
            break;
        }
    }
    // It is gone from its folder when this returns, and from the disk when it was sent.
    let io = |error: std::io::Error| NodeError::Internal(error.to_string());
    let file = if written == Written::Xlsx {
        let folder = tempfile::tempdir().map_err(io)?;
        let path = folder.path().join("list.xlsx");
        export.write_to(&path).map_err(failed)?;
        File::open(&path).map_err(io)?
    } else {
        let mut file = tempfile::tempfile().map_err(io)?;
        export
            .write_into(&mut BufWriter::new(&mut file))
            .map_err(failed)?;
        file.rewind().map_err(io)?;
        file
    };
    let body = Body::from_stream(ReaderStream::new(tokio::fs::File::from_std(file)));
    let name = format!("attachment; filename=\"{kind}.{}\"", form.suffix());
    Ok(Answered::File(sent(
        form,
        body,
        HeaderValue::from_str(&name).ok(),
    )))
}

fn row(proven: &Proven) -> Option<Row> {
    let item = Item::of(proven)?;
    let payload = proven.slot.as_ref()?.slice(SALT..);
    Some(Row {
        kind: item.envelope.kind,
        record_id: item.id(),
        revision: item.envelope.revision,
        publisher: item
            .origin
            .publisher()
            .map(|name| name.to_string())
            .unwrap_or_default(),
        payload,
    })
}

/// One record as it was published, now or in one revision, or its proof. Blocks.
pub(crate) fn record(
    site: &Observatory,
    id: &str,
    revision: Option<u32>,
    form: Form,
) -> Result<Answered, NodeError> {
    let found = revision::find(site, id, revision)?;
    let text = match form {
        Form::Proof => proof(&found.proven, &found.head)?,
        Form::Json => {
            let item = &found.item;
            let slot = found.proven.slot.as_ref();
            let payload = slot.and_then(|slot| slot.get(SALT..));
            let said = payload.map(|payload| Record::read(item.envelope.kind, payload).to_json());
            let shown = serde_json::json!({
                "id": item.id(),
                "kind": item.kind().to_string(),
                "origin": item.origin.to_string(),
                "index": item.index,
                "revision": item.envelope.revision,
                "publish_time_ms": item.envelope.publish_time,
                "record": said,
            });
            format!("{shown:#}\n")
        }
        _ => return Err(NodeError::not_found("file", form.suffix())),
    };
    Ok(Answered::File(sent(form, Body::from(text), None)))
}

fn proof(proven: &Proven, head: &VerifiedCheckpoint) -> Result<String, NodeError> {
    let slot = proven.slot.as_deref().unwrap_or_default();
    let path = proven.inclusion.clone();
    TlogProof::of_entry(&proven.entry, slot, proven.index, path, head)
        .map(|proof| proof.to_string())
        .map_err(|error| NodeError::Internal(error.to_string()))
}

fn failed(error: ExportError) -> NodeError {
    NodeError::Internal(error.to_string())
}

fn sent(form: Form, body: Body, disposition: Option<HeaderValue>) -> Response {
    let mut response = body.into_response();
    let headers = response.headers_mut();
    for (name, value) in [
        (header::CONTENT_TYPE, form.media_type()),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"),
        (header::CACHE_CONTROL, "public, max-age=30"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    if let Some(disposition) = disposition {
        headers.insert(header::CONTENT_DISPOSITION, disposition);
    }
    response
}
