//! What strangers can do: each attack is a process, on one processor, from twenty addresses.

use std::{
    fs,
    io::Read as _,
    net::{Ipv4Addr, SocketAddr},
    path::Path,
    process::{Child, Command, Stdio},
    time::Duration,
};

use anyhow::{Context as _, Result, ensure};
use clap::ValueEnum;
use futures::future::join_all;
use tokio::{
    io::copy_bidirectional,
    net::{TcpListener, TcpSocket, TcpStream},
    time::{sleep, timeout},
};
use wpsx_client::{
    tls::{Pins, TlsDialer},
    transport::{Connection, Endpoint, Settings},
};
use wpsx_proto::{
    api::{
        exchange::v1::{ListRecordsRequest, exchange_service_client::ExchangeServiceClient},
        replication::v1::{
            IndexRange, ListHeadsRequest, ReadPayloadsRequest,
            replication_service_client::ReplicationServiceClient,
        },
    },
    card::NodeCard,
};

use crate::{
    browsing,
    nodes::{Pair, SITE, own_part},
    tried,
};

const ADDRESSES: u8 = 20;
const CALLS: usize = 64;
const SILENT: usize = 1_024;
/// Fewer calls or connections are no attack.
const FEWEST: u64 = 100;

/// An attack.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Attack {
    /// Calls for payloads whose answers are never taken.
    ZeroWindow,
    /// Pages of records, as many at once as a connection takes, again and again.
    Pages,
    /// The same, by callers that leave before they are answered.
    Leaving,
    /// Connections that say nothing, again and again.
    Silent,
    /// Lists with facets and files over plain HTTP, taken slowly, not at all, or at once.
    Browsing,
}

impl Attack {
    /// All, in the order of the table.
    pub(crate) const ALL: [Self; 5] = [
        Self::ZeroWindow,
        Self::Pages,
        Self::Leaving,
        Self::Silent,
        Self::Browsing,
    ];
}

/// The process that attacks.
pub(crate) struct Attackers(Child);

impl Attackers {
    /// Begins an attack on the victim of `pair`.
    pub(crate) fn start(attack: Attack, pair: &Pair) -> Result<Self> {
        let name = attack.to_possible_value().context("it has a name")?;
        let card = pair.card().display().to_string();
        let part = own_part(&["attack", name.get_name(), &card])?;
        let mut pinned = Command::new("taskset");
        pinned
            .args(["-c", "0"])
            .arg(part.get_program())
            .args(part.get_args());
        let spawn = |command: &mut Command| {
            let command = command.stdin(Stdio::piped());
            command.stdout(Stdio::piped()).spawn()
        };
        Ok(Self(match spawn(&mut pinned) {
            Ok(child) => child,
            Err(_) => spawn(&mut { part })?,
        }))
    }

    /// Ends it; how many calls or connections it tried.
    ///
    /// # Errors
    /// It had ended before, or tried too little to be an attack.
    pub(crate) fn end(mut self) -> Result<u64> {
        let early = self.0.try_wait()?;
        ensure!(early.is_none(), "the attackers ended by themselves");
        drop(self.0.stdin.take());
        let mut said = String::new();
        let mut out = self.0.stdout.take().context("its output")?;
        out.read_to_string(&mut said)?;
        ensure!(self.0.wait()?.success(), "the attackers failed");
        let tried = said.trim().parse().context("how much was tried")?;
        ensure!(tried >= FEWEST, "only {tried} calls were tried");
        Ok(tried)
    }
}

impl Drop for Attackers {
    fn drop(&mut self) {
        // It ends with its input, also where what it attacks could not be measured.
        drop(self.0.stdin.take());
        let _ = self.0.wait();
    }
}

/// Attacks the node with this card until standard input ends, and prints how much it tried.
pub(crate) async fn attack(attack: Attack, path: &Path) -> Result<()> {
    let site: SocketAddr = fs::read_to_string(path.with_file_name(SITE))?.parse()?;
    let card = NodeCard::verify(&fs::read(path)?)?;
    let victim: Endpoint = card.endpoints().first().context("an endpoint")?.parse()?;
    let target: SocketAddr = victim.to_string().trim_start_matches("https://").parse()?;
    let ended = tokio::task::spawn_blocking(|| std::io::stdin().read_to_end(&mut Vec::new()));
    let attacking = async {
        match attack {
            Attack::Silent => silent(target).await,
            Attack::Browsing => {
                join_all((1..=ADDRESSES).map(|n| browsing::from_one(address(n), site))).await;
                Ok(())
            }
            other => join_all((1..=ADDRESSES).map(|n| from_one(other, n, target, &card)))
                .await
                .into_iter()
                .collect(),
        }
    };
    tokio::select! {
        done = attacking => done?,
        _ = ended => {}
    }
    println!("{}", tried::all());
    Ok(())
}

async fn silent(target: SocketAddr) -> Result<()> {
    loop {
        let mut held = Vec::new();
        for n in 0..SILENT {
            tried::one();
            // Where it gives way, others follow.
            if let Ok(stream) = connect_from((n % usize::from(ADDRESSES)) as u8 + 1, target).await {
                held.push(stream);
            }
        }
        sleep(Duration::from_millis(200)).await;
    }
}

/// Everything that one address does, on four connections.
async fn from_one(attack: Attack, n: u8, target: SocketAddr, card: &NodeCard) -> Result<()> {
    let endpoint = way(n, target).await?;
    let dialler = TlsDialer::new(None, Pins::only(card.tls_key()))?;
    let origin = format!("{}/wpsx/public", card.name());
    let settings = Settings {
        window: if attack == Attack::ZeroWindow {
            0
        } else {
            1 << 16
        },
        ..Settings::default()
    };
    let each = (0..4).map(|_| async {
        loop {
            let Ok(connection) = Connection::dial(&endpoint, &dialler, &settings).await else {
                sleep(Duration::from_millis(20)).await;
                continue;
            };
            let calls = (0..CALLS).map(|call| one_call(attack, &connection, &origin, call as u64));
            let calls = join_all(calls);
            match attack {
                Attack::Leaving => drop(timeout(Duration::from_millis(5), calls).await),
                _ => drop(calls.await),
            }
            connection.close();
        }
    });
    join_all(each).await;
    Ok(())
}

/// One call, whatever comes of it.
async fn one_call(attack: Attack, connection: &Connection, origin: &str, call: u64) {
    tried::one();
    let mut replication = ReplicationServiceClient::new(connection.clone());
    match attack {
        Attack::ZeroWindow => {
            let heads = ListHeadsRequest::default();
            // With no window this is not answered, either.
            let _ = timeout(Duration::from_millis(50), replication.list_heads(heads)).await;
            let start = call * 16 % 512;
            let range = IndexRange {
                start,
                end: start + 512,
            };
            let request = ReadPayloadsRequest {
                origin: origin.to_owned(),
                ranges: vec![range],
                ..ReadPayloadsRequest::default()
            };
            if let Ok(answer) = replication.read_payloads(request).await {
                let mut stream = answer.into_inner();
                while let Ok(Some(_)) = stream.message().await {}
            }
        }
        _ => {
            let request = ListRecordsRequest {
                page_size: 1_000,
                ..ListRecordsRequest::default()
            };
            let mut client =
                ExchangeServiceClient::new(connection.clone()).max_decoding_message_size(16 << 20);
            let _ = client.list_records(request).await;
        }
    }
}

/// A way to the target that comes from an address of its own.
async fn way(n: u8, target: SocketAddr) -> Result<Endpoint> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let endpoint = format!("https://{}", listener.local_addr()?).parse()?;
    tokio::spawn(async move {
        while let Ok((mut near, _)) = listener.accept().await {
            tokio::spawn(async move {
                if let Ok(mut far) = connect_from(n, target).await {
                    let _ = copy_bidirectional(&mut near, &mut far).await;
                }
            });
        }
    });
    Ok(endpoint)
}

async fn connect_from(n: u8, target: SocketAddr) -> Result<TcpStream> {
    let socket = TcpSocket::new_v4()?;
    socket.bind((address(n), 0).into())?;
    Ok(socket.connect(target).await?)
}

fn address(n: u8) -> Ipv4Addr {
    Ipv4Addr::new(127, 0, 1, n)
}
