//! Pages of `me`: signing in and out, what waits for me, what I gave and received, my account.

mod account;
mod looks;
mod sign_in;

use askama::Template;
use axum::{
    Router,
    extract::State,
    response::Response,
    routing::{get, post},
};
use tongxin_app::{
    Slice,
    people::{self, MemberView},
    service::{
        intents::{self, IntentCard, IntentFilter, Sight},
        matches::{self, MatchCard},
    },
};
use tongxin_core::service::{MatchState, Side};
use uuid::Uuid;

use super::matches::Action;
use crate::{
    Web,
    error::WebError,
    layout::{Shell, page},
    paging::ListQuery,
    session::Who,
};

/// How many needs, offers and past matches the page shows; the lists hold the rest.
const SHOWN: u64 = 10;

/// Their routes.
pub fn routes() -> Router<Web> {
    Router::new()
        .route("/sign-in", get(sign_in::form).post(sign_in::sign_in))
        .route("/sign-out", post(sign_in::sign_out))
        .route("/me", get(mine))
        .route("/me/looks", get(looks::show))
        .route("/me/account", get(account::show))
        .route("/me/account/password", post(account::password))
        .route("/me/account/tokens", post(account::create_token))
        .route("/me/account/tokens/{id}/delete", get(account::ask_delete_token).post(account::delete_token))
}

/// A member that the viewer is or acts for.
struct Own {
    id: Uuid,
    name: String,
}

/// A matter that waits for the viewer, with what it can do at once.
struct Waiting {
    card: MatchCard,
    text: String,
    actions: Vec<Action>,
}

#[derive(Template)]
#[template(path = "me/me.html")]
struct MePage {
    shell: Shell,
    own: Vec<Own>,
    current: Uuid,
    waiting: Vec<Waiting>,
    member: MemberView,
    place: String,
    needs: Vec<IntentCard>,
    offers: Vec<IntentCard>,
    past: Vec<MatchCard>,
    needs_total: u64,
    offers_total: u64,
}

/// What a matter asks of the viewer, who is or acts for `members`.
fn waiting_card(shell: &Shell, members: &[Uuid], card: MatchCard) -> Waiting {
    let life = &card.stored.life;
    let path = format!("/matches/{}", life.id);
    if life.state == MatchState::Proposed {
        let key = if life.asked == Side::Offer { "me-waiting-give" } else { "me-waiting-receive" };
        let text = shell.tr2(key, "giver", &card.giver, "receiver", &card.receiver);
        let actions = vec![
            Action::post(format!("{path}/accept"), "match-accept", "check").primary(),
            Action::link(format!("{path}/decline"), "match-decline", "x"),
        ];
        return Waiting { text, actions, card };
    }
    let (gives, receives) = (members.contains(&life.giver), members.contains(&life.receiver));
    let open = card.deliveries.iter().find(|d| {
        !d.is_settled()
            && ((gives && d.giver_confirmed_at.is_none()) || (receives && d.receiver_confirmed_at.is_none()))
    });
    let Some(delivery) = open else { return Waiting { text: String::new(), actions: Vec::new(), card } };
    let text = shell.tr3(
        "me-waiting-confirm",
        "giver",
        &card.giver,
        "date",
        shell.datetime(&delivery.draft.happened_at),
        "duration",
        shell.duration(delivery.draft.minutes),
    );
    let actions = vec![
        Action::post(format!("/deliveries/{}/confirm", delivery.id), "match-confirm", "check").primary(),
        Action::link(path, "match-open", "eye"),
    ];
    Waiting { text, actions, card }
}

async fn own_intents(web: &Web, who: &Who, side: Side, member: Uuid) -> Result<(Vec<IntentCard>, u64), WebError> {
    let mut filter = IntentFilter::new(side, Sight::Public);
    filter.member = Some(member);
    let found = intents::list(&web.app, &who.0, filter, Slice { offset: 0, limit: SHOWN }).await?;
    Ok((found.rows, found.total))
}

async fn mine(State(web): State<Web>, who: Who, shell: Shell, list: ListQuery) -> Result<Response, WebError> {
    let actor = who.0.actor()?.clone();
    let members = actor.members();
    let wanted = list.get("as").and_then(|id| id.parse().ok()).filter(|id| members.contains(id));
    let current = wanted.unwrap_or(actor.person);
    let own = people::choose(&web.app, &who.0, "").await?;
    let own = own.into_iter().map(|member| Own { id: member.id, name: member.draft.name }).collect();
    let member = people::show(&web.app, &who.0, current, false).await?;
    let waiting = matches::waiting_for(&web.app, &who.0).await?;
    let waiting = waiting.into_iter().map(|card| waiting_card(&shell, &members, card)).collect();
    let (needs, needs_total) = own_intents(&web, &who, Side::Need, current).await?;
    let (offers, offers_total) = own_intents(&web, &who, Side::Offer, current).await?;
    let place = web.app.territory().await?.full_name(member.member.location.place);
    let past = member.past.iter().take(usize::try_from(SHOWN).unwrap_or(usize::MAX)).cloned().collect();
    let shell = shell.page_key("me-title", "me");
    page(&MePage { own, current, waiting, member, place, needs, offers, past, needs_total, offers_total, shell })
}
