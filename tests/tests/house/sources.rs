//! The modules of one package, out of the text of its files, and what each name in
//! them means. What only tests see is left out.

use std::collections::{BTreeMap, HashMap, HashSet};

use anyhow::{Context as _, Result};
use syn::{Item, ItemMod, ItemUse, visit::Visit};

use crate::syntax::{Segments, attributes, imports, is_for_tests, name, path_attribute};

/// A package's modules, by number; the first one is the library's or the binary's.
pub(crate) struct Modules {
    modules: Vec<Module>,
    /// The library, and the binaries where there are some: (name in code, module).
    roots: Vec<(String, ModuleId)>,
    /// The files of modules that only tests see, without their ends.
    for_tests: Vec<String>,
}

pub(crate) type ModuleId = usize;

/// Whether a program begins in this file.
fn is_binary(src: &str, file: &str) -> bool {
    let below = file.strip_prefix(src).unwrap_or_default();
    let parts: Vec<&str> = below.split('/').skip(1).collect();
    matches!(parts[..], ["main.rs"] | ["bin", _] | ["bin", _, "main.rs"])
}

/// One module, in a file of its own or inside another one's.
pub(crate) struct Module {
    pub(crate) file: String,
    pub(crate) items: Vec<Item>,
    root: ModuleId,
    parent: Option<ModuleId>,
    names: HashMap<String, Vec<Named>>,
    globs: Vec<Segments>,
    /// Macros may define more names than can be read here.
    has_macros: bool,
}

/// What a name stands for in a module.
#[derive(Clone)]
enum Named {
    Item,
    Module(ModuleId),
    Import(Segments),
}

/// What a path leads to.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Meant {
    Module(ModuleId),
    Item {
        defined_in: ModuleId,
        name: String,
        /// What follows in the path: a variant, or an associated function.
        then: Option<String>,
    },
}

impl Modules {
    /// Reads the package in this folder from its files' texts.
    ///
    /// # Errors
    /// A file that a module asks for is missing, or is not Rust.
    pub(crate) fn read(
        package: &str,
        folder: &str,
        files: &BTreeMap<String, String>,
    ) -> Result<Self> {
        let mut found = Self {
            modules: Vec::new(),
            roots: Vec::new(),
            for_tests: Vec::new(),
        };
        let src = format!("{folder}/src");
        let library = (format!("{src}/lib.rs"), package.replace('-', "_"));
        let binaries = files.keys().filter(|file| is_binary(&src, file));
        let binaries = binaries.map(|file| (file.clone(), String::new()));
        for (file, name) in [library].into_iter().chain(binaries) {
            let Some((folder, _)) = file.rsplit_once('/') else {
                continue;
            };
            if files.contains_key(&file) {
                let folder = folder.to_owned();
                let id = found.read_file(files, Place { folder, file }, None)?;
                found.roots.push((name, id));
            }
        }
        Ok(found)
    }

    /// Whether the file is of a module that only tests see.
    pub(crate) fn is_for_tests(&self, file: &str) -> bool {
        let mut beginnings = self.for_tests.iter();
        beginnings.any(|beginning| {
            let rest = file.strip_prefix(beginning);
            rest.is_some_and(|rest| rest == ".rs" || rest.starts_with('/'))
        })
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (ModuleId, &Module)> {
        self.modules.iter().enumerate()
    }

    pub(crate) fn file_of(&self, module: ModuleId) -> &str {
        &self.modules[module].file
    }

    /// What a path that is written in this module leads to, through whatever it is
    /// re-exported by. Several things may share a name; others' packages are nothing.
    pub(crate) fn meaning(&self, module: ModuleId, path: &[String]) -> Vec<Meant> {
        self.resolve(module, path, &mut HashSet::new())
    }

    /// The macro that this name means here: one by its path, or one that a module above
    /// defines.
    pub(crate) fn macro_named(&self, module: ModuleId, name: &str) -> Option<Meant> {
        let mut here = Some(module);
        while let Some(id) = here {
            let defines = |item: &Item| match item {
                Item::Macro(item) => item.ident.as_ref().is_some_and(|ident| ident == name),
                _ => false,
            };
            if self.modules[id].items.iter().any(defines) {
                return Some(item(id, name));
            }
            here = self.modules[id].parent;
        }
        None
    }

    fn read_file(
        &mut self,
        files: &BTreeMap<String, String>,
        place: Place,
        parent: Option<ModuleId>,
    ) -> Result<ModuleId> {
        let text = files
            .get(&place.file)
            .with_context(|| format!("{} is missing", place.file))?;
        let parsed = syn::parse_file(text).with_context(|| place.file.clone())?;
        self.read_items(files, place, parent, parsed.items)
    }

    fn read_items(
        &mut self,
        files: &BTreeMap<String, String>,
        place: Place,
        parent: Option<ModuleId>,
        items: Vec<Item>,
    ) -> Result<ModuleId> {
        let id = self.modules.len();
        let mut module = Module {
            file: place.file.clone(),
            items: Vec::new(),
            root: parent.map_or(id, |parent| self.modules[parent].root),
            parent,
            names: HashMap::new(),
            globs: Vec::new(),
            has_macros: false,
        };
        let mut below = Vec::new();
        for item in items {
            if is_for_tests(attributes(&item)) {
                if let Item::Mod(item) = item {
                    self.for_tests
                        .push(format!("{}/{}", place.folder, item.ident));
                }
                continue;
            }
            match item {
                Item::Mod(item) => below.push(item),
                item => module.take(item),
            }
        }
        self.modules.push(module);
        for item in below {
            let name = item.ident.to_string();
            let child = self.read_module(files, &place, id, item)?;
            self.modules[id].define(name, Named::Module(child));
        }
        Ok(id)
    }

    fn read_module(
        &mut self,
        files: &BTreeMap<String, String>,
        place: &Place,
        parent: ModuleId,
        item: ItemMod,
    ) -> Result<ModuleId> {
        let name = item.ident.to_string();
        let folder = format!("{}/{name}", place.folder);
        if let Some((_, items)) = item.content {
            let place = Place {
                file: place.file.clone(),
                folder,
            };
            return self.read_items(files, place, Some(parent), items);
        }
        let beside = place.file.rsplit_once('/').map_or("", |(folder, _)| folder);
        let file = match path_attribute(&item.attrs) {
            Some(path) => format!("{beside}/{path}"),
            None => {
                let in_folder = format!("{folder}/mod.rs");
                let own = format!("{folder}.rs");
                if files.contains_key(&in_folder) {
                    in_folder
                } else {
                    own
                }
            }
        };
        self.read_file(files, Place { file, folder }, Some(parent))
    }

    fn resolve(
        &self,
        module: ModuleId,
        path: &[String],
        tried: &mut HashSet<(ModuleId, String)>,
    ) -> Vec<Meant> {
        let Some((first, rest)) = path.split_first() else {
            return Vec::new();
        };
        let mut meant = match first.as_str() {
            "crate" | "$crate" => vec![Meant::Module(self.modules[module].root)],
            "self" => vec![Meant::Module(module)],
            "super" => self.modules[module]
                .parent
                .map(Meant::Module)
                .into_iter()
                .collect(),
            name => {
                let own = self.look_up(module, name, tried);
                let root = || self.roots.iter().find(|(root, _)| root == name);
                if own.is_empty() {
                    root()
                        .map(|(_, id)| Meant::Module(*id))
                        .into_iter()
                        .collect()
                } else {
                    own
                }
            }
        };
        for name in rest {
            meant = meant
                .into_iter()
                .flat_map(|meant| self.step(meant, name, tried))
                .collect();
        }
        meant
    }

    fn step(&self, from: Meant, name: &str, tried: &mut HashSet<(ModuleId, String)>) -> Vec<Meant> {
        match from {
            Meant::Module(module) if name == "super" => {
                let above = self.modules[module].parent;
                above.map(Meant::Module).into_iter().collect()
            }
            Meant::Module(module) if name == "self" => vec![Meant::Module(module)],
            Meant::Module(module) => {
                let found = self.look_up(module, name, tried);
                if found.is_empty() && self.modules[module].has_macros {
                    vec![item(module, name)]
                } else {
                    found
                }
            }
            Meant::Item {
                defined_in,
                name: of,
                then,
            } => vec![Meant::Item {
                defined_in,
                name: of,
                then: then.or_else(|| Some(name.to_owned())),
            }],
        }
    }

    fn look_up(
        &self,
        module: ModuleId,
        name: &str,
        tried: &mut HashSet<(ModuleId, String)>,
    ) -> Vec<Meant> {
        // A name may lead back to itself: `use bytes::Bytes` beside no module `bytes`.
        if !tried.insert((module, name.to_owned())) {
            return Vec::new();
        }
        let here = &self.modules[module];
        let mut found = Vec::new();
        for named in here.names.get(name).into_iter().flatten() {
            match named {
                Named::Item => found.push(item(module, name)),
                Named::Module(child) => found.push(Meant::Module(*child)),
                Named::Import(path) => found.extend(self.resolve(module, path, tried)),
            }
        }
        if found.is_empty() {
            for glob in &here.globs {
                for from in self.resolve(module, glob, tried) {
                    if let Meant::Module(from) = from {
                        found.extend(self.look_up(from, name, tried));
                    }
                }
            }
        }
        tried.remove(&(module, name.to_owned()));
        found
    }
}

impl Module {
    fn take(&mut self, item: Item) {
        match &item {
            Item::Use(item) => self.import(item),
            Item::Macro(item) => match &item.ident {
                Some(name) => self.define(name.to_string(), Named::Item),
                None => self.has_macros = true,
            },
            item => {
                if let Some(name) = name(item) {
                    self.define(name, Named::Item);
                }
                self.take_imports_within(item);
            }
        }
        self.items.push(item);
    }

    /// What a function imports for itself is known to it alone; here it is taken for
    /// the module's, where no other meaning of the name is likely.
    fn take_imports_within(&mut self, item: &Item) {
        struct Within<'a>(&'a mut Module);
        impl<'ast> Visit<'ast> for Within<'_> {
            fn visit_item_use(&mut self, item: &'ast ItemUse) {
                self.0.import(item);
            }
        }
        Within(self).visit_item(item);
    }

    fn import(&mut self, item: &ItemUse) {
        for import in imports(item) {
            match import.name {
                Some(name) => self.define(name, Named::Import(import.path)),
                None => self.globs.push(import.path),
            }
        }
    }

    fn define(&mut self, name: String, named: Named) {
        self.names.entry(name).or_default().push(named);
    }
}

/// Where a module stands, and where those below it do.
struct Place {
    file: String,
    folder: String,
}

fn item(defined_in: ModuleId, name: &str) -> Meant {
    Meant::Item {
        defined_in,
        name: name.to_owned(),
        then: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files(files: &[(&str, &str)]) -> BTreeMap<String, String> {
        let file = |(path, text): &(&str, &str)| (format!("p/src/{path}"), (*text).to_owned());
        files.iter().map(file).collect()
    }

    fn read(texts: &[(&str, &str)]) -> Modules {
        Modules::read("the-p", "p", &files(texts)).expect("it can be read")
    }

    /// Which files define what this path means in the first module.
    fn defined(modules: &Modules, path: &str) -> Vec<String> {
        let path: Segments = path.split("::").map(str::to_owned).collect();
        let of = |meant: Meant| match meant {
            Meant::Module(id) => format!("module {}", modules.file_of(id)),
            Meant::Item { defined_in, .. } => modules.file_of(defined_in).to_owned(),
        };
        modules.meaning(0, &path).into_iter().map(of).collect()
    }

    #[test]
    fn modules_are_found_wherever_they_may_stand() {
        let modules = read(&[
            (
                "lib.rs",
                "mod a; mod b; mod c { mod d; } #[path = \"odd.rs\"] mod e;",
            ),
            ("a.rs", "mod f; struct A;"),
            ("a/f.rs", "struct F;"),
            ("b/mod.rs", "mod g; struct B;"),
            ("b/g.rs", "struct G;"),
            ("c/d.rs", "struct D;"),
            ("odd.rs", "struct E;"),
        ]);
        for (path, file) in [
            ("a::A", "p/src/a.rs"),
            ("a::f::F", "p/src/a/f.rs"),
            ("b::B", "p/src/b/mod.rs"),
            ("crate::b::g::G", "p/src/b/g.rs"),
            ("self::c::d::D", "p/src/c/d.rs"),
            ("e::E", "p/src/odd.rs"),
        ] {
            assert_eq!(defined(&modules, path), [file], "{path}");
        }
    }

    #[test]
    fn a_missing_file_is_said() {
        let Err(missing) = Modules::read("p", "p", &files(&[("lib.rs", "mod gone;")])) else {
            panic!("it was read");
        };
        assert_eq!(missing.to_string(), "p/src/gone.rs is missing");
    }

    #[test]
    fn names_lead_through_re_exports_to_where_they_are_defined() {
        let modules = read(&[
            (
                "lib.rs",
                "mod a; pub use a::{B, C as Other, *}; use a as short;",
            ),
            (
                "a.rs",
                "mod b; pub use self::b::*; pub use self::b::c::C; pub fn own() {}",
            ),
            ("a/b.rs", "pub mod c; pub struct B; pub enum Many { One }"),
            ("a/b/c.rs", "pub struct C;"),
        ]);
        for (path, file) in [
            ("B", "p/src/a/b.rs"),
            ("Other", "p/src/a/b/c.rs"),
            ("own", "p/src/a.rs"),
            ("Many::One", "p/src/a/b.rs"),
            ("short::c::C", "p/src/a/b/c.rs"),
            ("short::C::new", "p/src/a/b/c.rs"),
            ("the_p::a::b::B", "p/src/a/b.rs"),
            ("a::b::c", "module p/src/a/b/c.rs"),
        ] {
            assert_eq!(defined(&modules, path), [file], "{path}");
        }
    }

    #[test]
    fn others_names_and_names_that_lead_to_themselves_mean_nothing_here() {
        let modules = read(&[(
            "lib.rs",
            "use bytes::Bytes; use tokio; use x::y; use y::x; use a::*; use b::*;",
        )]);
        for path in [
            "Bytes",
            "bytes::Bytes",
            "tokio::spawn",
            "x",
            "y::z",
            "unknown",
        ] {
            assert_eq!(defined(&modules, path), Vec::<String>::new(), "{path}");
        }
    }

    #[test]
    fn what_only_tests_see_is_left_out() {
        let modules = read(&[(
            "lib.rs",
            "#[cfg(test)] mod tests; #[cfg(all(test, unix))] struct T; #[cfg(doctest)] struct D;
             #[cfg(any(test, unix))] struct A; #[cfg(not(test))] struct N;",
        )]);
        for path in ["tests", "T", "D"] {
            assert_eq!(defined(&modules, path), Vec::<String>::new(), "{path}");
        }
        assert!(modules.is_for_tests("p/src/tests.rs"));
        assert!(modules.is_for_tests("p/src/tests/more.rs"));
        assert!(!modules.is_for_tests("p/src/testsome.rs"));
        for path in ["A", "N"] {
            assert_eq!(defined(&modules, path), ["p/src/lib.rs"], "{path}");
        }
    }

    #[test]
    fn a_name_that_a_macro_may_have_defined_is_the_file_of_the_macros_call() {
        let modules = read(&[
            ("lib.rs", "mod a; mod b;"),
            ("a.rs", "make!(Thing);"),
            ("b.rs", "struct B;"),
        ]);
        assert_eq!(defined(&modules, "a::Thing"), ["p/src/a.rs"]);
        assert_eq!(defined(&modules, "b::Thing"), Vec::<String>::new());
    }

    #[test]
    fn programs_beside_the_library_read_their_own_modules_too() {
        let modules = read(&[
            ("lib.rs", "pub struct A;"),
            ("bin/one.rs", "fn main() {}"),
            ("bin/two/main.rs", "mod own; fn main() { own::O; }"),
            ("bin/two/own.rs", "pub struct O;"),
        ]);
        let files: Vec<&str> = modules
            .iter()
            .map(|(_, module)| module.file.as_str())
            .collect();
        let below = ["lib.rs", "bin/one.rs", "bin/two/main.rs", "bin/two/own.rs"];
        assert_eq!(files, below.map(|file| format!("p/src/{file}")));
    }

    #[test]
    fn a_binary_reads_its_own_modules_and_the_librarys() {
        let modules = read(&[
            ("lib.rs", "pub mod a;"),
            ("a.rs", "pub struct A;"),
            (
                "main.rs",
                "mod own; fn main() { the_p::a::A; crate::own::O; }",
            ),
            ("own.rs", "pub struct O;"),
        ]);
        let (main, _) = modules
            .iter()
            .find(|(_, module)| module.file == "p/src/main.rs")
            .expect("the binary");
        for (path, file) in [
            ("the_p::a::A", "p/src/a.rs"),
            ("crate::own::O", "p/src/own.rs"),
        ] {
            let path: Segments = path.split("::").map(str::to_owned).collect();
            let meant = modules.meaning(main, &path);
            let [Meant::Item { defined_in, .. }] = &meant[..] else {
                panic!("{meant:?}");
            };
            assert_eq!(modules.file_of(*defined_in), file);
        }
    }
}
