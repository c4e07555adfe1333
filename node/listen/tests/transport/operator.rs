//! Who commands this node, and who only says so.

use std::os::unix::fs::PermissionsExt as _;

use axum::{Router, http::Extensions, routing::get};
use http_body_util::BodyExt as _;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};
use tokio_util::sync::CancellationToken;
use wpsx_client::{
    clock::Clock,
    tls::{ALPN_HTTP1, Pins, TlsDialer},
    transport::{Connection, dial_turned},
};
use wpsx_listen::{
    Class, Connections, Limits, Operator, bind, serve_http, serve_io, serve_pipe, serve_tls,
    serve_unix, tls::ServerTls,
};

use crate::{
    node::{identity, loopback, settings, within},
    raw::raw,
};

const OPERATOR: &str = "the operator";
const SOMEBODY: &str = "somebody";
/// What a caller may try to say of itself.
const CLAIMS: [(&str, &str); 3] = [
    ("x-operator", "true"),
    ("authorization", "operator"),
    ("forwarded", "for=unix"),
];

#[tokio::test]
async fn who_comes_over_the_socket_is_the_operator() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("admin.sock");
    let (socket, all) = (path.clone(), connections());
    tokio::spawn(async move { serve_unix(&socket, router(), all).await });
    let connection = within(async {
        loop {
            match Connection::unix(&path, &settings()).await {
                Ok(connection) => return connection,
                Err(_) => tokio::task::yield_now().await,
            }
        }
    })
    .await;
    assert_eq!(ask(&connection).await, OPERATOR);
    assert_eq!(
        ask(&connection).await,
        OPERATOR,
        "and so is its next request"
    );
}

#[tokio::test]
async fn the_socket_is_made_where_nobody_else_may_enter_and_nothing_is_left_of_that() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("admin.sock");
    // What a start left that was killed: now, and before there was a folder for it.
    let private = path.with_extension("new");
    for earlier in [0, 1] {
        match earlier {
            0 => drop(std::os::unix::net::UnixDatagram::bind(&private).unwrap()),
            _ => {
                std::fs::create_dir(&private).unwrap();
                std::fs::write(private.join("s"), "").unwrap();
            }
        }
        let (socket, all) = (path.clone(), connections());
        let serving = tokio::spawn(async move { serve_unix(&socket, router(), all).await });
        within(async {
            while Connection::unix(&path, &settings()).await.is_err() {
                tokio::task::yield_now().await;
            }
        })
        .await;
        assert!(!private.exists());
        let mode = std::fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        serving.abort();
        let _ = serving.await;
    }
}

#[tokio::test]
async fn who_comes_over_a_commands_own_pipe_is_the_operator() {
    let (ours, theirs) = tokio::io::duplex(1 << 16);
    let served = tokio::spawn(serve_pipe(theirs, router()));
    let connection = Connection::over(ours, &settings()).await.unwrap();
    assert_eq!(ask(&connection).await, OPERATOR);
    drop(connection);
    within(served).await.unwrap().unwrap();
}

#[tokio::test]
async fn who_comes_over_tls_is_not_whatever_it_says() {
    let (own, peer) = (identity("node"), identity("peer"));
    let known = peer.key_hash();
    // Even a peer with the loopback for address.
    let tls = ServerTls::new(&own, std::sync::Arc::new(move |key| *key == known)).unwrap();
    let listener = bind(loopback()).await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(serve_tls(listener, tls, router(), None, connections()));

    let dialler = TlsDialer::new(Some(&peer), Pins::only(own.key_hash())).unwrap();
    let endpoint = format!("https://{address}").parse().unwrap();
    let connection = Connection::dial(&endpoint, &dialler, &settings())
        .await
        .unwrap();
    assert_eq!(ask(&connection).await, SOMEBODY);
    assert_eq!(ask_plainly(raw(address, ALPN_HTTP1).await).await, SOMEBODY);
}

#[tokio::test]
async fn who_comes_over_plain_http_is_not_whatever_it_says() {
    let listener = bind(loopback()).await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(serve_http(
        listener,
        router(),
        connections(),
        Class::Reader,
        None,
    ));
    let stream = TcpStream::connect(address).await.unwrap();
    assert_eq!(ask_plainly(stream).await, SOMEBODY);
}

#[tokio::test]
async fn a_peer_on_a_turned_connection_is_not_although_we_dialled() {
    let (own, peer) = (identity("node"), identity("peer"));
    let known = own.key_hash();
    let tls = ServerTls::new(&peer, std::sync::Arc::new(move |key| *key == known)).unwrap();
    let listener = bind(loopback()).await.unwrap();
    let endpoint = format!("https://{}", listener.local_addr().unwrap());
    let (sender, mut taken) = tokio::sync::mpsc::channel(1);
    let turned: wpsx_listen::OnTurned = std::sync::Arc::new(move |io, caller| {
        let _ = sender.try_send((io, caller));
    });
    let theirs = connections();
    tokio::spawn(serve_tls(
        listener,
        tls,
        Router::new(),
        Some(turned),
        theirs,
    ));
    let asking = tokio::spawn(async move {
        let (io, caller) = taken.recv().await.unwrap();
        let (counters, key) = (io.counters(), *caller.key().unwrap());
        let pins = Pins::only(key);
        Connection::over_turned(io.into_io(), key, pins, counters, &settings()).await
    });

    let dialler = TlsDialer::new(Some(&own), Pins::only(peer.key_hash())).unwrap();
    let stream = dial_turned(&endpoint.parse().unwrap(), &dialler, &settings())
        .await
        .unwrap();
    let key = stream.peer_key();
    tokio::spawn(async move {
        serve_io(stream.into_io(), Some(key), None, router(), &connections()).await
    });
    let connection = within(asking).await.unwrap().unwrap();
    assert_eq!(ask(&connection).await, SOMEBODY);
}

fn connections() -> Connections {
    Connections::new(Limits::default(), Clock::system(), CancellationToken::new())
}

/// Says whom it takes the caller for.
fn router() -> Router {
    Router::new().route(
        "/who",
        get(|extensions: Extensions| async move {
            Operator::of(&extensions).map_or(SOMEBODY, |_| OPERATOR)
        }),
    )
}

/// Asks over HTTP/2.
async fn ask(connection: &Connection) -> String {
    let mut request = http::Request::get("/who");
    for (name, value) in CLAIMS {
        request = request.header(name, value);
    }
    let request = request.body(tonic::body::Body::empty()).unwrap();
    let answer = tower::Service::call(&mut connection.clone(), request);
    let body = within(answer).await.unwrap().into_body();
    String::from_utf8(body.collect().await.unwrap().to_bytes().to_vec()).unwrap()
}

/// Asks over HTTP/1.1.
async fn ask_plainly(
    mut stream: impl tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin,
) -> String {
    let claims = CLAIMS.map(|(name, value)| format!("{name}: {value}\r\n"));
    let request = format!(
        "GET /who HTTP/1.1\r\nhost: x\r\nconnection: close\r\n{}\r\n",
        claims.concat()
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    within(stream.read_to_string(&mut answer)).await.unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    assert!(head.starts_with("HTTP/1.1 200"), "{answer}");
    body.to_owned()
}
