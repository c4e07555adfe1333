//! Strangers that read over plain HTTP, each from an address of its own, and as slowly as
//! they like.

use std::net::{Ipv4Addr, SocketAddr};

use anyhow::{Context as _, Result};
use prost::Message as _;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpSocket, TcpStream},
};
use wpsx_domain::publishing::Draft;
use wpsx_proto::api::record::v1::{GoodPractice, Record, Text, record};

use crate::federation::{practices, words};

/// A large practice has so much text in each of three languages.
const TEXT: usize = 60_000;
/// A connection takes about so much before somebody reads.
const LITTLE: u32 = 4 << 10;

/// A request, over a connection of its own.
///
/// # Errors
/// Nobody listens there.
pub async fn ask(from: Ipv4Addr, target: SocketAddr, path: &str) -> Result<TcpStream> {
    ask_over(TcpSocket::new_v4()?, from, target, path).await
}

/// The same over a connection that takes no more than it has to.
///
/// # Errors
/// Nobody listens there.
pub async fn ask_for_little(from: Ipv4Addr, target: SocketAddr, path: &str) -> Result<TcpStream> {
    let socket = TcpSocket::new_v4()?;
    socket.set_recv_buffer_size(LITTLE)?;
    ask_over(socket, from, target, path).await
}

async fn ask_over(
    socket: TcpSocket,
    from: Ipv4Addr,
    target: SocketAddr,
    path: &str,
) -> Result<TcpStream> {
    socket.bind((from, 0).into())?;
    let mut stream = socket.connect(target).await?;
    let request = format!("GET {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await?;
    Ok(stream)
}

/// Waits until its answer begins, and says with which status; the rest is not taken.
///
/// # Errors
/// It ends before.
pub async fn status(stream: &mut TcpStream) -> Result<u16> {
    let mut begin = [0; "HTTP/1.1 200".len()];
    stream.read_exact(&mut begin).await?;
    let said = std::str::from_utf8(&begin)?.rsplit(' ').next();
    Ok(said.context("a status")?.parse()?)
}

/// A practice of some 180 kB, in three languages.
pub fn large_practice(n: usize) -> Draft {
    let mut draft = practices(&format!("large-{n}"), 1, 400).remove(0);
    let text = |language: &str| Text {
        language: language.to_owned(),
        text: words(&format!("{n} {language}"), TEXT),
        ..Text::default()
    };
    let practice = GoodPractice {
        practice: ["en", "fr", "es"].map(text).to_vec(),
        ..GoodPractice::default()
    };
    let record = Record {
        external_id: draft.external_id.clone(),
        countries: vec!["FRA".to_owned()],
        title: vec![text("en")],
        body: Some(record::Body::GoodPractice(practice)),
        ..Record::default()
    };
    draft.payload = record.encode_to_vec().into();
    draft
}
