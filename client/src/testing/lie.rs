//! What a test node can lie about.

/// One lie. The code is what a reader must refuse it with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lie {
    /// The head is no signed note.
    GarbledCheckpoint,
    /// The head is signed by a key of another.
    ForgedCheckpoint,
    /// The head is that of another log.
    OtherLog,
    /// The head is half as large as one shown before.
    RolledBack,
    /// The head has the size of the true one and another root, both signed by the log.
    ForkEqual,
    /// The head is smaller than the true one and not of its tree; signed by the log.
    ForkSmaller,
    /// The head is larger than the true one and does not extend it; signed by the log.
    ForkLarger,
    /// The consistency proofs of heads are changed.
    BadConsistency,
    /// No consistency proof is given, neither with heads nor when asked.
    NoConsistency,
    /// The same, and the head is half as large as one shown before.
    RolledBackWithoutProof,
    /// A byte of an entry is changed.
    ChangedEntry,
    /// A hash of the proof of a package is changed, or added where there is none.
    BadSubtreeProof,
    /// Packages come in another order.
    ReorderedPackages,
    /// The last package is left out.
    TruncatedPackages,
    /// The last entry of each package is left out.
    ShortPackages,
    /// A package is sent again at the end.
    ExtraPackages,
    /// The head is larger than what is served: packages are said to be beyond the log.
    LargerThanServed,
    /// A package is padded beyond what a message may hold.
    OversizedPackage,
    /// A byte of a payload is changed.
    ChangedPayload,
    /// A byte of a salt is changed.
    ChangedSalt,
    /// Frames come in another order.
    ReorderedFrames,
    /// The last frame is left out.
    TruncatedPayloads,
    /// A frame has a slot more than was asked for.
    ExtraSlots,
    /// A frame is sent again at the end.
    ExtraFrames,
    /// A frame claims fewer slots to be full than it carries.
    TooMuchData,
    /// A frame of a few kilobytes that decompresses to 64 MiB.
    ZstdBomb,
    /// A frame is padded beyond what a message may hold.
    OversizedFrame,
    /// Payloads are claimed to be filtered though no filter was asked for.
    FilteredUnasked,
    /// Entries with a payload are claimed to have none.
    NoneClaimed,
    /// Payloads are claimed to be erased though no entry erases them. Not refused,
    /// since the source may be ahead, but not believed either.
    ErasedClaimed,
    /// Calls are never answered.
    Stall,
    /// Packages and frames come one by one, each just in time.
    Drip,
    /// The connection breaks after some packages.
    Cut,
    /// The stream of heads ends soon after it began.
    HangUp,
    /// Another record is returned than the one asked for.
    OtherRecord,
    /// The bytes of a returned entry are changed.
    ChangedRecord,
    /// The payload of a returned entry is changed.
    ChangedRecordPayload,
    /// The proof of a returned entry is that of another.
    OtherInclusion,
    /// A listed entry is not of the kind asked for.
    OtherKind,
    /// Older revisions are returned as the newest. Inclusion cannot tell, completeness can.
    OldRevision,
    /// A list that never ends.
    EndlessList,
}
