//! Counts the current records of every log that a node holds, by kind and country.
//! Each log is mirrored into a folder first, so nothing is missing from the counts.
//!
//! `cargo run -p wpsx-client --example counts -- folder node.card publisher.card ...`

use std::{collections::BTreeMap, env, error::Error, fs, path::Path};

use wpsx_client::Client;
use wpsx_proto::card::NodeCard;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = env::args().skip(1);
    let folder = arguments.next().ok_or("the folder is missing")?;
    let cards = arguments
        .map(|path| Ok(NodeCard::verify(&fs::read(path)?)?))
        .collect::<Result<Vec<_>, Box<dyn Error>>>()?;
    let node = cards.first().ok_or("the node's card is missing")?;

    let mut client = Client::connect(node).await?;
    for card in &cards {
        client = client.trusting(card)?;
    }
    let mut counts = BTreeMap::<(u32, String), u64>::new();
    for log in client.logs().await? {
        if log.head.is_none() {
            eprintln!("{} is left out: its card was not given", log.origin);
            continue;
        }
        let place = Path::new(&folder).join(log.origin.hash_hex());
        let mut mirror = client.mirror(&log.origin, place).await?;
        mirror.update().await?;
        for record in mirror.log().records() {
            let record = record?;
            let kind = record.envelope().map_or(0, |envelope| envelope.kind);
            for country in record
                .record()
                .iter()
                .flat_map(|r| r.header().countries().to_vec())
            {
                *counts.entry((kind, country)).or_default() += 1;
            }
        }
    }
    for ((kind, country), count) in counts {
        println!("{kind:>4} {country} {count}");
    }
    Ok(())
}
