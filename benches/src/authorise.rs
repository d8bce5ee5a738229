//! Deciding who may do what, in the process, on a large community: the decision alone, the loading of the posts that it
//! rests on, and both together.

use std::{path::Path, time::Instant};

use anyhow::{Context, Result, bail};
use chrono::{Duration, NaiveDate};
use tongxin_app::{App, Outside, Viewer, policy::Resource, secrets::token_hash};
use tongxin_core::{
    community::{
        OrganisationKind,
        post::{Appointment, Post, PostKind},
        structure::Structure,
    },
    id::{CountingIds, IdSource},
    people::{MemberDetails, MemberKind},
    period::Period,
    time::{Clock, SystemClock},
};
use tongxin_store::{
    Slice, Store,
    community::{communities, post as posts, structure},
    identity::{self, Account, Session},
    people::{self, Member, MemberFilter},
};
use uuid::Uuid;

use crate::{Options, generate, report::Part};

/// How many posts the community has.
const POSTS: usize = 10_000;
/// How many of their holders sign in.
const HOLDERS: usize = 500;
/// How many decisions are measured.
const DECISIONS: usize = 100_000;
/// The aims, in microseconds.
const AIMS: (f64, f64) = (20.0, 200.0);

/// What is asked: an action on something.
enum Ask {
    Member(&'static str, Uuid, tongxin_core::community::Location),
    Organisation(&'static str, Uuid, Vec<Uuid>, Uuid),
    Place(&'static str, Uuid),
}

/// The part `authorise`.
pub async fn measure(options: &Options, part: &mut Part) -> Result<()> {
    let folder = options.work.join("authorise");
    generate::once(&folder, generate::MATRIX).await?;
    let store = Store::open(&format!("sqlite:{}", folder.join("tongxin.db").display())).await?;
    let community = communities(store.read()).await?.first().context("there is no community")?.id;
    let members = all_members(&store, community).await?;
    with_posts(&store, community, &folder, &members).await?;
    let app = App::open(store.clone(), Outside::default()).await?;
    let today = app.today();
    let asks = asks(&store, community, &members, today).await?;

    let mut viewers = Vec::with_capacity(HOLDERS);
    for n in 0..HOLDERS {
        let Viewer::Actor(actor) = app.viewer(Some(&session(n))).await? else { bail!("holder {n} has no session") };
        viewers.push(Viewer::Actor(actor));
    }
    let held: usize = viewers.iter().filter_map(|v| v.actor().ok()).map(|a| a.posts.len()).sum();

    let mut alone = Vec::with_capacity(DECISIONS);
    let mut permitted = 0_usize;
    for n in 0..DECISIONS {
        let (who, ask) = (&viewers[n % HOLDERS], &asks[n * 7 % asks.len()]);
        let begun = Instant::now();
        let may = decide(&app, who, ask).await?;
        alone.push(begun.elapsed());
        permitted += usize::from(may);
    }
    figures(part, "a decision, the posts at hand", &mut alone, true);

    let mut first = Vec::with_capacity(HOLDERS);
    let mut again = Vec::with_capacity(DECISIONS / 10);
    let fresh = App::open(store.clone(), Outside::default()).await?;
    for n in 0..HOLDERS {
        let begun = Instant::now();
        fresh.viewer(Some(&session(n))).await?;
        first.push(begun.elapsed());
    }
    for n in 0..DECISIONS / 10 {
        let begun = Instant::now();
        fresh.viewer(Some(&session(n % HOLDERS))).await?;
        again.push(begun.elapsed());
    }
    figures(part, "session, account and posts, after a change", &mut first, false);
    figures(part, "session, account and posts, no change since", &mut again, false);

    // A page decides some ten times for one viewer: loading once, then deciding.
    let mut together = Vec::with_capacity(DECISIONS / 10);
    for n in 0..DECISIONS / 10 {
        let begun = Instant::now();
        let who = fresh.viewer(Some(&session(n % HOLDERS))).await?;
        for k in 0..PER_REQUEST {
            decide(&fresh, &who, &asks[(n * PER_REQUEST + k) * 7 % asks.len()]).await?;
        }
        together.push(begun.elapsed() / u32::try_from(PER_REQUEST)?);
    }
    figures(part, "loading and deciding, per decision of a request with ten", &mut together, true);
    part.note(format!(
        "{} members, {POSTS} posts; {HOLDERS} signed-in holders with {held} posts; {permitted} of {DECISIONS} permitted.",
        members.len()
    ));
    Ok(())
}

/// How many decisions a request asks for.
const PER_REQUEST: usize = 10;

fn figures(part: &mut Part, what: &str, times: &mut [std::time::Duration], has_aim: bool) {
    times.sort_unstable();
    let at = |percent: usize| {
        let index = (times.len() * percent / 100).min(times.len().saturating_sub(1));
        times.get(index).map_or(0.0, |time| time.as_secs_f64() * 1e6)
    };
    let (p50, p99) = (at(50), at(99));
    let aim = if has_aim { "p50 < 20 µs, p99 < 200 µs" } else { "" };
    let ratio = format!("{:.2} and {:.2} of the aim", p50 / AIMS.0, p99 / AIMS.1);
    part.row(what, aim, format!("p50 {p50:.1} µs, p99 {p99:.1} µs"), if has_aim { ratio } else { String::new() });
}

async fn decide(app: &App, who: &Viewer, ask: &Ask) -> Result<bool> {
    let decided = match ask {
        Ask::Member(action, id, location) => app.may(who, action, Resource::Member(*id, *location)).await?,
        Ask::Organisation(action, id, line, place) => {
            app.may(who, action, Resource::Organisation { id: *id, line, place: *place }).await?
        }
        Ask::Place(action, id) => app.may(who, action, Resource::Place(*id)).await?,
    };
    Ok(decided.is_some())
}

async fn all_members(store: &Store, community: Uuid) -> Result<Vec<Member>> {
    let everything = Slice { offset: 0, limit: 1_000_000 };
    Ok(people::list(store.read(), community, &MemberFilter::default(), everything).await?.rows)
}

/// Things of all kinds, in all areas.
async fn asks(store: &Store, community: Uuid, members: &[Member], today: NaiveDate) -> Result<Vec<Ask>> {
    let structure = Structure::new(today, structure::standings_on(store.read(), community, today).await?);
    let mut asks = Vec::new();
    for (n, member) in members.iter().step_by(11).enumerate() {
        asks.push(match (n % 4, member.kind) {
            (0, MemberKind::Person) => Ask::Member("ViewContacts", member.id, member.location),
            (1, MemberKind::Person) => Ask::Member("EditSensitive", member.id, member.location),
            (2, MemberKind::Person) => Ask::Place("RunMatching", member.location.place),
            (_, MemberKind::Person) => Ask::Member("CreateIntent", member.id, member.location),
            (k, MemberKind::Organisation) => {
                let line: Vec<Uuid> = structure.above(member.id).iter().map(|above| above.organisation).collect();
                let action = ["ManagePosts", "ViewPartyMembers", "ApproveDevelopment", "IssueLetter"][k];
                Ask::Organisation(action, member.id, line, member.location.place)
            }
        });
    }
    Ok(asks)
}

fn session(n: usize) -> String {
    format!("holder{n}")
}

/// Gives every organisation its posts, and their holders accounts, once.
async fn with_posts(store: &Store, community: Uuid, folder: &Path, members: &[Member]) -> Result<()> {
    let done = folder.join("posts-made");
    if done.exists() {
        return Ok(());
    }
    let ids = CountingIds::default();
    let now = SystemClock.now();
    let of_kind = |kind: MemberKind| members.iter().filter(move |member| member.kind == kind);
    let organisations: Vec<&Member> = of_kind(MemberKind::Organisation).collect();
    let persons: Vec<Uuid> = of_kind(MemberKind::Person).map(|member| member.id).collect();
    let since = Period::since((now - Duration::days(400)).date_naive());
    let (mut new, mut held) = (Vec::with_capacity(POSTS), Vec::with_capacity(POSTS));
    for n in 0..POSTS {
        let organisation = organisations[n % organisations.len()];
        let kind = post_kind(organisation, n / organisations.len());
        let id = ids.next(now);
        let title = "职务".to_owned();
        let organisation = organisation.id;
        new.push(Post { id, code: None, organisation, kind, title, seats: 1, term_months: Some(60), period: since });
        // The first holders have two posts each: concurrent posts are the rule here.
        let person = persons[n % (POSTS / 2)];
        held.push(Appointment { id: ids.next(now), post: id, person, period: since, note: String::new() });
    }
    let accounts: Vec<Account> = persons
        .iter()
        .take(HOLDERS)
        .enumerate()
        .map(|(n, person)| Account {
            id: ids.next(now),
            login: session(n),
            password_hash: "-".into(),
            person: *person,
            disabled: false,
            failures: 0,
            failed_at: None,
            created_at: now,
        })
        .collect();
    store
        .write(move |tx| {
            Box::pin(async move {
                posts::insert_posts(tx, community, &new).await?;
                posts::insert_appointments(tx, community, &held).await?;
                for (n, account) in accounts.iter().enumerate() {
                    identity::insert_account(tx, community, account).await?;
                    let session = Session {
                        token_hash: token_hash(&session(n)),
                        account: account.id,
                        csrf: "bench".into(),
                        expires_at: now + Duration::days(3_650),
                    };
                    identity::insert_session(tx, community, &session, now).await?;
                }
                Ok::<_, tongxin_store::Error>(())
            })
        })
        .await?;
    Ok(std::fs::write(done, "")?)
}

/// The kind of an organisation's `n`th post.
fn post_kind(organisation: &Member, n: usize) -> PostKind {
    let MemberDetails::Organisation { kind, .. } = organisation.draft.details else { return PostKind::Staff };
    let head = match kind {
        OrganisationKind::PartyCommittee
        | OrganisationKind::GeneralBranch
        | OrganisationKind::Branch
        | OrganisationKind::JointBranch
        | OrganisationKind::WorkingCommittee => PostKind::Secretary,
        _ => PostKind::Director,
    };
    [head, PostKind::CommitteeMember, PostKind::SocialWorker, PostKind::Agent][n.min(3)]
}
