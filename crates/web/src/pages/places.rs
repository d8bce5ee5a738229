//! Places: the territory with what is open in it, a place's page, and for subdistrict staff adding, changing and removing
//! places (S16, S21).

use std::collections::HashMap;

use askama::Template;
use axum::{Router, extract::State, http::StatusCode, response::Response, routing::get};
use chrono::Days;
use tongxin_app::{
    Error, Slice, Viewer,
    community::{self, PlaceForm, Territory},
    people::{self, Member, MemberFilter},
    service::{
        intents,
        overview::{self, Totals},
    },
};
use tongxin_core::{
    community::{Place, PlaceKind},
    people::{MemberDetails, MemberKind},
    service::Side,
};
use uuid::Uuid;

use crate::{
    Web,
    error::WebError,
    export::{FileKind, Table},
    form::{Choice, FormState, RawForm},
    i18n::Message,
    layout::{Shell, page, page_with},
    paging::ListQuery,
    path::Path,
    session::{Who, done},
    words,
};

/// Days of the figures on a place's page.
const FIGURES_DAYS: u64 = 90;
/// The most organisations on a place's page.
const ORGANISATIONS_MAX: u64 = 30;

/// Their routes.
pub fn routes() -> Router<Web> {
    Router::new()
        .route("/places", get(list))
        .route("/places.xlsx", get(file))
        .route("/places.csv", get(file))
        .route("/places/{id}", get(show))
        .route("/places/{id}/new", get(new).post(create))
        .route("/places/{id}/edit", get(edit).post(save))
        .route("/places/{id}/remove", get(ask_remove).post(remove))
}

/// A place with what is open in it and in all that lies in it.
struct Row {
    place: Place,
    needs: i64,
    offers: i64,
}

/// A residential area with the places in it.
struct Area {
    row: Row,
    inside: Vec<Row>,
}

#[derive(Template)]
#[template(path = "places/list.html")]
struct ListPage {
    shell: Shell,
    list: ListQuery,
    root: Row,
    areas: Vec<Area>,
}

#[derive(Template)]
#[template(path = "places/show.html")]
struct ShowPage {
    shell: Shell,
    row: Row,
    parent: Option<Place>,
    inside: Vec<Row>,
    /// Persons and organisations here; none for a guest.
    members: Option<(u64, u64)>,
    organisations: Vec<Member>,
    totals: Totals,
}

#[derive(Template)]
#[template(path = "places/form.html")]
struct FormPage {
    shell: Shell,
    form: FormState,
    action: String,
    back: String,
    /// The kinds to choose from for a new place; empty when one changes.
    kinds: Vec<Choice>,
}

#[derive(Template)]
#[template(path = "places/remove.html")]
struct RemovePage {
    shell: Shell,
    place: Place,
    problem: Option<Message>,
}

/// The places for which the viewer is staff, each followed by those in it.
pub(super) async fn staffed(web: &Web, who: &Viewer) -> Result<Vec<Choice>, WebError> {
    let staffed = who.actor()?.staff_places();
    let territory = web.app.territory().await?;
    let covered =
        |id: Uuid| std::iter::successors(Some(id), |place| territory.parent(*place)).any(|p| staffed.contains(&p));
    let places = territory.in_order().into_iter().filter(|p| covered(p.id));
    Ok(places.map(|p| Choice::new(p.id, territory.full_name(p.id))).collect())
}

/// The places that a list can be filtered by; see [`Territory::choices`].
pub(super) fn for_filter(territory: &Territory, chosen: Option<Uuid>) -> Vec<Choice> {
    territory.choices(chosen).into_iter().map(|p| Choice::new(p.id, territory.full_name(p.id))).collect()
}

/// What is open at each place.
struct Open {
    needs: HashMap<Uuid, i64>,
    offers: HashMap<Uuid, i64>,
}

impl Open {
    async fn load(web: &Web, who: &Viewer) -> Result<Self, WebError> {
        Ok(Self {
            needs: intents::open_by_place(&web.app, who, Side::Need).await?,
            offers: intents::open_by_place(&web.app, who, Side::Offer).await?,
        })
    }

    /// A place with what is open in it and below it.
    fn row(&self, territory: &Territory, place: &Place) -> Row {
        let (mut needs, mut offers) = (0, 0);
        let mut stack = vec![place.id];
        while let Some(id) = stack.pop() {
            needs += self.needs.get(&id).copied().unwrap_or(0);
            offers += self.offers.get(&id).copied().unwrap_or(0);
            stack.extend(territory.children(id).into_iter().map(|p| p.id));
        }
        Row { place: place.clone(), needs, offers }
    }

    fn rows(&self, territory: &Territory, parent: Uuid) -> Vec<Row> {
        territory.children(parent).into_iter().map(|place| self.row(territory, place)).collect()
    }
}

/// All places as a file, each residential area followed by the places in it.
async fn file(State(web): State<Web>, Who(who): Who, shell: Shell, kind: FileKind) -> Result<Response, WebError> {
    let open = Open::load(&web, &who).await?;
    let territory = web.app.territory().await?;
    let headers =
        ["place-field-code", "place-column-name", "place-field-kind", "place-open-needs", "place-open-offers"];
    let headers = headers.iter().map(|key| shell.t(*key)).collect();
    let mut table = Table::new(shell.tr("place-file", "day", web.app.today().to_string()), headers);
    for place in territory.in_order() {
        let Row { place, needs, offers } = open.row(&territory, place);
        let name = territory.full_name(place.id);
        table.push(vec![place.code.into(), name.into(), shell.word(&place.kind).into(), needs.into(), offers.into()]);
    }
    table.response(kind)
}

async fn list(State(web): State<Web>, Who(who): Who, shell: Shell, list: ListQuery) -> Result<Response, WebError> {
    let open = Open::load(&web, &who).await?;
    let territory = web.app.territory().await?;
    let root = territory.place(territory.root()).ok_or_else(WebError::not_found)?;
    let area = |place: &Place| Area { row: open.row(&territory, place), inside: open.rows(&territory, place.id) };
    page(&ListPage {
        root: open.row(&territory, root),
        areas: territory.areas().into_iter().map(area).collect(),
        list,
        shell: shell.page_key("place-list-title", "places"),
    })
}

async fn show(State(web): State<Web>, Who(who): Who, shell: Shell, Path(id): Path<Uuid>) -> Result<Response, WebError> {
    let territory = web.app.territory().await?;
    let place = territory.place(id).ok_or_else(WebError::not_found)?;
    let open = Open::load(&web, &who).await?;
    let today = web.app.today();
    let from = today.checked_sub_days(Days::new(FIGURES_DAYS - 1)).unwrap_or(today);
    let totals = overview::totals(&web.app, &who, Some(id), from, today).await?.value;
    let (mut members, mut organisations) = (None, Vec::new());
    if matches!(who, Viewer::Actor(_)) {
        let (area, only) = territory.scope(id);
        let of = |kind| MemberFilter { kind: Some(kind), area, place: only, ..MemberFilter::default() };
        let persons = people::list(&web.app, &who, of(MemberKind::Person), Slice { offset: 0, limit: 1 }).await?;
        let slice = Slice { offset: 0, limit: ORGANISATIONS_MAX };
        let found = people::list(&web.app, &who, of(MemberKind::Organisation), slice).await?;
        members = Some((persons.total, found.total));
        organisations = found.rows;
    }
    page(&ShowPage {
        row: open.row(&territory, place),
        parent: place.parent.and_then(|p| territory.place(p)).cloned(),
        inside: open.rows(&territory, id),
        members,
        organisations,
        totals,
        shell: shell.page(place.name.clone(), "places"),
    })
}

impl ShowPage {
    fn back(&self) -> &'static str {
        "/places"
    }

    fn lead(&self) -> String {
        let kind = self.shell.word(&self.row.place.kind);
        match &self.parent {
            Some(parent) if parent.kind == PlaceKind::ResidentialArea => format!("{} · {kind}", parent.name),
            _ => kind,
        }
    }

    fn link(&self, path: &str) -> String {
        format!("/{path}?place={}", self.row.place.id)
    }

    fn needs(&self) -> String {
        self.shell.number(self.row.needs)
    }

    fn offers(&self) -> String {
        self.shell.number(self.row.offers)
    }

    fn deliveries(&self) -> String {
        self.shell.number(self.totals.deliveries)
    }

    fn hours(&self) -> String {
        self.shell.number((self.totals.minutes + 30) / 60)
    }

    fn satisfaction(&self) -> String {
        self.totals.mean_rating.map_or_else(|| self.shell.t("format-none"), |mean| self.shell.decimal(&mean))
    }

    fn takes_places(&self) -> bool {
        matches!(self.row.place.kind, PlaceKind::Community | PlaceKind::ResidentialArea)
    }

    fn is_area(&self) -> bool {
        self.row.place.kind == PlaceKind::ResidentialArea
    }

    fn is_root(&self) -> bool {
        self.parent.is_none()
    }

    fn organisation_kind(&self, member: &Member) -> String {
        match &member.draft.details {
            MemberDetails::Organisation { kind, .. } => self.shell.word(kind),
            MemberDetails::Person { .. } => String::new(),
        }
    }

    fn more_organisations(&self) -> bool {
        self.members.is_some_and(|(_, organisations)| organisations > ORGANISATIONS_MAX)
    }
}

/// The place, for who may change places.
async fn editable(web: &Web, shell: &Shell, who: &Viewer, id: Uuid) -> Result<Place, WebError> {
    who.actor()?;
    if !shell.is_subdistrict {
        return Err(WebError::forbidden().back_to(format!("/places/{id}")));
    }
    web.app.territory().await?.place(id).cloned().ok_or_else(WebError::not_found)
}

fn read(form: &RawForm) -> PlaceForm {
    let text = |name: &str| form.get(name).unwrap_or_default().to_owned();
    PlaceForm { kind: text("kind"), code: text("code"), name: text("name") }
}

fn new_page(shell: Shell, parent: &Place, form: FormState) -> FormPage {
    let kinds: Vec<Choice> = PlaceKind::ALL
        .iter()
        .filter(|kind| kind.parent() == Some(parent.kind))
        .map(|kind| Choice::new(kind.code(), words::say(shell.locale(), *kind)))
        .collect();
    let form = match (form.value("kind").is_empty(), kinds.first()) {
        (true, Some(first)) => form.with("kind", &first.value),
        _ => form,
    };
    let title = shell.tr("place-new-title", "place", parent.name.as_str());
    FormPage {
        action: format!("/places/{}/new", parent.id),
        back: format!("/places/{}", parent.id),
        shell: shell.page(title, "places"),
        form,
        kinds,
    }
}

fn edit_page(shell: Shell, id: Uuid, form: FormState) -> FormPage {
    FormPage {
        action: format!("/places/{id}/edit"),
        back: format!("/places/{id}"),
        shell: shell.page_key("place-edit-title", "places"),
        form,
        kinds: Vec::new(),
    }
}

async fn new(State(web): State<Web>, Who(who): Who, shell: Shell, Path(id): Path<Uuid>) -> Result<Response, WebError> {
    let parent = editable(&web, &shell, &who, id).await?;
    page(&new_page(shell, &parent, FormState::new()))
}

async fn create(
    State(web): State<Web>,
    Who(who): Who,
    shell: Shell,
    Path(id): Path<Uuid>,
    form: RawForm,
) -> Result<Response, WebError> {
    match community::create_place(&web.app, &who, id, &read(&form)).await {
        Ok(new) => Ok(done(&format!("/places/{new}"), "done-place-created")),
        Err(error @ Error::Invalid(_)) => {
            let parent = editable(&web, &shell, &who, id).await?;
            let form = form.into_state_with(&error.into());
            page_with(StatusCode::UNPROCESSABLE_ENTITY, &new_page(shell, &parent, form))
        }
        Err(error) => Err(WebError::from(error).back_to(format!("/places/{id}"))),
    }
}

async fn edit(State(web): State<Web>, Who(who): Who, shell: Shell, Path(id): Path<Uuid>) -> Result<Response, WebError> {
    let place = editable(&web, &shell, &who, id).await?;
    page(&edit_page(shell, id, FormState::new().with("code", place.code).with("name", place.name)))
}

async fn save(
    State(web): State<Web>,
    Who(who): Who,
    shell: Shell,
    Path(id): Path<Uuid>,
    form: RawForm,
) -> Result<Response, WebError> {
    match community::edit_place(&web.app, &who, id, &read(&form)).await {
        Ok(()) => Ok(done(&format!("/places/{id}"), "done-place-saved")),
        Err(error @ Error::Invalid(_)) => {
            let page = edit_page(shell, id, form.into_state_with(&error.into()));
            page_with(StatusCode::UNPROCESSABLE_ENTITY, &page)
        }
        Err(error) => Err(WebError::from(error).back_to(format!("/places/{id}"))),
    }
}

fn remove_page(shell: Shell, place: Place, problem: Option<Message>) -> RemovePage {
    let title = shell.tr("place-remove-title", "place", place.name.as_str());
    RemovePage { shell: shell.page(title, "places"), place, problem }
}

impl RemovePage {
    fn back(&self) -> String {
        format!("/places/{}", self.place.id)
    }

    fn action(&self) -> String {
        format!("/places/{}/remove", self.place.id)
    }
}

async fn ask_remove(
    State(web): State<Web>,
    Who(who): Who,
    shell: Shell,
    Path(id): Path<Uuid>,
) -> Result<Response, WebError> {
    let place = editable(&web, &shell, &who, id).await?;
    page(&remove_page(shell, place, None))
}

async fn remove(
    State(web): State<Web>,
    Who(who): Who,
    shell: Shell,
    Path(id): Path<Uuid>,
    _: RawForm,
) -> Result<Response, WebError> {
    match community::remove_place(&web.app, &who, id).await {
        Ok(()) => Ok(done("/places", "done-place-removed")),
        Err(error @ Error::Conflict(_)) => {
            let place = editable(&web, &shell, &who, id).await?;
            let problem = WebError::from(error).message().clone();
            page_with(StatusCode::CONFLICT, &remove_page(shell, place, Some(problem)))
        }
        Err(error) => Err(WebError::from(error).back_to(format!("/places/{id}"))),
    }
}
