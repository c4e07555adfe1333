//! What the logs say, kept the slow way.

use super::*;
use crate::wanted::Wanted;
use wpsx_words::Language;

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
        new.content = Content::default();
        new.change = random.below(50);
        if matches!(
            new.operation,
            Operation::Withdraw | Operation::Erase | Operation::Key
        ) {
            new.state = SlotState::None;
        } else if random.one_in(8) {
            new.state = SlotState::NotHeld;
        } else {
            if new.operation.publishes() {
                new.content = invent_content(random);
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

    /// What the record of an entry was said to be when it was published last.
    fn said<'a>(&'a self, log: u32, entry: &'a ViewEntry) -> Option<&'a ViewEntry> {
        let entries = self.logs[&log][..=entry.index as usize].iter().rev();
        let of_record = |other: &&ViewEntry| other.readable && other.record_id == entry.record_id;
        let mut until = entries.filter(of_record);
        until.find_map(|entry| match entry.operation {
            Operation::Erase => Some(None),
            operation if operation.publishes() => Some(Some(entry)),
            _ => None,
        })?
    }

    /// The newest entries that match, with what they say.
    fn matching(&self, logs: &Logs, filter: &Filter) -> Vec<((u32, u64), u64, Content)> {
        let wanted = Wanted::new(filter);
        let mut found = Vec::new();
        for log in self.logs.keys().filter(|log| logs.contains(log)) {
            let names = self.names(*log);
            for (record, entry) in self.newest(*log) {
                let stood = self.said(*log, entry);
                let said = stood.map(|entry| entry.content.clone());
                let said = said.unwrap_or_default();
                let kind = crate::rows::set::kind(stood.unwrap_or(entry).kind);
                let sets: Vec<&[u8]> = said.sets().chain([kind.as_slice()]).collect();
                let name = names.get(&record).map(|(_, name)| name);
                if (filter.kinds.is_empty() || filter.kinds.contains(&entry.kind))
                    && wanted.groups(*log).iter().all(|group| group.holds(&sets))
                    && filter
                        .changed_since
                        .is_none_or(|since| entry.change >= since)
                    && (filter.external_ids.is_empty()
                        || name.is_some_and(|name| filter.external_ids.contains(name)))
                    && !(filter.unheld && entry.is_held())
                    && (filter.include_withdrawn || entry.operation.publishes())
                {
                    found.push(((*log, entry.index), entry.change, said));
                }
            }
        }
        found.sort_unstable_by_key(|(place, _, _)| *place);
        found
    }

    pub(super) fn list(&self, logs: &Logs, filter: &Filter) -> Vec<(u32, u64)> {
        let found = self.matching(logs, filter).into_iter();
        found.map(|(place, _, _)| place).collect()
    }

    /// The same in an order.
    fn in_order(&self, logs: &Logs, filter: &Filter, order: Order) -> Vec<(u32, u64)> {
        let found = self.matching(logs, filter).into_iter();
        let mut found: Vec<_> = found
            .map(|(place, change, said)| {
                let keys = said.keys(change);
                (keys.first_value(order.by.numbers(), change), place)
            })
            .collect();
        found.sort_unstable();
        if order.descending {
            found.reverse();
        }
        if order.by != OrderBy::Place {
            found.sort_by_key(|(value, _)| value.is_empty());
        }
        found.into_iter().map(|(_, place)| place).collect()
    }

    fn tally(&self, logs: &Logs, filter: &Filter) -> Tally {
        let found = self.matching(logs, filter);
        let mut tally = Tally {
            total: found.len() as u64,
            ..Tally::default()
        };
        for facet in FACETS {
            let mut values = BTreeMap::new();
            for (_, _, said) in &found {
                let prefix = crate::rows::set::facet(facet);
                for set in said.sets().filter(|set| set.starts_with(&prefix)) {
                    let value = String::from_utf8(set[prefix.len()..].to_vec()).expect("text");
                    *values.entry(value).or_default() += 1;
                }
            }
            tally.facets.insert(facet.to_string(), values);
        }
        for ((log, index), _, _) in found {
            let kind = self.logs[&log][index as usize].kind;
            *tally.kinds.entry(kind).or_default() += 1;
            *tally.logs.entry(log).or_default() += 1;
        }
        tally
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
                let of_record = |other: &&ViewEntry| other.readable && other.record_id == *record;
                let history = entries.iter().filter(of_record).map(|entry| entry.index);
                let told = views.history(*log, record).expect("history");
                assert_eq!(told, Vec::from_iter(history));
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
        for _ in 0..12 {
            let (logs, filter) = (invent_logs(random), invent_filter(random));
            let limit = 1 + random.below(60) as usize;
            assert_eq!(
                page_through(views, &logs, &filter, limit),
                self.list(&logs, &filter),
                "{filter:?} in {logs:?}"
            );
            let order = invent_order(random);
            assert_eq!(
                page_in_order(views, &logs, &filter, order, limit + 60),
                self.in_order(&logs, &filter, order),
                "{filter:?} in {logs:?} by {order:?}"
            );
            assert_eq!(
                page_back(views, &logs, &filter, order, limit),
                self.in_order(&logs, &filter, order),
                "backwards: {filter:?} in {logs:?} by {order:?}"
            );
            let facets = FACETS.map(str::to_owned);
            let tally = views
                .tally(&logs, &filter, &facets, &|| true)
                .expect("tally");
            assert_eq!(
                tally,
                Some(self.tally(&logs, &filter)),
                "{filter:?} in {logs:?}"
            );
        }
        let facets = FACETS.map(str::to_owned);
        let all = (logs(0..3), Filter::default());
        let tally = views
            .tally(&all.0, &all.1, &facets, &|| true)
            .expect("tally");
        assert_eq!(tally, Some(self.tally(&all.0, &all.1)));
    }
}

/// From the end to the start, page by page.
fn page_back(
    views: &Views,
    logs: &Logs,
    filter: &Filter,
    order: Order,
    limit: usize,
) -> Vec<(u32, u64)> {
    let all = views.page(logs, filter, order, None, usize::MAX, &|| true);
    let all = all.expect("all");
    let Some(last) = all.last().cloned() else {
        return Vec::new();
    };
    let mut told = vec![last];
    loop {
        let page = views.page_before(logs, filter, order, &told[0], limit, &|| true);
        let page = page.expect("page");
        assert!(page.len() <= limit);
        let done = page.len() < limit;
        told.splice(0..0, page);
        if done {
            return told
                .into_iter()
                .map(|mark| (mark.log, mark.index))
                .collect();
        }
    }
}

fn page_in_order(
    views: &Views,
    logs: &Logs,
    filter: &Filter,
    order: Order,
    limit: usize,
) -> Vec<(u32, u64)> {
    let mut all: Vec<Mark> = Vec::new();
    loop {
        let page = views.page(logs, filter, order, all.last(), limit, &|| true);
        let page = page.expect("page");
        assert!(page.len() <= limit);
        let done = page.len() < limit;
        all.extend(page);
        if done {
            return all.into_iter().map(|mark| (mark.log, mark.index)).collect();
        }
    }
}

fn invent_order(random: &mut Random) -> Order {
    let by = [
        OrderBy::Place,
        OrderBy::Change,
        OrderBy::Date,
        OrderBy::Title(Language::ALL[random.below(3) as usize]),
        OrderBy::Country,
    ];
    Order {
        by: by[random.below(5) as usize],
        descending: random.one_in(2),
    }
}

const FACETS: [&str; 3] = ["country", "status", "year"];
const STATUS: [&str; 3] = ["draft", "in-force", "ended"];
const WORDS: [&str; 5] = ["Plan", "plan d’action", "ÉGALITÉ", "妇女", "peace"];

/// What a plausible payload says.
pub(super) fn invent_content(random: &mut Random) -> Content {
    let mut content = Content::held();
    for _ in 0..random.below(3) {
        let country = COUNTRIES[random.below(6) as usize];
        content.value("country", country);
        content.country(country);
    }
    if random.one_in(2) {
        content.value("status", STATUS[random.below(3) as usize]);
    }
    if random.one_in(2) {
        let first = 2_000 + random.below(20) as u16;
        for year in first..first + random.below(5) as u16 {
            content.year(year);
        }
        content.date(&first.to_string());
    }
    for _ in 0..random.below(3) {
        content.title(WORDS[random.below(5) as usize]);
    }
    for language in [Language::English, Language::French] {
        if random.one_in(3) {
            content.title_in(language, WORDS[random.below(5) as usize]);
        }
    }
    if random.one_in(4) {
        content.refers_to(&target(random));
    }
    content
}

fn target(random: &mut Random) -> Reference {
    match random.below(2) {
        0 => Reference::Record(record(random.below(5))),
        _ => Reference::Named {
            origin: "a.example/wpsx/public".to_owned(),
            external_id: format!("id-{}", random.below(3)),
        },
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
        unheld: random.one_in(6),
        ..Filter::default()
    };
    if random.one_in(2) {
        filter.kinds = (0..=random.below(3))
            .map(|_| random.below(5) as u32)
            .collect();
    }
    if random.one_in(2) {
        let codes = (0..=random.below(3)).map(|_| COUNTRIES[random.below(7) as usize]);
        let codes = codes.map(ToString::to_string).collect();
        filter.values.push(("country".to_owned(), codes));
    }
    if random.one_in(4) {
        let status = STATUS[random.below(3) as usize].to_owned();
        filter.values.push(("status".to_owned(), vec![status]));
    }
    if random.one_in(4) {
        let first = 1_998 + random.below(24) as u16;
        filter.years = Some((first, first + random.below(9) as u16));
    }
    if random.one_in(6) {
        filter.words = WORDS[random.below(5) as usize].to_owned();
    }
    if random.one_in(8) {
        filter.words = format!("{} unheard", filter.words);
        let sign = |random: &mut Random| match random.below(5) {
            0 => {
                let mut words = wpsx_proto::record::words(WORDS[random.below(5) as usize]);
                Sign::Word(words.pop_first().expect("a word"))
            }
            1 => Sign::Year(1_998 + random.below(24) as u16),
            2 => Sign::RefersTo(target(random)),
            3 => Sign::RefersWithin(random.below(3) as u32, target(random)),
            _ => {
                let code = COUNTRIES[random.below(7) as usize];
                Sign::Value("country".to_owned(), code.to_owned())
            }
        };
        for _ in 0..=random.below(2) {
            let mut group = || (0..=random.below(3)).map(|_| sign(random)).collect();
            let by = vec![group(), group()];
            let kind = random.below(4) as u32;
            filter.called.push((
                "unheard".to_owned(),
                Way {
                    kind: Some(kind),
                    by,
                },
            ));
        }
    }
    if random.one_in(8) {
        filter.refers_to = vec![target(random)];
    }
    if random.one_in(6) {
        filter.changed_since = Some(random.below(60));
    }
    if random.one_in(10) {
        filter.external_ids = vec![SHARED[random.below(3) as usize].to_owned()];
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
