//! A kind of record as its descriptors say it: nothing here is written down for any one kind.

use prost_reflect::{DynamicMessage, FieldDescriptor, MessageDescriptor, Value};
use wpsx_proto::record::{Kind, schema::record_message};

use super::marks::SPECIAL;

/// The message around every record, and the field of it that holds the kind's own part.
#[derive(Clone, Debug)]
pub struct Shape {
    name: String,
    record: MessageDescriptor,
    body: FieldDescriptor,
}

impl Shape {
    /// The shape of a kind that this software knows.
    #[must_use]
    pub fn of(kind: Kind) -> Option<Self> {
        Some(Self {
            name: kind.to_string(),
            record: record_message(),
            body: kind.body_field()?,
        })
    }

    /// The shape of a kind in schemas that were read at run time: the field of the record
    /// message that holds it. None where that field holds no message.
    #[must_use]
    pub fn of_field(name: &str, body: &FieldDescriptor) -> Option<Self> {
        message_of(body)?;
        Some(Self {
            name: name.to_owned(),
            record: body.parent_message().clone(),
            body: body.clone(),
        })
    }

    /// The kind's name: `national-action-plan`.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The message around records of all kinds.
    #[must_use]
    pub fn record(&self) -> &MessageDescriptor {
        &self.record
    }

    /// The field of it that holds the kind's own part.
    #[must_use]
    pub fn body(&self) -> &FieldDescriptor {
        &self.body
    }

    /// The fields that columns may name: those of all records, then the kind's own.
    pub fn fields(&self) -> impl Iterator<Item = FieldDescriptor> {
        let shared = self
            .record
            .fields()
            .filter(|field| field.containing_oneof().is_none())
            .collect::<Vec<_>>();
        let own = message_of(&self.body)
            .map(|body| body.fields().collect::<Vec<_>>())
            .unwrap_or_default();
        shared.into_iter().chain(own)
    }

    /// The field of that name, and whether it is the kind's own. What holds another kind is
    /// none of its fields, though one of its own may have the same name.
    pub(super) fn field(&self, name: &str) -> Option<(FieldDescriptor, bool)> {
        let of_record = self.record.get_field_by_name(name);
        let shared = of_record
            .clone()
            .filter(|field| field.containing_oneof().is_none());
        if let Some(shared) = shared {
            return Some((shared, false));
        }
        let own = message_of(&self.body).and_then(|body| body.get_field_by_name(name));
        match own {
            Some(own) => Some((own, true)),
            None => of_record
                .filter(|field| *field == self.body)
                .map(|body| (body, false)),
        }
    }

    /// The path that leads to one of its fields: the field's name, or where all records have
    /// a field, or all tables a column, of that name, the way through the kind's own part.
    pub(super) fn path_of(&self, field: &FieldDescriptor) -> String {
        match self.field(field.name()) {
            Some((found, false)) if found == *field => field.name().to_owned(),
            Some((found, true)) if found == *field && !SPECIAL.contains(&field.name()) => {
                field.name().to_owned()
            }
            _ => format!("{}.{}", self.body.name(), field.name()),
        }
    }

    /// The field that such a path leads to.
    pub(super) fn field_at(&self, path: &str) -> Option<FieldDescriptor> {
        self.fields().find(|field| self.path_of(field) == path)
    }

    /// A record of the kind that says nothing else.
    pub(super) fn empty(&self) -> DynamicMessage {
        let mut message = DynamicMessage::new(self.record.clone());
        message.set_field(&self.body, Value::default_value_for_field(&self.body));
        message
    }
}

/// The message that a field holds.
pub(super) fn message_of(field: &FieldDescriptor) -> Option<MessageDescriptor> {
    field.kind().as_message().cloned()
}

/// A field of texts: one for each language.
pub(super) fn is_text(field: &FieldDescriptor) -> bool {
    field.is_list() && message_of(field).is_some_and(|message| message.name() == "Text")
}
