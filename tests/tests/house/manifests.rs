//! The workspace's packages, and which of them each needs, out of the manifests.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context as _, Result, bail};
use toml::{Table, Value};

use crate::circles::Graph;

/// One member of the workspace.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Package {
    pub(crate) name: String,
    /// Its path in the workspace.
    pub(crate) folder: String,
    /// The other members that its code or its build script needs. What its tests need
    /// is left out: they may well look down from above.
    pub(crate) needs: BTreeSet<String>,
}

/// Reads the manifest at the top, and that of each member.
pub(crate) fn packages(read: impl Fn(&str) -> Result<String>) -> Result<Vec<Package>> {
    let top: Table = read("Cargo.toml")?.parse()?;
    let workspace = table(&top, "workspace").context("there is no workspace")?;
    let shared = table(workspace, "dependencies");
    let members = workspace.get("members").and_then(Value::as_array);
    let mut manifests = Vec::new();
    for member in members.context("the workspace has no members")? {
        let folder = member.as_str().context("a member is a path")?;
        if folder.contains('*') {
            bail!("`{folder}`: name each member, so that a new one is a decision");
        }
        let path = format!("{folder}/Cargo.toml");
        let manifest: Table = read(&path)?.parse().with_context(|| path.clone())?;
        let package = table(&manifest, "package").with_context(|| path.clone())?;
        let name = package.get("name").and_then(Value::as_str).context(path)?;
        manifests.push((name.to_owned(), folder.to_owned(), manifest));
    }
    let names: BTreeSet<String> = manifests.iter().map(|(name, ..)| name.clone()).collect();
    let package = |(name, folder, manifest): (String, String, Table)| Package {
        needs: dependencies(&manifest, shared)
            .intersection(&names)
            .cloned()
            .collect(),
        name,
        folder,
    };
    Ok(manifests.into_iter().map(package).collect())
}

/// The same as a graph, for whoever looks for circles.
pub(crate) fn needs(packages: &[Package]) -> Graph<String> {
    let row = |package: &Package| {
        let why = |need: &String| {
            let why = format!("{}/Cargo.toml needs {need}", package.folder);
            (need.clone(), why)
        };
        let needs: BTreeMap<_, _> = package.needs.iter().map(why).collect();
        (package.name.clone(), needs)
    };
    packages.iter().map(row).collect()
}

/// The names of the packages that a manifest depends on, whatever it calls them.
fn dependencies(manifest: &Table, shared: Option<&Table>) -> BTreeSet<String> {
    let for_all = std::iter::once(manifest);
    let targets = table(manifest, "target")
        .into_iter()
        .flat_map(Table::values);
    for_all
        .chain(targets.filter_map(Value::as_table))
        .flat_map(|part| ["dependencies", "build-dependencies"].map(|kind| table(part, kind)))
        .flatten()
        .flatten()
        .map(|(key, dependency)| {
            let shared = shared.and_then(|shared| shared.get(key));
            let renamed = |value: &Value| Some(value.get("package")?.as_str()?.to_owned());
            renamed(dependency)
                .or_else(|| renamed(shared?))
                .unwrap_or_else(|| key.clone())
        })
        .collect()
}

fn table<'a>(table: &'a Table, key: &str) -> Option<&'a Table> {
    table.get(key)?.as_table()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::circles;

    fn read(files: &[(&str, &str)]) -> Result<Vec<Package>> {
        let files: BTreeMap<&str, &str> = files.iter().copied().collect();
        packages(|path| Ok((*files.get(path).context("no such file")?).to_owned()))
    }

    const TOP: &str = r#"
        [workspace]
        members = ["low", "high/er"]
        [workspace.dependencies]
        low = { path = "low" }
        ground = { path = "low", package = "low" }
        bytes = "1"
    "#;
    const LOW: &str = r#"
        [package]
        name = "low"
        [dependencies]
        bytes.workspace = true
    "#;

    #[test]
    fn needs_are_found_under_every_name_and_heading() {
        for dependency in [
            "[dependencies]\nlow.workspace = true",
            "[dependencies]\nground.workspace = true",
            "[dependencies]\nlow = { path = \"../../low\" }",
            "[dependencies.below]\npath = \"../../low\"\npackage = \"low\"",
            "[build-dependencies]\nlow.workspace = true",
            "[target.'cfg(unix)'.dependencies]\nlow.workspace = true",
        ] {
            let higher = format!("[package]\nname = \"higher\"\n{dependency}");
            let files = [
                ("Cargo.toml", TOP),
                ("low/Cargo.toml", LOW),
                ("high/er/Cargo.toml", &higher),
            ];
            let packages = read(&files).expect("manifests");
            let needs = |package: &Package| package.needs.iter().cloned().collect::<Vec<_>>();
            assert_eq!(needs(&packages[0]), Vec::<String>::new());
            assert_eq!(needs(&packages[1]), ["low"], "{dependency}");
            assert_eq!(packages[1].folder, "high/er");
        }
    }

    #[test]
    fn what_tests_need_is_left_out() {
        let higher = "[package]\nname = \"higher\"\n[dev-dependencies]\nlow.workspace = true";
        let files = [
            ("Cargo.toml", TOP),
            ("low/Cargo.toml", LOW),
            ("high/er/Cargo.toml", higher),
        ];
        let packages = read(&files).expect("manifests");
        assert!(packages.iter().all(|package| package.needs.is_empty()));
    }

    #[test]
    fn packages_in_a_circle_are_found() {
        let low = "[package]\nname = \"low\"\n[build-dependencies]\nhigher.path = \"../high/er\"";
        let higher = "[package]\nname = \"higher\"\n[dependencies]\nlow.workspace = true";
        let files = [
            ("Cargo.toml", TOP),
            ("low/Cargo.toml", low),
            ("high/er/Cargo.toml", higher),
        ];
        let knots = circles::knots(&needs(&read(&files).expect("manifests")));
        assert_eq!(
            circles::told(&knots),
            "2 need each other. The shortest way round:\n  high/er/Cargo.toml needs low\n  \
             low/Cargo.toml needs higher\nAll in this knot: higher, low\n"
        );
    }

    #[test]
    fn a_member_is_named_and_not_matched() {
        let top = "[workspace]\nmembers = [\"node/*\"]";
        let refused = read(&[("Cargo.toml", top)]).expect_err("a pattern");
        assert!(refused.to_string().contains("name each member"));
    }
}
