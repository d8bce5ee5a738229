//! Rosters (花名册) in: a list of persons, organisations, posts or memberships in a spreadsheet becomes what is stored.
//!
//! The way of one: [`upload`] reads the file into rows (nothing else is kept of it); [`map`] says which column means what
//! and checks every row against what is there ([`check`]: refused, asked, new, updated, unchanged) without writing;
//! [`choose`] answers what was asked and leaves rows out; [`run()`] writes all of it in one transaction, which checks once
//! more and writes nothing when something has changed since; [`undo()`] takes it back as long as nothing else has changed.
//! Each step can be tried again: what is written is written once.
//!
//! Rows are personal data: after 30 days they are forgotten (`tongxin_core::roster::kept_until`), by the tick.
//!
//! A roster is seen by the account that brought it in, by no other: its rows are as they came from somebody's desk.
//!
//! To add a kind: its columns in `core::roster::Field`, its checks in a module beside [`members`], its words in the
//! template of the web layer.

mod age;
mod check;
mod layout;
mod line;
mod lookup;
mod members;
mod memberships;
mod posts;
mod rights;
mod run;
mod said;
pub mod sheet;
mod suspects;
mod undo;
mod words;

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use serde_json::json;
use tongxin_core::{
    invalid::Problem,
    people::duplicate::Likeness,
    roster::{Field, Outcome, RosterKind, RosterState, RowChoice, check_mapping, kept_until},
    text,
};
pub use tongxin_store::roster::{Chosen, Roster, RosterRow};
use tongxin_store::{Paged, Slice, roster as store};
use uuid::Uuid;

use crate::{App, Error, Result, Viewer, record::Author};
pub(crate) use age::forget;
pub use layout::{Layout, Mapping, SheetInfo};
pub(crate) use run::Running;
pub use run::{Progress, run};
pub use undo::{Undone, undo};
pub use words::Vocabulary;

use rights::Rights;

/// How many rosters that are not ended an account may have at most; the oldest have to be ended first.
const OPEN_MAX: u64 = 50;

/// Something that is wrong with a cell, or with a row as a whole.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CellProblem {
    /// The field.
    pub field: String,
    /// The column from 0, when it is in the file.
    pub column: Option<usize>,
    /// What is wrong, as a stable code; the Fluent message is `invalid-{code}`.
    pub code: String,
    /// The arguments of the message.
    pub args: Vec<(String, String)>,
    /// What stands there.
    pub value: String,
}

/// What a row changes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// The field.
    pub field: Field,
    /// What stands there now, as a code or text.
    pub before: String,
    /// What will stand there.
    pub after: String,
}

/// Somebody that a row may mean.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Candidate {
    /// Who.
    pub id: Uuid,
    /// The name.
    pub name: String,
    /// The code.
    pub code: Option<String>,
    /// Where.
    pub place: Uuid,
    /// Born; none of somebody in a place that is not the importer's.
    pub birth_date: Option<NaiveDate>,
    /// Why it is suspected to be the same; empty for who is recognised by its name.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reasons: Vec<Likeness>,
    /// Whether it is in a place that is not the importer's: the row can't be said to mean it.
    #[serde(default)]
    pub elsewhere: bool,
}

/// The particulars of what becomes of a row.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RowDetail {
    /// Whom or what the row is about, in its own words.
    pub name: String,
    /// What it was recognised as, or became.
    pub subject: Option<Uuid>,
    /// What is wrong.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub problems: Vec<CellProblem>,
    /// What it changes, or adds.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub changes: Vec<Change>,
    /// Whom it may mean.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub candidates: Vec<Candidate>,
    /// What it wrote, for taking it back.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) wrote: Vec<undo::Wrote>,
}

/// A checked row as its reader sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowView {
    /// The line in the sheet.
    pub line: i64,
    /// The cells as they stand in the file.
    pub cells: Vec<String>,
    /// What the reader chose.
    pub choice: RowChoice,
    /// What becomes of it.
    pub outcome: Outcome,
    /// The particulars.
    pub detail: RowDetail,
}

/// What came of a roster, besides its rows.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// Why it did not go on: a code, as of [`Error::code`]; `roster_changed` when what is there changed after the check.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure: Option<String>,
    /// How many rows had which outcome when it was written.
    #[serde(default)]
    pub written: BTreeMap<String, u64>,
    /// Who wrote it: the capacity.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub capacity: Option<String>,
}

/// A roster's page.
#[derive(Debug, Clone)]
pub struct RosterView {
    /// The roster.
    pub roster: Roster,
    /// Its sheets and columns.
    pub layout: Layout,
    /// How its columns are read.
    pub mapping: Mapping,
    /// The first rows below the header, for choosing what a column means.
    pub samples: Vec<RosterRow>,
    /// The first rows of the sheet with their lines, for choosing the header.
    pub top: Vec<RosterRow>,
    /// How many rows have which outcome; empty before the check. When the rows are gone: how many had it when it was written.
    pub counts: BTreeMap<Outcome, u64>,
    /// Whether it was written so long ago that its rows were forgotten.
    pub rows_gone: bool,
    /// What came of it.
    pub report: Report,
    /// How far writing has come, while this program writes it.
    pub progress: Option<Progress>,
}

impl RosterView {
    /// Whether nothing holds it up and it can be written.
    #[must_use]
    pub fn may_run(&self) -> bool {
        let state = self.roster.state;
        let interrupted = state == RosterState::Running && self.progress.is_none();
        let ready = matches!(state, RosterState::Checked | RosterState::Failed);
        (ready || interrupted) && !self.counts.keys().any(|outcome| outcome.holds_up()) && self.writes() > 0
    }

    /// Until when it is kept as it is.
    #[must_use]
    pub fn kept_until(&self) -> DateTime<Utc> {
        kept_until(self.roster.state, self.roster.created_at, self.roster.finished_at)
    }

    /// How many rows would write something.
    #[must_use]
    pub fn writes(&self) -> u64 {
        [Outcome::New, Outcome::Updated].iter().filter_map(|outcome| self.counts.get(outcome)).sum()
    }
}

/// Reads a file into a new roster: its rows are kept, nothing is written of them. `bytes` is the whole file.
///
/// # Errors
/// [`Error::Forbidden`], [`Error::SignInFirst`]; [`Error::Invalid`] with the problems of [`sheet::read`];
/// [`Error::Conflict`] `too_many_rosters`.
pub async fn upload(
    app: &App,
    who: &Viewer,
    kind: RosterKind,
    file_name: &str,
    bytes: Vec<u8>,
    words: &Vocabulary,
) -> Result<Uuid> {
    Rights::any(app, who).await?;
    let read = tokio::task::spawn_blocking(move || sheet::read(&bytes)).await;
    let sheets = read.map_err(|e| Error::Internal(e.to_string()))??;
    enter(app, who, kind, file_name, sheets, words).await
}

/// Makes a new roster of sheets that are read already.
///
/// # Errors
/// As [`upload`].
pub async fn enter(
    app: &App,
    who: &Viewer,
    kind: RosterKind,
    file_name: &str,
    sheets: Vec<sheet::Sheet>,
    words: &Vocabulary,
) -> Result<Uuid> {
    Rights::any(app, who).await?;
    let actor = who.actor()?;
    let community = app.community_id();
    let mine = store::list(app.read(), community, actor.account, Slice { offset: 0, limit: OPEN_MAX }).await?;
    if mine.rows.iter().filter(|roster| !roster.state.is_over()).count() as u64 >= OPEN_MAX {
        return Err(Error::Conflict("too_many_rosters"));
    }
    let layout = Layout::guess(kind, &sheets, words).ok_or_else(|| Problem::new("file", "file_empty"))?;
    let mapping = remembered(app, actor.account, kind, &layout, words).await?;
    let roster = Roster {
        id: app.new_id(),
        kind,
        file_name: text::line("file", file_name, 200).unwrap_or_default(),
        state: RosterState::Uploaded,
        rows: layout.rows_below(),
        header: to_json(&layout)?,
        mapping: to_json(&mapping)?,
        done: 0,
        report: to_json(&Report::default())?,
        created_by: Some(actor.account),
        created_at: app.now(),
        finished_at: None,
    };
    let id = roster.id;
    app.write_alone(move |tx| {
        Box::pin(async move {
            store::insert(tx, community, &roster).await?;
            for (number, sheet) in (0_i64..).zip(sheets) {
                let rows: Vec<RosterRow> = sheet
                    .rows
                    .into_iter()
                    .map(|row| RosterRow {
                        sheet: number,
                        line: row.line.into(),
                        cells: row.cells,
                        choice: RowChoice::Open,
                        outcome: None,
                        detail: String::new(),
                    })
                    .collect();
                store::insert_rows(tx, community, id, &rows).await?;
            }
            Ok(())
        })
    })
    .await?;
    Ok(id)
}

/// How the columns are read: as this account read such a header the last time, else as their words say.
async fn remembered(
    app: &App,
    account: Uuid,
    kind: RosterKind,
    layout: &Layout,
    words: &Vocabulary,
) -> Result<Mapping> {
    let known = store::remembered(app.read(), app.community_id(), account, kind, &layout.hash()).await?;
    let known: Option<Mapping> = known.and_then(|text| serde_json::from_str(&text).ok());
    let mapping = known.filter(|mapping| mapping.fields.len() == layout.columns.len());
    Ok(mapping.unwrap_or_else(|| Mapping::guess(kind, layout, words)))
}

/// The viewer's own rosters, newest first.
///
/// # Errors
/// [`Error::Forbidden`], [`Error::SignInFirst`].
pub async fn list(app: &App, who: &Viewer, slice: Slice) -> Result<Paged<Roster>> {
    Rights::any(app, who).await?;
    Ok(store::list(app.read(), app.community_id(), who.actor()?.account, slice).await?)
}

/// A roster of the viewer's own; to others there is none.
async fn own(app: &App, who: &Viewer, c: &impl tongxin_store::ConnectionTrait, id: Uuid) -> Result<Roster> {
    let roster = store::roster(c, app.community_id(), id).await?.ok_or(Error::NotFound)?;
    if roster.created_by == Some(who.actor()?.account) { Ok(roster) } else { Err(Error::NotFound) }
}

/// A roster's page.
///
/// # Errors
/// [`Error::NotFound`], [`Error::Forbidden`], [`Error::SignInFirst`].
pub async fn show(app: &App, who: &Viewer, id: Uuid) -> Result<RosterView> {
    Rights::any(app, who).await?;
    let (c, community) = (app.read(), app.community_id());
    let roster = own(app, who, c, id).await?;
    let layout: Layout = from_json(&roster.header)?;
    let sheet = layout.number();
    let report: Report = from_json(&roster.report)?;
    let mut counts = store::counts(c, community, id, sheet).await?;
    let rows_gone = roster.state.was_written() && counts.is_empty();
    if rows_gone {
        counts.extend(report.written.iter().filter_map(|(code, count)| Some((code.parse().ok()?, *count))));
    }
    Ok(RosterView {
        mapping: from_json(&roster.mapping)?,
        samples: store::rows_after(c, community, id, (sheet, layout.line.into()), 3).await?,
        top: store::rows_after(c, community, id, (sheet, 0), 10).await?,
        counts,
        rows_gone,
        report,
        progress: app.running().progress(id),
        layout,
        roster,
    })
}

/// The checked rows of a roster in order, with one of `outcomes` only.
///
/// # Errors
/// As [`show`].
pub async fn rows(app: &App, who: &Viewer, id: Uuid, outcomes: &[Outcome], slice: Slice) -> Result<Vec<RowView>> {
    Rights::any(app, who).await?;
    let roster = own(app, who, app.read(), id).await?;
    let sheet = from_json::<Layout>(&roster.header)?.number();
    let rows = store::rows_with(app.read(), app.community_id(), id, sheet, outcomes, slice).await?;
    rows.into_iter()
        .map(|row| {
            Ok(RowView {
                line: row.line,
                choice: row.choice,
                outcome: row.outcome.unwrap_or(Outcome::Refused),
                detail: from_json(&row.detail)?,
                cells: row.cells,
            })
        })
        .collect()
}

/// Which column means what, as chosen.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MapInput {
    /// The sheet, from 0.
    pub sheet: usize,
    /// The line of the header; 0 when the sheet has none.
    pub line: u32,
    /// What each column means, by number from 0; others are left out.
    pub fields: HashMap<usize, Field>,
    /// The place of rows that name none.
    pub place: Option<Uuid>,
}

/// Says which column means what, and checks every row. When another sheet or header was chosen, its columns are only
/// guessed: false is given, and the reader looks at them first.
///
/// # Errors
/// [`Error::Invalid`]; [`Error::Conflict`] `roster_over` when it is running or ended; as [`show`].
pub async fn map(app: &App, who: &Viewer, id: Uuid, input: MapInput, words: &Vocabulary) -> Result<bool> {
    let rights = Rights::of(app, who).await?;
    let account = who.actor()?.account;
    let mut roster = open(app, who, id).await?;
    let mut layout: Layout = from_json(&roster.header)?;
    if (input.sheet, input.line) != (layout.sheet, layout.line) {
        let header = store::rows_after(
            app.read(),
            app.community_id(),
            id,
            (i64::try_from(input.sheet).unwrap_or(-1), i64::from(input.line) - 1),
            1,
        )
        .await?;
        let header = header.into_iter().find(|row| row.line == i64::from(input.line)).map(|row| row.cells);
        layout.choose(input.sheet, input.line, header)?;
        let mapping = remembered(app, account, roster.kind, &layout, words).await?;
        roster.state = RosterState::Uploaded;
        roster.rows = layout.rows_below();
        (roster.header, roster.mapping) = (to_json(&layout)?, to_json(&mapping)?);
        let community = app.community_id();
        app.write(move |tx| Box::pin(async move { Ok(store::save(tx, community, &roster).await?) })).await?;
        return Ok(false);
    }
    let fields: Vec<Option<Field>> = (0..layout.columns.len()).map(|at| input.fields.get(&at).copied()).collect();
    check_mapping(roster.kind, &fields)?;
    if let Some(place) = input.place {
        app.territory().await?.chosen(Some(place))?;
    }
    let mapping = Mapping { fields, place: input.place };
    roster.mapping = to_json(&mapping)?;
    let (community, now, kind) = (app.community_id(), app.now(), roster.kind);
    let (hash, text) = (layout.hash(), roster.mapping.clone());
    app.write(move |tx| {
        Box::pin(async move { Ok(store::remember(tx, community, account, kind, (&hash, &text), now).await?) })
    })
    .await?;
    check::check(app, who, &rights, roster, words).await?;
    Ok(true)
}

/// A roster of the viewer's own that may still be changed.
async fn open(app: &App, who: &Viewer, id: Uuid) -> Result<Roster> {
    let roster = own(app, who, app.read(), id).await?;
    if roster.state.may_become(RosterState::Uploaded) { Ok(roster) } else { Err(Error::Conflict("roster_over")) }
}

/// Answers for rows, one by one or all of an outcome, and checks again.
///
/// # Errors
/// As [`map`].
pub async fn choose(
    app: &App,
    who: &Viewer,
    id: Uuid,
    choices: Vec<(Chosen, RowChoice)>,
    words: &Vocabulary,
) -> Result<()> {
    let rights = Rights::of(app, who).await?;
    let roster = open(app, who, id).await?;
    if roster.state == RosterState::Uploaded {
        return Err(Error::Conflict("roster_not_checked"));
    }
    let sheet = from_json::<Layout>(&roster.header)?.number();
    let community = app.community_id();
    app.write(move |tx| {
        Box::pin(async move {
            for (of, choice) in choices {
                store::choose(tx, community, id, sheet, of, choice).await?;
            }
            Ok(())
        })
    })
    .await?;
    check::check(app, who, &rights, roster, words).await
}

/// Gives a roster up before it is written; its rows are forgotten.
///
/// # Errors
/// As [`map`].
pub async fn cancel(app: &App, who: &Viewer, id: Uuid) -> Result<()> {
    let capacity = Rights::any(app, who).await?;
    let mut roster = open(app, who, id).await?;
    let author = Author::new(who.actor()?, capacity);
    roster.state = RosterState::Cancelled;
    roster.finished_at = Some(app.now());
    let record = app.new_record(&author, "roster.cancel", "roster", id, &json!({ "file": roster.file_name }));
    let community = app.community_id();
    app.write(move |tx| {
        Box::pin(async move {
            store::delete_rows(tx, community, id, None).await?;
            store::save(tx, community, &roster).await?;
            Ok(tongxin_store::record::append(tx, community, vec![record]).await?)
        })
    })
    .await
}

/// The places that the viewer's rosters may be about, by code: for choosing one.
///
/// # Errors
/// [`Error::Forbidden`], [`Error::SignInFirst`].
pub async fn places(app: &App, who: &Viewer) -> Result<Vec<Uuid>> {
    let rights = Rights::of(app, who).await?;
    let territory = app.territory().await?;
    Ok(territory.in_order().into_iter().map(|place| place.id).filter(|id| rights.imports(*id)).collect())
}

fn to_json(value: &impl Serialize) -> Result<String> {
    serde_json::to_string(value).map_err(|e| Error::Internal(e.to_string()))
}

fn from_json<T: for<'de> Deserialize<'de>>(text: &str) -> Result<T> {
    serde_json::from_str(text).map_err(|e| Error::Internal(format!("roster: {e}")))
}
