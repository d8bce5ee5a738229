//! The public front, and what this site is.

use std::collections::HashMap;

use askama::Template;
use axum::{Router, extract::State, response::Response, routing::get};
use chrono::Days;
use tongxin_app::{
    AsOf, Slice, Viewer,
    service::{
        intents::{self, IntentCard, IntentFilter, Sight},
        matches::{self, MatchCard},
        overview::{self, Totals},
    },
};
use tongxin_core::service::{Category, IntentState, Side};

use super::intents::{category_icon, href, when};
use crate::{
    Web,
    error::WebError,
    layout::{Shell, page},
    session::Who,
};

/// How many of the newest needs and offers the front shows.
const NEWEST: u64 = 5;
/// How many open matters the front shows.
const WAITING: usize = 5;
/// The days that its figures cover.
const DAYS: u64 = 365;

/// Their routes.
pub fn routes() -> Router<Web> {
    Router::new().route("/", get(home)).route("/about", get(about))
}

/// A category with its open needs and offers.
struct CategoryTile {
    category: Category,
    icon: &'static str,
    needs: i64,
    offers: i64,
}

#[derive(Template)]
#[template(path = "home/home.html")]
struct HomePage {
    shell: Shell,
    tiles: Vec<CategoryTile>,
    needs: Vec<IntentCard>,
    offers: Vec<IntentCard>,
    totals: AsOf<Totals>,
    waiting: Vec<MatchCard>,
    waiting_more: usize,
}

impl HomePage {
    fn href(&self, card: &IntentCard) -> String {
        href(card)
    }

    fn when(&self, card: &IntentCard) -> String {
        when(&self.shell, &card.intent.draft.schedule)
    }

    fn number(&self, number: &i64) -> String {
        self.shell.number(*number)
    }

    fn hours(&self) -> String {
        self.shell.number(self.totals.value.minutes / 60)
    }
}

async fn home(State(web): State<Web>, Who(who): Who, shell: Shell) -> Result<Response, WebError> {
    let app = &web.app;
    let needs = intents::open_by_category(app, &who, Side::Need).await?;
    let offers = intents::open_by_category(app, &who, Side::Offer).await?;
    let count = |counts: &HashMap<Category, i64>, category: Category| counts.get(&category).copied().unwrap_or(0);
    let tile = |category: Category| CategoryTile {
        category,
        icon: category_icon(category),
        needs: count(&needs, category),
        offers: count(&offers, category),
    };
    let today = app.today();
    let totals = overview::totals(app, &who, None, today - Days::new(DAYS), today).await?;
    let mut waiting = matches::waiting_for(app, &who).await?;
    let waiting_more = waiting.len().saturating_sub(WAITING);
    waiting.truncate(WAITING);
    page(&HomePage {
        tiles: Category::ALL.iter().map(|c| tile(*c)).collect(),
        needs: newest(&web, &who, Side::Need).await?,
        offers: newest(&web, &who, Side::Offer).await?,
        totals,
        waiting,
        waiting_more,
        shell: shell.page("", "home"),
    })
}

async fn newest(web: &Web, who: &Viewer, side: Side) -> Result<Vec<IntentCard>, WebError> {
    let mut filter = IntentFilter::new(side, Sight::Public);
    filter.states = vec![IntentState::Open];
    Ok(intents::list(&web.app, who, filter, Slice { offset: 0, limit: NEWEST }).await?.rows)
}

#[derive(Template)]
#[template(path = "home/about.html")]
struct AboutPage {
    shell: Shell,
}

async fn about(shell: Shell) -> Result<Response, WebError> {
    page(&AboutPage { shell: shell.page_key("about-title", "") })
}
