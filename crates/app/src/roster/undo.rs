//! Taking back what a roster wrote, as long as nothing of it has changed since.

use serde::{Deserialize, Serialize};
use serde_json::json;
use tongxin_core::{
    community::{
        post::{Appointment, Post},
        structure::Standing,
    },
    invalid::{Problem, Problems},
    people::{check_member, check_staff_count, membership::Membership},
    roster::{Field, Outcome, RosterState},
};
use tongxin_store::{
    Error as StoreError, Tx,
    community::{post as post_store, structure},
    people::{self, Member, party},
    roster as store,
};
use uuid::Uuid;

use super::{
    Layout, Rights, RosterRow, RowDetail, from_json, own,
    said::{Beside, Said},
};
use crate::{App, Error, Result, Viewer, community::standing::follow_member, record::Author, search};

/// The most problems that are told.
const TOLD_MAX: usize = 20;

/// Something that a row wrote. What a member was is told by the changes of the row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "what", rename_all = "snake_case")]
pub(crate) enum Wrote {
    /// A member.
    Member { id: Uuid, new: bool },
    /// The standings of an organisation that came under another superior.
    Standings { before: Vec<Standing>, after: Vec<Standing> },
    /// A post.
    Post { before: Option<Post>, after: Post },
    /// An appointment.
    Appointment { before: Option<Appointment>, after: Appointment },
    /// A membership.
    Membership { before: Option<Membership>, after: Membership },
}

impl Wrote {
    pub(super) fn standings(before: &[Standing], after: &[Standing]) -> Self {
        Self::Standings { before: before.to_vec(), after: after.to_vec() }
    }
}

/// What was taken back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Undone {
    /// How many rows.
    pub rows: usize,
}

/// Takes back what a roster wrote: what was new goes, what was changed is as before.
///
/// # Errors
/// [`Error::Invalid`] with `changed_since` or `still_used` for each row that can't be taken back (at most 20): nothing is
/// then; [`Error::Conflict`] `roster_not_done`, `roster_rows_gone` when that was too long ago; [`Error::NotFound`], [`Error::Forbidden`].
pub async fn undo(app: &App, who: &Viewer, id: Uuid) -> Result<Undone> {
    let rights = Rights::of(app, who).await?;
    own(app, who, app.read(), id).await?;
    let author = Author::new(who.actor()?, rights.capacity);
    let inside = app.clone();
    app.write_alone(move |tx| {
        Box::pin(async move {
            let (app, community) = (&inside, inside.community_id());
            let mut roster = store::roster(tx, community, id).await?.ok_or(Error::NotFound)?;
            if !roster.state.may_become(RosterState::Undone) {
                return Err(Error::Conflict("roster_not_done"));
            }
            let sheet = from_json::<Layout>(&roster.header)?.number();
            let slice = tongxin_store::Slice { offset: 0, limit: super::sheet::ROWS_MAX as u64 };
            let rows = store::rows_with(tx, community, id, sheet, &[Outcome::New, Outcome::Updated], slice).await?;
            let mut problems = Problems::default();
            let mut records = Vec::new();
            let mut done = 0;
            // What was written wrote something: the rows are gone when there are none.
            if rows.is_empty() {
                return Err(Error::Conflict("roster_rows_gone"));
            }
            let mut details: Vec<(&RosterRow, RowDetail)> = Vec::with_capacity(rows.len());
            for row in &rows {
                details.push((row, from_json(&row.detail)?));
            }
            // Superiors first: a row may have put its organisation under one that a later row adds.
            for (row, detail) in &details {
                for wrote in detail.wrote.iter().filter(|wrote| matches!(wrote, Wrote::Standings { .. })) {
                    if let Some(code) = take_back(app, tx, wrote, detail).await? {
                        problems.0.push(problem(code, row, detail));
                    }
                }
            }
            problems.0.truncate(TOLD_MAX);
            if !problems.0.is_empty() {
                return Err(problems.into());
            }
            // Then the last row first: what it changed may be what an earlier one had added.
            for (row, detail) in details.iter().rev() {
                let wrote = detail.wrote.iter().rev().filter(|wrote| !matches!(wrote, Wrote::Standings { .. }));
                for wrote in wrote {
                    match take_back(app, tx, wrote, detail).await? {
                        Some("still_used") => return Err(problem("still_used", row, detail).into()),
                        Some(code) => problems.0.push(problem(code, row, detail)),
                        None => {}
                    }
                    if let Wrote::Member { id: member, .. } = wrote {
                        let data = json!({ "roster": id, "line": row.line });
                        records.push(app.new_record(&author, "roster.undo", "member", *member, &data));
                    }
                }
                if problems.0.len() >= TOLD_MAX {
                    break;
                }
                done += 1;
            }
            if !problems.0.is_empty() {
                return Err(problems.into());
            }
            roster.state = RosterState::Undone;
            roster.finished_at = Some(app.now());
            let data = json!({ "file": roster.file_name, "rows": done });
            records.insert(0, app.new_record(&author, "roster.undo", "roster", id, &data));
            store::save(tx, community, &roster).await?;
            tongxin_store::record::append(tx, community, records).await?;
            Ok(Undone { rows: done })
        })
    })
    .await
}

fn problem(code: &'static str, row: &RosterRow, detail: &RowDetail) -> Problem {
    Problem::new("line", code).with("line", row.line).with("name", &detail.name)
}

/// Takes one thing back. Gives why it can't be: it has changed since, or something refers to it by now.
async fn take_back(app: &App, tx: &Tx, wrote: &Wrote, detail: &RowDetail) -> Result<Option<&'static str>> {
    const CHANGED: Option<&str> = Some("changed_since");
    let community = app.community_id();
    let gone = match wrote {
        Wrote::Member { id, new } => return member(app, tx, (*id, *new), detail).await,
        Wrote::Standings { before, after } => {
            let ids: Vec<Uuid> = after.first().map(|standing| standing.organisation).into_iter().collect();
            if structure::standings_of(tx, community, &ids).await? != *after {
                return Ok(CHANGED);
            }
            structure::replace_standings(tx, community, &ids, before).await
        }
        Wrote::Post { before, after } => {
            if post_store::post(tx, community, after.id).await?.as_ref() != Some(after) {
                return Ok(CHANGED);
            }
            match before {
                Some(before) => post_store::save_post(tx, community, before).await,
                None => store::forget_post(tx, community, after.id).await,
            }
        }
        Wrote::Appointment { before, after } => {
            if post_store::appointment(tx, community, after.id).await?.as_ref() != Some(after) {
                return Ok(CHANGED);
            }
            match before {
                Some(before) => post_store::save_appointment(tx, community, before).await,
                None => post_store::delete_appointment(tx, community, after.id).await,
            }
        }
        Wrote::Membership { before, after } => {
            let all = party::memberships_of(tx, community, &[after.person]).await?;
            if !all.contains(after) {
                return Ok(CHANGED);
            }
            match before {
                Some(before) => party::save_membership(tx, community, before).await,
                None => store::forget_membership(tx, community, after.id).await,
            }
        }
    };
    used(gone)
}

/// An error of the database when something is taken away means that something else refers to it.
fn used(gone: tongxin_store::Result<()>) -> Result<Option<&'static str>> {
    match gone {
        Ok(()) => Ok(None),
        Err(StoreError::Database(_)) => Ok(Some("still_used")),
        Err(error) => Err(error.into()),
    }
}

/// Takes a new member away, or puts what was changed of one back.
async fn member(app: &App, tx: &Tx, (id, new): (Uuid, bool), detail: &RowDetail) -> Result<Option<&'static str>> {
    let community = app.community_id();
    let Some(current) = people::member(tx, community, id).await? else { return Ok(Some("changed_since")) };
    let groups = people::care_groups(tx, community, &[id]).await?.remove(&id).unwrap_or_default();
    let staff = people::staff_count(tx, community, id).await?;
    let mut said = Said::of(&current, Beside { care_groups: &groups, staff, line: "" });
    // Whether the superior has changed since is seen from the standings.
    let changes: Vec<_> = detail.changes.iter().filter(|change| change.field != Field::Line).collect();
    if changes.iter().any(|change| said.get(change.field) != change.after) {
        return Ok(Some("changed_since"));
    }
    if new {
        if structure::has_below(tx, community, id).await? {
            return Ok(Some("still_used"));
        }
        return used(store::forget_member(tx, community, id).await);
    }
    for change in changes {
        said.set(change.field, &change.before);
    }
    let place = app.territory().await?.chosen(said.place)?;
    let draft = check_member(current.kind, &said.form, app.today())?;
    let before =
        Member { code: said.code.clone(), sort_key: search::sort_key(&draft.name), location: place, draft, ..current };
    let now_ms = app.now().timestamp_millis();
    people::save(tx, community, &before, true, now_ms).await?;
    let staff_before = check_staff_count(&said.form.staff_count)?;
    if staff_before != staff {
        people::set_staff_count(tx, community, id, staff_before).await?;
    }
    follow_member(app, tx, &before).await?;
    let tokens = search::name_tokens(&before.draft.name);
    tongxin_store::search::index(tx, community, "member", id, &tokens).await?;
    Ok(None)
}
