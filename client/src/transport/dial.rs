//! Opens the byte streams that connections run over.

use std::{io, net::SocketAddr, path::Path, sync::Arc, time::Duration};

use base64::{Engine as _, prelude::BASE64_STANDARD};
use rustls::{ClientConfig, pki_types::ServerName};
use tokio::{
    io::{
        AsyncBufReadExt as _, AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _,
        BufReader,
    },
    net::{TcpStream, UnixStream},
    time::timeout,
};
use tokio_rustls::{TlsConnector, client::TlsStream};

use super::{
    counted::{Counted, Counters},
    endpoint::{Endpoint, Proxy},
    error::TransportError,
    settings::Settings,
};
use crate::tls::{TlsDialer, TlsKeyHash, key_hash};

/// A proxy's answer to CONNECT may be this long.
const MAX_PROXY_ANSWER: usize = 8 * 1024;
/// `sun_path` has 108 bytes on Linux and 104 on other systems, the closing zero included.
pub(super) const MAX_SOCKET_PATH: usize = 100;

pub(super) type Secured = TlsStream<Counted<TcpStream>>;

/// An open TLS stream to a peer whose key is known.
pub(super) struct Dialled {
    pub(super) io: Secured,
    pub(super) key: TlsKeyHash,
    pub(super) counters: Arc<Counters>,
    pub(super) address: Option<SocketAddr>,
}

/// Opens TCP, directly or through the proxy, and TLS over it.
pub(super) async fn dial(
    endpoint: &Endpoint,
    config: &Arc<ClientConfig>,
    settings: &Settings,
) -> Result<Dialled, TransportError> {
    let place = endpoint.to_string();
    let tcp = match &settings.proxy {
        None => {
            let way = (endpoint.host(), endpoint.port());
            within(settings.connect, &place, "connecting", tcp(way, &place)).await?
        }
        Some(proxy) => {
            let way = through(proxy, endpoint);
            within(settings.connect, &place, "connecting by the proxy", way).await?
        }
    };
    let address = tcp.peer_addr().ok();
    let io = Counted::new(tcp);
    let counters = io.counters();
    let handshake = async {
        let name = ServerName::try_from(endpoint.host().to_owned()).map_err(|_| {
            TransportError::BadEndpoint {
                text: endpoint.to_string(),
                reason: "its host is neither a DNS name nor an address",
            }
        })?;
        TlsConnector::from(Arc::clone(config))
            .connect(name, io)
            .await
            .map_err(|e| TransportError::from_handshake(&place, e))
    };
    let io = within(settings.handshake, &place, "agreeing on TLS", handshake).await?;
    let session = io.get_ref().1;
    if session.alpn_protocol().is_none() {
        return Err(TransportError::Handshake {
            place,
            source: "it agreed on no protocol (ALPN)".into(),
        });
    }
    let shown = session.peer_certificates().and_then(|chain| chain.first());
    let key = shown
        .ok_or_else(|| TransportError::Handshake {
            place: place.clone(),
            source: "it showed no certificate".into(),
        })
        .and_then(|certificate| {
            key_hash(certificate).map_err(|e| TransportError::Handshake {
                place,
                source: e.into(),
            })
        })?;
    Ok(Dialled {
        io,
        key,
        counters,
        address,
    })
}

/// A stream that we dialled and that the other side will speak over as HTTP/2
/// client: it has to be served.
pub struct TurnedStream {
    io: BufReader<Secured>,
    key: TlsKeyHash,
    counters: Arc<Counters>,
    address: Option<SocketAddr>,
}

impl TurnedStream {
    /// The key the other side proved to have.
    pub fn peer_key(&self) -> TlsKeyHash {
        self.key
    }

    /// Where it was reached, or the proxy.
    pub fn address(&self) -> Option<SocketAddr> {
        self.address
    }

    /// Bytes on the wire, TLS included.
    pub fn counters(&self) -> Arc<Counters> {
        Arc::clone(&self.counters)
    }

    /// The stream to serve.
    pub fn into_io(self) -> impl AsyncRead + AsyncWrite + Send + Unpin + 'static {
        self.io
    }
}

/// Dials with turned roles: who accepts speaks first, as HTTP/2 client. Returns when
/// it has begun to speak, so that a refusal is known here.
///
/// # Errors
/// When the peer cannot be reached, has another key, or refuses.
pub async fn dial_turned(
    endpoint: &Endpoint,
    tls: &TlsDialer,
    settings: &Settings,
) -> Result<TurnedStream, TransportError> {
    let dialled = dial(endpoint, &tls.turned, settings).await?;
    let place = endpoint.to_string();
    let mut io = BufReader::with_capacity(1024, dialled.io);
    let begun = async {
        match io.fill_buf().await {
            Ok([]) => Err(TransportError::Refused {
                place: place.clone(),
                reason: "it accepted the connection and closed it again",
            }),
            Ok(_) => Ok(()),
            Err(e) => Err(TransportError::from_handshake(&place, e)),
        }
    };
    within(settings.handshake, &place, "turning the roles", begun).await?;
    Ok(TurnedStream {
        io,
        key: dialled.key,
        counters: dialled.counters,
        address: dialled.address,
    })
}

/// Connects to a Unix socket.
#[expect(
    clippy::disallowed_methods,
    reason = "this is the owner of the way out"
)]
pub(super) async fn unix(path: &Path) -> Result<UnixStream, TransportError> {
    if path.as_os_str().len() > MAX_SOCKET_PATH {
        return Err(TransportError::SocketPath {
            path: path.to_owned(),
        });
    }
    UnixStream::connect(path)
        .await
        .map_err(|source| TransportError::Unreachable {
            place: path.display().to_string(),
            source,
        })
}

async fn within<T>(
    limit: Duration,
    place: &str,
    step: &'static str,
    work: impl Future<Output = Result<T, TransportError>>,
) -> Result<T, TransportError> {
    timeout(limit, work).await.unwrap_or_else(|_| {
        Err(TransportError::Timeout {
            place: place.to_owned(),
            step,
            after: limit,
        })
    })
}

#[expect(
    clippy::disallowed_methods,
    reason = "this is the owner of the way out"
)]
async fn tcp(way: (&str, u16), place: &str) -> Result<TcpStream, TransportError> {
    let unreachable = |source| TransportError::Unreachable {
        place: place.to_owned(),
        source,
    };
    let stream = TcpStream::connect(way).await.map_err(unreachable)?;
    stream.set_nodelay(true).map_err(unreachable)?;
    Ok(stream)
}

async fn through(proxy: &Proxy, endpoint: &Endpoint) -> Result<TcpStream, TransportError> {
    let place = format!("the proxy {proxy}");
    let broken = |source| TransportError::Unreachable {
        place: place.clone(),
        source,
    };
    let refused = |answer: String| TransportError::ProxyRefused {
        proxy: proxy.to_string(),
        endpoint: endpoint.to_string(),
        answer,
    };
    let mut stream = tcp((&proxy.host, proxy.port), &place).await?;
    let target = endpoint.authority();
    let mut request = format!("CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n");
    if let Some(credentials) = &proxy.credentials {
        let encoded = BASE64_STANDARD.encode(credentials);
        request.push_str(&format!("Proxy-Authorization: Basic {encoded}\r\n"));
    }
    request.push_str("\r\n");
    stream.write_all(request.as_bytes()).await.map_err(broken)?;
    // Byte by byte, so that nothing of what follows the answer is taken.
    let mut answer = Vec::new();
    while !answer.ends_with(b"\r\n\r\n") {
        if answer.len() == MAX_PROXY_ANSWER {
            return Err(refused("its answer has no end".to_owned()));
        }
        match stream.read_u8().await {
            Ok(byte) => answer.push(byte),
            Err(e) if e.kind() == io::ErrorKind::UnexpectedEof => {
                return Err(refused("it closed the connection".to_owned()));
            }
            Err(e) => return Err(broken(e)),
        }
    }
    let line = answer.split(|byte| *byte == b'\r').next().unwrap_or(&[]);
    let line: String = String::from_utf8_lossy(line)
        .chars()
        .filter(|c| !c.is_control())
        .take(200)
        .collect();
    let mut words = line.split(' ');
    let is_http = words.next().is_some_and(|word| word.starts_with("HTTP/1."));
    let is_open = words.next().is_some_and(|code| code.starts_with('2'));
    if is_http && is_open {
        Ok(stream)
    } else {
        Err(refused(line))
    }
}
