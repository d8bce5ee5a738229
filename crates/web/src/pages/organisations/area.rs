//! The system of a residential area: core, main body, foundation, support and props, what is missing, the four-in-one team,
//! the three kinds of Party organisations, and legal and natural persons in one view (S10, S11, S15, S16).

use askama::Template;
use axum::{extract::State, response::Response};
use tongxin_app::community::structure::{self, AreaSystem, AreaView, PartySide, Standing, SystemRole, TeamPart};
use tongxin_core::community::Place;
use uuid::Uuid;

use super::{address, asked_day};
use crate::{
    Web,
    error::WebError,
    layout::{Shell, page},
    paging::ListQuery,
    path::Path,
    session::Who,
};

/// An organisation in a list: name, address, what there is to say.
struct Entry {
    name: String,
    href: String,
    note: String,
}

/// A role of the system with who is in it.
struct Role {
    title: String,
    meaning: String,
    entries: Vec<Entry>,
}

/// A part of the team with who is in it; names are left out for who may not see posts.
struct Part {
    title: String,
    names: Vec<(Uuid, String)>,
    filled: usize,
}

/// A place with its natural and legal persons.
struct Inhabited {
    place: Place,
    persons: i64,
    units: usize,
    others: usize,
}

#[derive(Template)]
#[template(path = "organisations/area.html")]
struct AreaPage {
    shell: Shell,
    list: ListQuery,
    area: Place,
    roles: Vec<Role>,
    missing: Vec<String>,
    /// The teams, each with the branch that it is of.
    teams: Vec<(Entry, Vec<Part>)>,
    sides: Vec<(String, Vec<Entry>)>,
    others: Vec<Entry>,
    places: Vec<Inhabited>,
    sees_persons: bool,
}

pub(super) async fn show(
    State(web): State<Web>,
    Who(who): Who,
    shell: Shell,
    list: ListQuery,
    Path(id): Path<Uuid>,
) -> Result<Response, WebError> {
    let view = structure::area(&web.app, &who, id, asked_day(&list, "on")).await?;
    let territory = web.app.territory().await?;
    let system = AreaSystem::new(&view.structure, id);
    let entry = |standing: &Standing, note: String| Entry {
        name: standing.name.clone(),
        href: address(&list, standing.organisation),
        note,
    };
    let with_superior = |standing: &Standing| {
        let inside = standing.line.and_then(|line| view.structure.get(line)).map(|s| s.name.clone());
        let outside = standing.line_outside.as_deref().map(|name| shell.tr("organisation-outside", "name", name));
        let above = inside.into_iter().chain(outside).collect::<Vec<_>>().join(" · ");
        if above.is_empty() { String::new() } else { shell.tr("organisation-under", "name", above) }
    };
    let role = |(role, all): &(SystemRole, Vec<&Standing>)| Role {
        title: shell.word(role),
        meaning: shell.t(format!("organisation-role-{}", role.code())),
        entries: all.iter().map(|s| entry(s, shell.word(&s.kind))).collect(),
    };
    let side = |(side, all): &(PartySide, Vec<&Standing>)| {
        (shell.word(side), all.iter().map(|s| entry(s, with_superior(s))).collect())
    };
    let part = |(part, seats): &(TeamPart, Vec<structure::Seat>)| Part {
        title: shell.word(part),
        names: seats.iter().filter_map(|s| Some((s.person, view.names.get(&s.person)?.clone()))).collect(),
        filled: seats.len(),
    };
    let teams = view.teams.iter().filter_map(|(branch, team)| {
        Some((entry(view.structure.get(*branch)?, String::new()), team.parts.iter().map(part).collect()))
    });
    let title = shell.tr("organisation-area-system", "area", view.area.name.as_str());
    page(&AreaPage {
        roles: system.roles.iter().map(role).collect(),
        missing: system.missing().map(|role| shell.t(format!("organisation-missing-{}", role.code()))).collect(),
        teams: teams.collect(),
        sides: system.party.iter().map(side).collect(),
        others: system.others.iter().map(|s| entry(s, shell.word(&s.kind))).collect(),
        places: inhabited(&territory, &view),
        sees_persons: view.persons.is_some(),
        area: view.area.clone(),
        shell: shell.page(title, "organisations"),
        list,
    })
}

/// The area and the places in it, with who lives, works and sits there.
fn inhabited(territory: &tongxin_app::community::Territory, view: &AreaView) -> Vec<Inhabited> {
    let mut places = vec![&view.area];
    places.extend(territory.children(view.area.id));
    let here = |place: &Place| {
        let all: Vec<&Standing> = view.structure.all().iter().filter(|s| s.location.place == place.id).collect();
        let units = all.iter().filter(|s| s.kind.is_unit()).count();
        let persons = view.persons.as_ref().and_then(|p| p.get(&place.id)).copied().unwrap_or(0);
        Inhabited { place: place.clone(), persons, units, others: all.len() - units }
    };
    places.into_iter().map(here).collect()
}

impl AreaPage {
    fn back(&self) -> String {
        format!("/places/{}", self.area.id)
    }

    fn whole(&self) -> bool {
        self.missing.is_empty()
    }

    fn unfilled(&self, parts: &[Part]) -> Vec<String> {
        parts.iter().filter(|p| p.filled == 0).map(|p| p.title.clone()).collect()
    }

    /// Natural persons, units and other organisations in all.
    fn sums(&self) -> (i64, usize, usize) {
        self.places.iter().fold((0, 0, 0), |(p, u, o), at| (p + at.persons, u + at.units, o + at.others))
    }

    fn kind(&self, place: &Place) -> String {
        self.shell.word(&place.kind)
    }
}
