//! The house keeps its shape: packages need each other in one direction, no file
//! needs itself by a way round through others, and files stay short enough to read.
//!
//! Nothing is built or run for this; the manifests and the source are read as text.
//! Read [`rules`] first: what must be so, and where to write an exception. Then
//! [`manifests`] and [`sources`] for what is read, [`names`] for which file names
//! what another defines, [`circles`] and [`sizes`] for what is made of it.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs, io,
    path::{Path, PathBuf},
};

mod circles;
mod manifests;
mod names;
mod rules;
mod sizes;
mod sources;
mod syntax;

use self::{circles::Graph, manifests::Package, names::Naming, sources::Modules};

/// The folder with the workspace's `Cargo.toml`.
fn workspace() -> PathBuf {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR"));
    tests.parent().expect("it is in the workspace").to_owned()
}

fn packages() -> Vec<Package> {
    let read = |path: &str| fs::read_to_string(workspace().join(path)).map_err(anyhow::Error::from);
    manifests::packages(read).expect("the manifests can be read")
}

/// The text of every Rust file below `src`, by its path in the workspace.
fn sources_of(package: &Package) -> BTreeMap<String, String> {
    below(package, &["src"])
}

/// The same of what is built beside it: tests, benchmarks, examples.
fn beside_sources_of(package: &Package) -> BTreeMap<String, String> {
    below(package, &["tests", "benches", "examples"])
}

fn below(package: &Package, folders: &[&str]) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    for folder in folders {
        let folder = format!("{}/{folder}", package.folder);
        if workspace().join(&folder).is_dir() {
            collect(&folder, &mut found).expect("the source can be read");
        }
    }
    found
}

fn collect(folder: &str, found: &mut BTreeMap<String, String>) -> io::Result<()> {
    for entry in fs::read_dir(workspace().join(folder))? {
        let entry = entry?;
        let path = format!("{folder}/{}", entry.file_name().to_string_lossy());
        if entry.file_type()?.is_dir() {
            collect(&path, found)?;
        } else if path.ends_with(".rs") {
            found.insert(path.clone(), fs::read_to_string(entry.path())?);
        }
    }
    Ok(())
}

/// Which file of the package names what which other one defines.
fn files_of(package: &Package) -> Graph<Naming> {
    names::between_files(&modules_of(package))
}

fn modules_of(package: &Package) -> Modules {
    Modules::read(&package.name, &package.folder, &sources_of(package))
        .expect("it compiled, so it can be read")
}

/// The packages whose files are held to the rules.
fn finished() -> Vec<Package> {
    let mut packages = packages();
    packages.retain(|package| !rules::being_rebuilt().any(|name| name == package.name));
    packages
}

#[test]
fn no_file_needs_itself_by_a_way_round() {
    let mut knots = Vec::new();
    for package in finished() {
        knots.extend(circles::knots(&files_of(&package)));
    }
    assert!(knots.is_empty(), "\n{}", circles::told(&knots));
}

#[test]
fn a_package_needs_only_what_the_table_allows() {
    let faults = rules::directions(&packages());
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
}

#[test]
fn no_package_needs_itself_by_a_way_round() {
    let knots = circles::knots(&manifests::needs(&packages()));
    assert!(knots.is_empty(), "\n{}", circles::told(&knots));
}

#[test]
fn files_are_short_enough_to_read() {
    let faults: Vec<String> = finished()
        .iter()
        .flat_map(|package| rules::lengths(&package.name, &sizes::lines(&sources_of(package))))
        .collect();
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
}

#[test]
fn test_files_are_short_enough_to_read_too() {
    let beside: Vec<sizes::Lines> = packages()
        .iter()
        .map(|package| sizes::lines(&beside_sources_of(package)))
        .collect();
    let faults: Vec<String> = beside.iter().flat_map(rules::too_long).collect();
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
    let this = beside
        .iter()
        .any(|lines| lines.contains_key("tests/tests/house/main.rs"));
    assert!(this, "this very file is not read");
}

#[test]
fn an_exception_goes_away_with_its_cause() {
    let packages = packages();
    for name in rules::being_rebuilt() {
        let package = packages.iter().find(|package| package.name == name);
        let package =
            package.unwrap_or_else(|| panic!("{name} is in BEING_REBUILT, and no package"));
        let lengths = rules::lengths(&package.name, &sizes::lines(&sources_of(package)));
        assert!(
            !lengths.is_empty() || !circles::knots(&files_of(package)).is_empty(),
            "{} keeps every rule now: take it out of BEING_REBUILT in rules.rs",
            package.name
        );
    }
}

// A reader that resolves nothing would find no circle either.
#[test]
fn what_is_read_is_the_whole_workspace() {
    let packages = packages();
    let names: BTreeSet<&str> = packages.iter().map(|it| it.name.as_str()).collect();
    assert_eq!(names, rules::packages().collect(), "all are in the table");
    for package in &packages {
        let name = &package.name;
        let modules = modules_of(package);
        let graph = names::between_files(&modules);
        let unread: Vec<String> = sources_of(package)
            .into_keys()
            .filter(|file| !graph.contains_key(file) && !modules.is_for_tests(file))
            .collect();
        assert_eq!(unread, [""; 0], "no module of {name} names these files");
        let ties: usize = graph.values().map(BTreeMap::len).sum();
        assert!(ties >= graph.len(), "{name}: {ties} ties");
    }
}
