//! Where a reader of a log stopped, and how that is kept.

use serde::{Deserialize, Serialize};
use wpsx_proto::{
    hash::Hash,
    index::{BUNDLE, LeafIndex, TreeSize},
    origin::Origin,
    tree::Frontier,
};

use crate::pull::Held;

/// Where a reader of a log stopped. Kept as JSON or in any other format of serde, it
/// continues there after a restart, and catches a server that was rolled back meanwhile.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(try_from = "Kept", into = "Kept")]
pub struct Cursor {
    pub(super) origin: Origin,
    pub(super) frontier: Frontier,
    pub(super) open: Vec<Hash>,
    /// The note of the largest checkpoint verified; verified again when it is used.
    pub(super) note: Option<String>,
}

impl Cursor {
    /// Before the first entry of a log.
    pub fn start(origin: Origin) -> Self {
        Self {
            origin,
            frontier: Frontier::empty(),
            open: Vec::new(),
            note: None,
        }
    }

    /// The log.
    pub fn origin(&self) -> &Origin {
        &self.origin
    }

    /// The index of the next entry.
    pub fn next(&self) -> LeafIndex {
        self.frontier.size().next_index()
    }

    pub(super) fn of(origin: &Origin, held: &Held) -> Self {
        Self {
            origin: origin.clone(),
            frontier: held.frontier.clone(),
            open: held.open.clone(),
            note: held
                .verified
                .as_ref()
                .map(|verified| String::from_utf8_lossy(&verified.note_bytes()).into_owned()),
        }
    }
}

/// The stored form of a cursor.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Kept {
    /// The version of this form.
    version: u32,
    origin: String,
    size: u64,
    /// The right edge of the tree, largest subtree first.
    edge: Vec<String>,
    /// The leaf hashes of the last, incomplete bundle.
    open: Vec<String>,
    checkpoint: Option<String>,
}

impl From<Cursor> for Kept {
    fn from(cursor: Cursor) -> Self {
        Self {
            version: 1,
            origin: cursor.origin.to_string(),
            size: cursor.frontier.size().value(),
            edge: cursor.frontier.edge().iter().map(Hash::to_base64).collect(),
            open: cursor.open.iter().map(Hash::to_base64).collect(),
            checkpoint: cursor.note,
        }
    }
}

impl TryFrom<Kept> for Cursor {
    type Error = String;

    fn try_from(kept: Kept) -> Result<Self, String> {
        if kept.version != 1 {
            return Err(format!(
                "a cursor of version {}, which needs newer software",
                kept.version
            ));
        }
        let hashes = |texts: &[String]| {
            texts
                .iter()
                .map(|text| Hash::from_base64(text).map_err(|error| error.to_string()))
                .collect::<Result<Vec<_>, _>>()
        };
        let edge = hashes(&kept.edge)?;
        let open = hashes(&kept.open)?;
        let size = TreeSize::new(kept.size);
        let frontier =
            Frontier::from_parts(size, edge.clone()).map_err(|error| error.to_string())?;
        let whole = kept.size / BUNDLE * BUNDLE;
        let mut again = edge
            .get(..whole.count_ones() as usize)
            .and_then(|edge| Frontier::from_parts(TreeSize::new(whole), edge.to_vec()).ok())
            .ok_or("the edge of the cursor is too short")?;
        again.extend(open.iter().copied());
        if again.size() != size || again.edge() != frontier.edge() {
            return Err("the parts of the cursor do not fit together".to_owned());
        }
        Ok(Self {
            origin: Origin::parse(&kept.origin).map_err(|error| error.to_string())?,
            frontier,
            open,
            note: kept.checkpoint,
        })
    }
}
