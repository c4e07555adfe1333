//! `wpsx count`: how many records there are, in all and by the values of facets.
//!
//! A state that was computed is never counted as if somebody had stated it: where a facet has
//! such values, how many of each were computed stands beside how many there are.

use std::collections::HashMap;

use serde_json::{Map, Value, json};
use wpsx_proto::api::exchange::v1::{FacetCounts, FacetFilter, ValueCount};
use wpsx_words::{
    Language, Vocabularies, Words,
    facets::{coded, computed_by},
    fold,
};

use super::{
    args::CountArgs,
    asking::asked,
    failure::Failure,
    output::Output,
    records::{Ask, Records},
    words::many,
};

/// How many records of each value of a facet nobody stated it of; none of a facet whose values
/// are stated alone.
type Computed = Option<HashMap<String, u64>>;

/// `wpsx count`
pub(super) async fn count(
    args: &CountArgs,
    records: &mut impl Records,
    out: &mut Output,
) -> Result<(), Failure> {
    let ask = asked(&args.ask, None, records, out).await?;
    let counts = records.count(&ask, &args.by).await?;
    let mut facets = Vec::new();
    for facet in counts.facets {
        let computed = computed(&ask, &facet.facet, records).await?;
        facets.push((facet, computed));
    }
    if out.is_json() {
        let facets = facets
            .iter()
            .map(|(facet, computed)| (facet.facet.clone(), json_of(facet, computed)));
        let facets: Map<String, Value> = facets.collect();
        return Ok(out.document(&json!({ "records": counts.records, "facets": facets }))?);
    }
    match facets.as_slice() {
        [] if !out.is_terminal() => out.say(counts.records.to_string())?,
        [] => {}
        facets => table(facets, &*records.vocabularies()?, out)?,
    }
    if out.is_terminal() {
        out.say(format!(
            "{}\nNext: wpsx list with the same options shows them; --by FACET counts values.",
            many(counts.records, "record")
        ))?;
    }
    Ok(())
}

/// Of the records that are asked for, those whose value of the facet was computed.
async fn computed(ask: &Ask, facet: &str, records: &mut impl Records) -> Result<Computed, Failure> {
    let Some((basis, computed)) = computed_by(facet) else {
        return Ok(None);
    };
    let mut ask = ask.clone();
    let wanted = &mut ask.filter.facets;
    match wanted.iter_mut().find(|wanted| wanted.facet == basis) {
        Some(wanted) if !wanted.values.contains(&computed) => return Ok(Some(HashMap::new())),
        Some(wanted) => wanted.values = vec![computed],
        None => wanted.push(FacetFilter {
            facet: basis,
            values: vec![computed],
        }),
    }
    let counts = records.count(&ask, &[facet.to_owned()]).await?;
    let values = counts.facets.into_iter().flat_map(|facet| facet.values);
    let values = values.map(|counted| (counted.value, counted.records));
    Ok(Some(values.collect()))
}

fn of_value(computed: &Computed, counted: &ValueCount) -> Option<u64> {
    let computed = computed.as_ref()?;
    Some(computed.get(&counted.value).copied().unwrap_or(0))
}

fn json_of(facet: &FacetCounts, computed: &Computed) -> Value {
    let values = facet.values.iter().map(|counted| {
        let mut value = json!({ "value": counted.value, "records": counted.records });
        if let Some(computed) = of_value(computed, counted) {
            value["computed"] = computed.into();
        }
        value
    });
    values.collect::<Vec<Value>>().into()
}

/// Values by what they are counted under; a person sees what codes are called.
fn table(
    facets: &[(FacetCounts, Computed)],
    vocabularies: &Vocabularies,
    out: &mut Output,
) -> Result<(), Failure> {
    let mut header = vec!["facet", "value", "records"];
    let name;
    if let ([(one, _)], true) = (facets, out.is_terminal()) {
        name = match one.facet.as_str() {
            "kind" => "kind".to_owned(),
            facet => Words::shipped()
                .facet_name(facet, Language::English)
                .to_string(),
        };
        header = vec![&name, "records"];
    }
    let is_of_one = header.len() == 2;
    let may_be_computed = facets.iter().any(|(_, computed)| computed.is_some());
    if may_be_computed {
        header.push("of these computed");
    }
    let rows = facets.iter().flat_map(|(facet, computed)| {
        facet.values.iter().map(|counted| {
            let value = match out.is_terminal() {
                true => called(&facet.facet, &counted.value, vocabularies),
                false => counted.value.clone(),
            };
            let mut row = vec![value, out.count(counted.records)];
            if !is_of_one {
                row.insert(0, facet.facet.clone());
            }
            if may_be_computed {
                let computed = of_value(computed, counted);
                row.push(computed.map_or_else(String::new, |computed| out.count(computed)));
            }
            row
        })
    });
    let rows: Vec<Vec<String>> = rows.collect();
    Ok(out.table(&header, &rows)?)
}

/// A value as it is asked for, with its name where that says more.
fn called(facet: &str, value: &str, vocabularies: &Vocabularies) -> String {
    match coded(facet, value, Language::English, vocabularies) {
        Some(name) if fold(&name.text) != fold(value) => format!("{value} [{name}]"),
        _ => value.to_owned(),
    }
}
