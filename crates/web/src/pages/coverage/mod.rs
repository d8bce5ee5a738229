//! Coverage: which enterprises Party building reaches on a day, by size and way, as a table, a chart and a list (S18).

use askama::Template;
use axum::{Router, extract::State, response::Response, routing::get};
use serde_json::json;
use tongxin_app::{
    Viewer,
    community::coverage::{self, Coverage, CoverageView, Enterprise, StaffSize},
};

use crate::{
    Web,
    error::WebError,
    export::{FileKind, Table},
    form::Choice,
    layout::{Shell, page},
    pages::{
        duplicates::{areas, asked_place},
        organisations::asked_day,
    },
    paging::{ListQuery, Page},
    session::Who,
    words,
};

/// The colours of the ways, apart from each other also for who sees no red or green, and in the dark.
const COLOURS: [&str; 4] = ["#2fb344", "#4299e1", "#f59f00", "#868e96"];

/// Their routes.
pub fn routes() -> Router<Web> {
    Router::new().route("/coverage", get(show)).route("/coverage.xlsx", get(file)).route("/coverage.csv", get(file))
}

/// A line of the table: a size, or all of them.
struct Line {
    label: String,
    /// How many in each way: the link to them, and the number.
    ways: Vec<(String, usize)>,
    total: usize,
    reached: String,
}

struct Row {
    enterprise: Enterprise,
    way: String,
    tone: &'static str,
    place: String,
    may_appoint: bool,
}

#[derive(Template)]
#[template(path = "coverage/show.html")]
struct ShowPage {
    shell: Shell,
    list: ListQuery,
    pages: Page,
    rows: Vec<Row>,
    lines: Vec<Line>,
    ways: Vec<String>,
    chart: String,
    areas: Vec<Choice>,
    way_choices: Vec<Choice>,
    size_choices: Vec<Choice>,
    on: String,
    lead: String,
}

const fn tone(way: Coverage) -> &'static str {
    match way {
        Coverage::OwnBranch => "green",
        Coverage::JointBranch => "blue",
        Coverage::AppointedWorker => "yellow",
        Coverage::Nothing => "secondary",
    }
}

/// The enterprises that the filters leave.
fn filtered<'v>(view: &'v CoverageView, list: &ListQuery) -> Vec<&'v Enterprise> {
    let way: Option<Coverage> = list.get("way").and_then(|code| code.parse().ok());
    let size: Option<StaffSize> = list.get("size_class").and_then(|code| code.parse().ok());
    let fits =
        |e: &&Enterprise| way.is_none_or(|way| e.reached.coverage == way) && size.is_none_or(|size| e.size == size);
    view.enterprises.iter().filter(fits).collect()
}

#[allow(clippy::cast_precision_loss, reason = "a percentage needs no more digits")]
fn share(shell: &Shell, reached: usize, total: usize) -> String {
    if total == 0 { shell.t("format-none") } else { shell.percent(&(reached as f64 / total as f64)) }
}

fn lines(shell: &Shell, list: &ListQuery, view: &CoverageView) -> Vec<Line> {
    let line = |size: Option<StaffSize>| {
        let code = size.map_or("", StaffSize::code);
        let total = view.count(size, None);
        let link = |way: Coverage| list.link(&[("size_class", code), ("way", way.code()), ("page", "")]);
        Line {
            label: size.map_or_else(|| shell.t("coverage-all-sizes"), |size| shell.word(&size)),
            ways: Coverage::ALL.iter().map(|way| (link(*way), view.count(size, Some(*way)))).collect(),
            reached: share(shell, total - view.count(size, Some(Coverage::Nothing)), total),
            total,
        }
    };
    let mut lines: Vec<Line> = StaffSize::ALL.iter().map(|size| line(Some(*size))).collect();
    lines.push(line(None));
    lines
}

/// Stacked bars of the ways by size, as the options of a chart.
fn chart(shell: &Shell, view: &CoverageView) -> String {
    let labels: Vec<String> = StaffSize::ALL.iter().map(|size| shell.word(size)).collect();
    let series: Vec<_> = Coverage::ALL
        .iter()
        .zip(COLOURS)
        .map(|(way, colour)| {
            let data: Vec<usize> = StaffSize::ALL.iter().map(|size| view.count(Some(*size), Some(*way))).collect();
            json!({ "type": "bar", "stack": "enterprises", "name": shell.word(way), "data": data, "barMaxWidth": 26,
                "itemStyle": { "color": colour } })
        })
        .collect();
    json!({
        "legend": { "top": 0, "left": 0 },
        "grid": { "top": 56, "left": 4, "right": 24, "bottom": 4 },
        "xAxis": { "type": "value", "minInterval": 1 },
        "yAxis": { "type": "category", "inverse": true, "data": labels, "axisTick": { "show": false },
            "axisLabel": { "interval": 0 } },
        "series": series,
    })
    .to_string()
}

async fn view(web: &Web, who: &Viewer, list: &ListQuery) -> Result<CoverageView, WebError> {
    Ok(coverage::show(&web.app, who, asked_place(list), asked_day(list, "on")).await?)
}

async fn show(State(web): State<Web>, Who(who): Who, shell: Shell, list: ListQuery) -> Result<Response, WebError> {
    let view = view(&web, &who, &list).await?;
    let territory = web.app.territory().await?;
    let shell = shell.page_key("coverage-title", "organisations");
    let found = filtered(&view, &list);
    let pages = list.page(found.len() as u64);
    let from = usize::try_from((list.number() - 1) * list.size()).unwrap_or(usize::MAX);
    let shown = found.iter().skip(from).take(usize::try_from(list.size()).unwrap_or(usize::MAX));
    let today = web.app.today();
    let mut issuable = Vec::new();
    if view.on == today
        && let Ok(enterprises) = tongxin_app::community::letter::enterprises(&web.app, &who).await
    {
        issuable.extend(enterprises.into_iter().map(|s| s.organisation));
    }
    let row = |enterprise: &&Enterprise| Row {
        way: shell.word(&enterprise.reached.coverage),
        tone: tone(enterprise.reached.coverage),
        place: territory.full_name(enterprise.standing.location.place),
        may_appoint: enterprise.reached.coverage == Coverage::Nothing
            && issuable.contains(&enterprise.standing.organisation),
        enterprise: (*enterprise).clone(),
    };
    let all = view.count(None, None);
    let reached = all - view.count(None, Some(Coverage::Nothing));
    page(&ShowPage {
        rows: shown.map(row).collect(),
        pages,
        lines: lines(&shell, &list, &view),
        ways: Coverage::ALL.iter().map(|way| shell.word(way)).collect(),
        chart: chart(&shell, &view),
        areas: areas(&web, &who).await?,
        way_choices: words::choices::<Coverage>(shell.locale()),
        size_choices: words::choices::<StaffSize>(shell.locale()),
        on: view.on.to_string(),
        lead: shell.tr3(
            "coverage-lead",
            "day",
            shell.fmt.day(view.on),
            "total",
            all.to_string(),
            "share",
            share(&shell, reached, all),
        ),
        shell,
        list,
    })
}

async fn table(web: &Web, who: &Viewer, shell: &Shell, list: &ListQuery) -> Result<Table, WebError> {
    let view = view(web, who, list).await?;
    let territory = web.app.territory().await?;
    let columns = ["name", "place", "staff", "size", "way", "by"];
    let headers = columns.iter().map(|c| shell.t(format!("coverage-column-{c}"))).collect();
    let mut table = Table::new(shell.tr("coverage-file", "day", view.on.to_string()), headers);
    for enterprise in filtered(&view, list) {
        table.push(vec![
            enterprise.standing.name.clone().into(),
            territory.full_name(enterprise.standing.location.place).into(),
            enterprise.staff.into(),
            shell.word(&enterprise.size).into(),
            shell.word(&enterprise.reached.coverage).into(),
            enterprise.by.clone().into(),
        ]);
    }
    Ok(table)
}

async fn file(
    State(web): State<Web>,
    Who(who): Who,
    shell: Shell,
    list: ListQuery,
    kind: FileKind,
) -> Result<Response, WebError> {
    table(&web, &who, &shell, &list).await?.response(kind)
}

impl Row {
    /// How many employees, in words.
    fn staff(&self, shell: &Shell) -> String {
        self.enterprise.staff.map_or_else(|| shell.t("format-none"), |staff| shell.number(staff))
    }

    /// The page of what reaches it: the branch or the letter.
    fn by_href(&self) -> Option<String> {
        let reached = &self.enterprise.reached;
        let branch = reached.branch.map(|branch| format!("/organisations/{branch}"));
        branch.or_else(|| reached.letter.map(|letter| format!("/letters/{letter}")))
    }
}
