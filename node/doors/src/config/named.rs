//! What settings of the pages name and do not hold: a picture in a file, a scope in the
//! vocabularies. Both are looked up when settings are read, before anything is opened, so
//! that who made a mistake is told at once and by every command; and once more, by the same
//! function, when the pages are made.

use std::{
    fs::{self, File},
    io::{self, Read as _},
    path::Path,
    sync::Arc,
};

use wpsx_observatory::{Logo, Scope, Settings};
use wpsx_proto::chain;
use wpsx_words::Vocabularies;

use super::{Config, ConfigError, SiteConfig};

impl Config {
    /// Checks what settings name beside themselves, from the data directory `dir`.
    ///
    /// # Errors
    /// What is not there or cannot be used, with what to do about it.
    pub fn check(&self, dir: &Path) -> Result<(), ConfigError> {
        let site = &self.site;
        let words = site.scope.as_ref().map(|_| {
            // A folder that cannot be read is told of by who opens the node.
            Vocabularies::with_folder(&dir.join("vocabularies"))
                .unwrap_or_else(|_| Vocabularies::shipped())
        });
        site.settings(dir, &words.unwrap_or_else(Vocabularies::shipped))
            .map(drop)
    }
}

impl SiteConfig {
    /// The settings of the pages.
    ///
    /// # Errors
    /// As [`Config::check`].
    pub fn settings(
        &self,
        dir: &Path,
        vocabularies: &Arc<Vocabularies>,
    ) -> Result<Settings, ConfigError> {
        let scope = self.scope.as_ref().map(|text| {
            Scope::find(text, vocabularies).map_err(|error| named("site.scope", chain(&error)))
        });
        let logo = self.logo.as_ref().map(|path| logo(&dir.join(path)));
        Ok(Settings {
            title: self.title.clone(),
            about: self.about.clone(),
            notice: self.notice.clone(),
            accent: self.accent,
            logo: logo.transpose()?,
            contact: self.contact.clone(),
            base: self.base.clone(),
            scope: scope.transpose()?,
        })
    }
}

fn logo(path: &Path) -> Result<Logo, ConfigError> {
    let unusable = |why: &str| named("site.logo", format!("{} {why}", path.display()));
    let bytes = bytes(path).map_err(|error| {
        unusable(&match error.kind() {
            io::ErrorKind::NotFound => {
                "is not there; put a PNG or an SVG of at most 200 KB there, or leave the setting \
                 empty"
                    .to_owned()
            }
            _ => format!("cannot be read ({error}); name a file that this user can read"),
        })
    })?;
    Logo::check(bytes.into()).map_err(|error| unusable(&error.to_string()))
}

/// The bytes of a file, of a large one so many that it is seen to be too large. What is no
/// file, such as a pipe, may never end.
fn bytes(path: &Path) -> io::Result<Vec<u8>> {
    if !fs::metadata(path)?.is_file() {
        return Err(io::Error::other("it is no file"));
    }
    let mut bytes = Vec::new();
    File::open(path)?
        .take(Logo::MOST_READ)
        .read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn named(key: &'static str, reason: String) -> ConfigError {
    ConfigError::Named { key, reason }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(text: &str, dir: &Path) -> String {
        let config = Config::parse(Path::new("wpsx.toml"), &format!("[site]\n{text}\n"));
        chain(&config.unwrap().check(dir).unwrap_err())
    }

    #[test]
    fn a_logo_that_cannot_be_shown_is_refused_with_its_settings_in_one_sentence() {
        let dir = tempfile::tempdir().unwrap();
        let path = |name: &str| dir.path().join(name);
        fs::write(path("a.gif"), "GIF89a").unwrap();
        fs::write(path("large.svg"), vec![b' '; 300 << 10]).unwrap();
        fs::write(path("does.svg"), "<svg><script/></svg>").unwrap();
        fs::create_dir(path("folder")).unwrap();
        for (name, why, remedy) in [
            ("none.png", "is not there", "put a PNG or an SVG"),
            ("a.gif", "is neither a PNG nor an SVG", "save it as"),
            ("large.svg", "is larger than", "save it smaller"),
            ("does.svg", "holds <script", "save it as a plain SVG"),
            ("folder", "it is no file", "name a file"),
        ] {
            let told = refused(&format!("logo = \"{name}\""), dir.path());
            let begins = format!("site.logo: {} ", path(name).display());
            assert!(told.starts_with(&begins), "{told}");
            assert!(told.contains(why) && told.contains(remedy), "{told}");
            assert!(!told.contains('\n') && !told.ends_with('.'), "{told}");
        }
    }

    #[test]
    fn a_scope_that_nobody_knows_is_refused_with_its_settings_in_one_sentence() {
        let dir = tempfile::tempdir().unwrap();
        assert_eq!(
            refused("scope = \"Atlantis\"", dir.path()),
            "site.scope: \"Atlantis\" is no organisation or region that is known here; write a \
             code such as EU, AU or 002, or a name"
        );
    }

    #[test]
    fn what_is_there_is_taken() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("a.svg"), "<svg></svg>").unwrap();
        let text = "[site]\nlogo = \"a.svg\"\nscope = \"African Union\"\n";
        let config = Config::parse(Path::new("wpsx.toml"), text).unwrap();
        config.check(dir.path()).unwrap();
        let shown = config
            .site
            .settings(dir.path(), &Vocabularies::shipped())
            .unwrap();
        assert!(shown.logo.is_some() && shown.scope.is_some());
    }
}
