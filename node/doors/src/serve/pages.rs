//! The pages of a node, with what its operator set for them.

use wpsx_domain::NodeError;
use wpsx_observatory::{Hosted, Observatory};
use wpsx_proto::chain;
use wpsx_words::Vocabularies;

use crate::app::App;

/// What people open: every public record on a page. Blocks.
///
/// # Errors
/// A setting names what is not there, with what to do about it.
pub(super) fn pages(app: &App) -> Result<Observatory, NodeError> {
    let folder = app.dir().join("vocabularies");
    let vocabularies =
        Vocabularies::with_folder(&folder).map_err(|error| NodeError::Internal(chain(&error)))?;
    let site = &app.config().site;
    let settings = site.settings(app.dir(), &vocabularies);
    let mut settings = settings.map_err(|error| NodeError::invalid("wpsx.toml", chain(&error)))?;
    let (_, http) = app.addresses();
    // What is cited or subscribed to names the whole address of its page.
    settings
        .base
        .get_or_insert_with(|| format!("http://{http}"));
    let (records, access) = (app.records().clone(), app.access().clone());
    let (federation, names) = (app.federation().clone(), app.federation().clone());
    let site = Observatory::new(records, access, vocabularies, settings)
        .with_clock(app.clock().as_fn())
        .with_cosigners(move || federation.cosigners())
        .with_names(move |node| Hosted::of(&names.hosted(node)))
        .with_network(app.public_network());
    Ok(site)
}
