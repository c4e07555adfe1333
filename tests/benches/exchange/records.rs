//! The records that are published.

use bytes::Bytes;
use prost::Message as _;
use wpsx_client::random::Random;
use wpsx_domain::publishing::Draft;
use wpsx_proto::{
    api::record::v1 as record_api,
    envelope::{Operation, Reason},
    origin::RecordId,
};
use wpsx_store::{NewEntry, RecordTarget};
use wpsx_tests::federation::words;

/// Bytes of one payload.
pub(crate) const RECORD: usize = 1_000;
const COUNTRIES: [&str; 8] = ["FRA", "DEU", "KEN", "NAM", "ALB", "SRB", "CHL", "PHL"];

/// A record whose payload has exactly `RECORD` bytes: half words, some of it random.
fn payload(n: usize) -> Bytes {
    let mut record = record_api::Record {
        external_id: format!("bench-{n}"),
        countries: vec![COUNTRIES[n % COUNTRIES.len()].to_owned()],
        ..Default::default()
    };
    let noise = hex::encode(random::<48>());
    record.title.push(record_api::Text {
        language: "en".to_owned(),
        ..Default::default()
    });
    record.body = Some(record_api::record::Body::GoodPractice(Default::default()));
    // Two more bytes for the length of a text this long, and two for its message's.
    let room = RECORD - record.encoded_len() - 4;
    record.title[0].text = format!(
        "{noise} {}",
        words(&record.external_id, room - noise.len() - 1)
    );
    record.encode_to_vec().into()
}

/// Record `n` as a publisher hands it in.
pub(crate) fn draft(n: usize) -> Draft {
    Draft {
        kind: record_api::Kind::GoodPractice as u32,
        payload: payload(n),
        external_id: format!("bench-{n}"),
        ..Draft::default()
    }
}

/// Bytes from the operating system.
fn random<const N: usize>() -> [u8; N] {
    Random::system().bytes()
}

/// The entry that publishes record `n`, under a new id.
pub(crate) fn entry(n: usize) -> NewEntry {
    NewEntry {
        target: RecordTarget::New(RecordId::from_bytes(random())),
        operation: Operation::Publish,
        kind: record_api::Kind::GoodPractice as u32,
        payload: Some(payload(n)),
        reason: Reason::Unspecified,
        salt: random(),
    }
}
