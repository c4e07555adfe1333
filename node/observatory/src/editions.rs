//! Which of several plans of one country or organisation came when: by the date that puts records
//! in order everywhere, that of their adoption or launch, else of the beginning of their period.
//! One of which nobody says that stands behind the edition before it, as the editions are numbered.
//! The record of a plan names none before it.

use crate::{
    fields::{body_of, filled, part},
    item::Item,
};

/// What a plan is put in order by: when it began and the number of its edition.
pub(crate) type Place = (String, u32);

/// The place of each of the plans; none where nothing says it.
pub(crate) fn places(plans: &[&Item]) -> Vec<Option<Place>> {
    let stated: Vec<Place> = plans.iter().map(|plan| stated(plan)).collect();
    let before = |number: u32| {
        let earlier = stated
            .iter()
            .filter(|(began, other)| !began.is_empty() && (1..number).contains(other));
        let last = earlier.max_by_key(|(_, other)| *other);
        last.map(|(began, _)| began.clone()).unwrap_or_default()
    };
    let placed = stated
        .iter()
        .map(|(began, number)| match (began.is_empty(), number) {
            (true, 0) => None,
            (true, number) => Some((before(*number), *number)),
            (false, number) => Some((began.clone(), *number)),
        });
    placed.collect()
}

/// Puts plans in order, the newest edition first; those of which nothing says when come last.
pub(crate) fn newest_first(plans: &mut Vec<Item>) {
    let places = places(&plans.iter().collect::<Vec<_>>());
    let mut placed: Vec<_> = places.into_iter().zip(plans.drain(..)).collect();
    // What is equal stays as it is.
    placed.sort_by(|(one, _), (other, _)| other.cmp(one));
    plans.extend(placed.into_iter().map(|(_, plan)| plan));
}

fn stated(plan: &Item) -> Place {
    let body = plan.record().and_then(body_of);
    let began = plan.date().map(|date| date.to_string());
    let edition = body.as_ref().and_then(|body| part(body, "edition"));
    let number = edition.and_then(|edition| filled(&edition, "order")?.1.as_u32());
    (began.unwrap_or_default(), number.unwrap_or_default())
}
