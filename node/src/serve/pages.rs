//! The pages of a node, with what its operator set for them.

use std::{
    fs::File,
    io::{self, Read as _},
    path::Path,
    sync::Arc,
};

use wpsx_domain::NodeError;
use wpsx_observatory::{Logo, Observatory, Scope, Settings};
use wpsx_proto::chain;
use wpsx_words::Vocabularies;

use crate::{app::App, config::SiteConfig};

/// What people open: every public record on a page. Blocks.
///
/// # Errors
/// A setting names what is not there, with what to do about it.
pub(super) fn pages(app: &App) -> Result<Observatory, NodeError> {
    let folder = app.dir().join("vocabularies");
    let vocabularies =
        Vocabularies::with_folder(&folder).map_err(|error| NodeError::Internal(chain(&error)))?;
    let mut settings = settings(&app.config().site, app.dir(), &vocabularies)?;
    let (_, http) = app.addresses();
    // What is cited or subscribed to names the whole address of its page.
    settings
        .base
        .get_or_insert_with(|| format!("http://{http}"));
    let (records, access) = (app.records().clone(), app.access().clone());
    let federation = app.federation().clone();
    let site = Observatory::new(records, access, vocabularies, settings)
        .with_clock(app.clock().as_fn())
        .with_cosigners(move || federation.cosigners())
        .with_network(app.public_network());
    Ok(site)
}

fn settings(
    site: &SiteConfig,
    dir: &Path,
    vocabularies: &Arc<Vocabularies>,
) -> Result<Settings, NodeError> {
    let scope = site.scope.as_ref().map(|text| {
        Scope::find(text, vocabularies)
            .map_err(|error| NodeError::invalid("site.scope", chain(&error)))
    });
    let logo = site.logo.as_ref().map(|path| logo(&dir.join(path)));
    Ok(Settings {
        title: site.title.clone(),
        about: site.about.clone(),
        accent: site.accent,
        logo: logo.transpose()?,
        contact: site.contact.clone(),
        base: site.base.clone(),
        scope: scope.transpose()?,
    })
}

fn logo(path: &Path) -> Result<Logo, NodeError> {
    let unusable =
        |reason: &str| NodeError::invalid("site.logo", format!("{}: {reason}", path.display()));
    let read = || -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        File::open(path)?
            .take(Logo::MOST_READ)
            .read_to_end(&mut bytes)?;
        Ok(bytes)
    };
    let bytes = read().map_err(|error| unusable(&format!("it cannot be read: {error}")))?;
    Logo::check(bytes.into()).map_err(|error| unusable(&error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(site: &SiteConfig, dir: &Path) -> String {
        let settings = settings(site, dir, &Vocabularies::shipped());
        chain(&settings.map(|_| ()).unwrap_err())
    }

    #[test]
    fn what_a_setting_names_and_is_not_there_is_told_with_its_key() {
        let dir = tempfile::tempdir().unwrap();
        let logo = |name: &str| SiteConfig {
            logo: Some(name.into()),
            ..SiteConfig::default()
        };
        let none = refused(&logo("none.png"), dir.path());
        assert!(
            none.contains("site.logo") && none.contains("none.png"),
            "{none}"
        );
        std::fs::write(dir.path().join("a.gif"), "GIF89a").unwrap();
        let gif = refused(&logo("a.gif"), dir.path());
        assert!(gif.contains("neither a PNG nor an SVG"), "{gif}");
        std::fs::write(dir.path().join("a.svg"), "<svg></svg>").unwrap();
        let good = settings(&logo("a.svg"), dir.path(), &Vocabularies::shipped());
        assert!(good.unwrap().logo.is_some());
        let scope = refused(
            &SiteConfig {
                scope: Some("Atlantis".to_owned()),
                ..SiteConfig::default()
            },
            dir.path(),
        );
        assert!(
            scope.contains("site.scope") && scope.contains("Atlantis"),
            "{scope}"
        );
    }
}
