//! What the logs say, kept the slow way.

use super::*;

/// What the logs say, kept the slow way.
#[derive(Default)]
pub(super) struct Model {
    pub(super) logs: BTreeMap<u32, Vec<ViewEntry>>,
    last: BTreeMap<(u32, RecordId), usize>,
}

impl Model {
    /// The newest entry of each record.
    pub(super) fn newest(&self, log: u32) -> BTreeMap<RecordId, &ViewEntry> {
        let last = self.last.range((log, RecordId::from_bytes([0; 16]))..);
        last.take_while(|((of, _), _)| *of == log)
            .map(|((_, record), index)| (*record, &self.logs[&log][*index]))
            .collect()
    }

    pub(super) fn push(&mut self, log: u32, entry: ViewEntry) {
        let entries = self.logs.entry(log).or_default();
        if entry.readable {
            self.last.insert((log, entry.record_id), entries.len());
        }
        entries.push(entry);
    }

    /// A plausible next entry of `log`.
    pub(super) fn invent(&self, log: u32, random: &mut Random) -> ViewEntry {
        let index = self.logs.get(&log).map_or(0, Vec::len) as u64;
        let mut new = entry(index, random.below(3) * 1_000_000 + random.below(150));
        if random.one_in(40) {
            new.readable = false;
            return new;
        }
        if let Some(last) = self.last.get(&(log, new.record_id)) {
            let last = &self.logs[&log][*last];
            new.revision = last.revision + 1;
        }
        new.kind = u32::try_from(random.below(4)).expect("small");
        new.operation = match random.below(12) {
            0 => Operation::Withdraw,
            1 => Operation::Erase,
            2 => Operation::Supersede,
            3 => Operation::from(99),
            4 => Operation::Key,
            _ => Operation::Publish,
        };
        new.countries.clear();
        if matches!(
            new.operation,
            Operation::Withdraw | Operation::Erase | Operation::Key
        ) {
            new.state = SlotState::None;
        } else if random.one_in(8) {
            new.state = SlotState::NotHeld;
        } else {
            for _ in 0..random.below(3) {
                new.countries
                    .push(COUNTRIES[random.below(6) as usize].to_string());
            }
            if random.one_in(2) {
                // Its own, or one that others have too.
                new.external_id = Some(match random.below(3) {
                    2 => SHARED[random.below(3) as usize].to_string(),
                    version => name(&new.record_id, version),
                });
            }
        }
        new
    }

    pub(super) fn list(&self, logs: &Logs, filter: &Filter) -> Vec<(u32, u64)> {
        let mut found = Vec::new();
        for log in self.logs.keys() {
            if !logs.contains(log) {
                continue;
            }
            let mut indexes: Vec<u64> = self
                .newest(*log)
                .values()
                .filter(|entry| {
                    let any = |code: &String| filter.countries.contains(code) && code.len() <= 8;
                    (filter.kinds.is_empty() || filter.kinds.contains(&entry.kind))
                        && (filter.countries.is_empty() || entry.countries.iter().any(any))
                        && (filter.include_withdrawn || entry.operation.publishes())
                })
                .map(|entry| entry.index)
                .collect();
            indexes.sort_unstable();
            found.extend(indexes.into_iter().map(|index| (*log, index)));
        }
        found
    }

    /// The external id that each record has now, and the index that gave it.
    pub(super) fn names(&self, log: u32) -> BTreeMap<RecordId, (u64, String)> {
        let mut names = BTreeMap::new();
        for entry in self.logs.get(&log).into_iter().flatten() {
            if !entry.readable {
                continue;
            }
            if entry.operation == Operation::Erase {
                names.remove(&entry.record_id);
            }
            if let Some(name) = &entry.external_id {
                names.insert(entry.record_id, (entry.index, name.clone()));
            }
        }
        names
    }

    pub(super) fn check(&self, views: &Views, random: &mut Random) {
        for (log, entries) in &self.logs {
            assert_eq!(views.position(*log), entries.len() as u64);
            let newest = self.newest(*log);
            let counts = views.counts(*log).expect("counts");
            let current = newest.values().filter(|entry| entry.operation.publishes());
            assert_eq!(counts.records, current.count() as u64);
            let unreadable = entries.iter().filter(|entry| !entry.readable).count();
            assert_eq!(counts.unreadable, unreadable as u64);
            for (record, entry) in &newest {
                let latest = views.latest(*log, record).expect("latest").expect("known");
                assert_eq!(latest.index, entry.index);
                assert_eq!(latest.revision, entry.revision);
                assert_eq!(latest.operation, entry.operation);
                assert_eq!(latest.current, entry.operation.publishes());
            }
            let names = self.names(*log);
            let mut asked: BTreeSet<String> = SHARED.map(str::to_string).into();
            for number in (0..3u64).flat_map(|third| (0..150).map(move |n| third * 1_000_000 + n)) {
                if random.one_in(4) {
                    asked.extend([0, 1].map(|version| name(&record(number), version)));
                }
            }
            for name in asked {
                let mut expected: Vec<(u64, RecordId)> = names
                    .iter()
                    .filter(|(_, (_, named))| *named == name)
                    .map(|(record, (index, _))| (*index, *record))
                    .collect();
                expected.sort_unstable();
                let expected: Vec<RecordId> = expected.into_iter().map(|(_, id)| id).collect();
                let found = views.by_external_id(*log, &name).expect("name");
                assert_eq!(found, expected, "{name} in log {log}");
            }
        }
        for _ in 0..8 {
            let record = record(random.below(3) * 1_000_000 + random.below(150));
            let asked = invent_logs(random);
            let expected: Vec<(u32, u64)> = self
                .logs
                .keys()
                .filter(|log| asked.contains(log))
                .filter_map(|log| Some((*log, self.newest(*log).get(&record)?.index)))
                .collect();
            let found = views.find(&asked, &record).expect("find");
            let found: Vec<(u32, u64)> = found
                .into_iter()
                .map(|(log, latest)| (log, latest.index))
                .collect();
            assert_eq!(found, expected);
        }
        for _ in 0..20 {
            let (logs, filter) = (invent_logs(random), invent_filter(random));
            let limit = 1 + random.below(60) as usize;
            assert_eq!(
                page_through(views, &logs, &filter, limit),
                self.list(&logs, &filter),
                "{filter:?} in {logs:?}"
            );
        }
    }
}

pub(super) const COUNTRIES: [&str; 7] = ["AL", "BA", "XK", "ME", "MK", "RS", "NINEBYTES"];

/// One is the beginning of another.
pub(super) const SHARED: [&str; 3] = ["shared", "shared-2", "\u{10ffff}"];

pub(super) fn name(record: &RecordId, version: u64) -> String {
    format!("{:02x?}/{version}", record.as_bytes())
}

pub(super) fn invent_filter(random: &mut Random) -> Filter {
    let mut filter = Filter {
        include_withdrawn: random.one_in(2),
        ..Filter::default()
    };
    if random.one_in(2) {
        filter.kinds = (0..=random.below(3))
            .map(|_| random.below(5) as u32)
            .collect();
    }
    if random.one_in(2) {
        let codes = (0..=random.below(3)).map(|_| COUNTRIES[random.below(7) as usize]);
        filter.countries = codes.map(ToString::to_string).collect();
    }
    if random.one_in(8) {
        filter.kinds.extend(0..40);
    }
    filter
}

/// Mostly all of them, sometimes one, sometimes none.
pub(super) fn invent_logs(random: &mut Random) -> Logs {
    match random.below(8) {
        0 => Logs::new(),
        1 | 2 => logs([random.below(3) as u32]),
        _ => logs(0..3),
    }
}
