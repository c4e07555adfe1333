//! Further sheets of a workbook: each row is one part of a record on the first sheet.

use std::collections::{BTreeMap, HashMap, HashSet};

use prost_reflect::DynamicMessage;
use wpsx_proto::record::{Kind, normal_external_id};

use super::{
    bad::BadRow,
    cells::{Cells, key_of, text_of},
    folding::folded,
    found::{Finds, Place},
    joins::CellRow,
    marks::{ID_COLUMN, is_example},
    names,
    row::{Content, Opening},
    tabled,
    target::Target,
    workbook::Sheet,
};

/// All further sheets that hold parts.
#[derive(Default)]
pub(super) struct Groups(Vec<Group>);

struct Group {
    sheet: String,
    rows: HashMap<String, Vec<CellRow>>,
    taken: HashSet<String>,
    /// For each kind the places of the columns; none where the sheet is no list of it.
    targets: HashMap<Kind, Option<BTreeMap<String, Target>>>,
}

impl Groups {
    /// Reads the sheets that have a column of ids; says which ones are not read.
    pub(super) fn read(
        sheets: Vec<Sheet>,
        opening: &Opening<'_>,
        finds: &mut Finds,
        bad: &mut Vec<BadRow>,
    ) -> Self {
        let mut groups = Vec::new();
        for mut sheet in sheets {
            let is_header = |cells: &[String]| cells.iter().any(|cell| folded(cell) == ID_COLUMN);
            let header = sheet.rows.iter().position(|row| is_header(&row.cells));
            let Some(header) = header else {
                if !sheet.hidden && !sheet.rows.is_empty() {
                    finds.say(format!("the sheet {:?} is not read", sheet.name));
                }
                continue;
            };
            sheet.rows.drain(..header);
            let name = sheet.name.clone();
            match tabled::open(sheet.into_grid(), opening) {
                Err(fault) => bad.push(in_sheet(&name, fault)),
                Ok(opened) => groups.push(Group::read(name, opened.rows, bad)),
            }
        }
        Self(groups)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The fields that the sheets speak of, for records of a kind.
    pub(super) fn fields(&mut self, kind: Kind) -> Vec<String> {
        let groups = self.0.iter_mut();
        groups
            .filter_map(|group| group.targets(kind).values().next().map(Target::field_path))
            .collect()
    }

    /// Puts a record's parts into it.
    pub(super) fn fill(
        &mut self,
        kind: Kind,
        message: &mut DynamicMessage,
        finds: &mut Finds,
    ) -> Vec<BadRow> {
        let id = message.get_field_by_name("external_id");
        let id = id
            .and_then(|id| id.as_str().map(str::to_owned))
            .unwrap_or_default();
        let mut bad = Vec::new();
        for group in &mut self.0 {
            group.fill(kind, &id, message, finds, &mut bad);
        }
        bad
    }

    /// Rows of records that the first sheet does not have.
    pub(super) fn leftover(&self) -> Vec<BadRow> {
        let mut left = Vec::new();
        for group in &self.0 {
            if !group.targets.values().any(Option::is_some) {
                continue;
            }
            let rows = group
                .rows
                .iter()
                .filter(|(id, _)| !group.taken.contains(*id));
            for (id, row) in rows.flat_map(|(id, rows)| rows.iter().map(move |row| (id, row))) {
                let bad = BadRow::new(row.line, ID_COLUMN, "no row of the first sheet has this id");
                let bad = bad
                    .holding(id)
                    .remedy("add its row there, or correct the id here");
                left.push(in_sheet(&group.sheet, bad));
            }
        }
        left.sort_by_key(|bad| bad.line);
        left
    }

    /// Sheets that are no list of any kind that was read.
    pub(super) fn unused(&self) -> impl Iterator<Item = &str> {
        let unused = |group: &&Group| !group.targets.values().any(Option::is_some);
        self.0
            .iter()
            .filter(unused)
            .map(|group| group.sheet.as_str())
    }
}

impl Group {
    fn read(sheet: String, rows: super::row::Rows<'_>, bad: &mut Vec<BadRow>) -> Self {
        let mut group = Self {
            sheet,
            rows: HashMap::new(),
            taken: HashSet::new(),
            targets: HashMap::new(),
        };
        let mut renamed = names::Renamed::to(std::iter::empty());
        for row in rows {
            let (line, mut cells) = match row {
                Ok(row) => match row.content {
                    Content::Cells(cells) => (row.line, cells),
                    Content::Object(_) => continue,
                },
                Err(fault) => {
                    bad.push(in_sheet(&group.sheet, fault));
                    continue;
                }
            };
            for (name, _) in &mut cells {
                *name = renamed.name(name);
            }
            let id = key_of(&cells, ID_COLUMN);
            if is_example(&id) {
                continue;
            }
            let id = normal_external_id(&id).into_owned();
            group
                .rows
                .entry(id)
                .or_default()
                .push(CellRow { line, cells });
        }
        group
    }

    /// The place of each column in a part of the list, found once for a kind.
    fn targets(&mut self, kind: Kind) -> &BTreeMap<String, Target> {
        static NONE: BTreeMap<String, Target> = BTreeMap::new();
        let (sheet, rows) = (&self.sheet, &self.rows);
        let found = self.targets.entry(kind).or_insert_with(|| {
            let cells = &rows.values().next()?.first()?.cells;
            let mut targets = BTreeMap::new();
            for (column, _) in cells.iter().filter(|(column, _)| is_part(column)) {
                let path = format!("{}.0.{}", folded(sheet), column.trim());
                let path = names::path_of(kind, &path)?;
                targets.insert(column.to_string(), Target::find(kind, &path).ok()?);
            }
            (!targets.is_empty()).then_some(targets)
        });
        found.as_ref().unwrap_or(&NONE)
    }

    fn fill(
        &mut self,
        kind: Kind,
        id: &str,
        message: &mut DynamicMessage,
        finds: &mut Finds,
        bad: &mut Vec<BadRow>,
    ) {
        if self.targets(kind).is_empty() {
            return;
        }
        let Some(Some(targets)) = self.targets.get(&kind) else {
            return;
        };
        let Some(rows) = self.rows.get(id) else {
            return;
        };
        self.taken.insert(id.to_owned());
        for (at, row) in rows.iter().enumerate() {
            for (column, target) in targets {
                let filled = fill_part(target, at, &row.cells, column, row.line, message, finds);
                if let Err(fault) = filled {
                    bad.push(in_sheet(&self.sheet, fault));
                }
            }
        }
    }
}

fn fill_part(
    target: &Target,
    at: usize,
    cells: &Cells,
    column: &str,
    line: u64,
    message: &mut DynamicMessage,
    finds: &mut Finds,
) -> Result<(), BadRow> {
    let text = text_of(cells, column);
    let target = target.at(at);
    let values = if target.takes_several() {
        text.split(" | ")
            .map(|value| value.trim().to_owned())
            .collect()
    } else {
        vec![text.clone()]
    };
    let place = || Place {
        line,
        column: column.to_owned(),
    };
    let asked = target.asked();
    let refused = |reason: String, remedy: &str| {
        BadRow::new(line, column, reason)
            .holding(&text)
            .remedy(remedy)
    };
    let values = asked
        .understood(values, finds, &place)
        .map_err(|fault| refused(fault.reason, &fault.remedy))?;
    target
        .fill(message, &values)
        .map_err(|reason| refused(reason, asked.remedy()))
}

fn is_part(column: &str) -> bool {
    column != ID_COLUMN
}

fn in_sheet(sheet: &str, mut bad: BadRow) -> BadRow {
    bad.file = Some(format!("sheet {sheet:?}").into());
    bad
}
