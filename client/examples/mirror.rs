//! Mirrors a log into a folder; run again, it fetches only what is new.
//!
//! `cargo run -p wpsx-client --example mirror -- node.card eu.example/wpsx/public folder`

use std::{env, error::Error, fs};

use wpsx_client::Client;
use wpsx_proto::{card::NodeCard, origin::Origin};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [card, origin, folder] = &arguments[..] else {
        return Err("give a card, an origin and a folder".into());
    };
    let card = NodeCard::verify(&fs::read(card)?)?;

    let client = Client::connect(&card).await?;
    let mut mirror = client.mirror(&Origin::parse(origin)?, folder).await?;
    mirror
        .update_with(|progress| eprint!("\r{} of {}", progress.entries, progress.of))
        .await?;
    let log = mirror.log();
    let payloads = log.verify()?;
    println!("\n{} entries, {payloads} payloads, all proven", log.size());
    Ok(())
}
