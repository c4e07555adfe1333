//! `wpsx recover --keys`: a node made anew from its keys and a peer's card.

use std::path::Path;

use wpsx_cli::{Failure, Global, Output, RecoverArgs, read_card, recover, verified};
use wpsx_proto::api::admin::v1::AddPeerRequest;

use super::setup;
use crate::{
    app::{App, Root},
    keys::Keys,
};

/// Where nothing is left but the keys, the data directory is made anew.
pub(super) async fn from_keys(
    root: Root,
    global: &Global,
    args: &RecoverArgs,
    out: &mut Output,
) -> Result<(), Failure> {
    let keys = args.keys.as_deref().unwrap_or(Path::new("."));
    let mut cards = Vec::new();
    for path in &args.card {
        let card = read_card(path)?;
        verified(&card)?;
        cards.push(card);
    }
    let made = global.data_dir().join("keys");
    if made.exists() {
        // A second attempt goes on in the folder that the first one made.
        same_node(&made, keys)?;
    } else {
        App::create_from(global.data_dir(), keys).map_err(|error| {
            let dir = global.data_dir().display();
            Failure::because(format!("cannot make a node in {dir}"), &error)
        })?;
    }
    let mut desk = setup::desk(root, global, None).await?;
    let done = async {
        for card in cards {
            let request = AddPeerRequest {
                card,
                ..Default::default()
            };
            desk.admin.add_peer(request).await?;
        }
        recover(args.yes, &mut desk, out).await
    };
    let done = done.await;
    let closed = desk.close().await;
    done.and(closed)
}

/// Whether the folder is that of the node whose keys these are.
fn same_node(made: &Path, keys: &Path) -> Result<(), Failure> {
    let name = |folder: &Path| {
        let keys = Keys::open(folder);
        let keys = keys.map_err(|error| Failure::because("cannot use the keys", &error))?;
        Ok::<_, Failure>(keys.node_key().verifier_key())
    };
    match name(made)? == name(keys)? {
        true => Ok(()),
        false => Err(
            Failure::usage("the data directory holds another node already")
                .remedy("name an empty or new folder with --data-dir"),
        ),
    }
}
