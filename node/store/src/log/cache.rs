//! A cache bounded by bytes: what was not used for a while goes first.

use std::{collections::HashMap, hash::Hash};

/// Two generations: when the young one is full it becomes the old one, and what
/// was in the old one is forgotten, except what was used meanwhile.
#[derive(Debug)]
pub(crate) struct Cache<K, V> {
    young: HashMap<K, (V, usize)>,
    old: HashMap<K, (V, usize)>,
    young_bytes: usize,
    half: usize,
}

impl<K: Hash + Eq + Clone, V: Clone> Cache<K, V> {
    pub(crate) fn new(most_bytes: usize) -> Self {
        Self {
            young: HashMap::new(),
            old: HashMap::new(),
            young_bytes: 0,
            half: most_bytes / 2,
        }
    }

    pub(crate) fn get(&mut self, key: &K) -> Option<V> {
        if let Some((value, _)) = self.young.get(key) {
            return Some(value.clone());
        }
        let (value, bytes) = self.old.remove(key)?;
        self.put(key.clone(), value.clone(), bytes);
        Some(value)
    }

    pub(crate) fn put(&mut self, key: K, value: V, bytes: usize) {
        if bytes > self.half {
            return;
        }
        if self.young_bytes + bytes > self.half {
            self.old = std::mem::take(&mut self.young);
            self.young_bytes = 0;
        }
        self.old.remove(&key);
        self.young_bytes += bytes;
        if let Some((_, before)) = self.young.insert(key, (value, bytes)) {
            self.young_bytes -= before;
        }
    }

    pub(crate) fn remove(&mut self, key: &K) {
        if let Some((_, bytes)) = self.young.remove(key) {
            self.young_bytes -= bytes;
        }
        self.old.remove(key);
    }
}

#[cfg(test)]
mod tests {
    use super::Cache;

    #[test]
    fn what_is_used_stays_and_the_bytes_are_bounded() {
        let mut cache = Cache::new(100);
        for n in 0..1000 {
            cache.put(n, n, 10);
            assert!(cache.get(&0).is_some(), "0 is used all the time");
            assert!(cache.young.len() + cache.old.len() <= 10);
        }
        assert_eq!(cache.get(&500), None);
        assert_eq!(cache.get(&999), Some(999));
        cache.remove(&999);
        assert_eq!(cache.get(&999), None);
    }

    #[test]
    fn a_value_larger_than_half_is_not_kept() {
        let mut cache = Cache::new(100);
        cache.put(1, 1, 60);
        assert_eq!(cache.get(&1), None);
    }
}
