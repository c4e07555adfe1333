//! The one encoding of an envelope: protobuf with every freedom taken out.

/// The fields of an envelope's message, not yet looked at.
#[derive(Default)]
pub(super) struct Fields<'a> {
    pub(super) version: u32,
    pub(super) operation: i32,
    pub(super) record_id: &'a [u8],
    pub(super) revision: u32,
    pub(super) previous_index: Option<u64>,
    pub(super) kind: u32,
    pub(super) payload_length: u32,
    pub(super) commitment: &'a [u8],
    pub(super) publish_time: u64,
    pub(super) reason: i32,
}

// Wire types of protobuf.
const VARINT: u64 = 0;
const BYTES: u64 = 2;

impl<'a> Fields<'a> {
    /// Reads the one encoding: fields ascending, each at most once, none at its default
    /// (but for `previous_index`, whose 0 is a value), numbers as short as they can be.
    pub(super) fn read(bytes: &'a [u8]) -> Option<Self> {
        let mut reader = Reader(bytes);
        let mut fields = Self::default();
        let mut last = 0;
        while !reader.0.is_empty() {
            let tag = reader.varint()?;
            if tag <= last {
                return None;
            }
            last = tag;
            match (tag >> 3, tag & 7) {
                (3, BYTES) => fields.record_id = reader.bytes()?,
                (8, BYTES) => fields.commitment = reader.bytes()?,
                (5, VARINT) => fields.previous_index = Some(reader.varint()?),
                (field, VARINT) => {
                    let value = reader.varint().filter(|value| *value != 0)?;
                    match field {
                        1 => fields.version = value.try_into().ok()?,
                        2 => fields.operation = value.try_into().ok()?,
                        4 => fields.revision = value.try_into().ok()?,
                        6 => fields.kind = value.try_into().ok()?,
                        7 => fields.payload_length = value.try_into().ok()?,
                        9 => fields.publish_time = value,
                        10 => fields.reason = value.try_into().ok()?,
                        _ => return None,
                    }
                }
                _ => return None,
            }
        }
        Some(fields)
    }
}

struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    /// A varint in as few bytes as it can have.
    fn varint(&mut self) -> Option<u64> {
        let mut value = 0_u64;
        for at in 0..10 {
            let byte = *self.0.get(at)?;
            let bits = u64::from(byte & 0x7f);
            if at == 9 && bits > 1 {
                return None;
            }
            value |= bits << (7 * at);
            if byte & 0x80 == 0 {
                self.0 = &self.0[at + 1..];
                return (byte != 0 || at == 0).then_some(value);
            }
        }
        None
    }

    /// A field of at least one byte.
    fn bytes(&mut self) -> Option<&'a [u8]> {
        let length = usize::try_from(self.varint()?)
            .ok()
            .filter(|length| *length > 0)?;
        let (field, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(field)
    }
}

/// The version that a leaf begins with.
pub(super) fn version(bytes: &[u8]) -> Option<u32> {
    let mut reader = Reader(bytes);
    (reader.varint()? == 1 << 3 | VARINT).then_some(())?;
    reader.varint()?.try_into().ok()
}
