//! The node's configuration: one TOML file and environment variables over it.
//!
//! `KEYS` is the only place where a key is described: its default, its
//! meaning, whom it trusts and how it is read. The file that `wpsx init` writes,
//! the check for unknown keys and the names of the environment variables are
//! derived from it. A key that nobody knows is refused, because a misspelt limit
//! that is silently ignored is worse than a node that does not start.

mod error;
mod keys;
mod named;
mod names;
mod settings;
mod site;
mod values;

use std::{fmt::Write as _, fs, io, path::Path};

use toml::{Table, Value};

pub use self::error::ConfigError;
pub use self::settings::{
    AccessConfig, Config, LimitsConfig, LogConfig, LogFormat, NodeConfig, PublishingConfig,
    ReplicationConfig, SiteConfig, StoreConfig,
};
use self::{
    keys::KEYS,
    names::{dotted, find, unknown, unknown_section},
};

pub use wpsx_cli::FILE_NAME;

fn line_of(text: &str, at: usize) -> usize {
    1 + text.bytes().take(at).filter(|byte| *byte == b'\n').count()
}

impl Config {
    /// Reads the file (defaults if it does not exist and `required` is false),
    /// then the variables `WPSX_<SECTION>_<KEY>` over it.
    ///
    /// # Errors
    ///
    /// The first unreadable, unknown or unusable setting, named with its place.
    pub fn load(
        path: &Path,
        required: bool,
        environment: impl IntoIterator<Item = (String, String)>,
    ) -> Result<Self, ConfigError> {
        let text = match fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound && !required => String::new(),
            Err(source) => {
                return Err(ConfigError::Read {
                    path: path.to_owned(),
                    source,
                });
            }
        };
        let mut config = Self::parse(path, &text)?;
        config.apply_environment(environment)?;
        Ok(config)
    }

    /// Reads the text of a configuration file; `path` is for messages only.
    ///
    /// # Errors
    ///
    /// The first unknown or unusable setting.
    pub fn parse(path: &Path, text: &str) -> Result<Self, ConfigError> {
        let table: Table = text
            .parse()
            .map_err(|error: toml::de::Error| ConfigError::Syntax {
                path: path.to_owned(),
                line: line_of(text, error.span().map_or(0, |span| span.start)),
                reason: error.message().to_owned(),
            })?;
        let place = path.display().to_string();
        let mut config = Self::default();
        for (section, value) in table {
            let Value::Table(keys) = value else {
                return Err(unknown(&place, section, dotted));
            };
            if !KEYS.iter().any(|key| key.section == section) {
                return Err(unknown_section(&place, &section));
            }
            for (name, value) in keys {
                let Some(key) = find(&section, &name) else {
                    return Err(unknown(&place, format!("{section}.{name}"), dotted));
                };
                key.set(&mut config, &value)
                    .map_err(|expected| ConfigError::Value {
                        place: place.clone(),
                        key: dotted(key),
                        value: value.to_string(),
                        expected,
                    })?;
            }
        }
        Ok(config)
    }

    /// Applies the variables `WPSX_<SECTION>_<KEY>`.
    ///
    /// A variable in a section of ours with a name that is no key is refused.
    /// Those that container platforms set for a service called `wpsx-…`
    /// (`…_SERVICE_HOST`, `…_PORT_7443_TCP`) are not meant for us.
    ///
    /// # Errors
    ///
    /// The first unknown or unusable variable.
    pub fn apply_environment(
        &mut self,
        environment: impl IntoIterator<Item = (String, String)>,
    ) -> Result<(), ConfigError> {
        let place = "the environment";
        for (variable, text) in environment {
            let Some(rest) = variable.strip_prefix("WPSX_") else {
                continue;
            };
            let Some((section, name)) = rest.split_once('_') else {
                continue;
            };
            if name.starts_with("SERVICE_") || name == "PORT" || name.starts_with("PORT_") {
                continue;
            }
            let section = section.to_lowercase();
            if !KEYS.iter().any(|key| key.section == section) {
                continue;
            }
            let Some(key) = find(&section, &name.to_lowercase()) else {
                return Err(unknown(place, variable, names::variable));
            };
            key.set_text(self, &text)
                .map_err(|expected| ConfigError::Value {
                    place: place.to_owned(),
                    key: names::variable(key),
                    value: format!("{text:?}"),
                    expected,
                })?;
        }
        Ok(())
    }

    /// The configuration file with every key, its default and whom it trusts.
    /// The keys in `set` (`"node.name"`, TOML value) stand in it as given, the others as comments.
    pub fn file_text(set: &[(&str, Value)]) -> String {
        let mut text = String::from(
            "# The configuration of a wpsx node. A line that begins with # shows a default.\n\
             # Each key can also be set in the environment: listen in [node] is WPSX_NODE_LISTEN.\n\
             # Unknown keys are refused. Changes take effect when the node is started again.\n\
             # Whoever can write this file or the environment commands the node.\n",
        );
        let mut section = "";
        for key in KEYS {
            if key.section != section {
                section = key.section;
                let _ = write!(text, "\n[{section}]\n");
            }
            text.push('\n');
            for line in key.help.lines() {
                let _ = writeln!(text, "# {line}");
            }
            for (at, line) in key.trust.lines().enumerate() {
                let lead = if at == 0 { "Trust: " } else { "" };
                let _ = writeln!(text, "# {lead}{line}");
            }
            match set.iter().find(|(name, _)| *name == dotted(key)) {
                Some((_, value)) => {
                    let _ = writeln!(text, "{} = {value}", key.name);
                }
                None => {
                    let _ = writeln!(text, "#{} = {}", key.name, key.default);
                }
            }
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Config, ConfigError> {
        Config::parse(Path::new("wpsx.toml"), text)
    }

    #[test]
    fn the_file_shows_every_default_and_changes_none() {
        let text = Config::file_text(&[]);
        assert_eq!(parse(&text).unwrap(), Config::default());
        let uncommented: String = text
            .lines()
            .map(|line| match line.strip_prefix('#') {
                Some(rest) if !rest.starts_with(' ') => format!("{rest}\n"),
                _ => format!("{line}\n"),
            })
            .collect();
        let mut shown = parse(&uncommented).unwrap();
        assert_eq!(shown.node.name.take().unwrap(), "node.example.org");
        assert_eq!(shown, Config::default());
        for key in KEYS {
            assert!(uncommented.contains(&format!("\n{} = ", key.name)));
        }
    }

    #[test]
    fn keys_that_are_set_stand_in_the_file() {
        let text = Config::file_text(&[("node.name", Value::from("eu.example"))]);
        assert_eq!(parse(&text).unwrap().node.name.unwrap(), "eu.example");
    }

    #[test]
    fn an_unknown_key_is_refused_with_its_file_and_the_nearest_one() {
        let error = parse("[node]\nlissten = \"0.0.0.0:1\"\n").unwrap_err();
        assert_eq!(
            error.to_string(),
            "wpsx.toml sets node.lissten, which is not a key; did you mean node.listen?"
        );
        let error = parse("[limit]\nstreams = 5\n").unwrap_err();
        assert_eq!(
            error.to_string(),
            "wpsx.toml sets [limit], which is not a key; did you mean [limits]?"
        );
        let error = parse("listen = \"0.0.0.0:1\"\n").unwrap_err();
        assert!(
            error.to_string().contains("did you mean node.listen?"),
            "{error}"
        );
    }

    #[test]
    fn an_unusable_value_is_refused_with_what_would_do() {
        for (text, expected) in [
            ("[node]\nlisten = \"7443\"", "an address and port"),
            ("[node]\nlisten = 7443", "a text such as"),
            ("[limits]\nstreams = 0", "a number from 4 to 10000"),
            ("[limits]\nstreams = \"many\"", "a number such as 64"),
            ("[replication]\nkinds = [\"plan\"]", "national-action-plan"),
            (
                "[replication]\ncountries = [\"ke\"]",
                "three capital letters",
            ),
            ("[node]\nadvertise = [\"http://a.example\"]", "https://"),
            (
                "[node]\nadvertise = [\"https://a.example\"]",
                "with its port",
            ),
            (
                "[node]\nadvertise = [\"https://a.example:0\"]",
                "with its port",
            ),
            (
                "[node]\nadvertise = [\"https://a.example:1/b\"]",
                "with its port",
            ),
            ("[node]\nadvertise = [\"https://:7443\"]", "with its port"),
            ("[node]\nname = \"Node A\"", "lower-case"),
            ("[log]\nlevel = \"loud\"", "error, warn, info"),
            ("[node]\n[log", "line 2 of the configuration"),
            ("[log]\nformat = \"xml\"", "\"text\" or \"json\""),
            ("[log]\naccess = [\"all\"]", "\"addresses\""),
            ("[site]\naccent = \"blue\"", "#0b5563"),
            ("[site]\naccent = \"#009edb\"", "is 2.8:1"),
            ("[site]\ncontact = \"wps at example\"", "wps@example.org"),
            (
                "[site]\nbase = \"wps.example.org\"",
                "https://wps.example.org",
            ),
            (
                "[site]\nbase = \"https://a.example/wps\"",
                "https://wps.example.org",
            ),
            ("[site]\ntitle = 7", "for each language"),
            (
                "[site]\ntitle = { de = \"Netz\" }",
                "en, fr, es, ru, ar and zh",
            ),
            ("[site]\ntitle = { en = 7 }", "for each language"),
            ("[site]\ntitle = \"a\\nb\"", "one line"),
            ("[site]\nnotice = { en = \"a\\nb\" }", "one line"),
            ("[site]\nnotice = 7", "for each language"),
            ("[site]\ntrusted_proxies = [\"proxy\"]", "10.1.0.0/16"),
            ("[site]\ntrusted_proxies = [\"10.0.0.0/33\"]", "10.1.0.0/16"),
            ("[site]\ntrusted_proxies = [\"0.0.0.0/0\"]", "everybody"),
            ("[site]\nproxy_header = \"X-Real-IP\"", "X-Forwarded-For"),
        ] {
            let message = parse(text).unwrap_err().to_string();
            assert!(message.contains(expected), "{text}: {message}");
        }
    }

    #[test]
    fn the_environment_overrides_the_file() {
        let mut config = parse("[limits]\nstreams = 10\n").unwrap();
        let set = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        config
            .apply_environment([
                set("WPSX_LIMITS_STREAMS", "20"),
                set("WPSX_NODE_LISTEN", "none"),
                set("WPSX_REPLICATION_COUNTRIES", "KEN, SRB"),
                set("WPSX_DATA_DIR", "/somewhere"),
                set("WPSX_NODE_SERVICE_HOST", "10.0.0.1"),
                set("WPSX_NODE_PORT_7443_TCP", "tcp://10.0.0.1:7443"),
            ])
            .unwrap();
        assert_eq!(config.limits.streams, 20);
        assert_eq!(config.node.listen, None);
        assert_eq!(config.replication.countries, ["KEN", "SRB"]);
        let error = config
            .apply_environment([set("WPSX_NODE_LISTENS", "none")])
            .unwrap_err();
        assert_eq!(
            error.to_string(),
            "the environment sets WPSX_NODE_LISTENS, which is not a key; did you mean WPSX_NODE_LISTEN?"
        );
    }
}
