//! What the demo publishes says under which licence.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails by panicking"
)]

use wpsx_domain::{
    Wanted,
    publishing::Batch,
    records::{Part, Question},
};
use wpsx_doors::demo::{
    self,
    data::{self, Network},
};
use wpsx_node::app::ROOT;
use wpsx_proto::{envelope::Envelope, payload::SALT, record as records};

#[tokio::test(flavor = "multi_thread")]
async fn every_record_of_the_demo_names_a_licence() {
    let folder = tempfile::tempdir().unwrap();
    let shares = data::shares().unwrap().into_iter();
    let mut shares = shares.filter(|share| share.network == Network::WesternBalkans);
    let share = shares.next().unwrap();
    let running = demo::open(ROOT, folder.path(), &share).await.unwrap();
    let node = running.node();
    let publishing = node.publishing();
    let count = share.drafts.len();
    publishing
        .publish(Batch::default(), share.drafts)
        .await
        .unwrap();
    let log = node.store().logs().remove(0);
    node.records().index().settled(&log).await.unwrap();
    let (mut seen, mut defaults) = (0, 0);
    let mut part = Part::default();
    loop {
        let (sight, question) = (node.access().public(), Question::default());
        let page = node
            .records()
            .list(&sight, &question, &part, &Wanted::default())
            .unwrap();
        for entry in page.entries {
            let kind = Envelope::parse(&entry.entry).unwrap().kind;
            let read = records::Record::read(kind, &entry.slot.unwrap()[SALT..]);
            let records::Reading::Readable(record) = read else {
                panic!("a record that is not read");
            };
            let message = record.message();
            assert!(!message.licence.is_empty(), "{}", message.external_id);
            seen += 1;
            defaults += usize::from(message.licence == data::LICENCE);
        }
        part.token = page.next_token;
        if part.token.is_empty() {
            break;
        }
    }
    assert_eq!(seen, count);
    assert!(defaults > 0 && defaults < seen, "files' own licences stay");
    running.stop().await.unwrap();
}
