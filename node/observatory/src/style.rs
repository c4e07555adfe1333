//! The one stylesheet, with the site's own colour at its end. Its address changes with
//! what it says, so that a browser may keep it for ever.

use bytes::Bytes;
use wpsx_proto::hash::Hash;

use crate::settings::Accent;

const STYLE: &str = include_str!("style.css");

/// The stylesheet of a site.
#[derive(Debug)]
pub(crate) struct Style {
    pub(crate) text: Bytes,
    /// Its address, with what it is now.
    pub(crate) path: String,
}

impl Style {
    pub(crate) fn with(accent: Option<Accent>) -> Self {
        let rules = accent.map(Accent::rules).unwrap_or_default();
        let text = Bytes::from(format!("{STYLE}{rules}"));
        let hash = Hash::of(&text).to_string();
        let brief: String = hash
            .chars()
            .filter(char::is_ascii_alphanumeric)
            .take(12)
            .collect();
        let path = format!("/style.css?v={brief}");
        Self { text, path }
    }
}
