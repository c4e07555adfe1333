//! Circles: what needs itself by a way round through others.

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    fmt::Display,
};

/// Who needs whom, and one reason for each.
pub(crate) type Graph<Why> = BTreeMap<String, BTreeMap<String, Why>>;

/// Some that all need each other, by whatever way round.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Knot {
    /// The reason for each step of the shortest way round.
    shortest: Vec<String>,
    members: BTreeSet<String>,
}

/// Every knot of the graph; none means that there is one direction.
pub(crate) fn knots<Why: Display>(graph: &Graph<Why>) -> Vec<Knot> {
    let mut knots: Vec<Knot> = Vec::new();
    for start in graph.keys() {
        if knots.iter().any(|knot| knot.members.contains(start)) {
            continue;
        }
        let reached = reach(graph, start);
        let mut members: BTreeSet<String> = reached
            .into_iter()
            .filter(|other| other != start && reach(graph, other).contains(start))
            .collect();
        if members.is_empty() {
            continue;
        }
        members.insert(start.clone());
        let ways = members.iter().filter_map(|member| round(graph, member));
        let shortest = ways.min_by_key(Vec::len).unwrap_or_default();
        knots.push(Knot { shortest, members });
    }
    knots
}

/// For whoever has to untie them.
pub(crate) fn told(knots: &[Knot]) -> String {
    let one = |knot: &Knot| {
        let members: Vec<&str> = knot.members.iter().map(String::as_str).collect();
        format!(
            "{} need each other. The shortest way round:\n  {}\nAll in this knot: {}\n",
            knot.members.len(),
            knot.shortest.join("\n  "),
            members.join(", ")
        )
    };
    knots.iter().map(one).collect()
}

/// All that can be reached in one step or more.
fn reach<Why>(graph: &Graph<Why>, start: &str) -> BTreeSet<String> {
    let mut reached = BTreeSet::new();
    let mut open = vec![start];
    while let Some(here) = open.pop() {
        for next in graph.get(here).into_iter().flat_map(BTreeMap::keys) {
            if reached.insert(next.clone()) {
                open.push(next);
            }
        }
    }
    reached
}

/// The reasons along a shortest way back to where it starts.
fn round<Why: Display>(graph: &Graph<Why>, start: &str) -> Option<Vec<String>> {
    let mut came: BTreeMap<&str, &str> = BTreeMap::new();
    let mut open = VecDeque::from([start]);
    while let Some(here) = open.pop_front() {
        let nexts = graph.get(here).into_iter().flat_map(BTreeMap::keys);
        for next in nexts.filter(|next| *next != here) {
            if next == start {
                let mut way = vec![(here, start)];
                while let Some(before) = came.get(way[way.len() - 1].0) {
                    way.push((before, way[way.len() - 1].0));
                }
                way.reverse();
                return Some(
                    way.into_iter()
                        .map(|(from, to)| graph[from][to].to_string())
                        .collect(),
                );
            }
            if !came.contains_key(next.as_str()) {
                came.insert(next, here);
                open.push_back(next);
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `a>b` says that a needs b.
    fn graph(steps: &[&str]) -> Graph<String> {
        let mut graph = Graph::new();
        for step in steps {
            let (from, to) = step.split_once('>').expect("a step");
            graph.entry(to.to_owned()).or_insert_with(BTreeMap::new);
            let needs = graph.entry(from.to_owned()).or_insert_with(BTreeMap::new);
            needs.insert(to.to_owned(), (*step).to_owned());
        }
        graph
    }

    #[test]
    fn one_direction_has_no_knot() {
        assert_eq!(knots(&graph(&[])), []);
        assert_eq!(knots(&graph(&["a>b", "b>c", "a>c", "d>c", "a>d"])), []);
    }

    #[test]
    fn what_needs_itself_alone_is_no_knot() {
        assert_eq!(knots(&graph(&["a>a", "a>b"])), []);
    }

    #[test]
    fn two_that_need_each_other_are_found() {
        let found = knots(&graph(&["a>b", "b>a", "b>c"]));
        assert_eq!(
            told(&found),
            "2 need each other. The shortest way round:\n  a>b\n  b>a\nAll in this knot: a, b\n"
        );
    }

    #[test]
    fn the_shortest_way_round_is_shown_and_all_members_are_named() {
        let long = ["a>b", "b>c", "c>d", "d>a", "x>a", "d>y"];
        let found = knots(&graph(&long));
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].shortest, ["a>b", "b>c", "c>d", "d>a"]);
        let short = [&long[..], &["d>c"]].concat();
        let found = knots(&graph(&short));
        assert_eq!(found[0].shortest, ["c>d", "d>c"]);
        assert_eq!(
            found[0].members.iter().collect::<Vec<_>>(),
            ["a", "b", "c", "d"]
        );
    }

    #[test]
    fn two_knots_are_both_found() {
        let found = knots(&graph(&["a>b", "b>a", "b>c", "c>d", "d>c"]));
        assert_eq!(found.len(), 2);
        assert_eq!(found[1].shortest, ["c>d", "d>c"]);
    }
}
