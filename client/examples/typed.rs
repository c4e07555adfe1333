//! Reads records as what they are: each kind is a type of its own, generated from the schema.
//!
//! `cargo run -p wpsx-client --example typed -- node.card`

use std::{env, error::Error, fs};

use futures::{TryStreamExt as _, pin_mut};
use wpsx_client::{Client, Filter};
use wpsx_proto::{api::record::v1::record::Body, card::NodeCard, record::Reading};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let card = env::args().nth(1).ok_or("the node's card is missing")?;
    let card = NodeCard::verify(&fs::read(card)?)?;
    let client = Client::connect(&card).await?;

    let records = client.list(Filter::new()).stream();
    pin_mut!(records);
    while let Some(entry) = records.try_next().await? {
        // What needs newer software to be read is a case of its own.
        let Some(Reading::Readable(record)) = entry.record() else {
            continue;
        };
        let title = record.header().title(&["en"]).map(str::to_owned);
        let title = title.unwrap_or_default();
        match &record.message().body {
            Some(Body::NationalActionPlan(plan)) => {
                let period = plan.period.clone().unwrap_or_default();
                let end = period.end.unwrap_or_default().value;
                println!("plan until {end}: {title}");
            }
            Some(Body::Event(event)) => println!("event in {:?}: {title}", event.location),
            Some(Body::Series(series)) => println!("{} values: {title}", series.observations.len()),
            _ => println!("{title}"),
        }
    }
    Ok(())
}
