//! A node as its operator sees it: every log with its age and gaps, every peer with its
//! lag and what was refused on either side.

use wpsx_domain::capabilities::SOFTWARE;
use wpsx_proto::{
    api::admin::v1::{Damage, GetStatusResponse, LogFailure, OriginStatus, PeerStatus, Refusal},
    hash::Hash,
    note::VerifierKey,
};

/// The whole picture.
#[derive(Clone, Debug)]
pub struct NodeState {
    /// The node's name.
    pub node: String,
    /// Why own logs are not signed; empty: they are.
    pub read_only: String,
    /// Every log that the asker may see.
    pub logs: Vec<LogState>,
    /// Every peer.
    pub peers: Vec<LineState>,
    /// How many logs there is evidence of a fork of.
    pub forks: u64,
    /// Entries that are stored but not yet in the views.
    pub views_behind: u64,
    /// What is damaged of any log.
    pub damage: Vec<Damage>,
    /// When all files were last read through, milliseconds since 1970; 0: never.
    pub scrubbed: u64,
    /// Where gRPC over TLS is; empty: nowhere.
    pub listen: String,
    /// Where the static public log is; empty: nowhere.
    pub http_listen: String,
    /// What contradicts what is known of its own logs, in sentences.
    pub unsound: Vec<String>,
    /// Files and folders in its folder that belong to nothing.
    pub strangers: Vec<String>,
    /// Bytes of the disk that are free; none: not known.
    pub disk_free: Option<u64>,
    /// Bytes of it that are kept in reserve.
    pub disk_reserve: u64,
}

/// One log.
#[derive(Clone, Debug, Default)]
pub struct LogState {
    /// Its name, or what stands for it where that cannot be read.
    pub origin: String,
    /// It is signed here.
    pub local: bool,
    /// Entries stored.
    pub tree_size: u64,
    /// Entries that a valid checkpoint tells of.
    pub known_size: u64,
    /// Current records.
    pub records: u64,
    /// Payloads left out by a filter.
    pub filtered: u64,
    /// Payloads that were erased.
    pub erased: u64,
    /// Payloads that could not be had yet.
    pub not_held: u64,
    /// Entries that need newer software.
    pub unreadable: u64,
    /// The newest cosignature of the head, milliseconds since 1970; 0: none.
    pub seen_time: u64,
    /// Who cosigned the head, of those whose keys are known here.
    pub cosigners: Vec<String>,
    /// Why it stands still or is not cosigned; empty: it is followed.
    pub stopped: String,
    /// The key that signs it, as far as it can be read.
    pub key: Option<VerifierKey>,
    /// The root of what is stored.
    pub root: Option<Hash>,
    /// When this run last saw it grow, milliseconds since 1970; 0: it does not run.
    pub moved_time: u64,
    /// Peers that have told of this head or cosigned it.
    pub taken_by: Vec<String>,
    /// The newest stamp where it cannot be true, seconds since 1970; 0: it can.
    pub ahead_time: u64,
}

/// One peer and the line to it.
#[derive(Clone, Debug, Default)]
pub struct LineState {
    /// Its name.
    pub name: String,
    /// The line's state in a word.
    pub state: &'static str,
    /// Entries that it tells of and that are not stored here.
    pub behind: u64,
    /// Answers of its that were refused here.
    pub refused: Vec<RefusalState>,
    /// Answers of ours that it refused.
    pub refused_by: Vec<RefusalState>,
    /// The last failure, until a line has worked and the log has moved.
    pub last_error: Option<FailureState>,
    /// Since when the line is open, or is not: milliseconds since 1970.
    pub since: u64,
    /// What is one-sided about it in a word; empty: nothing.
    pub one_sided: &'static str,
    /// The failures of its logs that are not over, by log.
    pub failures: Vec<(String, FailureState)>,
    /// Logs that it tells of and that are not followed.
    pub unknown_logs: u64,
    /// How far its stamps are ahead of what can be true here, in milliseconds.
    pub clock_ahead: u64,
    /// Bytes that came from it.
    pub bytes_in: u64,
    /// Entries and payloads from it that were verified.
    pub entries_in: u64,
    /// What it lists.
    pub capabilities: Vec<String>,
}

/// What keeps failing.
#[derive(Clone, Debug, Default)]
pub struct FailureState {
    /// For people to read.
    pub reason: String,
    /// When the first was, milliseconds since 1970 by our clock.
    pub first_time: u64,
    /// When the last was.
    pub time: u64,
    /// How many there were.
    pub count: u64,
}

/// One refused answer.
#[derive(Clone, Debug)]
pub struct RefusalState {
    /// The log that it was about.
    pub origin: String,
    /// A short stable name.
    pub code: String,
    /// For people to read.
    pub reason: String,
    /// When the last was, milliseconds since 1970 by our clock.
    pub time: u64,
    /// When the first was; 0: not known.
    pub first_time: u64,
    /// How many there were.
    pub count: u64,
}

impl NodeState {
    /// The state as it travels.
    pub fn into_api(self) -> GetStatusResponse {
        GetStatusResponse {
            node: self.node,
            software: SOFTWARE.to_owned(),
            read_only: self.read_only,
            origins: self.logs.into_iter().map(LogState::into_api).collect(),
            peers: self.peers.into_iter().map(LineState::into_api).collect(),
            forks: self.forks,
            views_behind: self.views_behind,
            listen: self.listen,
            http_listen: self.http_listen,
            unsound: self.unsound,
            strangers: self.strangers,
            disk_free: self.disk_free,
            disk_reserve: self.disk_reserve,
            damage: self.damage,
            scrub_time: self.scrubbed,
        }
    }
}

impl LogState {
    pub(crate) fn into_api(self) -> OriginStatus {
        OriginStatus {
            origin: self.origin,
            local: self.local,
            tree_size: self.tree_size,
            known_size: self.known_size,
            records: self.records,
            filtered: self.filtered,
            erased: self.erased,
            not_held: self.not_held,
            unknown_kinds: self.unreadable,
            seen_time: self.seen_time,
            cosigners: self.cosigners,
            stopped: self.stopped,
            vkey: self.key.map_or_else(String::new, |key| key.to_string()),
            root: self
                .root
                .map_or_else(Vec::new, |root| root.as_bytes().to_vec())
                .into(),
            moved_time: self.moved_time,
            taken_by: self.taken_by,
            ahead_time: self.ahead_time,
        }
    }
}

impl LineState {
    fn into_api(self) -> PeerStatus {
        let (failures, last) = (self.failures.into_iter(), self.last_error);
        PeerStatus {
            name: self.name,
            state: self.state.to_owned(),
            behind: self.behind,
            refused: self
                .refused
                .into_iter()
                .map(RefusalState::into_api)
                .collect(),
            refused_by: self
                .refused_by
                .into_iter()
                .map(RefusalState::into_api)
                .collect(),
            last_error_time: last.as_ref().map_or(0, |failure| failure.time),
            last_error_count: last.as_ref().map_or(0, |failure| failure.count),
            last_error: last.map_or_else(String::new, |failure| failure.reason),
            since: self.since,
            one_sided: self.one_sided.to_owned(),
            failures: failures.map(log_failure).collect(),
            unknown_logs: self.unknown_logs,
            clock_ahead: self.clock_ahead,
            bytes_in: self.bytes_in,
            entries_in: self.entries_in,
            capabilities: self.capabilities,
        }
    }
}

fn log_failure((origin, failure): (String, FailureState)) -> LogFailure {
    LogFailure {
        origin,
        reason: failure.reason,
        first_time: failure.first_time,
        time: failure.time,
        count: failure.count,
    }
}

impl RefusalState {
    fn into_api(self) -> Refusal {
        Refusal {
            origin: self.origin,
            code: self.code,
            reason: self.reason,
            time: self.time,
            first_time: self.first_time,
            count: self.count,
        }
    }
}
