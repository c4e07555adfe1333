//! Codes with their names, in the order of the names.

use crate::texts::Voice;

/// Every organisation of States and every region, by name. Countries that M49 numbers too
/// are none of them.
pub(super) fn regions(voice: Voice<'_>) -> Vec<(String, String)> {
    let groups = voice.vocabularies.get_or_empty("groups").terms().iter();
    let areas = voice.vocabularies.get_or_empty("m49").terms().iter();
    let areas = areas.filter(|area| area.attribute("level") != "country_or_area");
    let mut named: Vec<(String, String)> = groups
        .chain(areas)
        .filter(|term| term.is_offered())
        .map(|term| {
            (
                term.code.clone(),
                voice.region(&term.code).text.into_owned(),
            )
        })
        .collect();
    voice.sort_by_name(&mut named, |(_, name)| name);
    named
}

/// Every country and area, by name.
pub(super) fn countries(voice: Voice<'_>) -> Vec<(String, String)> {
    let all = voice.vocabularies.get_or_empty("countries").offered();
    let named = all.map(|term| {
        (
            term.code.clone(),
            voice.country(&term.code).text.into_owned(),
        )
    });
    let mut named: Vec<_> = named.collect();
    voice.sort_by_name(&mut named, |(_, name)| name);
    named
}

/// Countries that are counted, by name.
pub(super) fn counted<'a>(
    counts: impl Iterator<Item = (&'a String, &'a u64)>,
    voice: Voice<'_>,
) -> Vec<(&'a str, String, u64)> {
    let named = counts.map(|(code, count)| {
        let name = voice.country(code).text.into_owned();
        (code.as_str(), name, *count)
    });
    let mut named: Vec<_> = named.collect();
    voice.sort_by_name(&mut named, |(_, name, _)| name);
    named
}

/// Every theme, by name.
pub(super) fn themes(voice: Voice<'_>) -> Vec<(String, String)> {
    let all = voice.vocabularies.get_or_empty("themes").offered();
    let named = all.map(|term| {
        let name = voice.code("themes", &term.code).text.into_owned();
        (term.code.clone(), name)
    });
    let mut named: Vec<_> = named.collect();
    voice.sort_by_name(&mut named, |(_, name)| name);
    named
}
