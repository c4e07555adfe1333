//! The files of one record, now or in one revision.

use axum::body::Body;
use wpsx_domain::{NodeError, records::Proven};
use wpsx_proto::{checkpoint::VerifiedCheckpoint, tlog_proof::TlogProof};
use wpsx_words::Language;

use super::{
    form::{Form, OF_ERASED, of_record},
    json, name, refused,
    sent::{Sent, sent},
    stream::Writer as _,
    workbook,
    writers::Csv,
};
use crate::{
    cite::Citation,
    linked,
    observatory::{Answered, Observatory},
    revision::{self, Found},
};

/// The forms of a record that are there: of one that was erased, the entry that says so and its
/// proof; of one that cannot be read here, those that hold it as it is.
pub(crate) fn forms_of(found: &Found) -> Vec<Form> {
    if found.is_erased() {
        return OF_ERASED.to_vec();
    }
    let item = &found.item;
    let is_linked = item.record().is_some();
    let mut forms = of_record(item.kind());
    forms.retain(|form| match form {
        Form::JsonLd => is_linked,
        Form::Csv => item.kind().is_known(),
        _ => true,
    });
    forms
}

/// One record as it was published, what proves it, or how to cite it. Blocks.
pub(crate) fn record(
    site: &Observatory,
    language: Language,
    id: &str,
    revision: Option<u32>,
    form: Form,
    is_head: bool,
) -> Result<Answered, NodeError> {
    let found = revision::find(site, id, revision)?;
    let (item, proven) = (&found.item, &found.proven);
    let missing = || NodeError::not_found("file", form.suffix());
    let voice = site.voice(language);
    let is_gone = found.is_erased() && !OF_ERASED.contains(&form);
    if is_gone && of_record(item.kind()).contains(&form) {
        return Ok(refused::erased(site, language, item));
    }
    let cited = || Citation::of(site, item, voice);
    let shown = || json::shown(site, language, item, proven, found.newest());
    let body = match form {
        Form::Proof => Body::from(proof(proven, &found.head)?),
        Form::Json => Body::from(format!("{:#}\n", shown())),
        Form::JsonLines => Body::from(format!("{}\n", shown())),
        Form::JsonLd => Body::from(format!(
            "{:#}\n",
            linked::data(site, language, item).ok_or_else(missing)?
        )),
        Form::Bibtex => Body::from(cited().bibtex(voice)),
        Form::Ris => Body::from(cited().ris(voice)),
        Form::Csv | Form::Parts(_) => {
            let kind = Some(item.kind());
            let csv = Csv::of(form.parts(), kind, site, language).ok_or_else(missing)?;
            written(csv.of_record(found.newest()), proven)?
        }
        Form::Xlsx if is_head => workbook::unmade(),
        Form::Xlsx => workbook::one(site, language, item, proven, found.newest())?,
        Form::Atom | Form::Calendar | Form::Readme => return Err(missing()),
    };
    let path = match found.today {
        Some(_) => item.permanent_path(),
        None => item.path(),
    };
    let kept = item.permanent_path();
    let name = match form {
        Form::Proof => name::of_proof(&kept),
        form => name::of_record(&kept, site.today().as_deref(), form),
    };
    Ok(Answered::File(sent(Sent {
        form,
        name: &name,
        page: &format!("/{language}/{path}"),
        readme: None,
        not_held: 0,
        body,
    })))
}

/// A table of this record alone.
fn written(mut csv: Csv, proven: &Proven) -> Result<Body, NodeError> {
    let mut text = Vec::new();
    let written = csv
        .begin(&mut text)
        .and_then(|()| csv.record(proven, &mut text));
    written.map_err(|error| NodeError::Internal(error.to_string()))?;
    Ok(Body::from(text))
}

fn proof(proven: &Proven, head: &VerifiedCheckpoint) -> Result<String, NodeError> {
    let slot = proven.slot.as_deref().unwrap_or_default();
    let path = proven.inclusion.clone();
    TlogProof::of_entry(&proven.entry, slot, proven.index, path, head)
        .map(|proof| proof.to_string())
        .map_err(|error| NodeError::Internal(error.to_string()))
}
