//! What a file is, in words: its source and licence, its date and method, how to cite it,
//! and the question that it answers. Each row is a word and what there is to say of it.

use wpsx_domain::{NodeError, Wanted};

use super::{asked::Asked, form::Form};
use crate::{
    answer, facets,
    observatory::Observatory,
    plain::one_line,
    texts::{self, Voice},
};

/// The rows about a file in this form. Blocks.
pub(crate) fn rows(
    site: &Observatory,
    asked: &Asked,
    form: Form,
    wanted: &Wanted,
) -> Result<Vec<[String; 2]>, NodeError> {
    let voice = site.voice(asked.language);
    let total = answer::tally(site, &asked.address, &[], wanted)?.total;
    let (question, page) = (question(asked, voice), site.address(&asked.page()));
    let title = one_line(&site.settings.title(asked.language).text);
    let cited = [
        Some(title.as_str()),
        Some(&question),
        site.today().as_deref(),
        Some(&page),
    ]
    .into_iter()
    .flatten()
    .collect::<Vec<_>>()
    .join(". ");
    let mut rows = vec![
        (&texts::FILE_SOURCE, title.clone()),
        (&texts::FILE_ADDRESS, page),
        (&texts::FILE_QUESTION, question),
        (&texts::FILE_RECORDS, total.to_string()),
    ];
    rows.extend(site.today().map(|today| (&texts::FILE_DATE, today)));
    let said = |text| voice.say(text).to_owned();
    let columns = match form {
        Form::Xlsx => &texts::BOOK_COLUMNS_SAYS,
        _ => &texts::FILE_COLUMNS_SAYS,
    };
    rows.extend([
        (&texts::FILE_LICENCE, said(&texts::FILE_LICENCE_SAYS)),
        (&texts::FILE_METHOD, said(&texts::FILE_METHOD_SAYS)),
        (
            &texts::FILE_CITE,
            format!("{cited}. {}", voice.say(&texts::FILE_CITE_SAYS)),
        ),
        (&texts::FILE_COLUMNS, said(columns)),
    ]);
    Ok(rows
        .into_iter()
        .map(|(word, text)| [said(word), text])
        .collect())
}

/// The rows as a text.
pub(crate) fn text(rows: &[[String; 2]]) -> String {
    let rows = rows.iter().map(|[word, text]| format!("{word}: {text}\n"));
    rows.collect::<Vec<_>>().join("\n")
}

/// What was asked, in the reader's words.
pub(crate) fn question(asked: &Asked, voice: Voice<'_>) -> String {
    let address = &asked.address;
    let mut parts = vec![match address.kind {
        Some(kind) => voice.kind(kind, true).text.to_string(),
        None => voice.say(&texts::EVERYTHING).to_owned(),
    }];
    let countries = address.countries.iter().map(|code| ("country", code));
    let facets = address
        .facets
        .iter()
        .map(|(name, value)| (name.as_str(), value));
    for (name, value) in countries.chain(facets) {
        let called = voice
            .words
            .facet_name(name, voice.language)
            .text
            .to_string();
        let fields = facets::fields(address.kind, name);
        parts.push(format!(
            "{called}: {}",
            facets::name(&fields, value, voice).text
        ));
    }
    let regions = address.regions.iter();
    parts.extend(regions.map(|code| voice.region(code).text.into_owned()));
    if let Some((from, to)) = address.years {
        parts.push(format!("{from}–{to}"));
    }
    if !address.words.is_empty() {
        parts.push(format!("“{}”", address.words));
    }
    if let Some(record) = address.refers_to.as_ref().and_then(|target| target.record) {
        let record = hex::encode(record.as_bytes());
        parts.push(format!("{}: {record}", voice.say(&texts::REFERS_ONLY)));
    }
    one_line(&parts.join(" · "))
}
