//! Lists records of a kind and a country, each proven to be in its publisher's log.
//!
//! `cargo run -p wpsx-client --example list -- node.card 1 ALB`

use std::{env, error::Error, fs};

use futures::{StreamExt as _, pin_mut};
use wpsx_client::{Client, Filter};
use wpsx_proto::card::NodeCard;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = env::args().skip(1);
    let card = arguments.next().ok_or("the node's card is missing")?;
    let card = NodeCard::verify(&fs::read(card)?)?;
    let mut filter = Filter::new();
    if let Some(kind) = arguments.next() {
        filter = filter.kind(kind.parse::<u32>()?);
    }
    if let Some(country) = arguments.next() {
        filter = filter.country(country);
    }

    let client = Client::connect(&card).await?;
    let records = client.list(filter).page_size(200).stream();
    pin_mut!(records);
    while let Some(entry) = records.next().await {
        let entry = entry?;
        let title = entry
            .record()
            .and_then(|record| record.header().title(&["en"]).map(str::to_owned))
            .unwrap_or_else(|| "needs newer software, or is not held".to_owned());
        println!("{} {} {title}", entry.origin(), entry.index());
    }
    Ok(())
}
