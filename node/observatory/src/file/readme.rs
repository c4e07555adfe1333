//! What a file is, in words: its source and licence, its date and method, how to cite it,
//! and the question that it answers. Each row is a word and what there is to say of it.

use wpsx_domain::{NodeError, Wanted};
use wpsx_words::Language;

use super::{
    asked::Asked,
    form::{self, Form},
};
use crate::{
    answer,
    cite::{self, Citation},
    coded::Titles,
    item::Item,
    observatory::Observatory,
    plain::one_line,
    texts::{self, Said, Voice},
    time,
    unheld::Unheld,
};

/// The rows about a file in this form, beside which that much is not held. Blocks.
pub(crate) fn rows(
    site: &Observatory,
    asked: &Asked,
    form: Form,
    unheld: &Unheld,
    wanted: &Wanted,
) -> Result<Vec<[String; 2]>, NodeError> {
    let voice = site.voice(asked.language);
    let total = answer::tally(site, &asked.each(), &[], wanted)?.total;
    let (question, page) = (
        question(site, asked, voice, wanted)?,
        site.address(&asked.page()),
    );
    let title = one_line(&site.settings.title(asked.language).text);
    let cited: Vec<String> = [
        Some(title.as_str()),
        Some(&question),
        site.today().as_deref(),
        Some(&page),
    ]
    .into_iter()
    .flatten()
    .map(|part| voice.ended(part))
    .collect();
    let cited = voice.sentences(&cited);
    // Nothing of what is held: there may be some in what is not.
    let counted = match unheld.said(voice).filter(|_| total == 0) {
        Some(_) => format!(
            "{total}{}{}{}",
            voice.stop(),
            voice.gap(),
            voice.say(&texts::NOTHING_HELD)
        ),
        None => total.to_string(),
    };
    let mut rows = notice(site, asked.language);
    rows.extend([
        (&texts::FILE_SOURCE, title.clone()),
        (
            &texts::PUBLISHERS,
            voice.say(&texts::FILE_PUBLISHERS_SAYS).to_owned(),
        ),
        (&texts::FILE_ADDRESS, page),
        (&texts::FILE_QUESTION, question),
        (&texts::FILE_RECORDS, counted),
    ]);
    rows.extend(
        unheld
            .said(voice)
            .map(|said| (&texts::method::NOT_HELD, said)),
    );
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
            voice.sentences(&[cited, said(&texts::FILE_CITE_SAYS)]),
        ),
        (&texts::FILE_COLUMNS, said(columns)),
    ]);
    rows.extend(parts(site, asked, voice));
    Ok(worded(rows, voice))
}

/// Where the lists are that have a table of their own.
fn parts(
    site: &Observatory,
    asked: &Asked,
    voice: Voice<'_>,
) -> impl Iterator<Item = (&'static Said, String)> {
    let forms = asked.address.kind.map_or(&form::OF_LIST[..], form::of_list);
    let has_years = asked.address.years.is_some();
    let of_list = move |form: &Form| {
        let Form::Parts(parts) = form else {
            return None;
        };
        let name = one_line(&voice.field(&parts.field).text);
        let there = site.address(&asked.file(form.suffix()));
        let says = voice.fill(&texts::FILE_PARTS_SAYS, &[&name, &there]);
        let years = has_years.then(|| voice.say(&texts::FILE_YEARS_SAYS).to_owned());
        Some([Some(says), years])
    };
    let says = forms.iter().filter_map(of_list).flatten().flatten();
    says.map(|says| (&texts::FILE_PARTS, says))
}

/// The rows about a file of one revision of a record.
pub(crate) fn of_one(site: &Observatory, language: Language, item: &Item) -> Vec<[String; 2]> {
    let voice = site.voice(language);
    let cited = Citation::of(site, item, voice);
    let record = item.record().map(|record| record.message());
    let licence = record.map(|record| one_line(&record.licence));
    let licence = licence.filter(|licence| !licence.is_empty());
    let mut rows = notice(site, language);
    rows.extend([
        (
            &texts::FILE_SOURCE,
            one_line(&site.settings.title(language).text),
        ),
        (&texts::SIGNED_BY, one_line(&cite::publisher(site, item))),
        (&texts::FILE_LOG, item.origin.to_string()),
        (
            &texts::PUBLISHED,
            time::moment(item.envelope.publish_time).unwrap_or_default(),
        ),
        (&texts::REVISION, item.envelope.revision.to_string()),
        (&texts::FILE_ADDRESS, cited.address.clone()),
        (
            &texts::FILE_LICENCE,
            licence.unwrap_or_else(|| voice.say(&texts::FILE_LICENCE_SAYS).to_owned()),
        ),
        (
            &texts::FILE_METHOD,
            voice.say(&texts::FILE_METHOD_SAYS).to_owned(),
        ),
        (&texts::FILE_CITE, cited.line(voice)),
        (
            &texts::FILE_COLUMNS,
            voice.say(&texts::BOOK_COLUMNS_SAYS).to_owned(),
        ),
    ]);
    worded(rows, voice)
}

/// What every reader of the site has to know, where there is anything.
fn notice(site: &Observatory, language: Language) -> Vec<(&'static Said, String)> {
    let notice = site.settings.notice(language);
    let row = notice.map(|notice| (&texts::frame::NOTICE, one_line(&notice.text)));
    row.into_iter().collect()
}

fn worded(rows: Vec<(&'static Said, String)>, voice: Voice<'_>) -> Vec<[String; 2]> {
    let rows = rows.into_iter();
    rows.map(|(word, text)| [voice.say(word).to_owned(), text])
        .collect()
}

/// The rows as a text.
pub(crate) fn text(rows: &[[String; 2]], voice: Voice<'_>) -> String {
    let colon = voice.colon();
    let rows = rows
        .iter()
        .map(|[word, text]| format!("{word}{colon}{text}\n"));
    rows.collect::<Vec<_>>().join("\n")
}

/// What was asked, in the reader's words. Blocks.
pub(crate) fn question(
    site: &Observatory,
    asked: &Asked,
    voice: Voice<'_>,
    wanted: &Wanted,
) -> Result<String, NodeError> {
    let address = &asked.address;
    let facets = address.facets.iter().map(|(name, _)| name.as_str());
    let titles = Titles::of(site, address, facets, voice, wanted)?;
    let mut parts = vec![match address.kind {
        Some(kind) => voice.kind(kind, true).text.to_string(),
        None => voice.say(&texts::EVERYTHING).to_owned(),
    }];
    parts.extend(address.choices().iter().map(|choice| {
        let name = titles.of_choice(choice, address, voice);
        match choice.side(voice) {
            Some(side) => format!("{side}{}{name}", voice.colon()),
            None => name,
        }
    }));
    Ok(one_line(&parts.join(" · ")))
}
