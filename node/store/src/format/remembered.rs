//! Batches of a log that are remembered: which entries each made, and a few words of
//! whoever appended it. They come with the entries, in one group of the journal, so a
//! batch is remembered exactly if it is in the log.

use std::collections::VecDeque;

use bytes::Bytes;

use super::request::RequestId;

/// So many are kept for each log; then the oldest goes.
pub(crate) const MOST: usize = 1_000;
/// Bytes of the words about one.
pub(crate) const MOST_WORDS: usize = 1_024;
const LOST: &str = "lost ";

/// A batch that is remembered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remembered {
    /// The request that appended it.
    pub request: RequestId,
    /// Its first entry.
    pub start: u64,
    /// How many there are.
    pub count: u64,
    /// What was to be remembered with it.
    pub words: Bytes,
}

/// The remembered batches of one log, oldest first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct AllRemembered {
    batches: VecDeque<Remembered>,
    /// The list was lost once: of entries before this one nothing is remembered.
    lost: u64,
}

impl AllRemembered {
    pub(crate) fn insert(&mut self, batch: Remembered) {
        // A group that is applied again after a crash brings what is there already.
        if self.batches.iter().any(|there| there.start == batch.start) {
            return;
        }
        self.batches.push_back(batch);
        while self.batches.len() > MOST {
            self.batches.pop_front();
        }
    }

    /// What was remembered of entries before this one is lost.
    pub(crate) fn lose(&mut self, before: u64) {
        self.lost = before;
    }

    /// The entry before which nothing is remembered because the list was lost; 0: none.
    pub(crate) fn lost(&self) -> u64 {
        self.lost
    }

    /// The one that made this entry.
    pub(crate) fn of(&self, index: u64) -> Option<&Remembered> {
        let behind = self.batches.partition_point(|batch| batch.start <= index);
        let batch = self.batches.get(behind.checked_sub(1)?)?;
        (index - batch.start < batch.count).then_some(batch)
    }

    pub(crate) fn all(&self) -> Vec<Remembered> {
        self.batches.iter().cloned().collect()
    }

    /// One line for each, oldest first: start, count, words in hexadecimal, request. Before
    /// them, if what was remembered earlier is lost: `lost` and the entry before which it is.
    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        let lost = (self.lost > 0).then(|| format!("{LOST}{}\n", self.lost));
        let lines = self.batches.iter().map(|batch| {
            let (words, request) = (hex::encode(&batch.words), batch.request.as_str());
            format!("{} {} x{words} {request}\n", batch.start, batch.count)
        });
        let lines = lost.into_iter().chain(lines);
        lines.collect::<String>().into_bytes()
    }

    pub(crate) fn parse(bytes: &[u8]) -> Result<Self, String> {
        let text = std::str::from_utf8(bytes).map_err(|e| e.to_string())?;
        let mut all = Self::default();
        for line in text.lines() {
            if let Some(lost) = line.strip_prefix(LOST) {
                all.lost = lost
                    .parse()
                    .map_err(|_| format!("not an entry: {line:?}"))?;
                continue;
            }
            let batch = parse(line).ok_or_else(|| format!("not a batch: {line:?}"))?;
            all.insert(batch);
        }
        Ok(all)
    }
}

fn parse(line: &str) -> Option<Remembered> {
    let mut parts = line.splitn(4, ' ');
    let mut number = || parts.next()?.parse().ok();
    let (start, count) = (number()?, number()?);
    let words = hex::decode(parts.next()?.strip_prefix('x')?).ok()?;
    let request = RequestId::parse(parts.next()?).ok()?;
    (words.len() <= MOST_WORDS).then(|| Remembered {
        request,
        start,
        count,
        words: words.into(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_thousand_batches_are_kept_and_read_back() {
        let mut all = AllRemembered::default();
        for n in 0..MOST as u64 + 5 {
            all.insert(Remembered {
                request: RequestId::parse(&format!("import {n}")).unwrap(),
                start: 2 * n,
                count: 2,
                words: Bytes::from_static(b"a file"),
            });
        }
        all.lose(7);
        let again = AllRemembered::parse(&all.to_bytes()).unwrap();
        assert_eq!(again, all);
        assert_eq!(again.lost(), 7);
        let kept = again.all();
        assert_eq!((kept.len(), kept[0].start), (MOST, 10));
        let of = |index| again.of(index).map(|batch| batch.start);
        assert_eq!(
            [of(9), of(10), of(11), of(12)],
            [None, Some(10), Some(10), Some(12)]
        );
        assert_eq!(of(2 * MOST as u64 + 10), None);
        for bad in ["1 2 x6", "1 2 zz a", "x", "1 2 x", "lost x"] {
            assert!(AllRemembered::parse(bad.as_bytes()).is_err(), "{bad}");
        }
    }
}
