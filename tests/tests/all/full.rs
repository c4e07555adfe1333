//! A disk that is full: what is said of it, and what goes on by itself when it is not.

use std::{net::SocketAddr, time::Duration};

use anyhow::{Result, ensure};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    time::timeout,
};
use wpsx_cli::socket_path;
use wpsx_client::transport::{Connection, Settings};
use wpsx_domain::publishing::Batch;
use wpsx_doors::{
    app::App,
    config::Config,
    serve::{self, Listeners},
};
use wpsx_proto::api::admin::v1::{
    GetStatusRequest, GetStatusResponse, admin_service_client::AdminServiceClient,
};
use wpsx_tests::federation::{BOUND, TestNode, practices, wait_until};

use super::small_disk::SmallDisk;

const SOON: Duration = Duration::from_secs(20);

/// What the operator's socket answers.
pub(crate) async fn status(node: &App) -> Result<GetStatusResponse> {
    let connection = Connection::unix(&socket_path(node.dir()), &Settings::default()).await?;
    let asked = AdminServiceClient::new(connection)
        .get_status(GetStatusRequest {})
        .await;
    Ok(asked?.into_inner())
}

/// What whoever watches the node is answered.
async fn metrics(address: SocketAddr) -> Result<String> {
    let mut stream = TcpStream::connect(address).await?;
    let request = b"GET /metrics HTTP/1.1\r\nhost: node\r\nconnection: close\r\n\r\n";
    stream.write_all(request).await?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await?;
    Ok(answer)
}

async fn publish(node: &App, name: &str) -> Result<()> {
    let drafts = practices(name, 1, 300);
    node.publishing().publish(Batch::default(), drafts).await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn status_and_metrics_answer_while_the_disk_is_full_and_publishing_goes_on_by_itself()
-> Result<()> {
    let mut made = TestNode::start("a").await?;
    made.stop().await?;
    let Some(disk) = SmallDisk::under(&made)? else {
        return Ok(());
    };
    let mut config = Config::default();
    (config.node.listen, config.limits.disk_reserve) = (None, 24 << 20);
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let alarm = listener.local_addr()?;
    let listeners = Listeners {
        metrics: Some(listener),
        ..Listeners::default()
    };
    let app = wpsx_node::app::open(&made.data_dir(), config)?;
    let running = serve::start(app, listeners).await?;
    let node = running.node();
    publish(node, "before").await?;
    wait_until(|| socket_path(node.dir()).exists()).await?;

    let filler = disk.fill()?;
    wait_until(|| node.store().disk().full.is_some()).await?;
    for _ in 0..3 {
        ensure!(
            publish(node, "meanwhile").await.is_err(),
            "the disk is full"
        );
        let status = timeout(SOON, status(node)).await??;
        assert!(status.read_only.contains("disk"), "{}", status.read_only);
        let answer = timeout(SOON, metrics(alarm)).await??;
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
        assert!(answer.contains("wpsx_node_read_only 1"), "{answer}");
    }
    std::fs::remove_file(filler)?;
    // Nobody does anything about it.
    let goes_on = async {
        while publish(node, "after").await.is_err() {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    timeout(BOUND, goes_on).await?;
    assert_eq!(timeout(SOON, status(node)).await??.read_only, "");
    running.stop().await?;
    Ok(())
}
