//! What records say.

use bytes::Buf as _;
use wpsx_proto::record::{Header, Kind, Reading, Record};

/// The kind that the envelope says, then the payload. Reading one never fails, and a
/// record that keeps the publisher's rules is the same after JSON.
pub fn record(mut bytes: &[u8]) -> bool {
    let Ok(kind) = bytes.try_get_u8() else {
        return false;
    };
    let reading = Record::read(kind.into(), bytes);
    let (json, lines) = (reading.to_json(), reading.to_lines());
    assert!(json.is_object() && lines.iter().all(|(name, _)| !name.is_empty()));
    if let Ok(header) = Header::read(bytes)
        && reading.is_readable()
    {
        assert_eq!(reading.header(), header);
    }
    let Reading::Readable(record) = reading else {
        return false;
    };
    assert_eq!(record.payload(), bytes);
    assert_eq!(record.kind(), Kind::new(kind.into()));
    let keeps_the_rules = record.check().is_ok();
    if keeps_the_rules && record.unread_fields().is_empty() {
        let again = Record::from_json(&json.to_string()).expect("a record's own JSON");
        assert_eq!(again.message(), record.message());
    }
    keeps_the_rules
}

/// A record from JSON is the same after its bytes.
pub fn record_json(bytes: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return false;
    };
    let Ok(record) = Record::from_json(text) else {
        return false;
    };
    let again = Record::read(record.kind().number(), record.payload());
    let Reading::Readable(again) = again else {
        // Only what is longer than a payload may be is not read.
        assert!(record.check().is_err());
        return true;
    };
    assert_eq!(again.message(), record.message());
    assert_eq!(again.to_json(), record.to_json());
    assert_eq!(again.check(), record.check());
    true
}
