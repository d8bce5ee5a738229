//! The matrix: lines against residential areas; a cell opens to the organisations in it.

use askama::Template;
use axum::{extract::State, response::Response};
use tongxin_app::community::structure::{self, Line, Matrix, Standing, Structure};
use uuid::Uuid;

use super::{address, asked_day, title, views};
use crate::{
    Web,
    error::WebError,
    layout::{Shell, page},
    paging::ListQuery,
    session::Who,
};

/// The value of the area for what belongs to the community as a whole.
const COMMUNITY: &str = "community";

/// A column: residential area, or the community as a whole.
struct Column {
    area: Option<Uuid>,
    name: String,
}

struct Cell {
    count: usize,
    href: String,
    is_open: bool,
    /// What the link says, for who can't see where it stands.
    label: String,
}

struct Row {
    name: String,
    note: String,
    href: Option<String>,
    is_body: bool,
    cells: Vec<Cell>,
    total: usize,
}

/// The cell that is open.
struct Opened {
    title: String,
    close: String,
    /// Name, address, kind, place.
    inside: Vec<(String, String, String, String)>,
}

#[derive(Template)]
#[template(path = "organisations/matrix.html")]
struct MatrixPage {
    shell: Shell,
    list: ListQuery,
    columns: Vec<Column>,
    rows: Vec<Row>,
    totals: Vec<usize>,
    opened: Option<Opened>,
}

impl MatrixPage {
    fn views(&self) -> Vec<(bool, String, String)> {
        views(&self.shell, &self.list, "matrix")
    }

    fn area_link(&self, area: &Uuid) -> String {
        self.list.carry(&format!("/areas/{area}/system"), &["on"])
    }

    fn all(&self) -> usize {
        self.totals.iter().sum()
    }
}

/// The value that names a line in the query.
fn key(line: Line) -> String {
    match line {
        Line::Top(id) => format!("top-{id}"),
        Line::Body(id) => id.to_string(),
        Line::Alone(kind) => kind.code().to_owned(),
    }
}

fn named(shell: &Shell, structure: &Structure, line: Line) -> String {
    let name = |id| structure.get(id).map_or_else(String::new, |s| s.name.clone());
    match line {
        Line::Top(id) => name(id),
        Line::Body(id) => name(id),
        Line::Alone(kind) => shell.tr("organisation-matrix-alone", "kind", shell.word(&kind)),
    }
}

pub(super) async fn show(
    State(web): State<Web>,
    Who(who): Who,
    shell: Shell,
    list: ListQuery,
) -> Result<Response, WebError> {
    let structure = structure::structure(&web.app, &who, asked_day(&list, "on")).await?;
    let territory = web.app.territory().await?;
    let matrix = Matrix::new(&structure);
    let mut columns = vec![Column { area: None, name: shell.t("organisation-matrix-community") }];
    columns.extend(territory.areas().into_iter().map(|p| Column { area: Some(p.id), name: p.name.clone() }));
    let (open_line, open_area) = (list.value("line"), list.value("area"));
    let mut opened = None;
    let mut rows = Vec::with_capacity(matrix.lines.len());
    for line in &matrix.lines {
        let name = named(&shell, &structure, *line);
        let mut cells = Vec::with_capacity(columns.len());
        for column in &columns {
            let inside = matrix.cell(*line, column.area);
            let area = column.area.map_or_else(|| COMMUNITY.to_owned(), |id| id.to_string());
            let is_open = key(*line) == open_line && area == open_area && !inside.is_empty();
            let label = shell.tr3(
                "organisation-matrix-cell",
                "line",
                name.as_str(),
                "area",
                column.name.as_str(),
                "count",
                inside.len(),
            );
            if is_open {
                let about = |s: &&Standing| {
                    let place = territory.full_name(s.location.place);
                    (s.name.clone(), address(&list, s.organisation), shell.word(&s.kind), place)
                };
                opened = Some(Opened {
                    title: label.clone(),
                    close: list.link(&[("line", ""), ("area", "")]),
                    inside: inside.iter().map(about).collect(),
                });
            }
            let changes: [(&str, &str); 2] =
                if is_open { [("line", ""), ("area", "")] } else { [("line", &key(*line)), ("area", &area)] };
            let href = format!("{}#cell", list.link(&changes));
            cells.push(Cell { count: inside.len(), href, is_open, label });
        }
        let (href, note) = match line {
            Line::Top(id) => (Some(address(&list, *id)), shell.t("organisation-matrix-top")),
            Line::Body(id) => (Some(address(&list, *id)), String::new()),
            Line::Alone(_) => (None, String::new()),
        };
        let total = cells.iter().map(|cell| cell.count).sum();
        rows.push(Row { name, note, href, is_body: matches!(line, Line::Body(_)), cells, total });
    }
    let sum = |at: usize| rows.iter().filter_map(|row| row.cells.get(at)).map(|cell| cell.count).sum();
    let totals = (0..columns.len()).map(sum).collect();
    let title = title(&shell, "organisation-matrix-title", &list);
    page(&MatrixPage { columns, totals, opened, rows, shell: shell.page(title, "organisations"), list })
}
