//! Values that several commands take.

use wpsx_proto::record::Kind;

/// The number of a kind by its name.
pub(super) fn kind(text: &str) -> Result<u32, String> {
    text.parse::<Kind>()
        .map(Kind::number)
        .map_err(|error| error.to_string())
}
