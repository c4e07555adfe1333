//! Which file of a package names something that another one defines.

use std::{
    collections::{BTreeMap, HashMap},
    fmt,
};

use proc_macro2::{TokenStream, TokenTree};
use syn::{
    Attribute, Expr, ExprMethodCall, Field, ImplItem, Item, ItemImpl, ItemUse, Macro, Meta,
    visit::{self, Visit},
};

use crate::{
    circles::Graph,
    sources::{Meant, ModuleId, Modules},
    syntax::{Segments, imports, is_for_tests},
};

/// The line that makes one file need another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Naming {
    file: String,
    line: usize,
    what: String,
    defined_in: String,
}

impl fmt::Display for Naming {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            file,
            line,
            what,
            defined_in,
        } = self;
        write!(f, "{file}:{line} names {what}, which {defined_in} defines")
    }
}

/// Reads every path in the package: in `use` and `pub use`, in types, expressions and
/// patterns, and as far as they can be told in macros. Methods that are called on
/// `self` count where their type is known, which is in its own `impl`.
pub(crate) fn between_files(modules: &Modules) -> Graph<Naming> {
    let methods = Methods::of(modules);
    let mut graph: Graph<Naming> = BTreeMap::new();
    for (id, module) in modules.iter() {
        graph.entry(module.file.clone()).or_default();
        let mut reader = Reader {
            modules,
            methods: &methods,
            here: id,
            own_type: None,
            found: Vec::new(),
        };
        for item in &module.items {
            reader.visit_item(item);
        }
        let needs = graph.entry(module.file.clone()).or_default();
        for naming in reader.found {
            // The first line that needs it is enough.
            needs.entry(naming.defined_in.clone()).or_insert(naming);
        }
    }
    graph
}

/// A type, by the module that defines it and its name.
type TypeId = (ModuleId, String);

/// In which files a type's own functions stand: an `impl` may be far from the type.
struct Methods(HashMap<(TypeId, String), Vec<ModuleId>>);

impl Methods {
    fn of(modules: &Modules) -> Self {
        let mut found: HashMap<_, Vec<ModuleId>> = HashMap::new();
        for (id, module) in modules.iter() {
            for item in &module.items {
                let Item::Impl(item) = item else { continue };
                if item.trait_.is_some() {
                    continue;
                }
                let Some(of) = type_of(modules, id, item) else {
                    continue;
                };
                for member in &item.items {
                    if let Some(name) = own_name(member) {
                        found.entry((of.clone(), name)).or_default().push(id);
                    }
                }
            }
        }
        Self(found)
    }

    fn modules(&self, of: &TypeId, name: &str) -> &[ModuleId] {
        let found = self.0.get(&(of.clone(), name.to_owned()));
        found.map_or(&[], Vec::as_slice)
    }
}

fn own_name(member: &ImplItem) -> Option<String> {
    match member {
        ImplItem::Fn(member) => Some(member.sig.ident.to_string()),
        ImplItem::Const(member) => Some(member.ident.to_string()),
        _ => None,
    }
}

/// The type that this `impl` is for, if it is one of the package's.
fn type_of(modules: &Modules, module: ModuleId, item: &ItemImpl) -> Option<TypeId> {
    let syn::Type::Path(path) = &*item.self_ty else {
        return None;
    };
    let meant = modules.meaning(module, &segments(&path.path));
    meant.into_iter().find_map(|meant| match meant {
        Meant::Item {
            defined_in, name, ..
        } => Some((defined_in, name)),
        Meant::Module(_) => None,
    })
}

fn segments(path: &syn::Path) -> Segments {
    let names = path.segments.iter();
    names.map(|segment| segment.ident.to_string()).collect()
}

/// Walks one module.
struct Reader<'a> {
    modules: &'a Modules,
    methods: &'a Methods,
    here: ModuleId,
    /// What `Self` means.
    own_type: Option<TypeId>,
    found: Vec<Naming>,
}

impl Reader<'_> {
    fn path(&mut self, path: &[String], line: usize) {
        if path.first().is_some_and(|first| first == "Self") {
            if let (Some(of), Some(name)) = (self.own_type.clone(), path.get(1)) {
                self.method(&of, name, line);
            }
            return;
        }
        for meant in self.modules.meaning(self.here, path) {
            self.meant(meant, path, line);
        }
    }

    fn meant(&mut self, meant: Meant, path: &[String], line: usize) {
        let Meant::Item {
            defined_in,
            name,
            then,
        } = meant
        else {
            // Naming a module defines nothing: what is taken from it counts.
            return;
        };
        self.found(defined_in, format!("`{}`", path.join("::")), line);
        if let Some(then) = then {
            self.method(&(defined_in, name), &then, line);
        }
    }

    fn method(&mut self, of: &TypeId, name: &str, line: usize) {
        for module in self.methods.modules(of, name) {
            self.found(*module, format!("`{}::{name}`", of.1), line);
        }
    }

    fn own_method(&mut self, name: &str, line: usize) {
        if let Some(of) = self.own_type.clone() {
            self.method(&of, name, line);
        }
    }

    fn found(&mut self, defined_in: ModuleId, what: String, line: usize) {
        let (file, defined_in) = (
            self.modules.file_of(self.here),
            self.modules.file_of(defined_in),
        );
        if file != defined_in {
            self.found.push(Naming {
                file: file.to_owned(),
                line,
                what,
                defined_in: defined_in.to_owned(),
            });
        }
    }

    /// What a macro is given need not be Rust: paths and methods of `self` are told by
    /// their look.
    fn tokens(&mut self, tokens: TokenStream) {
        let tokens: Vec<TokenTree> = tokens.into_iter().collect();
        let is = |at: usize, sign: char| match tokens.get(at) {
            Some(TokenTree::Punct(punct)) => punct.as_char() == sign,
            _ => false,
        };
        let mut at = 0;
        while let Some(token) = tokens.get(at) {
            match token {
                TokenTree::Group(group) => self.tokens(group.stream()),
                // A field or a method of something; `..` is no dot.
                TokenTree::Ident(_)
                    if at > 0 && is(at - 1, '.') && (at < 2 || !is(at - 2, '.')) => {}
                TokenTree::Ident(first) => {
                    let line = first.span().start().line;
                    if let [TokenTree::Ident(name), TokenTree::Group(_), ..] =
                        tokens.get(at + 2..).unwrap_or_default()
                        && first == "self"
                        && is(at + 1, '.')
                    {
                        self.own_method(&name.to_string(), line);
                    }
                    let mut path = vec![first.to_string()];
                    while is(at + 1, ':')
                        && is(at + 2, ':')
                        && let Some(TokenTree::Ident(next)) = tokens.get(at + 3)
                    {
                        path.push(next.to_string());
                        at += 3;
                    }
                    self.path(&path, line);
                }
                _ => {}
            }
            at += 1;
        }
    }
}

impl<'ast> Visit<'ast> for Reader<'_> {
    fn visit_item_use(&mut self, item: &'ast ItemUse) {
        for import in imports(item) {
            if import.name.is_some() {
                self.path(&import.path, import.line);
            }
        }
    }

    fn visit_item_impl(&mut self, item: &'ast ItemImpl) {
        let own = type_of(self.modules, self.here, item);
        let before = std::mem::replace(&mut self.own_type, own);
        visit::visit_item_impl(self, item);
        self.own_type = before;
    }

    fn visit_impl_item(&mut self, item: &'ast ImplItem) {
        let attributes = match item {
            ImplItem::Const(item) => &item.attrs,
            ImplItem::Fn(item) => &item.attrs,
            ImplItem::Type(item) => &item.attrs,
            _ => &Vec::new(),
        };
        if !is_for_tests(attributes) {
            visit::visit_impl_item(self, item);
        }
    }

    fn visit_field(&mut self, field: &'ast Field) {
        if !is_for_tests(&field.attrs) {
            visit::visit_field(self, field);
        }
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        if path.leading_colon.is_none()
            && let Some(last) = path.segments.last()
        {
            self.path(&segments(path), last.ident.span().start().line);
        }
        visit::visit_path(self, path);
    }

    fn visit_expr_method_call(&mut self, call: &'ast ExprMethodCall) {
        let of_self = matches!(&*call.receiver, Expr::Path(path) if path.path.is_ident("self"));
        if of_self {
            self.own_method(&call.method.to_string(), call.method.span().start().line);
        }
        visit::visit_expr_method_call(self, call);
    }

    fn visit_macro(&mut self, call: &'ast Macro) {
        let path = segments(&call.path);
        if let [name] = &path[..]
            && let Some(last) = call.path.segments.last()
            && let Some(meant) = self.modules.macro_named(self.here, name)
        {
            self.meant(meant, &path, last.ident.span().start().line);
        }
        visit::visit_macro(self, call);
        self.tokens(call.tokens.clone());
    }

    fn visit_attribute(&mut self, attribute: &'ast Attribute) {
        if let Meta::List(list) = &attribute.meta {
            self.tokens(list.tokens.clone());
        }
        visit::visit_attribute(self, attribute);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::circles;

    fn graph(files: &[(&str, &str)]) -> Graph<Naming> {
        let file = |(path, text): &(&str, &str)| (format!("p/src/{path}"), (*text).to_owned());
        let files = files.iter().map(file).collect();
        between_files(&Modules::read("p", "p", &files).expect("it can be read"))
    }

    /// What ties two files, as `a:1 > b` for the line 1 of a.rs.
    fn ties(files: &[(&str, &str)]) -> Vec<String> {
        let short = |file: &str| file["p/src/".len()..].trim_end_matches(".rs").to_owned();
        let graph = graph(files);
        let namings = graph.values().flat_map(BTreeMap::values);
        namings
            .map(|naming| {
                format!(
                    "{}:{} > {}",
                    short(&naming.file),
                    naming.line,
                    short(&naming.defined_in)
                )
            })
            .collect()
    }

    #[test]
    fn a_made_up_circle_is_found_with_the_lines_that_make_it() {
        let knots = circles::knots(&graph(&[
            ("lib.rs", "mod a;\nmod b;\nmod c;\npub use a::A;"),
            ("a.rs", "\nuse crate::b::B;\npub struct A(B);"),
            (
                "b.rs",
                "pub struct B;\n\nfn go() -> super::c::C { super::c::C }",
            ),
            ("c.rs", "pub struct C;\nimpl C { fn a() { crate::A; } }"),
        ]));
        assert_eq!(
            circles::told(&knots),
            "3 need each other. The shortest way round:\n  \
             p/src/a.rs:2 names `crate::b::B`, which p/src/b.rs defines\n  \
             p/src/b.rs:3 names `super::c::C`, which p/src/c.rs defines\n  \
             p/src/c.rs:2 names `crate::A`, which p/src/a.rs defines\n\
             All in this knot: p/src/a.rs, p/src/b.rs, p/src/c.rs\n"
        );
    }

    #[test]
    fn a_module_that_shows_its_parts_and_is_used_by_them_is_a_circle() {
        let part = "use super::Whole;\npub struct Part(Whole);";
        let whole = "mod part;\npub use self::part::Part;\npub struct Whole;";
        assert_eq!(
            ties(&[("lib.rs", "mod a;"), ("a.rs", whole), ("a/part.rs", part)]),
            ["a:2 > a/part", "a/part:1 > a"]
        );
        // A sister that takes one of them by that path needs its file alone.
        let sister = "use super::Part;\npub struct Sister(Part);";
        assert_eq!(
            ties(&[
                ("lib.rs", "mod a;"),
                ("a.rs", "mod part;\nmod sister;\npub use self::part::Part;"),
                ("a/part.rs", "pub struct Part;"),
                ("a/sister.rs", sister),
            ]),
            ["a:3 > a/part", "a/sister:1 > a/part"]
        );
    }

    #[test]
    fn every_place_for_a_path_is_read() {
        for place in [
            "use crate::b::B as _;",
            "use crate::b::{self, B};",
            "use crate::b::*; fn f(_: B) {}",
            "use crate::b; fn f(_: b::B) {}",
            "fn f() { use crate::b; b::make(); }",
            "fn f() -> Vec<Option<crate::b::B>> { Vec::new() }",
            "struct S { b: crate::b::B }",
            "impl crate::b::T for u8 {}",
            "fn f<X: crate::b::T>() {}",
            "const N: usize = crate::b::N;",
            "fn f() { assert!(1 < crate::b::N, \"{}\", 1); }",
            "use crate::b; fn f() { info!(a = %1, b::N, \"text\"); }",
            "fn f() { vec![0..crate::b::N]; }",
            "fn f() { select! { x = g() => { crate::b::make() } } }",
            "#[arg(value_parser = crate::b::make)] struct S;",
            "fn f() { match 1 { crate::b::N => {} _ => {} } }",
            "fn f() { shout!(); }",
            "fn f() { <u8 as crate::b::T>::go(); }",
        ] {
            let text = format!("\n\n{place}");
            let files = [
                (
                    "lib.rs",
                    "macro_rules! shout { () => {} }\nmod b;\nmod a;\nmacro_rules! late { () => {} }",
                ),
                ("a.rs", &*text),
                (
                    "b.rs",
                    "pub struct B; pub trait T { fn go(); } pub const N: usize = 1; pub fn make() {}",
                ),
            ];
            let definer = if place.contains("shout") { "lib" } else { "b" };
            assert_eq!(ties(&files), [format!("a:3 > {definer}")], "{place}");
        }
    }

    #[test]
    fn what_is_no_name_of_the_packages_ties_nothing() {
        for nothing in [
            "use std::fmt;",
            "use ::b::B;",
            "use crate::b;",
            "#[cfg(test)] use crate::b::B;",
            "#[cfg(test)] mod tests { use crate::b::B; }",
            "struct S { #[cfg(test)] b: crate::b::B }",
            "struct S; impl S { #[cfg(test)] fn f() { crate::b::make(); } }",
            "fn f(x: X) { x.make(); info!(x.make, x.b::<u8>()); }",
            "/// [`crate::b::B`]\nfn f() {}",
        ] {
            let files = [
                ("lib.rs", "mod a; mod b;"),
                ("a.rs", nothing),
                ("b.rs", "pub struct B; pub fn make() {}"),
            ];
            assert_eq!(ties(&files), Vec::<String>::new(), "{nothing}");
        }
    }

    #[test]
    fn a_function_of_a_type_is_where_its_impl_stands() {
        for call in [
            "fn f() { crate::a::A::far(); }",
            "impl super::a::A { fn g(&self) { self.far(); } }",
            "impl super::a::A { fn g(&self) { Self::far(); } }",
            "impl super::a::A { fn g(&self) { assert!(self.far()); } }",
            "impl super::a::A { const G: u8 = Self::FAR; }",
        ] {
            let files = [
                ("lib.rs", "mod a; mod far; mod c;"),
                ("a.rs", "pub struct A;"),
                (
                    "far.rs",
                    "impl crate::a::A { pub fn far(&self) {} const FAR: u8 = 1; }",
                ),
                ("c.rs", call),
            ];
            assert_eq!(
                ties(&files),
                ["c:1 > a", "c:1 > far", "far:1 > a"],
                "{call}"
            );
        }
        // Another type's function of the same name is another one.
        let files = [
            ("lib.rs", "mod a; mod far; mod c;"),
            ("a.rs", "pub struct A;"),
            ("far.rs", "impl crate::a::A { pub fn far(&self) {} }"),
            (
                "c.rs",
                "struct C; impl C { fn g(&self) { self.far(); self.0.far(); } }",
            ),
        ];
        assert_eq!(ties(&files), ["far:1 > a"]);
    }
}
