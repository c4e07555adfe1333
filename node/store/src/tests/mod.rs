//! A store and what it promises.

mod append;
mod backup;
mod damage;
mod erase;
mod faults;
mod followers;
mod mend;
mod model;
mod panics;
mod power;
mod recover;
mod replica;
mod room;

use std::{
    path::{Path, PathBuf},
    sync::atomic::Ordering,
    time::Duration,
};

use wpsx_proto::{
    cosignature::Cosigner,
    envelope::{Leaf, Operation},
    index::LeafIndex,
    origin::Origin,
    payload::{Frame, SlotState},
};

use super::{testing::*, *};
