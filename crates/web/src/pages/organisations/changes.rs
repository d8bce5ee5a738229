//! What changed between two days: levels and spans, and every organisation that is otherwise (S7, S8).

use askama::Template;
use axum::{extract::State, response::Response};
use chrono::{Months, NaiveDate};
use tongxin_app::community::{
    Territory,
    structure::{self, Comparison, Difference, Shape, Standing},
};
use uuid::Uuid;

use super::{asked_day, superiors, views};
use crate::{
    Web,
    error::WebError,
    form::Choice,
    layout::{Shell, page},
    paging::ListQuery,
    session::Who,
};

/// A group of organisations that differ in the same way.
pub(in crate::pages) struct Group {
    pub title: String,
    /// Name, address (empty for one that has no page yet), how it was, how it is.
    pub rows: Vec<(String, String, String, String)>,
}

/// What two structures differ in, to be shown in two columns.
pub(in crate::pages) struct Differences {
    /// What the columns are called.
    pub was: String,
    pub is: String,
    pub before: Shape,
    pub after: Shape,
    pub groups: Vec<Group>,
}

impl Differences {
    /// Figures of both: word, before, after.
    pub fn figures(&self, shell: &Shell) -> [(String, usize, usize); 3] {
        let (before, after) = (&self.before, &self.after);
        [
            (shell.t("organisation-levels"), before.levels, after.levels),
            (shell.t("organisation-widest-span"), before.widest_span, after.widest_span),
            (shell.t("organisation-in-all"), before.organisations, after.organisations),
        ]
    }
}

/// The organisations that differ, by how they do.
pub(in crate::pages) fn groups(shell: &Shell, territory: &Territory, comparison: &Comparison) -> Vec<Group> {
    let row = |how: Difference, id: Uuid| {
        let name = comparison.standing(id).map_or_else(String::new, |s| s.name.clone());
        let on = if how == Difference::Closed { comparison.before.day() } else { comparison.after.day() };
        let say = |s, is_after| said(shell, territory, comparison, how, s, is_after);
        (
            name,
            format!("/organisations/{id}?on={on}"),
            say(comparison.before.get(id), false),
            say(comparison.after.get(id), true),
        )
    };
    let mut groups = Vec::new();
    for how in Difference::ALL {
        let differ = comparison.differences.iter().filter(|(_, h)| h == how);
        let rows: Vec<_> = differ.map(|(id, _)| row(*how, *id)).collect();
        if !rows.is_empty() {
            groups.push(Group { title: shell.word(how), rows });
        }
    }
    groups
}

#[derive(Template)]
#[template(path = "organisations/changes.html")]
struct ChangesPage {
    shell: Shell,
    list: ListQuery,
    day: NaiveDate,
    with: NaiveDate,
    lines: Vec<Choice>,
    differences: Differences,
}

impl ChangesPage {
    fn views(&self) -> Vec<(bool, String, String)> {
        views(&self.shell, &self.list, "changes")
    }
}

/// How an organisation stands in the respect in which it differs.
fn said(
    shell: &Shell,
    territory: &Territory,
    comparison: &Comparison,
    how: Difference,
    standing: Option<&Standing>,
    is_after: bool,
) -> String {
    let Some(standing) = standing else { return String::new() };
    let structure = if is_after { &comparison.after } else { &comparison.before };
    match how {
        Difference::Renamed => standing.name.clone(),
        Difference::OtherKind => shell.word(&standing.kind),
        Difference::LineMoved => {
            let inside = standing.line.and_then(|line| structure.get(line)).map(|s| s.name.clone());
            let outside = standing.line_outside.as_deref().map(|name| shell.tr("organisation-outside", "name", name));
            let both: Vec<String> = inside.into_iter().chain(outside).collect();
            if both.is_empty() { shell.t("organisation-without-superior") } else { both.join(" · ") }
        }
        Difference::PlaceMoved => territory.full_name(standing.location.place),
        Difference::Founded | Difference::Closed => shell.word(&standing.kind),
    }
}

pub(super) async fn show(
    State(web): State<Web>,
    Who(who): Who,
    shell: Shell,
    list: ListQuery,
) -> Result<Response, WebError> {
    let day = asked_day(&list, "on").unwrap_or_else(|| web.app.today());
    let year_ago = day.checked_sub_months(Months::new(12)).unwrap_or(day);
    let with = asked_day(&list, "with").unwrap_or(year_ago);
    let mut comparison = structure::compare(&web.app, &who, with, day).await?;
    let territory = web.app.territory().await?;
    let line: Option<Uuid> = list.get("line").and_then(|id| id.parse().ok());
    let (before, after) = match line {
        Some(id) => (comparison.before.shape(id), comparison.after.shape(id)),
        None => (comparison.before.whole_shape(), comparison.after.whole_shape()),
    };
    let (was, is) = (&comparison.before, &comparison.after);
    let within = |id: Uuid| {
        let Some(line) = line else { return true };
        let under = |s: &structure::Structure| id == line || s.above(id).iter().any(|a| a.organisation == line);
        under(was) || under(is)
    };
    let differ: Vec<_> = comparison.differences.iter().copied().filter(|(id, _)| within(*id)).collect();
    comparison.differences = differ;
    let differences = Differences {
        was: shell.fmt.day(comparison.before.day()),
        is: shell.fmt.day(comparison.after.day()),
        groups: groups(&shell, &territory, &comparison),
        before,
        after,
    };
    let mut lines = superiors(&comparison.after);
    lines.retain(|choice| choice.value.parse().is_ok_and(|id: Uuid| comparison.before.get(id).is_some()));
    page(&ChangesPage {
        day: comparison.after.day(),
        with: comparison.before.day(),
        lines,
        differences,
        shell: shell.page_key("organisation-changes-title", "organisations"),
        list,
    })
}
