//! A first mapping of a file that nobody made for us: the columns whose headers are
//! recognised become fields, and the others are listed for whoever knows what they mean.

use std::{
    collections::{BTreeMap, HashSet},
    fmt::Write as _,
    fs::File,
    io::{self, BufReader},
    path::Path,
    sync::Arc,
};

use wpsx_proto::record::Kind;

use super::{
    bad::BadRow,
    cells::{Cell, text_of},
    columns::{Required, columns},
    errors::ImportErrors,
    folding::folded,
    format::Format,
    input, json,
    marks::ID_COLUMN,
    names,
    nearest::nearest,
    options::Options,
    row::{Content, Opening, Row},
    rows,
    shape::Shape,
    target::Target,
};

/// Rows that are looked at to find columns whose values tell rows apart.
const LOOK_AT: usize = 1_000;
/// Columns that are tried in pairs.
const PAIRED: usize = 12;

/// A first mapping.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FirstMapping {
    /// As a file.
    pub toml: String,
    /// Columns that became fields: header and path.
    pub recognised: Vec<(String, String)>,
    /// The others.
    pub unknown: Vec<String>,
    /// What makes the ids, as a mapping says it.
    pub external_id: String,
    /// Fields that every record needs and that no column was recognised for.
    pub missing: Vec<String>,
}

/// Makes a first mapping from the header row of a file.
///
/// # Errors
///
/// It cannot be read as a table, or the kind needs newer software.
pub fn first_mapping(
    path: &Path,
    kind: Kind,
    options: &Options,
) -> Result<FirstMapping, ImportErrors> {
    let file = path.display().to_string();
    let shape = Shape::of(kind)
        .ok_or_else(|| ImportErrors::Usage(format!("{kind} needs newer software")))?;
    let (header, rows) = first_rows(path, &file, options)?;
    let named = header.iter().filter(|name| !name.is_empty());
    let (mut recognised, mut unknown) = (Vec::new(), Vec::new());
    let mut taken: BTreeMap<String, String> = BTreeMap::new();
    for column in named.filter(|name| !names::is_special(&folded(name))) {
        let found = names::path_of(kind, column)
            .and_then(|path| Some((Target::find_in(&shape, &path).ok()?.place(), path)));
        match found {
            // One place is filled by one column; the next one is for people to decide.
            Some((place, path)) if !taken.contains_key(&place) => {
                taken.insert(place, column.to_string());
                recognised.push((column.to_string(), path));
            }
            _ => unknown.push(column.to_string()),
        }
    }
    let needed = columns(&shape, "en").into_iter();
    let missing = needed
        .filter(|column| column.required == Required::Always)
        .filter(|column| {
            let start = column.path.split('.').next().unwrap_or_default();
            let is = |(_, path): &(String, String)| path.split('.').next() == Some(start);
            !recognised.iter().any(is)
        })
        .map(|column| column.path)
        .collect();
    let mut first = FirstMapping {
        toml: String::new(),
        recognised,
        unknown,
        external_id: id_of(&header, &rows),
        missing,
    };
    first.toml = first.written(path, kind, &shape);
    Ok(first)
}

type Cells = Vec<(Arc<str>, Cell)>;

/// The names of the columns, and the first rows.
fn first_rows(
    path: &Path,
    file: &str,
    options: &Options,
) -> Result<(Vec<Arc<str>>, Vec<Cells>), ImportErrors> {
    let unreadable = |source: io::Error| ImportErrors::Unreadable {
        file: file.to_owned(),
        source,
    };
    let refused = |bad: BadRow| ImportErrors::Rows {
        said: Vec::new(),
        file: file.to_owned(),
        bad: vec![bad],
        count: 1,
        undecided: Vec::new(),
    };
    let format = Format::of(path).ok_or_else(|| {
        let reason = "the name does not tell what it is; known are .csv, .tsv, .xlsx, .ods, .jsonl and .json";
        ImportErrors::Usage(format!("{file}: {reason}"))
    })?;
    let encoding = options.encoding.as_deref().map(input::encoding).transpose();
    let opening = Opening {
        encoding: encoding.map_err(ImportErrors::Usage)?,
        sheet: options.sheet.as_deref(),
        workbooks: &options.workbooks,
        knows: &names::is_known,
        keep: false,
    };
    let input = BufReader::new(File::open(path).map_err(unreadable)?);
    let opened = rows::open(format, Box::new(input), &opening).map_err(refused)?;
    if let Some(bad) = opened.bad.into_iter().next() {
        return Err(refused(bad));
    }
    let (mut header, mut found) = (opened.columns, Vec::new());
    for row in opened.rows.take(LOOK_AT) {
        let Row { line, content, .. } = row.map_err(refused)?;
        let cells = match content {
            Content::Cells(cells) => cells,
            Content::Object(object) => json::cells_of(line, &object).map_err(refused)?,
        };
        for (name, _) in &cells {
            if !header.contains(name) {
                header.push(Arc::clone(name));
            }
        }
        found.push(cells);
    }
    Ok((header, found))
}

/// What makes the id of a row: its own column, or else the first one, or the first two
/// together, that say something else in every row.
fn id_of(header: &[Arc<str>], rows: &[Cells]) -> String {
    if header.iter().any(|name| folded(name) == ID_COLUMN) {
        return format!("{{{ID_COLUMN}}}");
    }
    let plain = |name: &&Arc<str>| !name.is_empty() && !name.contains(['{', '}', '|']);
    let names: Vec<&Arc<str>> = header.iter().filter(plain).collect();
    let tells_apart = |columns: &[&Arc<str>]| {
        let mut seen = HashSet::new();
        rows.iter().all(|cells| {
            let said: Vec<String> = columns.iter().map(|name| text_of(cells, name)).collect();
            said.iter().all(|text| !text.is_empty()) && seen.insert(said)
        })
    };
    if let Some(one) = names.iter().find(|name| tells_apart(&[**name])) {
        return format!("{{{one}|slug}}");
    }
    let tried = &names[..names.len().min(PAIRED)];
    for (at, one) in tried.iter().enumerate() {
        if let Some(other) = tried[at + 1..]
            .iter()
            .find(|other| tells_apart(&[*one, **other]))
        {
            return format!("{{{one}|slug}}-{{{other}|slug}}");
        }
    }
    let first = names.first().map_or(ID_COLUMN, |name| name);
    format!("{{{first}|slug}}")
}

impl FirstMapping {
    fn written(&self, path: &Path, kind: Kind, shape: &Shape) -> String {
        let file = path.file_name().unwrap_or_default().to_string_lossy();
        let stem = path.file_stem().unwrap_or_default().to_string_lossy();
        let mut toml = format!(
            "# A first mapping, made from the header row of {}.\n\
             # What it makes of the file, before anything is written:\n\
             #   wpsx import FILE --profile THIS.toml --dry-run\n\
             # The fields that columns can go to: wpsx fields {kind}\n\
             name = {}\n\
             kind = {}\n\
             tells = []\n\
             # What makes the id of a row. It must stay the same when the file comes again.\n\
             external_id = {}\n",
            file.replace(char::is_control, " "),
            quoted(&stem),
            quoted(&kind.to_string()),
            quoted(&self.external_id),
        );
        for path in &self.missing {
            let _ = write!(
                toml,
                "\n# Every record needs {path}, and no column was recognised for it. Name one:\n\
                 # [[field]]\n# to = {}\n# column = \"…\"\n",
                quoted(path)
            );
        }
        for (column, path) in &self.recognised {
            let (to, column) = (quoted(path), quoted(column));
            let _ = write!(toml, "\n[[field]]\nto = {to}\ncolumn = {column}\n");
        }
        if self.unknown.is_empty() {
            return toml;
        }
        toml.push_str(
            "\n# Not recognised, and so left out. For each column that is wanted write a\n\
             # [[field]] above with the field that it goes to, and take it out of this list.\n\
             [[ignored]]\ncolumns = [\n",
        );
        let fields: Vec<String> = shape.fields().map(|field| shape.path_of(&field)).collect();
        for column in &self.unknown {
            let near = nearest(column, fields.iter().map(String::as_str));
            // In a line of its own: behind words from right to left it would stand before them.
            let near = near.map_or_else(String::new, |near| format!("    # perhaps {near}?\n"));
            let _ = writeln!(toml, "{near}    {},", quoted(column));
        }
        toml.push_str("]\n");
        toml
    }
}

fn quoted(text: &str) -> String {
    toml::Value::String(text.to_owned()).to_string()
}
