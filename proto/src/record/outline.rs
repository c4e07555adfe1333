//! What a list shows of a record: all but the lists of parts that stand in no column and in no
//! title and that extend no period, such as the observations of a series. They are passed over as
//! they lie, so that a page with fifty long records costs little more than one with fifty short
//! ones.

use std::{
    collections::{HashMap, HashSet},
    sync::LazyLock,
};

use prost::encoding::{self, DecodeContext, WireType};
use prost_reflect::FieldDescriptor;

use super::{Kind, Reading, Record, schema::use_of};

/// For the body of each kind, by the number of its field in the record: the fields of it that
/// no list shows.
static LEFT_OUT: LazyLock<HashMap<u32, HashSet<u32>>> = LazyLock::new(|| {
    let bodies = Kind::known().filter_map(Kind::body_field);
    bodies
        .map(|body| (body.number(), left_out(&body)))
        .collect()
});

fn left_out(body: &FieldDescriptor) -> HashSet<u32> {
    let body = body.kind();
    let fields = body.as_message().map(|message| message.fields());
    let no_list_shows = |field: &FieldDescriptor| {
        let (said, part) = (use_of(field), field.kind());
        let mut parts = part.as_message().into_iter().flat_map(|part| part.fields());
        // When it ends is told beside the period that it extends.
        let extends = said.extends_time || parts.any(|part| use_of(&part).extends_time);
        let is_shown = said.column || said.in_title || extends;
        field.is_list() && part.as_message().is_some() && !is_shown
    };
    let fields = fields.into_iter().flatten().filter(no_list_shows);
    fields.map(|field| field.number()).collect()
}

impl Record {
    /// Reads what a list shows of a payload whose envelope says `kind`: the record without
    /// the lists of parts that are no column and of which no title is made. What is wrong within
    /// those is not seen.
    #[must_use]
    pub fn outline(kind: u32, payload: &[u8]) -> Reading {
        match without(payload, |number| LEFT_OUT.get(&number)) {
            Some(short) => Self::read(kind, &short),
            None => Self::read(kind, payload),
        }
    }
}

/// The payload without what its body leaves out; none where it is no message.
fn without(
    payload: &[u8],
    left_out: impl Fn(u32) -> Option<&'static HashSet<u32>>,
) -> Option<Vec<u8>> {
    let mut short = Vec::new();
    let mut rest = payload;
    while !rest.is_empty() {
        let (number, wire_type, field) = next(&mut rest)?;
        match left_out(number).filter(|_| wire_type == WireType::LengthDelimited) {
            Some(fields) if !fields.is_empty() => {
                let body = inner(field)?;
                let mut kept = Vec::new();
                let mut parts = body;
                while !parts.is_empty() {
                    let (number, _, part) = next(&mut parts)?;
                    if !fields.contains(&number) {
                        kept.extend_from_slice(part);
                    }
                }
                encoding::encode_key(number, wire_type, &mut short);
                encoding::encode_varint(kept.len() as u64, &mut short);
                short.extend_from_slice(&kept);
            }
            _ => short.extend_from_slice(field),
        }
    }
    Some(short)
}

/// The next field as it lies, with its number and type.
fn next<'a>(rest: &mut &'a [u8]) -> Option<(u32, WireType, &'a [u8])> {
    let all = *rest;
    let (number, wire_type) = encoding::decode_key(rest).ok()?;
    encoding::skip_field(wire_type, number, rest, DecodeContext::default()).ok()?;
    let field = all.get(..all.len() - rest.len())?;
    Some((number, wire_type, field))
}

/// What a field of bytes holds.
fn inner(mut field: &[u8]) -> Option<&[u8]> {
    encoding::decode_key(&mut field).ok()?;
    encoding::decode_varint(&mut field).ok()?;
    Some(field)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SERIES: &str = r#"{"external_id": "s", "title": [{"language": "en", "text": "T"}],
        "countries": ["KEN"],
        "series": {"indicator": {"external_id": "i"}, "unit": "percent",
            "area_name": [{"language": "en", "text": "Low income"}],
            "observations": [{"period": "2019", "value": "1"}, {"period": "2020", "value": "2"}],
            "period": {"start": {"value": "2019"}}}}"#;

    #[test]
    fn a_list_reads_of_a_series_all_but_its_observations() {
        let record = Record::from_json(SERIES).unwrap();
        let Reading::Readable(outline) = Record::outline(14, record.payload()) else {
            panic!("it can be read");
        };
        assert!(outline.payload().len() < record.payload().len());
        let (mut said, shown) = (record.to_json(), outline.to_json());
        said["series"]
            .as_object_mut()
            .unwrap()
            .remove("observations");
        assert_eq!(said, shown);
    }

    #[test]
    fn what_is_no_record_is_told_as_what_it_is() {
        for payload in [&[0xff][..], &[0xf2, 0x06, 0x05, 1], &[0x0a, 0x7f]] {
            assert!(!Record::outline(14, payload).is_readable(), "{payload:?}");
        }
        let plan = Record::from_json(r#"{"title": [{"language": "en", "text": "T"}], "law": {}}"#);
        let payload = plan.unwrap().payload().clone();
        let Reading::Malformed(_) = Record::outline(14, &payload) else {
            panic!("another kind was announced");
        };
    }
}
