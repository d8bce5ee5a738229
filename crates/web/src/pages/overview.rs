//! The overview: public figures of a period and a place, as charts with a table beside each (S5, S29).

use askama::Template;
use axum::{Router, extract::State, response::Response, routing::get};
use chrono::{Datelike, Days, NaiveDate};
use serde_json::json;
use tongxin_app::{
    App, Viewer,
    service::overview::{self, Count, Overview, Totals},
};
use tongxin_core::{
    community::OrganisationKind,
    people::CareGroup,
    service::{CareKind, Category},
};
use uuid::Uuid;

use crate::{
    Web,
    error::WebError,
    export::{Cell, FileKind, Table},
    form::Choice,
    format::parse_date,
    layout::{Shell, page},
    paging::ListQuery,
    session::Who,
    words::{self, Word},
};

/// Days of the period when the reader asks for none.
const DEFAULT_DAYS: u64 = 90;
/// Colours of what is open, met and unmet; they stand out from each other for who sees no red or green, and in the dark.
const COLOURS: [&str; 3] = ["#4299e1", "#2fb344", "#f59f00"];

/// Their routes.
pub fn routes() -> Router<Web> {
    Router::new().route("/overview", get(show)).route("/overview.xlsx", get(file)).route("/overview.csv", get(file))
}

/// A line of figures under its word.
struct Row {
    label: String,
    open: i64,
    met: i64,
    unmet: i64,
}

/// A chart of needs with its table.
struct Part {
    id: &'static str,
    title: String,
    note: Option<String>,
    rows: Vec<Row>,
    chart: String,
}

struct Month {
    label: String,
    deliveries: i64,
    duration: String,
}

struct Tile {
    label: String,
    value: String,
    note: String,
}

struct Preset {
    label: String,
    href: String,
    current: bool,
}

#[derive(Template)]
#[template(path = "overview/show.html")]
struct ShowPage {
    shell: Shell,
    list: ListQuery,
    places: Vec<Choice>,
    place: String,
    from: String,
    to: String,
    lead: String,
    presets: Vec<Preset>,
    tiles: Vec<Tile>,
    parts: Vec<Part>,
    months: Vec<Month>,
    months_chart: String,
    empty: bool,
    as_of: String,
}

/// The figures that the query asks for; what makes no sense is as if it had not been asked.
async fn figures(app: &App, who: &Viewer, list: &ListQuery) -> Result<Overview, WebError> {
    let today = app.today();
    let day = |name: &str| list.get(name).and_then(|text| parse_date(text).ok());
    let to = day("to").unwrap_or(today);
    let from = day("from").unwrap_or_else(|| before(to, DEFAULT_DAYS - 1)).min(to);
    let place = list.get("place").map(str::parse::<Uuid>).transpose().map_err(|_| WebError::not_found())?;
    Ok(overview::show(app, who, place, from, to).await?)
}

fn before(day: NaiveDate, days: u64) -> NaiveDate {
    day.checked_sub_days(Days::new(days)).unwrap_or(day)
}

async fn show(State(web): State<Web>, Who(who): Who, shell: Shell, list: ListQuery) -> Result<Response, WebError> {
    let view = figures(&web.app, &who, &list).await?;
    let territory = web.app.territory().await?;
    let shell = shell.page_key("overview-title", "overview");
    let months = months(&shell, &view);
    page(&ShowPage {
        places: super::places::for_filter(&territory, Some(view.place)),
        place: view.place.to_string(),
        from: view.from.to_string(),
        to: view.to.to_string(),
        lead: shell.tr3(
            "overview-lead",
            "place",
            territory.full_name(view.place),
            "from",
            shell.fmt.day(view.from),
            "to",
            shell.fmt.day(view.to),
        ),
        presets: presets(&shell, &list, web.app.today(), (view.from, view.to)),
        tiles: tiles(&shell, &view.totals),
        as_of: shell.tr("overview-as-of", "time", shell.time(&view.as_of)),
        empty: view.totals.needs + view.totals.offers + view.totals.deliveries == 0,
        parts: parts(&shell, &view, |id| territory.full_name(id)),
        months_chart: months_chart(&shell, &months),
        months,
        list,
        shell,
    })
}

fn presets(shell: &Shell, list: &ListQuery, today: NaiveDate, shown: (NaiveDate, NaiveDate)) -> Vec<Preset> {
    [
        ("overview-month", today.with_day(1).unwrap_or(today)),
        ("overview-quarter", before(today, DEFAULT_DAYS - 1)),
        ("overview-year", today.with_ordinal(1).unwrap_or(today)),
    ]
    .into_iter()
    .map(|(key, from)| Preset {
        label: shell.t(key),
        href: list.link(&[("from", &from.to_string()), ("to", &today.to_string())]),
        current: shown == (from, today),
    })
    .collect()
}

/// A median in words: minutes and hours up to two days, then days.
fn span(shell: &Shell, millis: Option<i64>) -> String {
    let Some(minutes) = millis.map(|ms| ms / 60_000) else { return shell.t("format-none") };
    match minutes {
        ..120 => shell.duration(minutes),
        120..2_880 => shell.tr("format-hours", "hours", (minutes + 30) / 60),
        _ => shell.tr("overview-days", "days", (minutes + 720) / 1_440),
    }
}

#[allow(clippy::cast_precision_loss, reason = "a percentage needs no more digits")]
fn reciprocity(totals: &Totals) -> f64 {
    let either = totals.receivers + totals.givers - totals.both;
    if either == 0 { f64::NAN } else { totals.both as f64 / either as f64 }
}

fn tiles(shell: &Shell, totals: &Totals) -> Vec<Tile> {
    let tile = |name: &str, value: String| {
        let note = format!("overview-{name}-note");
        let note = if shell.locale().has(&note) { shell.t(note) } else { String::new() };
        Tile { label: shell.t(format!("overview-{name}")), value, note }
    };
    let rating = totals.mean_rating.map_or_else(|| shell.t("format-none"), |mean| shell.decimal(&mean));
    vec![
        tile("needs", shell.number(totals.needs)),
        tile("offers", shell.number(totals.offers)),
        tile("deliveries", shell.number(totals.deliveries)),
        tile("hours", shell.number((totals.minutes + 30) / 60)),
        tile("receivers", shell.number(totals.receivers)),
        tile("givers", shell.number(totals.givers)),
        tile("reciprocity", shell.percent(&reciprocity(totals))),
        Tile { note: shell.tr("overview-ratings", "count", totals.ratings), ..tile("satisfaction", rating) },
        tile("to-match", span(shell, totals.median_to_match_ms)),
        tile("to-deliver", span(shell, totals.median_to_deliver_ms)),
    ]
}

fn word<W: Word + std::str::FromStr>(shell: &Shell, key: &str) -> String {
    key.parse::<W>().map_or_else(|_| key.to_owned(), |word| words::say(shell.locale(), word))
}

fn parts(shell: &Shell, view: &Overview, place: impl Fn(Uuid) -> String) -> Vec<Part> {
    let part = |id: &'static str, note: Option<&str>, counts: &[Count], label: &dyn Fn(&str) -> String| {
        let rows: Vec<Row> =
            counts.iter().map(|c| Row { label: label(&c.key), open: c.open, met: c.met, unmet: c.unmet }).collect();
        Part {
            id,
            title: shell.t(format!("overview-by-{id}")),
            note: note.map(|key| shell.t(key)),
            chart: bars(shell, &rows),
            rows,
        }
    };
    vec![
        part("category", None, &view.by_category, &|key| word::<Category>(shell, key)),
        part("area", None, &view.by_area, &|key| key.parse().map_or_else(|_| shell.t("overview-no-area"), &place)),
        part("care-kind", None, &view.by_care_kind, &|key| word::<CareKind>(shell, key)),
        part("care-group", Some("overview-small-groups"), &view.by_care_group, &|key| match key {
            "" => shell.t("overview-no-group"),
            key => word::<CareGroup>(shell, key),
        }),
        part("member-kind", None, &view.by_member_kind, &|key| match key {
            "person" => shell.t("member-kind-person"),
            key => word::<OrganisationKind>(shell, key),
        }),
    ]
}

/// Stacked bars of what is open, met and unmet, as the options of a chart.
fn bars(shell: &Shell, rows: &[Row]) -> String {
    let labels: Vec<&str> = rows.iter().map(|r| r.label.as_str()).collect();
    let values: [(&str, Vec<i64>); 3] = [
        ("overview-open", rows.iter().map(|r| r.open).collect()),
        ("overview-met", rows.iter().map(|r| r.met).collect()),
        ("overview-unmet", rows.iter().map(|r| r.unmet).collect()),
    ];
    let series: Vec<_> = values
        .into_iter()
        .zip(COLOURS)
        .map(|((key, data), colour)| {
            json!({ "type": "bar", "stack": "needs", "name": shell.t(key), "data": data, "barMaxWidth": 26,
                "itemStyle": { "color": colour } })
        })
        .collect();
    json!({
        "legend": { "top": 0, "left": 0 },
        "grid": { "top": 36, "left": 4, "right": 24, "bottom": 4 },
        "xAxis": { "type": "value", "minInterval": 1 },
        "yAxis": { "type": "category", "inverse": true, "data": labels, "axisTick": { "show": false },
            "axisLabel": { "interval": 0 } },
        "series": series,
    })
    .to_string()
}

fn months(shell: &Shell, view: &Overview) -> Vec<Month> {
    view.by_month
        .iter()
        .map(|(first, deliveries, minutes)| Month {
            label: shell.tr2(
                "overview-month-of",
                "year",
                first.year().to_string(),
                "month",
                shell.t(format!("format-month-{}", first.month())),
            ),
            deliveries: *deliveries,
            duration: shell.duration(*minutes),
        })
        .collect()
}

fn months_chart(shell: &Shell, months: &[Month]) -> String {
    let labels: Vec<&str> = months.iter().map(|m| m.label.as_str()).collect();
    let data: Vec<i64> = months.iter().map(|m| m.deliveries).collect();
    json!({
        "grid": { "top": 16, "left": 4, "right": 24, "bottom": 4 },
        "xAxis": { "type": "category", "data": labels },
        "yAxis": { "type": "value", "minInterval": 1 },
        "series": [{ "type": "line", "name": shell.t("overview-deliveries"), "data": data, "symbolSize": 8,
            "areaStyle": { "opacity": 0.12 } }],
    })
    .to_string()
}

fn table(shell: &Shell, view: &Overview, name: &str, place: impl Fn(Uuid) -> String) -> Table {
    let keys = ["overview-column-what", "overview-column-which", "overview-column-figure"];
    let keys = keys.into_iter().chain(["overview-open", "overview-met", "overview-unmet"]);
    let file = shell.tr3("overview-file", "place", name, "from", view.from.to_string(), "to", view.to.to_string());
    let mut table = Table::new(file, keys.map(|key| shell.t(key)).collect());
    for tile in tiles(shell, &view.totals) {
        let value = tile.value.replace(',', "");
        let value = value.parse::<i64>().map_or_else(|_| Cell::Text(tile.value), Cell::Int);
        table.push(vec![tile.label.into(), Cell::Empty, value]);
    }
    for part in parts(shell, view, place) {
        for row in part.rows {
            let total = row.open + row.met + row.unmet;
            table.push(vec![
                part.title.clone().into(),
                row.label.into(),
                total.into(),
                row.open.into(),
                row.met.into(),
                row.unmet.into(),
            ]);
        }
    }
    for month in months(shell, view) {
        table.push(vec![shell.t("overview-by-month").into(), month.label.into(), month.deliveries.into()]);
    }
    table
}

async fn export(web: &Web, who: &Viewer, shell: &Shell, list: &ListQuery) -> Result<Table, WebError> {
    let view = figures(&web.app, who, list).await?;
    let territory = web.app.territory().await?;
    Ok(table(shell, &view, &territory.full_name(view.place), |id| territory.full_name(id)))
}

async fn file(
    State(web): State<Web>,
    Who(who): Who,
    shell: Shell,
    list: ListQuery,
    kind: FileKind,
) -> Result<Response, WebError> {
    export(&web, &who, &shell, &list).await?.response(kind)
}
