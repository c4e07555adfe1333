//! What an item says of itself: its name, its attributes, the names that it brings.

use syn::{Attribute, Item, ItemUse, Meta, UseTree, punctuated::Punctuated, token::Comma};

/// The names of a path, in order.
pub(crate) type Segments = Vec<String>;

/// One name that a `use` brings.
pub(crate) struct Import {
    pub(crate) path: Segments,
    /// `None` for `*`.
    pub(crate) name: Option<String>,
    pub(crate) line: usize,
}

/// Every name that a `use` brings, also those that it only makes known as `_`.
pub(crate) fn imports(item: &ItemUse) -> Vec<Import> {
    let mut found = Vec::new();
    if item.leading_colon.is_none() {
        spread(&item.tree, &mut Vec::new(), &mut found);
    }
    found
}

fn spread(tree: &UseTree, before: &mut Segments, found: &mut Vec<Import>) {
    let mut leaf = |last: &syn::Ident, name: Option<String>, before: &Segments| {
        let mut path = before.clone();
        if last != "self" || path.is_empty() {
            path.push(last.to_string());
        }
        found.push(Import {
            name: name.or_else(|| path.last().cloned()),
            path,
            line: last.span().start().line,
        });
    };
    match tree {
        UseTree::Name(tree) => leaf(&tree.ident, None, before),
        UseTree::Rename(tree) => leaf(&tree.ident, Some(tree.rename.to_string()), before),
        UseTree::Glob(tree) => found.push(Import {
            path: before.clone(),
            name: None,
            line: tree.star_token.span.start().line,
        }),
        UseTree::Path(tree) => {
            before.push(tree.ident.to_string());
            spread(&tree.tree, before, found);
            before.pop();
        }
        UseTree::Group(tree) => {
            for tree in &tree.items {
                spread(tree, before, found);
            }
        }
    }
}

/// The name that an item defines; none for `impl` and the like.
pub(crate) fn name(item: &Item) -> Option<String> {
    let ident = match item {
        Item::Const(item) => &item.ident,
        Item::Enum(item) => &item.ident,
        Item::Fn(item) => &item.sig.ident,
        Item::Static(item) => &item.ident,
        Item::Struct(item) => &item.ident,
        Item::Trait(item) => &item.ident,
        Item::TraitAlias(item) => &item.ident,
        Item::Type(item) => &item.ident,
        Item::Union(item) => &item.ident,
        _ => return None,
    };
    Some(ident.to_string())
}

pub(crate) fn attributes(item: &Item) -> &[Attribute] {
    match item {
        Item::Const(item) => &item.attrs,
        Item::Enum(item) => &item.attrs,
        Item::Fn(item) => &item.attrs,
        Item::Impl(item) => &item.attrs,
        Item::Macro(item) => &item.attrs,
        Item::Mod(item) => &item.attrs,
        Item::Static(item) => &item.attrs,
        Item::Struct(item) => &item.attrs,
        Item::Trait(item) => &item.attrs,
        Item::Type(item) => &item.attrs,
        Item::Use(item) => &item.attrs,
        _ => &[],
    }
}

/// Whether these attributes keep what follows out of everything but tests.
pub(crate) fn is_for_tests(attributes: &[Attribute]) -> bool {
    let says = |attribute: &Attribute| {
        attribute.path().is_ident("cfg") && attribute.parse_args().is_ok_and(|cfg| needs_test(&cfg))
    };
    attributes.iter().any(says)
}

fn needs_test(cfg: &Meta) -> bool {
    match cfg {
        Meta::Path(path) => path.is_ident("test") || path.is_ident("doctest"),
        Meta::List(list) if list.path.is_ident("all") => list
            .parse_args_with(Punctuated::<Meta, Comma>::parse_terminated)
            .is_ok_and(|parts| parts.iter().any(needs_test)),
        _ => false,
    }
}

pub(crate) fn path_attribute(attributes: &[Attribute]) -> Option<String> {
    attributes
        .iter()
        .find_map(|attribute| match &attribute.meta {
            Meta::NameValue(pair) if pair.path.is_ident("path") => match &pair.value {
                syn::Expr::Lit(syn::ExprLit {
                    lit: syn::Lit::Str(path),
                    ..
                }) => Some(path.value()),
                _ => None,
            },
            _ => None,
        })
}
