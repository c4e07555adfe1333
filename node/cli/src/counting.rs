//! `wpsx count`: how many records there are, in all and by the values of facets.

use serde_json::{Map, Value, json};
use wpsx_words::{Language, Words};

use super::{
    args::CountArgs, asking::asked, failure::Failure, output::Output, records::Records, words::many,
};

/// `wpsx count`
pub(super) async fn count(
    args: &CountArgs,
    records: &mut impl Records,
    out: &mut Output,
) -> Result<(), Failure> {
    let ask = asked(&args.ask, None, records).await?;
    let counts = records.count(&ask, &args.by).await?;
    if out.is_json() {
        let facets = counts.facets.iter().map(|facet| {
            let values = facet.values.iter();
            let values = values.map(|v| json!({ "value": v.value, "records": v.records }));
            (facet.facet.clone(), values.collect::<Vec<Value>>().into())
        });
        let facets: Map<String, Value> = facets.collect();
        return Ok(out.document(&json!({ "records": counts.records, "facets": facets }))?);
    }
    let rows = counts.facets.iter().flat_map(|facet| {
        facet.values.iter().map(|value| {
            let mut row = vec![value.value.clone(), out.count(value.records)];
            if counts.facets.len() > 1 || !out.is_terminal() {
                row.insert(0, facet.facet.clone());
            }
            row
        })
    });
    let rows: Vec<Vec<String>> = rows.collect();
    match counts.facets.as_slice() {
        [] if !out.is_terminal() => out.say(counts.records.to_string())?,
        [] => {}
        [one] if out.is_terminal() => {
            let name = match one.facet.as_str() {
                "kind" => "kind".to_owned(),
                facet => Words::shipped()
                    .facet_name(facet, Language::English)
                    .to_string(),
            };
            out.table(&[&name, "records"], &rows)?;
        }
        _ => out.table(&["facet", "value", "records"], &rows)?,
    }
    if out.is_terminal() {
        out.say(format!(
            "{}\nNext: wpsx list with the same options shows them; --by FACET counts values.",
            many(counts.records, "record")
        ))?;
    }
    Ok(())
}
