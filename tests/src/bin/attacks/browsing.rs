//! Who asks for the costliest pages and files over plain HTTP, and how they take them.

use std::{
    net::{Ipv4Addr, SocketAddr},
    time::Duration,
};

use futures::future::join_all;
use tokio::{
    io::AsyncReadExt as _,
    net::TcpStream,
    time::{sleep, timeout},
};
use wpsx_tests::strangers::{ask, ask_for_little};

use crate::tried;

/// Connections of one address.
const READERS: usize = 16;
/// Each list has all facets; the files are of all records, large ones among them.
const COSTLY: [&str; 5] = [
    "/en/good-practice",
    "/ar/good-practice?words=women+peace&order=title",
    "/en/good-practice.xlsx",
    "/en/good-practice.jsonl",
    "/fr/good-practice.csv?words=plan",
];
/// So long a reader stays.
const STAYS: Duration = Duration::from_secs(2);

/// Everything that one address does.
pub(crate) async fn from_one(address: Ipv4Addr, site: SocketAddr) {
    join_all((0..READERS).map(|reader| async move {
        let mut at = reader;
        loop {
            let path = COSTLY[at % COSTLY.len()];
            at += 1;
            tried::one();
            let asked = match reader % 3 {
                2 => ask(address, site, path).await,
                _ => ask_for_little(address, site, path).await,
            };
            match asked {
                Ok(stream) => drop(timeout(STAYS, take(stream, reader)).await),
                Err(_) => sleep(Duration::from_millis(20)).await,
            }
        }
    }))
    .await;
}

/// A third of the readers takes nothing, a third takes a little at a time, a third all.
async fn take(mut stream: TcpStream, reader: usize) {
    let (size, pause) = match reader % 3 {
        0 => return std::future::pending().await,
        1 => (1 << 10, Duration::from_millis(50)),
        _ => (64 << 10, Duration::ZERO),
    };
    let mut part = vec![0; size];
    while let Ok(read) = stream.read(&mut part).await
        && read > 0
    {
        sleep(pause).await;
    }
}
