//! Shows every revision of one record, and what changed from each to the next.
//!
//! `cargo run -p wpsx-client --example history -- node.card 00112233445566778899aabbccddeeff`

use std::{env, error::Error, fs};

use wpsx_client::Client;
use wpsx_proto::{
    card::NodeCard,
    origin::RecordId,
    record::{Reading, Record},
};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = env::args().skip(1);
    let card = arguments.next().ok_or("the node's card is missing")?;
    let id: RecordId = arguments
        .next()
        .ok_or("the record's id is missing")?
        .parse()?;
    let card = NodeCard::verify(&fs::read(card)?)?;
    let client = Client::connect(&card).await?;

    let mut before: Option<Box<Record>> = None;
    for entry in client.history(&id, None).await?.iter().rev() {
        let revision = entry.envelope().map_or(0, |envelope| envelope.revision);
        println!("revision {revision}");
        let Some(Reading::Readable(record)) = entry.record() else {
            continue;
        };
        let changes = match &before {
            Some(before) => before.changes_to(&record),
            None => record.all_added(),
        };
        for change in changes {
            println!(
                "  {}: {:?} -> {:?}",
                change.path, change.before, change.after
            );
        }
        before = Some(record);
    }
    Ok(())
}
