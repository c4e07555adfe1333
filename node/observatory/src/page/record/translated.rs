//! The title in the reader's language as somebody else translated it, where the record has none
//! of its own: with how it was translated, and the record of the translation.

use maud::{Markup, html};
use wpsx_domain::{NodeError, Wanted};
use wpsx_proto::{
    api::record::v1::{Kind as KindNumber, TextKind},
    record::Kind,
};

use crate::{
    called::how,
    fields::{body_of, parts, stated, string},
    foreign,
    item::Item,
    observatory::Observatory,
    pen::Pen,
    referring::Referring,
    texts,
};

const TRANSLATION: Kind = Kind::new(KindNumber::Translation as u32);
/// Translations that are looked through.
const MOST: u32 = 20;
/// Bytes of a title.
const LONGEST: usize = 1_500;

/// The line below the heading.
pub(super) fn title(
    site: &Observatory,
    called: &Item,
    referring: &Referring,
    pen: Pen<'_>,
    wanted: &Wanted,
) -> Result<Markup, NodeError> {
    let voice = pen.voice;
    let is_readers = |language: &str| language.split('-').next() == Some(voice.language.tag());
    let own = called.title(voice);
    if own.is_some_and(|(language, _)| is_readers(&language)) {
        return Ok(html! {});
    }
    let translations = referring.of_kind(site, TRANSLATION, MOST, wanted)?;
    let found = translations.iter().find_map(|translation| {
        let fields = parts(&body_of(translation.record()?)?, "fields");
        let title = fields
            .iter()
            .find(|field| string(field, "field") == "title")?;
        let text = parts(title, "text").into_iter();
        let text = text
            .into_iter()
            .find(|text| is_readers(&string(text, "language")))?;
        Some((translation, text))
    });
    Ok(html! {
        @if let Some((translation, text)) = found {
            @let kind = stated(&text, "kind").and_then(|(_, kind)| TextKind::try_from(kind).ok());
            p.original {
                (voice.say(&texts::TRANSLATED_TITLE)) (voice.colon())
                a href=(format!("/{}/{}", voice.language, translation.path())) {
                    (foreign::inline(&string(&text, "language"), &pen.room.take_some(&string(&text, "text"), LONGEST)))
                }
                @if let Some(how) = kind.and_then(|kind| how(kind, voice)) { " " span.mark { "(" (how) ")" } }
            }
        }
    })
}
