//! Checking: what would become of each row, against what is there now. The same plan is made for the preview and, in the
//! transaction, for writing.

use std::collections::HashMap;

use chrono::NaiveDate;
use serde_json::json;
use tongxin_core::{
    community::Location,
    invalid::{Problem, Problems},
    roster::{Field, Outcome, RosterKind, RosterState, RowChoice, is_formula_error, normal},
};
use tongxin_store::{ConnectionTrait, record::NewRecord, roster as store};
use uuid::Uuid;

use super::{
    CellProblem, Layout, Mapping, Report, Rights, Roster, RosterRow, RowDetail, Vocabulary, from_json, members,
    memberships, posts, to_json,
};
use crate::{App, Result, Viewer, community::Territory, record::Author};

/// How many rows are read from the store at once.
const STEP: u64 = 2_000;

/// What every row is checked against.
pub(super) struct Ground<'a> {
    pub app: &'a App,
    pub roster: &'a Roster,
    pub rights: &'a Rights,
    pub words: &'a Vocabulary,
    pub mapping: &'a Mapping,
    pub territory: &'a Territory,
    pub today: NaiveDate,
    places: HashMap<String, Vec<Uuid>>,
}

/// A row with what becomes of it.
pub(super) struct Planned {
    pub row: RosterRow,
    pub outcome: Outcome,
    pub detail: RowDetail,
    pub write: Option<Write>,
}

/// What a row writes.
pub(super) enum Write {
    Member(members::Write),
    Post(posts::Write),
    Membership(memberships::Write),
}

/// A plan of all rows below the header.
pub(super) struct Plan {
    /// The rows above, and the header.
    pub above: Vec<RosterRow>,
    pub rows: Vec<Planned>,
    /// The persons whose care groups or memberships were read.
    pub looked_at: Vec<Uuid>,
}

impl<'a> Ground<'a> {
    fn new(
        app: &'a App,
        rights: &'a Rights,
        roster: &'a Roster,
        (mapping, territory, words): (&'a Mapping, &'a Territory, &'a Vocabulary),
    ) -> Self {
        let mut places: HashMap<String, Vec<Uuid>> = HashMap::new();
        for place in territory.in_order() {
            let mut names = vec![normal(&place.code), normal(&place.name), normal(&territory.full_name(place.id))];
            names.sort_unstable();
            names.dedup();
            for name in names {
                places.entry(name).or_default().push(place.id);
            }
        }
        Self { app, roster, rights, words, mapping, territory, today: app.today(), places }
    }

    pub(super) fn community(&self) -> Uuid {
        self.app.community_id()
    }

    /// The place that a cell names: by code, by name, or by the names of residential area and place together.
    pub(super) fn place(&self, cell: &str) -> Result<Location, Problem> {
        let found = self.places.get(&normal(cell)).map_or(&[][..], Vec::as_slice);
        match found {
            [one] => self.territory.chosen(Some(*one)),
            [] => Err(Problem::new("place", "place_unknown")),
            _ => {
                let names: Vec<String> = found.iter().take(3).map(|id| self.territory.full_name(*id)).collect();
                Err(Problem::new("place", "place_ambiguous").with("places", names.join(" / ")))
            }
        }
    }
}

impl CellProblem {
    fn new(mapping: &Mapping, row: &RosterRow, problem: Problem) -> Self {
        let field = problem.field.parse::<Field>().ok();
        let column = field.and_then(|field| mapping.column(field));
        let value = column.and_then(|at| row.cells.get(at)).cloned().unwrap_or_default();
        Self {
            field: problem.field.to_owned(),
            column,
            code: problem.code.to_owned(),
            args: problem.args.into_iter().map(|(name, value)| (name.to_owned(), value)).collect(),
            value: value.chars().take(100).collect(),
        }
    }
}

impl Planned {
    /// Refuses a row for what is wrong with all of them together.
    pub(super) fn refuse(&mut self, ground: &Ground<'_>, problem: Problem) {
        self.detail.problems.push(CellProblem::new(ground.mapping, &self.row, problem));
        self.detail.wrote.clear();
        (self.outcome, self.write) = (Outcome::Refused, None);
    }
}

/// A row that is being checked.
pub(super) struct Cells<'a> {
    ground: &'a Ground<'a>,
    row: &'a RosterRow,
    pub detail: RowDetail,
}

impl<'a> Cells<'a> {
    pub(super) fn new(ground: &'a Ground<'a>, row: &'a RosterRow) -> Self {
        let mut cells = Self { ground, row, detail: RowDetail::default() };
        for field in ground.mapping.fields.iter().flatten() {
            if cells.raw(*field).is_some_and(is_formula_error) {
                cells.problem(Problem::new(field.code(), "formula_error"));
            }
        }
        cells
    }

    fn raw(&self, field: Field) -> Option<&'a str> {
        let cell = self.row.cells.get(self.ground.mapping.column(field)?)?.trim();
        (!cell.is_empty()).then_some(cell)
    }

    /// What stands in a field's column; none when it is empty, not in the file, or shows that a formula failed.
    pub(super) fn get(&self, field: Field) -> Option<&'a str> {
        self.raw(field).filter(|cell| !is_formula_error(cell))
    }

    /// The same as a code.
    pub(super) fn code(&self, field: Field) -> Option<String> {
        self.get(field).map(|cell| self.ground.words.code(field, cell))
    }

    /// A word of a cell that lists several, as a code.
    pub(super) fn word(&self, field: Field, word: &str) -> String {
        self.ground.words.code(field, word)
    }

    pub(super) fn choice(&self) -> RowChoice {
        self.row.choice
    }

    pub(super) fn line(&self) -> i64 {
        self.row.line
    }

    pub(super) fn problem(&mut self, problem: Problem) {
        self.detail.problems.push(CellProblem::new(self.ground.mapping, self.row, problem));
    }

    pub(super) fn take<T>(&mut self, result: Result<T, Problem>) -> Option<T> {
        result.map_err(|problem| self.problem(problem)).ok()
    }

    pub(super) fn gather<T>(&mut self, result: Result<T, Problems>) -> Option<T> {
        result.map_err(|Problems(all)| all.into_iter().for_each(|problem| self.problem(problem))).ok()
    }

    /// Ends the check of the row.
    pub(super) fn end(self, outcome: Outcome, write: Option<Write>) -> Planned {
        let refused = !self.detail.problems.is_empty();
        let (outcome, write) = match (self.row.choice, refused) {
            (RowChoice::Skip, _) => (Outcome::Skipped, None),
            (_, true) => (Outcome::Refused, None),
            _ => (outcome, write),
        };
        let mut detail = self.detail;
        if write.is_none() {
            detail.wrote.clear();
        }
        Planned { row: self.row.clone(), outcome, detail, write }
    }
}

/// Plans every row of a roster. `tell` is told how many rows there are.
pub(super) async fn plan(
    app: &App,
    c: &impl ConnectionTrait,
    rights: &Rights,
    roster: &Roster,
    words: &Vocabulary,
    tell: impl Fn(u64),
) -> Result<Plan> {
    let layout: Layout = from_json(&roster.header)?;
    let mapping: Mapping = from_json(&roster.mapping)?;
    let (mut above, mut rows) = (Vec::new(), Vec::new());
    let mut after = 0;
    loop {
        let some = store::rows_after(c, app.community_id(), roster.id, (layout.number(), after), STEP).await?;
        let Some(last) = some.last() else { break };
        after = last.line;
        let (head, below): (Vec<_>, Vec<_>) = some.into_iter().partition(|row| row.line <= i64::from(layout.line));
        above.extend(head);
        rows.extend(below);
    }
    tell(rows.len() as u64);
    let territory = app.territory().await?;
    let ground = Ground::new(app, rights, roster, (&mapping, &territory, words));
    let (rows, looked_at) = match roster.kind {
        RosterKind::Persons | RosterKind::Organisations => members::plan(&ground, c, &rows).await?,
        RosterKind::Posts => (posts::plan(&ground, c, &rows).await?, Vec::new()),
        RosterKind::Memberships => memberships::plan(&ground, c, &rows).await?,
    };
    Ok(Plan { above, rows, looked_at })
}

/// Checks every row and keeps what was found for the preview.
pub(super) async fn check(
    app: &App,
    who: &Viewer,
    rights: &Rights,
    mut roster: Roster,
    words: &Vocabulary,
) -> Result<()> {
    let plan = plan(app, app.read(), rights, &roster, words, |_| {}).await?;
    let author = Author::new(who.actor()?, rights.capacity.clone());
    let what = if roster.kind == RosterKind::Memberships { "party" } else { "care_groups" };
    let look = json!({ "what": what, "roster": roster.id });
    let looks: Vec<NewRecord> =
        plan.looked_at.iter().map(|id| app.new_record(&author, "sensitive.look", "member", *id, &look)).collect();
    roster.state = RosterState::Checked;
    roster.rows = i64::try_from(plan.rows.len()).unwrap_or(i64::MAX);
    roster.report = to_json(&Report::default())?;
    let rows = rows_to_keep(plan)?;
    let (community, id) = (app.community_id(), roster.id);
    let sheet = from_json::<Layout>(&roster.header)?.number();
    app.write_alone(move |tx| {
        Box::pin(async move {
            // Somebody else of the same account may have gone on meanwhile.
            let now = store::roster(tx, community, id).await?.ok_or(crate::Error::NotFound)?;
            if !now.state.may_become(RosterState::Uploaded) {
                return Err(crate::Error::Conflict("roster_over"));
            }
            store::delete_rows(tx, community, id, Some(sheet)).await?;
            store::insert_rows(tx, community, id, &rows).await?;
            store::save(tx, community, &roster).await?;
            Ok(tongxin_store::record::append(tx, community, looks).await?)
        })
    })
    .await
}

/// The rows of a plan as they are stored.
pub(super) fn rows_to_keep(plan: Plan) -> Result<Vec<RosterRow>> {
    let mut rows = plan.above;
    for planned in plan.rows {
        let detail = to_json(&planned.detail)?;
        rows.push(RosterRow { outcome: Some(planned.outcome), detail, ..planned.row });
    }
    Ok(rows)
}
