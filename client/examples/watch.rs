//! Lists every record and then tells of every further change, each once and without a gap.
//!
//! `cargo run -p wpsx-client --example watch -- node.card`

use std::{env, error::Error, fs};

use futures::{StreamExt as _, pin_mut};
use wpsx_client::{Client, Filter, Watched};
use wpsx_proto::card::NodeCard;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let card = env::args().nth(1).ok_or("the node's card is missing")?;
    let card = NodeCard::verify(&fs::read(card)?)?;
    let client = Client::connect(&card).await?;

    let told = client.list(Filter::new()).then_watch();
    pin_mut!(told);
    while let Some(told) = told.next().await {
        match told? {
            Watched::Watching(position) => println!("watching from {position}"),
            Watched::Changed(entry) => {
                let title = entry
                    .record()
                    .and_then(|record| record.header().title(&["en"]).map(str::to_owned));
                println!("{}: {}", entry.origin(), title.unwrap_or_default());
            }
        }
    }
    Ok(())
}
