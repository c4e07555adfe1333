//! Asks a node how many records it has of each kind, and of one country by theme.
//!
//! `cargo run -p wpsx-client --example claimed -- node.card Kenya`

use std::{env, error::Error, fs};

use wpsx_client::{Client, Filter};
use wpsx_proto::card::NodeCard;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = env::args().skip(1);
    let card = arguments.next().ok_or("the node's card is missing")?;
    let country = arguments.next().ok_or("the country is missing")?;
    let card = NodeCard::verify(&fs::read(card)?)?;
    let client = Client::connect(&card).await?;

    let all = client.counts(Filter::new(), &["kind"]).await?;
    println!("{} records", all.records);
    for (kind, count) in all.facets.get("kind").into_iter().flatten() {
        println!("{count:>8}  {kind}");
    }
    let filter = Filter::new().country(&country);
    let here = client.counts(filter, &["theme"]).await?;
    println!("{} about {country}", here.records);
    for (theme, count) in here.facets.get("theme").into_iter().flatten() {
        println!("{count:>8}  {theme}");
    }
    Ok(())
}
