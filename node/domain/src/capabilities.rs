//! What this node can do, as a list of names. A peer that does not know a name
//! ignores it; nothing is refused because of a version.

/// The software and its version, for people to read.
pub const SOFTWARE: &str = concat!("wpsx ", env!("CARGO_PKG_VERSION"));

/// Payload frames may be sent as Zstandard frames.
pub const ZSTD: &str = "zstd";
/// Connections with turned roles are accepted (ALPN `wpsx-turn/1`).
pub const TURN: &str = "turn";
/// Payloads can be chosen by country on the sender's side.
pub const COUNTRY_FILTER: &str = "filter-country";
/// Evidence of forks is accepted and passed on.
pub const FORK_EVIDENCE: &str = "fork-evidence";
/// Erase entries are carried out.
pub const ERASE: &str = "erase";
/// A refusal that was reported can be reported as resolved.
pub const RESOLVED: &str = "resolved";

/// Erase entries of a log that stands still are taken alone, and passed on.
pub const ERASURE_EVIDENCE: &str = "erasure-evidence";

/// The names this node lists.
pub fn ours() -> Vec<String> {
    let names = [
        ZSTD,
        TURN,
        COUNTRY_FILTER,
        FORK_EVIDENCE,
        ERASE,
        RESOLVED,
        ERASURE_EVIDENCE,
    ];
    names.map(str::to_owned).to_vec()
}
