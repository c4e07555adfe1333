//! Instead of a file whose question nobody can answer, of one of a record that was erased, or of
//! a workbook that would be too long: why, and what can be asked instead, in the file's own form
//! where that is JSON and else as plain text. Whoever reads it with a program sees by the status
//! that it is no file.

use axum::response::{IntoResponse as _, Response};
use http::{StatusCode, header};
use serde_json::{Value, json};
use wpsx_domain::{NodeError, Wanted};
use wpsx_words::Language;

use super::{asked::Asked, form::Form, readme};
use crate::{
    address::Address,
    answering::SHORT,
    instead::Unknown,
    item::Item,
    observatory::{Answered, Observatory},
    texts::{self, Said, Voice, misread as says},
    trouble::Explained,
    unclear,
};

/// Reasons that are told.
const MOST: usize = 20;

/// Why there is no file, with the addresses of those that may have been meant, or that there are.
struct Reason {
    why: String,
    says: &'static Said,
    instead: Vec<String>,
}

/// Why no file is made; none where one can be. Blocks.
pub(crate) fn refused(
    site: &Observatory,
    asked: &Asked,
    form: Form,
    wanted: &Wanted,
) -> Result<Option<Answered>, NodeError> {
    let address = asked.address.clone().settled(site.vocabularies());
    let unknown = unclear::unknown(site, &address, wanted)?;
    let status = unclear::status(&address, &unknown);
    if status.is_success() {
        return Ok(None);
    }
    let voice = site.voice(asked.language);
    let reasons = reasons(site, &address, &unknown, form, voice);
    let page = site.address(&address.as_asked(asked.language));
    let possible = unclear::possible(&address, voice);
    let told = match form {
        Form::Json | Form::JsonLines => {
            let told = as_json(&reasons, possible, &page, voice);
            told_as(Form::Json, status, format!("{told}\n"))
        }
        _ => told_as(
            Form::Readme,
            status,
            as_text(&reasons, possible, &page, voice),
        ),
    };
    Ok(Some(told))
}

/// Instead of a workbook of more records than one takes: how many those are, and the table that
/// takes all. Blocks.
pub(super) fn too_long(
    site: &Observatory,
    asked: &Asked,
    wanted: &Wanted,
) -> Result<Answered, NodeError> {
    let voice = site.voice(asked.language);
    let most = site.workbook.rows.saturating_sub(1);
    let [most, megabytes] = [most, site.workbook.bytes >> 20].map(|number| voice.number(number));
    let lines = [
        voice.say(&texts::BOOK_TOO_LONG).to_owned(),
        voice.fill(&texts::BOOK_TOO_LONG_SAYS, &[&most, &megabytes]),
        format!(
            "{}{}",
            voice.say(&texts::downloads::CSV),
            voice.colon().trim_end()
        ),
        site.address(&asked.file(Form::Csv.suffix())),
        format!(
            "{}{}",
            readme::question(site, asked, voice, wanted)?,
            voice.colon().trim_end()
        ),
        site.address(&asked.page()),
    ];
    let told = lines.join("\n") + "\n";
    Ok(told_as(Form::Readme, StatusCode::NOT_ACCEPTABLE, told))
}

/// Instead of a file of a record that was erased: that it was, and the page that says when.
pub(super) fn erased(site: &Observatory, language: Language, item: &Item) -> Answered {
    let voice = site.voice(language);
    let page = site.address(&format!("/{language}/{}", item.path()));
    let [title, says] = [&texts::ERASED_TITLE, &texts::ERASED].map(|it| voice.say(it));
    told_as(
        Form::Readme,
        StatusCode::GONE,
        format!("{title}\n{says}\n{page}\n"),
    )
}

/// A text that says itself why it is no file.
fn told_as(form: Form, status: StatusCode, text: String) -> Answered {
    let media_type = form.content_type();
    let headers = [
        (header::CONTENT_TYPE, media_type.as_str()),
        (header::CACHE_CONTROL, SHORT),
    ];
    let mut response: Response = (status, headers, text).into_response();
    response.extensions_mut().insert(Explained);
    Answered::File(response)
}

fn reasons(
    site: &Observatory,
    address: &Address,
    unknown: &[Unknown],
    form: Form,
    voice: Voice<'_>,
) -> Vec<Reason> {
    let file = |other: &Address| {
        let (place, suffix) = (other.place(), form.suffix());
        let language = voice.language;
        site.address(&format!("/{language}/{place}.{suffix}{}", other.query()))
    };
    let misread = address.misread.iter().map(|part| {
        let near = unclear::near(address, part, voice.vocabularies).into_iter();
        let near = near.map(|(name, other)| other.as_ref().map_or(name, file));
        Reason {
            why: unclear::why(part, voice),
            says: &texts::MEANT,
            instead: near.collect(),
        }
    });
    let understood = address.understood();
    let unknown = unknown.iter().map(|unknown| {
        let choice = &unknown.choice;
        let instead = unknown.instead.iter();
        let instead = instead.map(|other| file(&understood.instead(choice, other.clone())));
        Reason {
            why: voice.fill(&texts::UNKNOWN_CHOICE, &[&choice.name(address, voice)]),
            says: unknown.says(),
            instead: instead.collect(),
        }
    });
    misread.chain(unknown).take(MOST).collect()
}

fn as_text(reasons: &[Reason], possible: Option<String>, page: &str, voice: Voice<'_>) -> String {
    let mut lines = vec![voice.say(&says::MISREAD_FILE).to_owned()];
    for reason in reasons {
        lines.push(format!("- {}", reason.why));
        if !reason.instead.is_empty() {
            lines.push(format!(
                "  {}{}",
                voice.say(reason.says),
                voice.colon().trim_end()
            ));
            lines.extend(reason.instead.iter().map(|it| format!("  {it}")));
        }
    }
    lines.extend(possible);
    lines.extend([voice.say(&says::PAGE_EXPLAINS).to_owned(), page.to_owned()]);
    lines.join("\n") + "\n"
}

fn as_json(reasons: &[Reason], possible: Option<String>, page: &str, voice: Voice<'_>) -> Value {
    let reasons = reasons.iter();
    let reasons = reasons.map(|it| json!({"why": it.why, "instead": it.instead}));
    json!({
        "error": voice.say(&says::MISREAD_FILE),
        "reasons": reasons.collect::<Vec<_>>(),
        "possible": possible,
        "page": page,
    })
}
