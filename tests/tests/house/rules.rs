//! What must be so, in tables that are edited by hand: who may need whom, how long
//! a file may be, and which packages are not held to it yet.

use crate::{
    manifests::Package,
    sizes::{self, Lines},
};

/// The packages, from the ground up, and which of the others each may need.
///
/// `proto ← {store, words} ← views ← domain ← sheets ← {observatory, cli}`,
/// `proto ← client ← listen ← domain ← {federation, services, observatory} ← node`,
/// `{federation, observatory, cli} ← doors ← node`, and the tests above all. Only the
/// domain asks the views, so that each question says who asks; services and the
/// observatory see neither views nor store, and the doors see no service.
const MAY_NEED: &[(&str, &[&str])] = &[
    ("wpsx-proto", &[]),
    ("wpsx-client", &["wpsx-proto"]),
    ("wpsx-store", &["wpsx-proto"]),
    ("wpsx-words", &["wpsx-proto"]),
    ("wpsx-views", &["wpsx-proto", "wpsx-store", "wpsx-words"]),
    ("wpsx-listen", &["wpsx-proto", "wpsx-client"]),
    (
        "wpsx-domain",
        &[
            "wpsx-proto",
            "wpsx-client",
            "wpsx-store",
            "wpsx-views",
            "wpsx-listen",
            "wpsx-words",
        ],
    ),
    // Files of records, in and out. What it knows of a log is a draft.
    ("wpsx-sheets", &["wpsx-proto", "wpsx-words", "wpsx-domain"]),
    (
        "wpsx-federation",
        &[
            "wpsx-proto",
            "wpsx-client",
            "wpsx-store",
            "wpsx-listen",
            "wpsx-domain",
        ],
    ),
    (
        "wpsx-services",
        &["wpsx-proto", "wpsx-client", "wpsx-listen", "wpsx-domain"],
    ),
    (
        "wpsx-observatory",
        &[
            "wpsx-proto",
            "wpsx-client",
            "wpsx-listen",
            "wpsx-words",
            "wpsx-domain",
            "wpsx-sheets",
        ],
    ),
    // A command is in front of a node: it knows the calls, and no part behind them.
    (
        "wpsx-cli",
        &[
            "wpsx-proto",
            "wpsx-client",
            "wpsx-listen",
            "wpsx-words",
            "wpsx-domain",
            "wpsx-sheets",
        ],
    ),
    // They open onto a node that the root puts together, and know no service of it.
    (
        "wpsx-doors",
        &[
            "wpsx-proto",
            "wpsx-client",
            "wpsx-store",
            "wpsx-listen",
            "wpsx-words",
            "wpsx-domain",
            "wpsx-sheets",
            "wpsx-federation",
            "wpsx-observatory",
            "wpsx-cli",
        ],
    ),
    (
        "wpsx-node",
        &[
            "wpsx-proto",
            "wpsx-client",
            "wpsx-store",
            "wpsx-views",
            "wpsx-listen",
            "wpsx-words",
            "wpsx-domain",
            "wpsx-federation",
            "wpsx-services",
            "wpsx-observatory",
            "wpsx-doors",
        ],
    ),
    (
        "wpsx-tests",
        &[
            "wpsx-proto",
            "wpsx-client",
            "wpsx-store",
            "wpsx-views",
            "wpsx-listen",
            "wpsx-words",
            "wpsx-domain",
            "wpsx-sheets",
            "wpsx-federation",
            "wpsx-services",
            "wpsx-observatory",
            "wpsx-cli",
            "wpsx-doors",
            "wpsx-node",
        ],
    ),
];

/// A file longer than this holds a second idea that wants out.
const MOST_LINES: usize = 600;

/// Half of a package's files are shorter than this.
const MEDIAN_LINES: usize = 180;

/// Packages whose files are not held to the rules yet, each with the reason.
const BEING_REBUILT: &[(&str, &str)] = &[];

/// The packages that there are.
pub(crate) fn packages() -> impl Iterator<Item = &'static str> {
    MAY_NEED.iter().map(|(name, _)| *name)
}

/// The packages whose files may still be long and in circles.
pub(crate) fn being_rebuilt() -> impl Iterator<Item = &'static str> {
    BEING_REBUILT.iter().map(|(name, _)| *name)
}

/// A sentence for each package that is not in the table, and for each need that the
/// table does not allow.
pub(crate) fn directions(packages: &[Package]) -> Vec<String> {
    let mut faults = Vec::new();
    for package in packages {
        let Some((_, allowed)) = MAY_NEED.iter().find(|(name, _)| *name == package.name) else {
            faults.push(format!(
                "{} is not known here: add it to MAY_NEED in rules.rs, with what it may need and \
                 the reason in a comment",
                package.name
            ));
            continue;
        };
        for need in &package.needs {
            if !allowed.contains(&need.as_str()) {
                faults.push(format!(
                    "{}/Cargo.toml needs {need}, and {} may need {}",
                    package.folder,
                    package.name,
                    if allowed.is_empty() {
                        "nothing of ours".to_owned()
                    } else {
                        format!("only {}", allowed.join(", "))
                    }
                ));
            }
        }
    }
    faults
}

/// A sentence for each file that is too long, and one with the whole list where half
/// of the package's files are.
pub(crate) fn lengths(package: &str, files: &Lines) -> Vec<String> {
    let mut faults = too_long(files);
    let median = sizes::median(files);
    if median >= MEDIAN_LINES {
        faults.push(format!(
            "half of the files of {package} have {median} lines or more, and it should be less \
             than {MEDIAN_LINES}:\n{}",
            sizes::told(files)
        ));
    }
    faults
}

/// A sentence for each file that is too long.
pub(crate) fn too_long(files: &Lines) -> Vec<String> {
    let long = files.iter().filter(|(_, lines)| **lines > MOST_LINES);
    long.map(|(file, lines)| format!("{file} has {lines} lines, the most is {MOST_LINES}"))
        .collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::circles::{self, Graph};

    fn package(name: &str, needs: &[&str]) -> Package {
        Package {
            name: name.to_owned(),
            folder: format!("node/{name}"),
            needs: needs.iter().map(|&need| need.to_owned()).collect(),
        }
    }

    #[test]
    fn a_need_against_the_direction_is_named() {
        let store = package("wpsx-store", &["wpsx-proto", "wpsx-views"]);
        assert_eq!(
            directions(&[store]),
            [
                "node/wpsx-store/Cargo.toml needs wpsx-views, and wpsx-store may need only wpsx-proto"
            ]
        );
        let proto = package("wpsx-proto", &["wpsx-client"]);
        assert_eq!(
            directions(&[proto]),
            [
                "node/wpsx-proto/Cargo.toml needs wpsx-client, and wpsx-proto may need nothing of \
                 ours"
            ]
        );
    }

    #[test]
    fn services_and_the_observatory_see_neither_store_nor_views() {
        for name in ["wpsx-services", "wpsx-observatory"] {
            let nosy = package(name, &["wpsx-store", "wpsx-domain", "wpsx-views"]);
            assert_eq!(directions(&[nosy]).len(), 2, "{name}");
        }
    }

    // What rebuilds with it is what makes the change of a service dear.
    #[test]
    fn a_change_of_a_service_rebuilds_the_small_root_and_nothing_else_of_the_program() {
        let above = |part: &str| -> Vec<&str> {
            let needing = MAY_NEED.iter().filter(|(_, needs)| needs.contains(&part));
            needing.map(|(name, _)| *name).collect()
        };
        assert_eq!(above("wpsx-services"), ["wpsx-node", "wpsx-tests"]);
        assert_eq!(above("wpsx-node"), ["wpsx-tests"]);
    }

    #[test]
    fn a_package_that_nobody_knows_is_asked_for_a_reason() {
        let faults = directions(&[package("wpsx-utils", &[])]);
        assert_eq!(faults.len(), 1);
        assert!(
            faults[0].contains("wpsx-utils is not known here: add it to MAY_NEED"),
            "{faults:?}"
        );
    }

    #[test]
    fn the_table_itself_has_one_direction() {
        let row = |(name, needs): &(&str, &[&str])| {
            let needs = needs.iter().map(|&need| (need.to_owned(), "")).collect();
            ((*name).to_owned(), needs)
        };
        let graph: Graph<&str> = MAY_NEED.iter().map(row).collect();
        assert_eq!(graph.len(), MAY_NEED.len(), "each has one row");
        let named: Vec<&String> = graph.values().flat_map(BTreeMap::keys).collect();
        assert!(named.iter().all(|need| graph.contains_key(*need)));
        assert_eq!(circles::knots(&graph), []);
    }

    #[test]
    fn a_file_past_the_bound_and_a_heavy_half_are_named() {
        let files = |lines: &[usize]| -> Lines {
            let numbered = lines.iter().enumerate();
            numbered
                .map(|(number, lines)| (format!("src/{number}.rs"), *lines))
                .collect()
        };
        assert_eq!(lengths("p", &files(&[600, 179, 20])), Vec::<String>::new());
        assert_eq!(
            lengths("p", &files(&[601, 179, 20])),
            ["src/0.rs has 601 lines, the most is 600"]
        );
        assert_eq!(
            lengths("p", &files(&[600, 180, 20])),
            [
                "half of the files of p have 180 lines or more, and it should be less than 180:\n  \
                 600 src/0.rs\n  180 src/1.rs\n   20 src/2.rs"
            ]
        );
    }
}
