//! The records of one kind or of all: a question, its answer, and how to ask otherwise.

use maud::{Markup, html};
use wpsx_domain::{NodeError, Wanted};
use wpsx_proto::record::{Kind, YEARS};
use wpsx_words::facets::fields;

use super::{ask, downloads::downloads, frame::Frame, misread, names, table::table};
use crate::{
    address::{Address, EVER, EVERY, EVERYWHERE, ORDERS, PAGE},
    at::At,
    choices::Choice,
    coded::Titles,
    facets,
    instead::Unknown,
    links::Links,
    listing::{Listing, Value, widens},
    observatory::{Answered, Observatory},
    plain::short,
    scope,
    texts::{self, Voice},
    unclear,
    unheld::Unheld,
};

/// Values of a facet that a page offers, the most frequent first.
const MOST_VALUES: usize = 40;
/// Characters of what a browser calls the page.
const MOST_TITLE: usize = 150;
/// The sign before what can be taken away.
const AWAY: &str = "✕ ";

/// Choices that nobody knows for which the page says what may have been meant.
const MOST_UNKNOWN: usize = 5;

/// The page of a list instead of the first page, where its question asks for something that
/// nobody knows. Blocks.
pub(crate) fn unclear(
    site: &Observatory,
    at: At<'_>,
    address: &Address,
    wanted: &Wanted,
) -> Result<Option<Answered>, NodeError> {
    match unclear::unknown(site, address, wanted)?.is_empty() {
        true => Ok(None),
        false => of(site, at, address.first_page(), wanted).map(Some),
    }
}

/// The page of a list; of all kinds where none is named.
pub(crate) fn page(
    site: &Observatory,
    at: At<'_>,
    kind: Option<Kind>,
    wanted: &Wanted,
) -> Result<Answered, NodeError> {
    of(site, at, site.asked(kind, at), wanted)
}

fn of(
    site: &Observatory,
    at: At<'_>,
    address: Address,
    wanted: &Wanted,
) -> Result<Answered, NodeError> {
    let (voice, kind) = (site.voice(at.language), address.kind);
    let listing = Listing::of(site, address, wanted)?;
    let address = &listing.address;
    let unheld = Unheld::of(site, kind, wanted)?;
    let links = Links::among(site, wanted);
    let title = match kind {
        Some(kind) => voice.kind(kind, true),
        None => voice.own(voice.say(&texts::EVERYTHING)),
    };
    let path = format!("{}{}", address.place(), address.query());
    let named = listing
        .facets
        .iter()
        .filter(|(_, values)| !values.is_empty());
    let titles = Titles::of(site, address, named.map(|(name, _)| *name), voice, wanted)?;
    // What was understood says its place too; what was not is kept as it was typed.
    let at = match address.misread.is_empty() {
        true => at.with(&path),
        false => at,
    };
    let tab = tab(&title.text, &listing, &titles, voice);
    let frame = Frame {
        site,
        at,
        title: &tab,
        path: &path,
    };
    let page = frame.around(&html! {
        h1 { (voice.shown(&title)) @if let Some(about) = titles.about() { " · " (about.shown()) } }
        @if let Some(note) = scope::note(site, address, &format!("/{}", address.place()), voice) { (note) }
        (misread::note(address, voice))
        (form(&listing, &titles, voice))
        (chosen(address, &titles, voice))
        (about(&titles, voice))
        @if listing.is_moved { p.note role="note" { (voice.say(&texts::PAGE_MOVED)) } }
        (unheld.note(voice))
        @if listing.tally.total == 0 { (nothing(&listing, &titles, unheld.are_some(), voice)) }
        @else {
            p.figure {
                (voice.figure(listing.tally.total, &texts::RECORDS_OF))
                (as_of(site, voice))
                @if let Some(range) = range(&listing, voice) { " · " (range) }
            }
            (narrower(&listing, &titles, voice))
            (families(&listing, voice))
            (table(&listing.answer.items, kind, site, voice, &links))
            (pages(&listing, voice))
        }
        @if listing.tally.total > 0 { (downloads(&path, listing.tally.total, voice)) }
    });
    Ok(Answered::Page(
        unclear::status(address, &listing.unknown),
        page,
    ))
}

/// What a browser calls the page: the list with what was chosen, so that two questions are
/// told apart among tabs and bookmarks.
fn tab(title: &str, listing: &Listing, titles: &Titles, voice: Voice<'_>) -> String {
    let address = &listing.address;
    let choices = address.choices();
    let chosen = choices
        .iter()
        .map(|choice| titles.of_choice(choice, address, voice));
    let all: Vec<String> = [title.to_owned()].into_iter().chain(chosen).collect();
    let tab = short(&all.join(" · "), MOST_TITLE);
    let further = listing.answer.first.filter(|first| *first > 1);
    match further.map(|first| (first - 1).div_ceil(PAGE.into()) + 1) {
        Some(number) => {
            let page = voice.fill(&texts::PAGE_NUMBER, &[&voice.number(number)]);
            format!("{tab} · {page}")
        }
        None if !address.page.is_empty() => format!("{tab} · {}", voice.say(&texts::FURTHER_PAGE)),
        None => tab,
    }
}

/// Which of them the page has, where it has not all: also on paper, where no link leads on.
fn range(listing: &Listing, voice: Voice<'_>) -> Option<String> {
    let (answer, total) = (&listing.answer, listing.tally.total);
    let shown = answer.items.len() as u64;
    if answer.previous.is_none() && answer.next.is_none() {
        return None;
    }
    let first = answer.first?;
    let last = first.saturating_add(shown).saturating_sub(1);
    let numbers = [first, last, total].map(|number| voice.number(number));
    let numbers = numbers.each_ref().map(String::as_str);
    // Somebody may have changed the number in the address.
    (shown > 0 && last <= total).then(|| voice.fill(&texts::RANGE, &numbers))
}

/// The day on which it was counted.
pub(super) fn as_of(site: &Observatory, voice: Voice<'_>) -> Markup {
    html! {
        @if let Some(today) = site.today() {
            " " span.mark { (voice.dated(&texts::dated::AS_OF, &today)) }
        }
    }
}

/// Whether the texts of a family are one, and the list in which they are not, or are.
fn families(listing: &Listing, voice: Voice<'_>) -> Markup {
    let address = &listing.address;
    let (now, other) = match address.every_text {
        true => (&texts::EACH_TEXT, &texts::TEXTS_TOGETHER),
        false => (&texts::FAMILIES_ONCE, &texts::SHOW_EACH_TEXT),
    };
    let turned = Address {
        every_text: !address.every_text,
        ..address.first_page()
    };
    html! {
        @if listing.has_families {
            p.mark { (voice.say(now)) (voice.gap()) a href=(turned.path(voice.language)) { (voice.say(other)) } }
        }
    }
}

/// The record that all of a list refer to, where that was asked, and how it is found.
fn about(titles: &Titles, voice: Voice<'_>) -> Markup {
    html! {
        @if let Some(about) = titles.about() {
            p {
                (voice.say(&texts::REFERS_ONLY)) (voice.colon())
                a href=(format!("/{}/{}", voice.language, about.path)) { (about.shown()) }
            }
            @if about.by_name { p.mark { (voice.say(&texts::FOUND_HOW)) } }
        }
    }
}

/// The question as a form. What was chosen stays chosen, and is taken away by its tag; what
/// nobody knows is not asked again.
pub(super) fn form(listing: &Listing, titles: &Titles, voice: Voice<'_>) -> Markup {
    let address = &listing.known;
    // A side that nobody chose stays empty.
    let (from, to) = address.years.unwrap_or(EVER);
    let shown = |year: u16, open: u16| (year != open).then(|| year.to_string());
    let from = shown(from, EVER.0).unwrap_or_default();
    let to = shown(to, EVER.1).unwrap_or_default();
    let year = |name: &str, label: &'static str, value: &str| {
        html! {
            label { (label)
                input type="number" name=(name) min=(YEARS.start()) max=(YEARS.end()) step="1" inputmode="numeric" size="5" value=(value);
            }
        }
    };
    html! {
        form.ask role="search" aria-label=(voice.say(&texts::SEARCH_HERE)) method="get" action=(format!("/{}/{}", voice.language, address.place())) {
            label { (voice.say(&texts::SEARCH)) " " span.mark { "(" (voice.say(&texts::WORDS_HINT)) ")" } input type="search" name="words" value=(address.words); }
            label { (voice.say(&texts::COUNTRY))
                select name="country" {
                    option value="" { (voice.say(&texts::ANY_COUNTRY)) }
                    @for (value, name) in countries(listing, voice) {
                        option value=(value.code) { (name) " (" @if address.countries.is_empty() { (voice.number(value.count)) } @else { (voice.further(value.count)) } ")" }
                    }
                }
            }
            label { (voice.say(&texts::ORDER))
                select name="sort" {
                    @for (at, name) in ORDERS.iter().enumerate() {
                        option value=(name) selected[address.sort == *name] { (voice.say(texts::ORDERS[at])) }
                    }
                }
            }
            details open[address.years.is_some() || address.changed.is_some()] {
                summary { (voice.say(&texts::MORE_CHOICES)) }
                div {
                    label { (voice.say(&texts::REGION))
                        select name="region" {
                            option value="" { (voice.say(&texts::ANY_REGION)) }
                            @for (code, name) in names::regions(voice) {
                                @if !address.regions.contains(&code) { option value=(code) { (name) } }
                            }
                        }
                    }
                    (year("from", voice.say(&texts::FROM_YEAR), &from))
                    (year("to", voice.say(&texts::TO_YEAR), &to))
                    (ask::publisher(listing, titles.publishers(), voice))
                    (ask::changed(address, voice))
                }
            }
            @for code in &address.countries { input type="hidden" name="country" value=(code); }
            @for code in &address.regions { input type="hidden" name="region" value=(code); }
            @if address.everything && address.is_open() { input type="hidden" name="region" value=(EVERYWHERE); }
            @if address.every_text { input type="hidden" name="texts" value=(EVERY); }
            @if let Some(record) = address.refers() { input type="hidden" name="refers" value=(record); }
            @for (name, value) in &address.facets { input type="hidden" name=(name) value=(value); }
            button { (voice.say(&texts::SHOW)) }
        }
    }
}

/// The countries that can be chosen yet, by name.
fn countries<'a>(listing: &'a Listing, voice: Voice<'_>) -> Vec<(&'a Value, String)> {
    let of_facet = listing.facets.iter().filter(|(name, _)| *name == "country");
    let values = of_facet.flat_map(|(_, values)| values);
    let values = values.filter(|value| !value.is_chosen);
    let named = values.map(|value| (value, voice.country(&value.code).text.into_owned()));
    let mut named: Vec<_> = named.collect();
    voice.sort_by_name(&mut named, |(_, name)| name);
    named
}

/// What was chosen, each to be taken away.
pub(super) fn chosen(address: &Address, titles: &Titles, voice: Voice<'_>) -> Markup {
    let choices = address.choices();
    html! {
        @if !choices.is_empty() {
            nav.tags aria-label=(voice.say(&texts::CHOSEN)) {
                ul.chosen {
                    @for choice in &choices { li { (tag(address, choice, titles, voice)) } }
                    @if choices.len() > 1 {
                        li { a href=(format!("/{}/{}", voice.language, address.place())) { (voice.say(&texts::TAKE_ALL_AWAY)) } }
                    }
                }
            }
        }
    }
}

fn tag(address: &Address, choice: &Choice, titles: &Titles, voice: Voice<'_>) -> Markup {
    let name = titles.of_choice(choice, address, voice);
    let label = voice.fill(&texts::TAKE_AWAY, &[&name]);
    html! {
        a.tag href=(address.without(choice).path(voice.language)) aria-label=(label) {
            span aria-hidden="true" { (AWAY) } (titles.choice_shown(choice, address, voice))
        }
    }
}

/// Why there is nothing, as far as the site holds all, and what to take away to find something.
pub(super) fn nothing(
    listing: &Listing,
    titles: &Titles,
    are_unheld: bool,
    voice: Voice<'_>,
) -> Markup {
    let address = &listing.address;
    let is_asked = !address.choices().is_empty() && !listing.is_bare;
    let says = match (is_asked, are_unheld) {
        (true, false) => &texts::NOTHING_FITS,
        (true, true) => &texts::NOTHING_HELD_FITS,
        // What is not held is in the list of its kind.
        (false, _) => &texts::NOTHING_YET,
    };
    html! {
        div.note role="note" {
            @for (at, unknown) in listing.unknown.iter().enumerate() {
                @let choice = &unknown.choice;
                p { (voice.fill(&texts::UNKNOWN_CHOICE, &[&titles.of_choice(choice, address, voice)])) (voice.gap()) (tag(address, choice, titles, voice)) }
                @if at < MOST_UNKNOWN { (instead(address, unknown, titles, voice)) }
            }
            @if listing.unknown.is_empty() {
                p { (voice.say(says)) }
            }
            @if !listing.loosened.is_empty() {
                p { (voice.say(&texts::LOOSEN)) }
                ul {
                    @for (choice, left) in &listing.loosened {
                        li { (tag(address, choice, titles, voice)) " " span.count { (voice.count(*left, &texts::RECORDS_OF)) } }
                    }
                }
            } @else if listing.unknown.is_empty() && is_asked {
                p { (voice.say(&texts::LOOSEN_MORE)) }
            }
            @if listing.unknown.is_empty() && is_asked && !address.words.is_empty() { p { (voice.say(&texts::WORDS_LOOSEN)) } }
        }
        // One choice is taken away above.
        @if address.choices().len() > 1 { p.onward { a href=(format!("/{}/{}", voice.language, address.place())) { (voice.say(&texts::TAKE_ALL_AWAY)) } } }
    }
}

/// What can be asked in the place of a choice that nobody knows.
fn instead(address: &Address, unknown: &Unknown, titles: &Titles, voice: Voice<'_>) -> Markup {
    html! {
        @if !unknown.instead.is_empty() {
            p { (voice.say(unknown.says())) (voice.colon().trim_end()) }
            ul.ways {
                @for other in &unknown.instead {
                    @let name = titles.choice_shown(other, address, voice);
                    li { a href=(address.instead(&unknown.choice, other.clone()).path(voice.language)) { (name) } }
                }
            }
        }
    }
}

/// The values of each facet with how many records each would leave, or would add where others
/// of it are chosen.
pub(super) fn narrower(listing: &Listing, titles: &Titles, voice: Voice<'_>) -> Markup {
    let address = &listing.address;
    html! {
        section.choices aria-labelledby="narrow" {
            h2 id="narrow" { (voice.say(&texts::NARROW)) }
            @if address.kind.is_none() { (kinds(listing, voice)) }
            @for (name, values) in &listing.facets {
                @let fields = fields(address.kind, name);
                @let choice = |value: &Value| html! {
                    a href=(address.with(name, &value.code).path(voice.language)) aria-current=[value.is_chosen.then_some("true")] {
                        @if value.is_chosen { span aria-hidden="true" { (AWAY) } }
                        (titles.shown(name, &value.code, voice).unwrap_or_else(|| facets::shown(&fields, &value.code, voice)))
                    }
                };
                @if !values.is_empty() {
                    details {
                        summary { (voice.shown(&voice.words.facet_name(name, voice.language))) }
                        @if facets::is_of_states(name) { p.mark { (voice.say(&texts::AS_STATED)) } }
                        @let (chosen, others): (Vec<&Value>, Vec<&Value>) = values.iter().take(MOST_VALUES).partition(|value| value.is_chosen);
                        @if widens(values) {
                            ul { @for value in chosen { li { (choice(value)) " " span.count { (voice.number(value.count)) } } } }
                            @if !others.is_empty() { p.mark { (voice.say(&texts::OR_ALSO)) } }
                        }
                        ul {
                            @for value in others {
                                li { (choice(value)) " " span.count { @if widens(values) { (voice.further(value.count)) } @else { (voice.number(value.count)) } } }
                            }
                            @if values.len() > MOST_VALUES {
                                li.mark { (voice.fill(&texts::AND_MORE, &[&voice.number((values.len() - MOST_VALUES) as u64)])) }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// The kinds among the records, each with the same question.
fn kinds(listing: &Listing, voice: Voice<'_>) -> Markup {
    let known = listing.tally.kinds.iter();
    let known = known.map(|(kind, count)| (Kind::new(*kind), *count));
    html! {
        details open {
            summary { (voice.say(&texts::KIND)) }
            ul {
                @for (kind, count) in known.filter(|(kind, _)| kind.is_known()) {
                    @let of_kind = Address { kind: Some(kind), ..listing.address.first_page() };
                    li {
                        a href=(of_kind.path(voice.language)) { (voice.shown(&voice.kind(kind, true))) }
                        " " span.count { (voice.number(count)) }
                    }
                }
            }
        }
    }
}

pub(super) fn pages(listing: &Listing, voice: Voice<'_>) -> Markup {
    let at = |address: &Address| address.path(voice.language);
    let answer = &listing.answer;
    html! {
        @if answer.previous.is_some() || answer.next.is_some() {
            nav.pages aria-label=(voice.say(&texts::PAGES)) {
                @if let Some(previous) = &answer.previous {
                    a href=(at(&listing.address.first_page())) { (voice.say(&texts::FIRST_PAGE)) } " "
                    a.previous rel="prev" href=(at(previous)) { (voice.say(&texts::PREVIOUS)) } " "
                }
                @if let Some(next) = &answer.next { a.next rel="next" href=(at(next)) { (voice.say(&texts::NEXT)) } }
            }
        }
    }
}
