//! The vocabularies that a command says codes by: those of the program, with what the operator
//! of the node has added.

use std::{path::Path, sync::Arc};

use wpsx_words::Vocabularies;

use super::failure::Failure;

/// The codes and names that are known, with what the node's operator has added.
pub(super) fn vocabularies(data_dir: Option<&Path>) -> Result<Arc<Vocabularies>, Failure> {
    let Some(folder) = data_dir.map(|folder| folder.join("vocabularies")) else {
        return Ok(Vocabularies::shipped());
    };
    Vocabularies::with_folder(&folder).map_err(|error| {
        let what = format!("the vocabularies in {} cannot be used", folder.display());
        Failure::because(what, &error).remedy("correct the files there, or take them away")
    })
}
