//! Numbers in the text of signed notes.

/// The largest number: no tree is larger, and no time later.
const MAX: u64 = i64::MAX as u64;

/// Reads a decimal number of at most 2^63 - 1 without leading zeros.
pub(crate) fn decimal(text: &str) -> Option<u64> {
    let canonical = text == "0" || !text.starts_with('0');
    let digits = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let value = text.parse().ok().filter(|_| canonical && digits)?;
    (value <= MAX).then_some(value)
}
