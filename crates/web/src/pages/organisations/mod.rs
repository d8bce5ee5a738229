//! Organisations: the list, the trees by line and by territory, the matrix, the chart, what changed between two days, an
//! organisation's page and its changes; all as of any day (S6, S7, S10, S15, S16).

mod area;
pub(super) mod changes;
mod chart;
mod form;
mod list;
mod matrix;
mod show;
pub(super) mod trees;

use axum::{Router, routing::get};
use chrono::NaiveDate;
use tongxin_app::community::{
    Territory,
    structure::{Standing, Structure},
};
use uuid::Uuid;

use crate::{Web, form::Choice, format::parse_date, layout::Shell, paging::ListQuery};

/// Their routes.
pub fn routes() -> Router<Web> {
    Router::new()
        .route("/organisations", get(list::show))
        .route("/organisations.xlsx", get(list::file))
        .route("/organisations.csv", get(list::file))
        .route("/organisations/line", get(trees::line))
        .route("/organisations/territory", get(trees::territory))
        .route("/organisations/matrix", get(matrix::show))
        .route("/organisations/chart", get(chart::show))
        .route("/organisations/changes", get(changes::show))
        .route("/organisations/new", get(form::new).post(form::create))
        .route("/organisations/{id}", get(show::show))
        .route("/organisations/{id}/change", get(form::change).post(form::save_change))
        .route("/organisations/{id}/correct/{from}", get(form::correct).post(form::save_correction))
        .route("/organisations/{id}/close", get(form::ask_close).post(form::close))
        .route("/areas/{id}/system", get(area::show))
}

/// The day that a page is asked for; what is no day is as if it had not been asked.
pub(crate) fn asked_day(list: &ListQuery, name: &str) -> Option<NaiveDate> {
    list.get(name).and_then(|raw| parse_date(raw).ok())
}

/// The views of the structure, which keep the day: whether it is this one, label, address.
fn views(shell: &Shell, list: &ListQuery, view: &str) -> Vec<(bool, String, String)> {
    [
        ("list", "organisation-view-list", "/organisations"),
        ("line", "organisation-view-line", "/organisations/line"),
        ("territory", "organisation-view-territory", "/organisations/territory"),
        ("matrix", "organisation-view-matrix", "/organisations/matrix"),
        ("chart", "organisation-view-chart", "/organisations/chart"),
        ("changes", "organisation-view-changes", "/organisations/changes"),
    ]
    .map(|(key, label, path)| (key == view, shell.t(label), list.carry(path, &["on"])))
    .into()
}

/// The address of an organisation's page as of the day that the list shows.
fn address(list: &ListQuery, id: Uuid) -> String {
    list.carry(&format!("/organisations/{id}"), &["on"])
}

/// The title of a page that may be of another day than today.
fn title(shell: &Shell, key: &str, list: &ListQuery) -> String {
    match asked_day(list, "on") {
        Some(day) => shell.tr2("organisation-title-on", "title", shell.t(key), "day", shell.fmt.day(day)),
        None => shell.t(key),
    }
}

/// The days of a standing in words; the day before anybody wrote down since when is left out.
fn days(shell: &Shell, standing: &Standing) -> String {
    let from = (standing.period.from != tongxin_core::period::BEGINNING).then(|| shell.fmt.day(standing.period.from));
    match (from, standing.period.until.map(|day| shell.last_day(day))) {
        (None, None) => shell.t("organisation-days-always"),
        (Some(from), None) => shell.tr("organisation-days-since", "from", from),
        (None, Some(until)) => shell.tr("organisation-days-until", "until", until),
        (Some(from), Some(until)) => shell.tr2("organisation-days-between", "from", from, "until", until),
    }
}

/// Every place, each followed by those in it.
pub(super) fn places(territory: &Territory) -> Vec<Choice> {
    territory.in_order().into_iter().map(|p| Choice::new(p.id, territory.full_name(p.id))).collect()
}

/// The organisations that others can be under: those that have some, and those of a kind that usually does.
fn superiors(structure: &Structure) -> Vec<Choice> {
    use tongxin_core::community::OrganisationKind as Kind;
    let leads = |s: &&Standing| {
        s.kind.is_party()
            || matches!(
                s.kind,
                Kind::SubdistrictOffice | Kind::Department | Kind::ResidentsCommittee | Kind::Federation
            )
            || structure.below(s.organisation).next().is_some()
    };
    structure.all().iter().filter(leads).map(|s| Choice::new(s.organisation, &s.name)).collect()
}
