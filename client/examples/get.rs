//! Reads one record and says what proves it.
//!
//! `cargo run -p wpsx-client --example get -- node.card 00112233445566778899aabbccddeeff`

use std::{env, error::Error, fs};

use wpsx_client::Client;
use wpsx_proto::{card::NodeCard, origin::RecordId};

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
    let Some(entry) = client.get(&id).await? else {
        println!("the node knows no such record");
        return Ok(());
    };
    let proof = entry.checkpoint();
    println!("entry {} of {}", entry.index(), entry.origin());
    println!("signed by its publisher at {} entries:", proof.size());
    println!("{}", proof.text());
    if let Some(record) = entry.record() {
        for (name, value) in record.to_lines() {
            println!("{name}: {value}");
        }
    }
    Ok(())
}
