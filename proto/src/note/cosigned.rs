//! What a cosignature signs, and how it carries its time.

/// The bytes that a cosigner signs (C2SP tlog-cosignature, "Ed25519 signed message").
pub(crate) fn cosigned_message(text: &str, time: u64) -> Vec<u8> {
    format!("cosignature/v1\ntime {time}\n{text}").into_bytes()
}

/// The time in a signature of 72 bytes and the 64 bytes after it.
pub(crate) fn claimed_time(signature: &[u8]) -> Option<(u64, &[u8])> {
    let (time, rest) = signature.split_first_chunk::<8>()?;
    let time = u64::from_be_bytes(*time);
    (rest.len() == 64 && i64::try_from(time).is_ok()).then_some((time, rest))
}
