//! Signing in, accounts, posts, API tokens.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use chrono::{DateTime, Duration, NaiveDate, Utc};
use serde_json::json;
use tongxin_core::{
    community::post::{Duty, HeldPost},
    identity::{check_login, check_password},
    invalid::{Problem, Problems},
    text,
};
use tongxin_store::{
    Paged, Slice, Tx,
    community::post::{Holding, HoldingFilter},
    identity as store,
    identity::{Account, ApiToken, Session},
    service::Sight,
};
use uuid::Uuid;

use crate::{
    App, Error, Result,
    policy::{Capacity, Principals, Resource},
    record::Author,
    secrets::token_hash,
};

/// How long a session lasts.
const SESSION_DAYS: i64 = 14;
/// How long an API token lasts.
const TOKEN_DAYS: i64 = 365;
/// The posts of how many persons are held in memory; when there are more, all are read again.
const HELD_MAX: usize = 10_000;
/// After this many failures in a row an account waits.
const FAILURES_MAX: i64 = 5;
/// How long it waits.
const WAIT_MINUTES: i64 = 15;

/// The posts of persons, each as of a day and a record.
pub(crate) type HeldPosts = Mutex<HashMap<Uuid, ((NaiveDate, i64), Vec<HeldPost>)>>;

/// Who asks: nobody known, or a signed-in account.
#[derive(Debug, Clone)]
pub enum Viewer {
    /// Nobody known.
    Guest,
    /// A signed-in account.
    Actor(Actor),
}

impl Viewer {
    /// The signed-in account.
    ///
    /// # Errors
    /// [`Error::SignInFirst`] for a guest.
    pub fn actor(&self) -> Result<&Actor> {
        match self {
            Self::Guest => Err(Error::SignInFirst),
            Self::Actor(actor) => Ok(actor),
        }
    }
}

/// A signed-in account with the posts that its person holds today.
#[derive(Debug, Clone)]
pub struct Actor {
    /// The account.
    pub account: Uuid,
    /// The person.
    pub person: Uuid,
    /// The person's name.
    pub name: String,
    /// The sign-in name.
    pub login: String,
    /// The posts held today, those that others delegated too.
    pub posts: Vec<HeldPost>,
    /// The token that the session's forms carry; empty for an API token.
    pub csrf: String,
    pub(crate) principals: Principals,
}

impl Actor {
    /// The places that posts with this duty cover.
    pub fn places_of(&self, duty: Duty) -> impl Iterator<Item = Uuid> {
        self.with(duty).map(HeldPost::covers)
    }

    /// The posts with this duty.
    pub(crate) fn with(&self, duty: Duty) -> impl Iterator<Item = &HeldPost> {
        self.posts.iter().filter(move |post| post.has(duty))
    }

    /// The organisations that it acts for.
    pub fn organisations(&self) -> impl Iterator<Item = Uuid> {
        self.with(Duty::Unit).map(|post| post.organisation)
    }

    /// The members that it is or acts for: the person first.
    #[must_use]
    pub fn members(&self) -> Vec<Uuid> {
        let mut members = vec![self.person];
        members.extend(self.organisations());
        members
    }

    /// The places in which it is staff (social worker, secretary or subdistrict).
    #[must_use]
    pub fn staff_places(&self) -> Vec<Uuid> {
        let staff = [Duty::SocialWorker, Duty::Secretary, Duty::SubdistrictStaff];
        let mut places: Vec<Uuid> = staff.into_iter().flat_map(|duty| self.places_of(duty)).collect();
        places.sort_unstable();
        places.dedup();
        places
    }

    /// Whether it holds a staff post.
    #[must_use]
    pub fn is_staff(&self) -> bool {
        !self.staff_places().is_empty()
    }

    /// Whether it holds a post of the subdistrict.
    #[must_use]
    pub fn is_subdistrict(&self) -> bool {
        self.places_of(Duty::SubdistrictStaff).next().is_some()
    }
}

impl App {
    /// What part of the needs and offers the viewer may see in lists; the same as the policies say of each.
    #[must_use]
    pub fn sight(&self, who: &Viewer) -> Sight {
        match who {
            Viewer::Guest => Sight::Public,
            Viewer::Actor(actor) if actor.is_subdistrict() => Sight::All,
            Viewer::Actor(actor) => Sight::Member { members: actor.members(), areas: actor.staff_places() },
        }
    }

    async fn actor(&self, found: store::SignedIn) -> Result<Viewer> {
        let posts = self.held_by(found.person, found.head).await?;
        let store::SignedIn { account, login, person, name, csrf, .. } = found;
        let principals = Principals::default();
        Ok(Viewer::Actor(Actor { account, person, name, login, posts, csrf, principals }))
    }

    /// The posts by which a person acts today, as of the record `head`: read once, and again after any change.
    async fn held_by(&self, person: Uuid, head: i64) -> Result<Vec<HeldPost>> {
        let as_of = (self.today(), head);
        let held = self.0.held.lock().unwrap_or_else(PoisonError::into_inner).get(&person).cloned();
        if let Some((_, posts)) = held.filter(|(of, _)| *of == as_of) {
            return Ok(posts);
        }
        let posts = tongxin_store::community::post::held_by(self.read(), self.community_id(), person, as_of.0).await?;
        let mut held = self.0.held.lock().unwrap_or_else(PoisonError::into_inner);
        if held.len() >= HELD_MAX {
            held.clear();
        }
        held.insert(person, (as_of, posts.clone()));
        Ok(posts)
    }

    /// Who a session's token belongs to; a guest when it belongs to nobody.
    ///
    /// # Errors
    /// The store's.
    pub async fn viewer(&self, token: Option<&str>) -> Result<Viewer> {
        let Some(token) = token else { return Ok(Viewer::Guest) };
        let found =
            store::signed_in_by_session(self.read(), self.community_id(), &token_hash(token), self.now()).await?;
        match found {
            Some(found) => self.actor(found).await,
            None => Ok(Viewer::Guest),
        }
    }

    /// Who an API token belongs to.
    ///
    /// # Errors
    /// [`Error::SignInFirst`] when it belongs to nobody.
    pub async fn viewer_by_api_token(&self, token: &str) -> Result<Viewer> {
        let found = store::signed_in_by_token(self.read(), self.community_id(), &token_hash(token), self.now()).await?;
        self.actor(found.ok_or(Error::SignInFirst)?).await
    }
}

fn has_to_wait(account: &Account, now: DateTime<Utc>) -> bool {
    let waits = account.failed_at.is_some_and(|at| now - at < Duration::minutes(WAIT_MINUTES));
    account.failures >= FAILURES_MAX && waits
}

/// Signs in. Gives the session's token, for a cookie.
///
/// # Errors
/// [`Error::Denied`] with `bad_credentials`, `too_many_tries` or `disabled`.
pub async fn sign_in(app: &App, login: &str, password: &str) -> Result<String> {
    let (community, now) = (app.community_id(), app.now());
    let login = login.trim().to_lowercase();
    let account = store::account_by_login(app.read(), community, &login).await?;
    let Some(account) = account else {
        // As much work as for a name that exists, so that names can't be told apart by time.
        app.hash_password(password.get(..200).unwrap_or(password)).await?;
        return Err(Error::Denied("bad_credentials"));
    };
    if has_to_wait(&account, now) {
        return Err(Error::Denied("too_many_tries"));
    }
    let good = password.chars().count() <= tongxin_core::identity::PASSWORD_MAX
        && app.verify_password(password, &account.password_hash).await?;
    if good && account.disabled {
        return Err(Error::Denied("disabled"));
    }
    let token = app.new_token();
    let session = Session {
        token_hash: token_hash(&token),
        account: account.id,
        csrf: app.new_token(),
        expires_at: now + Duration::days(SESSION_DAYS),
    };
    let author = Author::account_itself(account.id);
    let action = if good { "session.sign_in" } else { "session.fail" };
    let record = app.new_record(&author, action, "account", account.id, &json!({}));
    app.write(move |tx| {
        Box::pin(async move {
            // Tries that came at the same time are counted one by one, and told no more than the first few outcomes.
            let mut account = store::account(tx, community, account.id).await?.ok_or(Error::NotFound)?;
            if has_to_wait(&account, now) {
                return Err(Error::Denied("too_many_tries"));
            }
            (account.failures, account.failed_at) = if good { (0, None) } else { (account.failures + 1, Some(now)) };
            store::save_account(tx, community, &account).await?;
            if good {
                store::insert_session(tx, community, &session, now).await?;
            }
            Ok(tongxin_store::record::append(tx, community, vec![record]).await?)
        })
    })
    .await?;
    if good { Ok(token) } else { Err(Error::Denied("bad_credentials")) }
}

/// Signs out. A session that ended already leaves no record.
///
/// # Errors
/// The store's.
pub async fn sign_out(app: &App, token: &str) -> Result<()> {
    let (hash, community, now) = (token_hash(token), app.community_id(), app.now());
    let app_in_tx = app.clone();
    app.write(move |tx| {
        Box::pin(async move {
            let Some(session) = store::session(tx, community, &hash, now).await? else { return Ok(()) };
            store::delete_session(tx, &hash).await?;
            let author = Author::account_itself(session.account);
            app_in_tx.record(tx, &author, "session.sign_out", ("account", session.account), &json!({})).await
        })
    })
    .await
}

/// Changes one's own password, and ends every session and API token.
///
/// # Errors
/// [`Error::Denied`] with `bad_credentials`; [`Error::Invalid`].
pub async fn change_password(app: &App, who: &Viewer, old: &str, new: &str) -> Result<()> {
    let actor = who.actor()?;
    let community = app.community_id();
    let account = store::account(app.read(), community, actor.account).await?.ok_or(Error::NotFound)?;
    check_password(new)?;
    if !app.verify_password(old, &account.password_hash).await? {
        return Err(Problem::new("old_password", "wrong_password").into());
    }
    set_password(app, account, new, Author::account_itself(actor.account)).await
}

async fn set_password(app: &App, account: Account, new: &str, author: Author) -> Result<()> {
    let community = app.community_id();
    let password_hash = app.hash_password(new).await?;
    let record = app.new_record(&author, "account.password", "account", account.id, &json!({}));
    app.write(move |tx| {
        Box::pin(async move {
            let account = store::account(tx, community, account.id).await?.ok_or(Error::NotFound)?;
            let changed = Account { password_hash, failures: 0, ..account };
            store::save_account(tx, community, &changed).await?;
            end_access(tx, community, changed.id).await?;
            Ok(tongxin_store::record::append(tx, community, vec![record]).await?)
        })
    })
    .await
}

/// Ends every session and every API token of an account: who holds one knew the old password, or was let in by it.
async fn end_access(tx: &Tx, community: Uuid, account: Uuid) -> Result<()> {
    store::delete_sessions_of(tx, community, account).await?;
    Ok(store::delete_tokens_of(tx, community, account).await?)
}

/// An account as its managers see it.
#[derive(Debug, Clone)]
pub struct AccountView {
    /// The account.
    pub account: Account,
    /// The person's name.
    pub name: String,
    /// The person's posts, past ones too.
    pub posts: Vec<Holding>,
}

async fn manager(app: &App, who: &Viewer) -> Result<(Author, Uuid)> {
    let root = app.territory().await?.root();
    let capacity = app.authorise(who, "ManageAccounts", Resource::Place(root)).await?;
    Ok((Author::new(who.actor()?, capacity), root))
}

async fn views(app: &App, accounts: Vec<Account>) -> Result<Vec<AccountView>> {
    let persons: Vec<Uuid> = accounts.iter().map(|a| a.person).collect();
    let names = tongxin_store::people::names(app.read(), app.community_id(), persons.iter().copied()).await?;
    let held = HoldingFilter { persons: Some(persons), ..HoldingFilter::default() };
    let posts = tongxin_store::community::post::holdings(app.read(), app.community_id(), &held).await?;
    let view = |account: Account| AccountView {
        name: names.get(&account.person).map(|n| n.name.clone()).unwrap_or_default(),
        posts: posts.iter().filter(|held| held.appointment.person == account.person).cloned().collect(),
        account,
    };
    Ok(accounts.into_iter().map(view).collect())
}

/// Accounts by sign-in name.
///
/// # Errors
/// [`Error::Forbidden`] and the store's.
pub async fn accounts(app: &App, who: &Viewer, search: Option<&str>, slice: Slice) -> Result<Paged<AccountView>> {
    manager(app, who).await?;
    let page = store::accounts(app.read(), app.community_id(), search, slice).await?;
    Ok(Paged { total: page.total, rows: views(app, page.rows).await? })
}

/// One account.
///
/// # Errors
/// [`Error::Forbidden`], [`Error::NotFound`].
pub async fn account(app: &App, who: &Viewer, id: Uuid) -> Result<AccountView> {
    manager(app, who).await?;
    let account = store::account(app.read(), app.community_id(), id).await?.ok_or(Error::NotFound)?;
    views(app, vec![account]).await?.pop().ok_or(Error::NotFound)
}

/// Makes an account for a person.
///
/// # Errors
/// [`Error::Invalid`]; [`Error::Forbidden`].
pub async fn create_account(app: &App, who: &Viewer, person: Uuid, login: &str, password: &str) -> Result<Uuid> {
    let (author, _) = manager(app, who).await?;
    let community = app.community_id();
    let mut problems = Problems::default();
    let login = problems.take(check_login(login));
    problems.take(check_password(password));
    let known = tongxin_store::people::member(app.read(), community, person).await?;
    let is_person = known.is_some_and(|m| m.kind == tongxin_core::people::MemberKind::Person);
    problems.require(is_person, || Problem::new("person", "unknown_choice"));
    let login = problems.finish(login)?;
    let account = Account {
        id: app.new_id(),
        login: login.clone(),
        password_hash: app.hash_password(password).await?,
        person,
        disabled: false,
        failures: 0,
        failed_at: None,
        created_at: app.now(),
    };
    let id = account.id;
    let record = app.new_record(&author, "account.create", "account", id, &json!({ "login": login }));
    let written = app
        .write(move |tx| {
            Box::pin(async move {
                store::insert_account(tx, community, &account).await?;
                Ok(tongxin_store::record::append(tx, community, vec![record]).await?)
            })
        })
        .await;
    match written {
        Err(Error::Conflict("taken")) => Err(Problem::new("login", "taken").into()),
        other => other.map(|()| id),
    }
}

/// Lets an account sign in, or no longer; ends its sessions and API tokens.
///
/// # Errors
/// [`Error::Forbidden`], [`Error::NotFound`]; [`Error::Conflict`] `own_account` for one's own.
pub async fn set_disabled(app: &App, who: &Viewer, id: Uuid, disabled: bool) -> Result<()> {
    let (author, _) = manager(app, who).await?;
    if who.actor()?.account == id {
        return Err(Error::Conflict("own_account"));
    }
    let community = app.community_id();
    let action = if disabled { "account.disable" } else { "account.enable" };
    let record = app.new_record(&author, action, "account", id, &json!({}));
    app.write(move |tx| {
        Box::pin(async move {
            let account = store::account(tx, community, id).await?.ok_or(Error::NotFound)?;
            store::save_account(tx, community, &Account { disabled, ..account }).await?;
            end_access(tx, community, id).await?;
            Ok(tongxin_store::record::append(tx, community, vec![record]).await?)
        })
    })
    .await
}

/// Sets another's password, and ends every session and API token of the account.
///
/// # Errors
/// [`Error::Forbidden`], [`Error::NotFound`], [`Error::Invalid`].
pub async fn reset_password(app: &App, who: &Viewer, id: Uuid, new: &str) -> Result<()> {
    let (author, _) = manager(app, who).await?;
    check_password(new)?;
    let account = store::account(app.read(), app.community_id(), id).await?.ok_or(Error::NotFound)?;
    set_password(app, account, new, author).await
}

/// One's own API tokens.
///
/// # Errors
/// [`Error::SignInFirst`].
pub async fn tokens(app: &App, who: &Viewer) -> Result<Vec<ApiToken>> {
    Ok(store::tokens_of(app.read(), app.community_id(), who.actor()?.account).await?)
}

/// Makes an API token of one's own. Gives the token, which is shown once.
///
/// # Errors
/// [`Error::Invalid`], [`Error::SignInFirst`].
pub async fn create_token(app: &App, who: &Viewer, name: &str) -> Result<String> {
    let actor = who.actor()?;
    let name = text::line("name", name, 40)?;
    let token = format!("tx_{}", app.new_token());
    let now = app.now();
    let new = ApiToken {
        id: app.new_id(),
        account: actor.account,
        name,
        token_hash: token_hash(&token),
        created_at: now,
        expires_at: now + Duration::days(TOKEN_DAYS),
    };
    let community = app.community_id();
    let author = Author::account_itself(actor.account);
    let record = app.new_record(
        &author,
        "token.create",
        "account",
        actor.account,
        &json!({ "token": new.id, "name": new.name }),
    );
    app.write(move |tx| {
        Box::pin(async move {
            store::insert_token(tx, community, &new).await?;
            Ok(tongxin_store::record::append(tx, community, vec![record]).await?)
        })
    })
    .await?;
    Ok(token)
}

/// Removes one of one's own API tokens.
///
/// # Errors
/// [`Error::NotFound`], [`Error::SignInFirst`].
pub async fn delete_token(app: &App, who: &Viewer, id: Uuid) -> Result<()> {
    let account = who.actor()?.account;
    let community = app.community_id();
    let app_in_tx = app.clone();
    app.write(move |tx| {
        Box::pin(async move {
            if !store::delete_token(tx, community, account, id).await? {
                return Err(Error::NotFound);
            }
            let author = Author::account_itself(account);
            app_in_tx.record(tx, &author, "token.delete", ("account", account), &json!({ "token": id })).await
        })
    })
    .await
}

impl Author {
    /// An account that acts on itself.
    pub(crate) fn account_itself(account: Uuid) -> Self {
        Self::of(account, Capacity::new("self"))
    }
}
