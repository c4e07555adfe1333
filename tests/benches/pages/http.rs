//! A reader: HTTP/1.1 over a connection that stays open, packed as browsers ask for it.

use std::{
    io::ErrorKind,
    net::{IpAddr, SocketAddr},
};

use anyhow::{Context as _, Result, bail, ensure};
use tokio::{
    io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader},
    net::{TcpSocket, TcpStream},
    time::Instant,
};

pub(crate) struct Reader {
    stream: BufReader<TcpStream>,
    plain: bool,
}

/// An answer as it came over the wire.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: Vec<u8>,
    /// When its first byte of content was there.
    pub(crate) first: Instant,
}

impl Reader {
    /// Who takes packed answers, from an address of the loopback.
    pub(crate) async fn from(own: IpAddr, site: SocketAddr) -> Result<Self> {
        Self::open(own, site, false).await
    }

    /// Who takes answers as they are.
    pub(crate) async fn plain(site: SocketAddr) -> Result<Self> {
        Self::open(IpAddr::from([127, 0, 0, 1]), site, true).await
    }

    async fn open(own: IpAddr, site: SocketAddr, plain: bool) -> Result<Self> {
        let socket = TcpSocket::new_v4()?;
        socket.bind(SocketAddr::new(own, 0))?;
        let stream = socket.connect(site).await?;
        stream.set_nodelay(true)?;
        Ok(Self {
            stream: BufReader::new(stream),
            plain,
        })
    }

    /// Whether the site has not ended the connection, which it does with one that nobody used
    /// for a while. As browsers do, a reader looks before it asks again.
    pub(crate) fn is_open(&self) -> bool {
        let nothing = self.stream.get_ref().try_read(&mut [0]);
        nothing.is_err_and(|error| error.kind() == ErrorKind::WouldBlock)
    }

    /// Asks, and hands each part of the answer on; what is returned has no content.
    pub(crate) async fn read(&mut self, path: &str, mut part: impl FnMut(&[u8])) -> Result<Answer> {
        let packed = if self.plain {
            ""
        } else {
            "accept-encoding: gzip\r\n"
        };
        let request = format!("GET {path} HTTP/1.1\r\nhost: site\r\n{packed}\r\n");
        self.stream.write_all(request.as_bytes()).await?;
        let status = self.line().await?;
        let status = status.split(' ').nth(1).context("a state")?.parse()?;
        let (mut length, mut chunked) = (0, false);
        loop {
            let line = self.line().await?.to_ascii_lowercase();
            match line.split_once(':') {
                None if line.is_empty() => break,
                Some(("content-length", value)) => length = value.trim().parse()?,
                Some(("transfer-encoding", _)) => chunked = true,
                _ => {}
            }
        }
        let mut first = None;
        let mut bytes = vec![0; 64 << 10];
        loop {
            if chunked {
                length = usize::from_str_radix(self.line().await?.trim(), 16)?;
                if length == 0 {
                    self.line().await?;
                    break;
                }
            }
            while length > 0 {
                let most = length.min(bytes.len());
                let read = self.stream.read(&mut bytes[..most]).await?;
                ensure!(read > 0, "the answer ends early");
                first.get_or_insert_with(Instant::now);
                part(&bytes[..read]);
                length -= read;
            }
            if !chunked {
                break;
            }
            self.line().await?;
        }
        Ok(Answer {
            status,
            body: Vec::new(),
            first: first.unwrap_or_else(Instant::now),
        })
    }

    /// Asks for something that shall be there, whole.
    pub(crate) async fn get(&mut self, path: &str) -> Result<Answer> {
        let mut body = Vec::new();
        let answer = self.read(path, |part| body.extend_from_slice(part)).await?;
        if answer.status != 200 {
            bail!("{path}: {}", answer.status);
        }
        Ok(Answer { body, ..answer })
    }

    async fn line(&mut self) -> Result<String> {
        let mut line = String::new();
        let read = self.stream.read_line(&mut line).await?;
        ensure!(read > 0, "the connection ended");
        Ok(line.trim_end().to_owned())
    }
}
