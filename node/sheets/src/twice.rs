//! Values of one record that are about the same: of one period, one sex, one age and so on. One
//! of the two is a slip, or something that tells them apart is not said.

use std::collections::HashMap;

use prost_reflect::{DynamicMessage, FieldDescriptor, Value};
use wpsx_proto::record::{Record, schema::record_message};

use super::{found::Finds, lists, remark::About, shape::Shape, spot::Spot};

/// What a value and the time that it is of are called in parts that have both.
const VALUE: &str = "value";
const PERIOD: &str = "period";
/// What is said of a value, and does not tell which one it is.
const SAID_OF_IT: [&str; 3] = ["flag", "note", "completeness"];

/// Remarks values that say nothing that another one before them does not say too, but the value.
pub(super) fn remark(record: &Record, spot_of: &dyn Fn(&str, &str) -> Spot, finds: &mut Finds) {
    let Some(shape) = Shape::of(record.kind()) else {
        return;
    };
    let measured: Vec<FieldDescriptor> = lists::long(&shape).filter(is_measured).collect();
    if measured.is_empty() {
        return;
    }
    let Ok(message) = DynamicMessage::decode(record_message(), record.payload().clone()) else {
        return;
    };
    let body = message.get_field(shape.body());
    let Some(body) = body.as_message() else {
        return;
    };
    for list in measured {
        let values = body.get_field(&list);
        let parts = values.as_list().unwrap_or_default().iter();
        let mut seen: HashMap<Vec<(u32, String)>, usize> = HashMap::new();
        for (at, part) in parts.filter_map(Value::as_message).enumerate() {
            let tells = about(part);
            if tells.is_empty() || *seen.entry(tells).or_insert(at) == at {
                continue;
            }
            let path = format!("{}.{}[{at}].{PERIOD}", shape.body().name(), list.name());
            let place = spot_of(&path, "").place;
            let sentence = format!(
                "two {} of one record are of the same {PERIOD}, and nothing tells them apart",
                list.name()
            );
            finds.remark(About::Twice, list.name(), sentence, place);
        }
    }
}

fn is_measured(list: &FieldDescriptor) -> bool {
    let part = list.kind();
    part.as_message().is_some_and(|part| {
        [VALUE, PERIOD]
            .iter()
            .all(|name| part.get_field_by_name(name).is_some())
    })
}

/// What a part says of what its value is of.
fn about(part: &DynamicMessage) -> Vec<(u32, String)> {
    let fields = part.fields().filter(|(field, _)| {
        let name = field.name();
        name != VALUE && !SAID_OF_IT.contains(&name)
    });
    fields
        .map(|(field, value)| (field.number(), value.to_string()))
        .collect()
}
