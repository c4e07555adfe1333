//! Further tables beside that of the records, sheets of a workbook or files: each row is
//! one part of a list of a record.

use std::{
    collections::{BTreeSet, HashMap},
    sync::Arc,
};

use prost_reflect::DynamicMessage;
use wpsx_proto::record::{Kind, normal_external_id};

use super::{
    bad::BadRow,
    cells::{Cells, is_number, key_of, text_of},
    context::{self, ContextCell},
    found::Finds,
    joins::CellRow,
    lists,
    marks::{ID_COLUMN, OF_RECORD, RECORD_ID_COLUMN, is_example},
    names, place,
    remark::Place,
    row::{Content, Opened, Opening},
    several,
    shape::Shape,
    spot::{self, Beside, Spot},
    tabled,
    target::Target,
    understand::Held,
    workbook::{Sheet, merged_below},
};

/// Rows of one such table.
const MAX_PARTS: usize = 500_000;

/// What to do about a column of theirs that leads nowhere.
const HEADER_REMEDY: &str = "correct its name, or take the column out";

/// All further tables that hold parts.
#[derive(Default)]
pub(super) struct Groups(Vec<Group>);

struct Group {
    table: Beside,
    /// What it is called by itself: a list's name, path or label.
    called: String,
    columns: Vec<Arc<str>>,
    /// The line of its header row.
    header: u64,
    /// A point stands before decimals in it.
    has_points: bool,
    rows: Vec<CellRow>,
    by_record: HashMap<String, Vec<usize>>,
    by_name: HashMap<String, Vec<usize>>,
    taken: Vec<bool>,
    /// For each kind the list that the rows are parts of; none where it has none.
    lists: HashMap<Kind, Option<List>>,
    /// Of the record that was filled last: where its list began, and its rows.
    placed: Placed,
}

/// Where the parts of a record begin in their list, and the rows that they come from.
pub(super) type Placed = (usize, Vec<usize>);

/// A list of a kind, and the place of each column in a part of it.
struct List {
    targets: Vec<(Arc<str>, Target)>,
    wrong: Vec<BadRow>,
}

/// Whose parts are looked for.
#[derive(Clone, Copy)]
pub(super) struct Whose<'a> {
    pub(super) kind: Kind,
    /// As the row says it; may be empty.
    pub(super) record_id: &'a str,
    pub(super) external_id: &'a str,
}

impl Groups {
    /// Reads the sheets of a file that have a column of ids; says which ones are not read.
    pub(super) fn read(
        (file, sheets): (&str, Vec<Sheet>),
        opening: &Opening<'_>,
        finds: &mut Finds,
        bad: &mut Vec<BadRow>,
    ) -> Self {
        let mut groups = Self::default();
        for mut sheet in sheets {
            let is_header = |cells: &[String]| cells.iter().any(|cell| names_record(cell));
            let header = sheet.rows.iter().position(|row| is_header(&row.cells));
            let Some(header) = header else {
                if !sheet.hidden && !sheet.rows.is_empty() {
                    finds.say(format!("the sheet {:?} is not read", sheet.name));
                }
                continue;
            };
            let line = sheet.rows[header].line;
            if let Some(said) = merged_below(&sheet.merged, line) {
                finds.say(format!("the sheet {:?}: {said}", sheet.name));
            }
            sheet.rows.drain(..header);
            let called = sheet.name.clone();
            let table = Beside {
                told: format!("{file}, sheet {called:?}"),
                name: called.clone(),
            };
            match tabled::open(sheet.into_grid(), opening) {
                Err(fault) => bad.push(in_table(&table, fault)),
                Ok(opened) => groups.add(table, called, opened, bad),
            }
        }
        groups
    }

    /// Adds a table whose rows are parts of the list of that name.
    pub(super) fn add(
        &mut self,
        table: Beside,
        called: String,
        opened: Opened<'_>,
        bad: &mut Vec<BadRow>,
    ) {
        self.0.push(Group::read(table, called, opened, bad));
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The fields that the tables speak of, for records of a kind.
    pub(super) fn fields(&mut self, kind: Kind) -> Vec<String> {
        let groups = self.0.iter_mut();
        groups
            .filter_map(|group| Some(group.list(kind)?.targets.first()?.1.field_path()))
            .collect()
    }

    /// Puts a record's parts into it.
    pub(super) fn fill(
        &mut self,
        whose: Whose<'_>,
        message: &mut DynamicMessage,
        finds: &mut Finds,
    ) -> Vec<BadRow> {
        let mut bad = Vec::new();
        for group in &mut self.0 {
            group.fill(whose, message, finds, &mut bad);
        }
        bad
    }

    /// Rows of a record that is not made, because its own row is wrong, are not amiss.
    pub(super) fn pass_over(&mut self, whose: Whose<'_>) {
        for group in &mut self.0 {
            for at in group.rows_of(whose) {
                group.take(at);
            }
        }
    }

    /// Where a text of the record stands that was filled last, if it came from here.
    pub(super) fn spot(&self, kind: Kind, path: &str) -> Option<Spot> {
        let mut groups = self.0.iter();
        groups.find_map(|group| group.spot(kind, path, &group.placed))
    }

    /// Where the parts of the record come from that was filled last.
    pub(super) fn placed(&self) -> Vec<Placed> {
        self.0.iter().map(|group| group.placed.clone()).collect()
    }

    /// What the rows of the record that was filled last say of it.
    pub(super) fn context(&self) -> Vec<ContextCell> {
        let groups = self.0.iter().flat_map(|group| {
            let rows = group.placed.1.iter().filter_map(|at| group.rows.get(*at));
            rows.flat_map(|row| context::of_part(row, &group.table.told))
        });
        groups.collect()
    }

    /// Where a text of a record stands whose parts come from there.
    pub(super) fn spot_of(&self, kind: Kind, path: &str, placed: &[Placed]) -> Option<Spot> {
        let mut groups = self.0.iter().zip(placed);
        groups.find_map(|(group, placed)| group.spot(kind, path, placed))
    }

    /// What stands at a spot in one of the tables.
    pub(super) fn value_at(&self, spot: &Spot) -> String {
        let told = spot.sheet.as_ref().map(|sheet| sheet.told.as_str());
        let mut groups = self.0.iter();
        let group = groups.find(|group| Some(group.table.told.as_str()) == told);
        let rows = group.into_iter().flat_map(|group| &group.rows);
        let mut rows = rows.filter(|row| row.line == spot.place.line);
        let row = rows.next();
        row.map_or_else(String::new, |row| text_of(&row.cells, &spot.place.column))
    }

    /// Rows of records that the table of records does not have.
    pub(super) fn leftover(&self) -> Vec<BadRow> {
        let mut left = Vec::new();
        for group in self.0.iter().filter(|group| group.is_list()) {
            let rows = group.rows.iter().zip(&group.taken);
            for (row, _) in rows.filter(|(_, taken)| !**taken) {
                let reason = "no record of the first table has this id";
                let bad = BadRow::at(row.line, ID_COLUMN, reason)
                    .holding(&key_of(&row.cells, ID_COLUMN))
                    .remedy("add its row there, or correct the id here");
                left.push(in_table(&group.table, bad));
            }
            let lists = group.lists.values().flatten();
            left.extend(lists.flat_map(|list| list.wrong.clone()));
        }
        left.sort_by_key(|bad| bad.line);
        left
    }

    /// Tables that are no list of any kind that was read.
    pub(super) fn unused(&self) -> impl Iterator<Item = &str> {
        let unused = self.0.iter().filter(|group| !group.is_list());
        unused.map(|group| group.table.told.as_str())
    }
}

/// A header that says whose part a row is.
pub(super) fn names_record(header: &str) -> bool {
    names::special_of(header).is_some_and(|name| [ID_COLUMN, RECORD_ID_COLUMN].contains(&name))
}

impl Group {
    fn read(table: Beside, called: String, opened: Opened<'_>, bad: &mut Vec<BadRow>) -> Self {
        let mut renamed = names::Renamed::to(std::iter::empty());
        let columns = opened.columns.iter().map(|name| renamed.name(name));
        bad.extend(opened.bad.into_iter().map(|bad| in_table(&table, bad)));
        let mut group = Self {
            header: opened.header,
            has_points: opened.has_points,
            columns: columns.collect(),
            table,
            called,
            rows: Vec::new(),
            by_record: HashMap::new(),
            by_name: HashMap::new(),
            taken: Vec::new(),
            lists: HashMap::new(),
            placed: (0, Vec::new()),
        };
        for row in opened.rows {
            let (line, at, mut cells) = match row {
                Ok(row) => match row.content {
                    Content::Cells(cells) => (row.line, row.at, cells),
                    Content::Object(_) => continue,
                },
                Err(fault) => {
                    bad.push(in_table(&group.table, fault));
                    continue;
                }
            };
            if group.rows.len() >= MAX_PARTS {
                let many = BadRow::at(line, "", format!("more than {MAX_PARTS} rows"));
                bad.push(in_table(&group.table, many.remedy("split the file")));
                break;
            }
            for (name, _) in &mut cells {
                *name = renamed.name(name);
            }
            group.keep(CellRow { line, at, cells });
        }
        group
    }

    fn keep(&mut self, row: CellRow) {
        let name = key_of(&row.cells, ID_COLUMN);
        if is_example(&name) {
            return;
        }
        let place = self.rows.len();
        let record = key_of(&row.cells, RECORD_ID_COLUMN).to_ascii_lowercase();
        let name = normal_external_id(&name).into_owned();
        self.by_record.entry(record).or_default().push(place);
        self.by_name.entry(name).or_default().push(place);
        self.rows.push(row);
        self.taken.push(false);
    }

    /// The rows of a record, in their order: those with its id, and those with its name
    /// where one of the two says no id.
    fn rows_of(&self, whose: Whose<'_>) -> Vec<usize> {
        let record = whose.record_id.to_ascii_lowercase();
        let mut rows = BTreeSet::new();
        if !record.is_empty() {
            rows.extend(self.by_record.get(&record).into_iter().flatten());
        }
        if !whose.external_id.is_empty() {
            let named = self.by_name.get(whose.external_id).into_iter().flatten();
            let says_no_other = |at: &&usize| {
                let row = self.rows.get(**at);
                let said = row.map(|row| key_of(&row.cells, RECORD_ID_COLUMN));
                record.is_empty() || said.is_none_or(|said| said.is_empty())
            };
            rows.extend(named.filter(says_no_other));
        }
        rows.into_iter().copied().collect()
    }

    fn take(&mut self, at: usize) {
        if let Some(taken) = self.taken.get_mut(at) {
            *taken = true;
        }
    }

    fn is_list(&self) -> bool {
        self.lists.values().any(Option::is_some)
    }

    /// The place of each column in a part of the list, found once for a kind.
    fn list(&mut self, kind: Kind) -> Option<&List> {
        let Self {
            called,
            columns,
            lists,
            table,
            header,
            ..
        } = self;
        let found = lists.entry(kind).or_insert_with(|| {
            let shape = Shape::of(kind)?;
            let list = lists::named(&shape, kind, called)?;
            let (mut targets, mut wrong) = (Vec::new(), Vec::new());
            for column in columns.iter().filter(|column| is_part(column)) {
                match lists::part_of(&shape, kind, &list, column) {
                    Ok(target) => targets.push((Arc::clone(column), target)),
                    Err(reason) => {
                        let bad = BadRow::at(*header, column, reason);
                        wrong.push(in_table(table, bad.remedy(HEADER_REMEDY)));
                    }
                }
            }
            Some(List { targets, wrong })
        });
        found.as_ref()
    }

    fn fill(
        &mut self,
        whose: Whose<'_>,
        message: &mut DynamicMessage,
        finds: &mut Finds,
        bad: &mut Vec<BadRow>,
    ) {
        self.placed.1.clear();
        let first = match self.list(whose.kind) {
            Some(list) => list.targets.first().map(|(_, target)| target.clone()),
            None => return,
        };
        // The table of records may have columns for the first parts.
        let begin = first.as_ref().map_or(0, |target| target.parts_in(message));
        let rows = self.rows_of(whose);
        for at in &rows {
            self.take(*at);
        }
        let list = self.lists.get(&whose.kind).and_then(Option::as_ref);
        let targets = list.map_or(&[][..], |list| list.targets.as_slice());
        finds
            .numbers
            .turn_to(Some(&self.table.told), self.has_points);
        let mut made = Vec::new();
        for (place, row) in rows
            .into_iter()
            .filter_map(|at| Some((at, self.rows.get(at)?)))
        {
            let at = begin + made.len();
            for (column, target) in targets {
                if let Err(fault) = fill_part(target, at, row, column, message, finds) {
                    bad.push(in_table(&self.table, fault));
                }
            }
            // A row with nothing in it is no part, and takes no place in the list.
            if first.as_ref().is_some_and(|it| it.parts_in(message) > at) {
                made.push(place);
            }
        }
        self.placed = (begin, made);
    }

    fn spot(&self, kind: Kind, path: &str, (begin, rows): &Placed) -> Option<Spot> {
        let list = self.lists.get(&kind)?.as_ref()?;
        let index = place::first_index(path)?;
        let row = self.rows.get(*rows.get(index.checked_sub(*begin)?)?)?;
        let led = list
            .targets
            .iter()
            .filter_map(|(column, target)| Some((place::shared(path, &target.at(index))?, column)));
        let (_, column) = led.max_by_key(|(fit, _)| *fit)?;
        let at = self.columns.iter().position(|name| name == column)?;
        Some(Spot {
            sheet: Some(self.table.clone()),
            place: Place {
                line: row.line,
                column: column.to_string(),
            },
            cell: spot::cell(at, row.at),
        })
    }
}

fn fill_part(
    target: &Target,
    at: usize,
    row: &CellRow,
    column: &str,
    message: &mut DynamicMessage,
    finds: &mut Finds,
) -> Result<(), BadRow> {
    let cells: &Cells = &row.cells;
    let text = text_of(cells, column);
    let target = target.at(at);
    let values = if target.takes_several() {
        several::apart(&text)
    } else {
        vec![text.clone()]
    };
    let place = || Place {
        line: row.line,
        column: column.to_owned(),
    };
    let asked = target.asked();
    let refused = |reason: String, remedy: &str| {
        BadRow::at(row.line, column, reason)
            .holding(&text)
            .remedy(remedy)
    };
    let values = asked
        .understood(
            values,
            finds,
            &Held {
                place: &place,
                is_number: &|| is_number(cells, column),
            },
        )
        .map_err(|fault| refused(fault.reason, &fault.remedy))?;
    target
        .fill(message, &values)
        .map_err(|reason| refused(reason, asked.remedy()))
}

/// A column that says something of a part.
pub(super) fn is_part(column: &str) -> bool {
    !column.is_empty() && !names_record(column) && !column.starts_with(OF_RECORD)
}

fn in_table(table: &Beside, mut bad: BadRow) -> BadRow {
    bad.file = Some(table.told.as_str().into());
    bad
}
