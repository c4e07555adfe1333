//! Follows a log and keeps the place in a file, so that it goes on after a restart.
//!
//! `cargo run -p wpsx-client --example follow -- node.card eu.example/wpsx/public cursor.json`

use std::{env, error::Error, fs, path::Path};

use wpsx_client::{Client, Cursor, Followed};
use wpsx_proto::{card::NodeCard, origin::Origin};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [card, origin, kept] = &arguments[..] else {
        return Err("give a card, an origin and a file for the cursor".into());
    };
    let card = NodeCard::verify(&fs::read(card)?)?;
    let cursor = match Path::new(kept).exists() {
        true => serde_json::from_slice(&fs::read(kept)?)?,
        false => Cursor::start(Origin::parse(origin)?),
    };

    let client = Client::connect(&card).await?;
    let mut follow = client.follow(cursor)?;
    loop {
        match follow.next().await? {
            Followed::Entry(entry) => {
                let id = entry.record_id().map(|id| id.to_string());
                println!("{} {}", entry.index(), id.unwrap_or_default());
            }
            // Everything up to here was told: a good moment to keep the place.
            Followed::Head(head) => {
                println!("{} entries, none missing", head.size());
                fs::write(kept, serde_json::to_vec(&follow.cursor())?)?;
            }
        }
    }
}
