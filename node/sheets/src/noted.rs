//! Remarks with the record that each is about, so that those of records to which nothing
//! happens need not be told again whenever their file is handed in.

use super::remark::{About, MAX_PLACES, Place, Remark};

/// What was remarked of one record, or of the file.
#[derive(Clone, Debug)]
struct Noted {
    /// The line where the record stands; none: the file as a whole.
    of: Option<u64>,
    head: usize,
    count: u64,
    places: Vec<Place>,
}

/// All remarks of a file.
#[derive(Clone, Debug, Default)]
pub(super) struct Remarks {
    /// What they are about, and the sentence.
    heads: Vec<(About, String)>,
    noted: Vec<Noted>,
}

impl Remarks {
    /// How many different ones there are.
    pub(super) fn len(&self) -> usize {
        self.heads.len()
    }

    /// A further one; gives its number.
    pub(super) fn add(&mut self, about: About, sentence: String) -> usize {
        self.heads.push((about, sentence));
        self.heads.len() - 1
    }

    /// Notes it of a record.
    pub(super) fn note(&mut self, head: usize, of: Option<u64>, place: Option<Place>) {
        let mut same = self
            .noted
            .iter_mut()
            .rev()
            .take_while(|noted| noted.of == of);
        if let Some(noted) = same.find(|noted| noted.head == head) {
            noted.count += 1;
            if noted.places.len() < MAX_PLACES {
                noted.places.extend(place);
            }
            return;
        }
        self.noted.push(Noted {
            of,
            head,
            count: 1,
            places: place.into_iter().collect(),
        });
    }

    /// The sentences about the file.
    pub(super) fn said(&self) -> Vec<String> {
        let about = self.heads.iter().filter(|(about, _)| *about == About::File);
        about.map(|(_, sentence)| sentence.clone()).collect()
    }

    /// Those of the records that are told, in the order of what they are about.
    pub(super) fn told(&self, is_told: impl Fn(u64) -> bool) -> Vec<Remark> {
        let told = |(about, sentence): &(About, String)| Remark {
            about: *about,
            sentence: sentence.clone(),
            count: 0,
            places: Vec::new(),
        };
        let mut remarks: Vec<Remark> = self.heads.iter().map(told).collect();
        for noted in &self.noted {
            if noted.of.is_some_and(|line| !is_told(line)) {
                continue;
            }
            if let Some(remark) = remarks.get_mut(noted.head) {
                remark.count += noted.count;
                let room = MAX_PLACES.saturating_sub(remark.places.len());
                let places = noted.places.iter().take(room);
                remark.places.extend(places.cloned());
            }
        }
        remarks.retain(|remark| remark.count > 0);
        remarks.sort_by_key(|remark| remark.about);
        remarks
    }
}
