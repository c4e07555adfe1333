//! Every kind of page as somebody walks through it who does not see it: one heading of the first
//! level and none skipped, every landmark with a name, and nothing that colour alone says.

use std::collections::BTreeSet;

use anyhow::{Context as _, Result, ensure};
use wpsx_proto::record::Kind;

use super::{
    PLAN, Site, draft,
    record::{published, with},
};

/// What marks something by colour or by a ground, beside what says it in words.
const COLOURED: [&str; 4] = ["note", "mark", "notice", "tag"];

/// An opening tag of a page: its name, its attributes, and where what it holds begins.
struct Tag<'a> {
    name: &'a str,
    attributes: &'a str,
    rest: &'a str,
}

impl<'a> Tag<'a> {
    fn attribute(&self, name: &str) -> Option<&'a str> {
        let begins = format!(" {name}=\"");
        let (_, value) = self.attributes.split_once(&begins)?;
        value.split('"').next()
    }

    fn has_class(&self, class: &str) -> bool {
        let classes = self.attribute("class").unwrap_or_default();
        classes.split(' ').any(|it| it == class)
    }

    /// The words that it holds, up to its end.
    fn words(&self) -> String {
        let (mut depth, mut said) = (1, String::new());
        for piece in self.rest.split('<') {
            let (tag, text) = piece.split_once('>').unwrap_or(("", piece));
            let name = tag.trim_start_matches('/').split([' ', '>']).next();
            if name == Some(self.name) {
                match tag.starts_with('/') {
                    true => depth -= 1,
                    false => depth += 1,
                }
            }
            if depth == 0 {
                break;
            }
            said.push_str(text);
        }
        said.trim().to_owned()
    }
}

fn tags(page: &str) -> Vec<Tag<'_>> {
    let places = page.match_indices('<').map(|(at, _)| &page[at + 1..]);
    let opening = places.filter(|it| it.starts_with(|c: char| c.is_ascii_lowercase()));
    let tags = opening.filter_map(|it| {
        let (tag, rest) = it.split_once('>')?;
        let end = tag.find(' ').unwrap_or(tag.len());
        Some(Tag {
            name: &tag[..end],
            attributes: &tag[end..],
            rest,
        })
    });
    tags.collect()
}

fn level(tag: &Tag<'_>) -> Option<u8> {
    let level = tag.name.strip_prefix('h')?;
    level.parse().ok()
}

fn walk(page: &str) -> Result<()> {
    let body = page.split_once("<body").context("a body")?.1;
    let tags = tags(body);
    let levels: Vec<u8> = tags.iter().filter_map(level).collect();
    ensure!(levels.first() == Some(&1), "it begins with {levels:?}");
    ensure!(
        levels.iter().filter(|it| **it == 1).count() == 1,
        "{levels:?}"
    );
    let skipped = levels.windows(2).find(|pair| pair[1] > pair[0] + 1);
    ensure!(skipped.is_none(), "{skipped:?} of {levels:?}");
    let is_empty = |tag: &&Tag<'_>| level(tag).is_some() && tag.words().is_empty();
    ensure!(
        !tags.iter().any(|tag| is_empty(&tag)),
        "a heading without words"
    );
    for (one, least) in [("main", 1), ("header", 1), ("footer", 1)] {
        let count = tags.iter().filter(|tag| tag.name == one).count();
        ensure!(count == least, "{count} of {one}");
    }
    // Whatever else is a landmark has a name, and no two of a kind the same.
    let ids: BTreeSet<&str> = tags.iter().filter_map(|tag| tag.attribute("id")).collect();
    let mut names = BTreeSet::new();
    for tag in &tags {
        let role = tag.attribute("role").unwrap_or_default();
        let is_landmark =
            matches!(tag.name, "nav" | "aside") || matches!(role, "region" | "search");
        let label = tag.attribute("aria-label").map(str::to_owned);
        let labelled = tag.attribute("aria-labelledby");
        ensure!(
            labelled.is_none_or(|id| ids.contains(id)),
            "nothing is {labelled:?}"
        );
        let name = label.or(labelled.map(str::to_owned)).unwrap_or_default();
        ensure!(
            !is_landmark || !name.is_empty(),
            "<{}{}> has no name",
            tag.name,
            tag.attributes
        );
        let is_new = names.insert((tag.name.to_owned(), role.to_owned(), name.clone()));
        ensure!(
            is_new || !matches!(tag.name, "nav" | "aside"),
            "two are called {name}"
        );
        let coloured = COLOURED
            .iter()
            .find(|class| tag.has_class(class) && !tag.has_class("swatch"));
        ensure!(
            coloured.is_none() || !tag.words().is_empty(),
            "<{}{}> says nothing",
            tag.name,
            tag.attributes
        );
        // What is a way on and nothing else, no title of what the page is about, is of no use on paper.
        let is_way = tag.name == "p" && tag.rest.starts_with("<a ") && {
            let held = tag.rest.split("</p>").next().unwrap_or_default();
            held.ends_with("</a>")
                && held.matches("<a ").count() == 1
                && !held.contains("<bdi lang=")
                && tag.words() != "An erased record"
        };
        let is_hidden = ["onward", "files", "pages", "facts"]
            .iter()
            .any(|class| tag.has_class(class));
        ensure!(
            !is_way || is_hidden,
            "<p{}> is printed: {}",
            tag.attributes,
            tag.words()
        );
    }
    Ok(())
}

/// A record of each kind that there is, with nothing but a title, and some with more.
fn records() -> Vec<String> {
    let bare = Kind::known().filter_map(|kind| {
        let body = kind.body_field()?;
        Some(format!(
            r#"{{"external_id": "{kind}", "countries": ["KEN"], "title": [{{"language": "en", "text": "A {kind}"}}], "{}": {{}}}}"#,
            body.name()
        ))
    });
    let more = [
        PLAN.to_owned(),
        r#"{"external_id": "judged", "title": [{"language": "en", "text": "Judged"}],
            "assessment": {"about": {"external_id": "plan-1"}, "self_assessment": true, "overall": {"value": "met"}}}"#.to_owned(),
        r#"{"external_id": "other", "title": [{"language": "en", "text": "Other"}],
            "assessment": {"about": {"external_id": "plan-1"}, "overall": {"value": "limited"}}}"#.to_owned(),
        r#"{"external_id": "said", "title": [{"language": "en", "text": "On the end"}],
            "claim": {"about": {"external_id": "plan-1"},
                "claims": [{"field": "national_action_plan.period.end", "value": "2025"}]}}"#.to_owned(),
    ];
    bare.chain(more).collect()
}

async fn everywhere(site: &Site, ids: &[String]) -> Result<()> {
    let kinds = Kind::known().map(|kind| format!("/{kind}"));
    let reference = Kind::known().map(|kind| format!("/method/{kind}"));
    let of_records = ids.iter().map(|id| format!("/record/{id}"));
    let plan = &ids[ids.len() - 4];
    let rest = [
        "",
        "/record",
        "/country",
        "/region",
        "/theme",
        "/country/KEN",
        "/country/ALB",
        "/country/FRA",
        "/region/AU",
        "/theme/mediation",
        "/network",
        "/method",
        "/method/record",
        "/vocabulary/themes",
        "/accessibility",
        "/styleguide",
        "/nowhere",
        "/law?words=zzzz",
        "/law?country=Atlantis",
        "/law?colour=red",
        "/network.pdf",
        "/event?country=KEN&country=ALB&sort=title",
    ];
    let rest = rest.map(str::to_owned).into_iter();
    let past = ["/1", "/2", "/history"].map(|part| format!("/record/{plan}{part}"));
    for page in kinds
        .chain(reference)
        .chain(of_records)
        .chain(rest)
        .chain(past)
    {
        for language in ["en", "ar"] {
            let text = site.get(&format!("/{language}{page}")).await?.text;
            walk(&text).with_context(|| format!("{language}{page}"))?;
        }
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn every_kind_of_page_is_walked_by_headings_and_landmarks_and_says_in_words_what_it_colours()
-> Result<()> {
    let records = records();
    let json: Vec<&str> = records.iter().map(String::as_str).collect();
    let (node, _, ids) = with(&json).await?;
    let site = Site::made(&node, |site| {
        site.with_network(node.node().public_network())
    });
    let changed = PLAN.replace("\"2024\"", "\"2026\"");
    published(&node, vec![draft(&changed)?]).await?;
    let organisation = Kind::known().position(|kind| kind.to_string() == "organisation");
    let organisation = &ids[organisation.context("a kind")?];
    let page = site
        .get(&format!("/en/organisation/{organisation}"))
        .await?;
    walk(&page.text)?;
    everywhere(&site, &ids).await?;
    // Gone and taken back.
    for (command, id) in [("withdraw", &ids[7]), ("erase", &ids[8])] {
        let mut typed = vec![command, id, "--reason", "legal"];
        typed.extend((command == "erase").then_some("--yes"));
        node.typed(&typed).await?;
    }
    node.node().records().index().settled(&node.own()?).await?;
    for id in [&ids[7], &ids[8]] {
        for part in ["", "/1", "/history"] {
            let page = format!("/en/record/{id}{part}");
            walk(&site.get(&page).await?.text).with_context(|| page)?;
        }
    }
    Ok(())
}

#[test]
fn the_stylesheet_colours_no_class_that_is_not_looked_at() -> Result<()> {
    let sheet = include_str!("../../../node/observatory/src/style.css");
    let rules = sheet.split('}').filter_map(|rule| rule.split_once('{'));
    let marked = rules.filter(|(_, rule)| rule.contains("color: var(--mark)"));
    let mut selectors = 0;
    for (selector, _) in marked {
        let selector = selector.rsplit("*/").next().unwrap_or_default().trim();
        let class = selector.trim_start_matches('.');
        ensure!(COLOURED.contains(&class) || class == "swatch", "{selector}");
        selectors += 1;
    }
    ensure!(selectors > 1, "{selectors}");
    Ok(())
}
