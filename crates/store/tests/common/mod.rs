//! What every test of the store shares: a fresh database on each engine, and builders that give the same rows each time.
#![allow(dead_code, reason = "not every test file uses every builder")]

use std::sync::atomic::{AtomicU32, Ordering};

use chrono::{DateTime, NaiveDate, Utc};
use sea_orm::{Database, DatabaseBackend, Statement};
use tongxin_core::{
    community::{Location, OrganisationKind, Place, PlaceKind},
    people::{CareGroup, MemberDetails, MemberDraft, MemberKind, Sex},
    service::{
        CareKind, Category, Delivery, DeliveryDraft, Intent, IntentDraft, IntentState, Match, MatchState, Reach, Side,
        Urgency, Visibility,
        matching::Reason,
        schedule::{Schedule, Slots},
    },
    time::{Window, from_millis},
};
use tongxin_store::{
    ConnectionTrait, Error, Slice, Store,
    community::{self, Community},
    people::{self, Balance, Member},
    service::{
        intents,
        matches::{self, StoredMatch},
    },
};
use uuid::Uuid;

/// The community of the tests, and its places: two residential areas, a building group in the first.
pub const COMMUNITY: Uuid = Uuid::from_u128(0xC0);
pub const ROOT: Uuid = Uuid::from_u128(0xD0);
pub const AREA_A: Uuid = Uuid::from_u128(0xDA);
pub const AREA_B: Uuid = Uuid::from_u128(0xDB);
pub const GROUP_A: Uuid = Uuid::from_u128(0xDA1);

/// 2026-01-01 00:00 UTC, in milliseconds since 1970.
pub const START: i64 = 1_767_225_600_000;
pub const MINUTE: i64 = 60_000;
pub const ALL: Slice = Slice { offset: 0, limit: 5_000 };

/// The instant `minutes` after the start of 2026.
pub fn at(minutes: i64) -> DateTime<Utc> {
    from_millis(START + minutes * MINUTE)
}

pub fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

/// The `n`th identifier of a kind of thing.
pub fn id(kind: u8, n: u64) -> Uuid {
    Uuid::from_u128(u128::from(kind) << 64 | u128::from(n))
}

pub fn at_place(place: Uuid) -> Location {
    let area = if place == GROUP_A { Some(AREA_A) } else { (place != ROOT).then_some(place) };
    Location { place, area }
}

pub fn places() -> Vec<Place> {
    let place =
        |id, parent, kind, code: &str| Place { id, parent, kind, code: code.into(), name: format!("名 {code}") };
    vec![
        place(ROOT, None, PlaceKind::Community, "root"),
        place(AREA_A, Some(ROOT), PlaceKind::ResidentialArea, "a"),
        place(AREA_B, Some(ROOT), PlaceKind::ResidentialArea, "b"),
        place(GROUP_A, Some(AREA_A), PlaceKind::BuildingGroup, "a-1"),
    ]
}

pub fn the_community() -> Community {
    Community {
        id: COMMUNITY,
        code: "jingan".into(),
        name: "静安寺街道".into(),
        name_en: "Jing'an Temple".into(),
        time_zone: "Asia/Shanghai".into(),
    }
}

pub fn person(n: u64, place: Uuid, care_groups: &[CareGroup]) -> Member {
    Member {
        id: id(1, n),
        code: Some(format!("p{n}")),
        kind: MemberKind::Person,
        draft: MemberDraft {
            name: format!("张{n}"),
            phone: Some("13800000000".into()),
            email: None,
            details: MemberDetails::Person {
                birth_date: Some(day("1950-02-03")),
                sex: Some(Sex::Female),
                registered: n.is_multiple_of(2),
                retired: true,
                care_groups: care_groups.to_vec(),
            },
        },
        sort_key: format!("zhang{n:04}"),
        location: at_place(place),
        balance: Balance::default(),
    }
}

pub fn organisation(n: u64, place: Uuid, kind: OrganisationKind) -> Member {
    Member {
        id: id(1, n),
        code: None,
        kind: MemberKind::Organisation,
        draft: MemberDraft {
            name: format!("单位{n}"),
            phone: None,
            email: Some("a@example.org".into()),
            details: MemberDetails::Organisation { kind, contact: Some("李".into()) },
        },
        sort_key: format!("danwei{n:04}"),
        location: at_place(place),
        balance: Balance::default(),
    }
}

/// Need or offer `n` of a member: open, for three, handed in `created` minutes after the start, for the 10 days after it.
pub fn intent(side: Side, n: u64, member: Uuid, place: Uuid, created: i64) -> Intent {
    Intent {
        id: id(2, n),
        side,
        member,
        entered_by: None,
        location: at_place(place),
        draft: IntentDraft {
            category: Category::Education,
            care_kind: CareKind::Material,
            title: format!("题{n}"),
            text: "文".into(),
            schedule: Schedule {
                window: Window::new(at(created), at(created + 14_400)).unwrap(),
                rule: None,
                slots: Slots::ALL,
            },
            quantity: 3,
            urgency: Urgency::Normal,
            reach: Reach::Community,
            visibility: Visibility::Members,
        },
        committed: 0,
        fulfilled: 0,
        state: IntentState::Open,
        created_at: at(created),
        updated_at: at(created),
    }
}

/// Match `n` of a need with an offer, accepted `accepted` minutes after the start.
pub fn matched(n: u64, need: &Intent, offer: &Intent, accepted: i64) -> StoredMatch {
    StoredMatch {
        life: Match {
            id: id(3, n),
            need: need.id,
            offer: offer.id,
            receiver: need.member,
            giver: offer.member,
            quantity: 2,
            delivered: 0,
            asked: Side::Offer,
            state: MatchState::Accepted,
            arranged: None,
            reason: None,
            proposed_at: at(accepted - 1),
            accepted_at: Some(at(accepted)),
            closed_at: None,
            updated_at: at(accepted),
        },
        area: need.location.area,
        category: need.draft.category,
        reasons: vec![Reason::SameArea, Reason::SharedDays { days: vec![0, 3] }],
        run: None,
        is_answer: false,
    }
}

/// Delivery `n` of a match, `happened` minutes after the start.
pub fn delivery(n: u64, of: &StoredMatch, happened: i64, minutes: i64) -> Delivery {
    Delivery {
        id: id(4, n),
        match_id: of.life.id,
        draft: DeliveryDraft { happened_at: at(happened), minutes, quantity: 1, note: String::new() },
        recorded_at: at(happened),
        giver_confirmed_at: Some(at(happened)),
        receiver_confirmed_at: None,
        settled_at: None,
        reminded_at: None,
        rating: None,
        comment: None,
    }
}

/// A piece of writing work, as an expression.
#[macro_export]
macro_rules! written {
    ($store:expr, $tx:ident => $work:expr) => {
        $store.write::<_, tongxin_store::Error, _>(move |$tx| Box::pin(async move { $work })).await
    };
}

/// Founds the community with its places.
pub async fn found(store: &Store) {
    let done = written!(store, tx => {
        community::insert_community(tx, &the_community(), START).await?;
        for place in places() {
            let area = at_place(place.id).area;
            community::insert_place(tx, COMMUNITY, &place, area).await?;
        }
        Ok(())
    });
    done.unwrap();
}

pub async fn add_members(store: &Store, members: &[Member]) {
    let members = members.to_vec();
    written!(store, tx => people::insert(tx, COMMUNITY, &members, START).await).unwrap();
}

pub async fn add_intents(store: &Store, new: &[Intent]) {
    let new = new.iter().map(|i| (i.clone(), None)).collect();
    written!(store, tx => intents::insert(tx, COMMUNITY, new).await).unwrap();
}

pub async fn add_matches(store: &Store, new: &[StoredMatch]) {
    let new = new.to_vec();
    written!(store, tx => matches::insert(tx, COMMUNITY, &new).await).unwrap();
}

pub async fn add_delivery(store: &Store, new: &Delivery, of: &StoredMatch) {
    let (new, of) = (new.clone(), of.clone());
    written!(store, tx => matches::insert_delivery(tx, COMMUNITY, &new, &of, None).await).unwrap();
}

/// Whether this is the store's word for something that is there already.
pub fn is_taken<T>(outcome: &Result<T, Error>) -> bool {
    matches!(outcome, Err(Error::Taken))
}

/// Runs one check on a new SQLite file.
pub async fn on_sqlite<F: Future<Output = ()> + Send + 'static>(check: impl FnOnce(Store) -> F) {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite:{}", folder.path().join("test.db").display());
    check(Store::open(&url).await.unwrap()).await;
}

/// Runs one check on a new PostgreSQL database, which is dropped afterwards, whatever the outcome.
pub async fn on_postgres<F: Future<Output = ()> + Send + 'static>(check: impl FnOnce(Store) -> F) {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let Ok(server) = std::env::var("TONGXIN_TEST_POSTGRES") else {
        assert!(std::env::var_os("TONGXIN_TEST_REQUIRE_ALL").is_none(), "TONGXIN_TEST_POSTGRES names no server");
        eprintln!("skipped: TONGXIN_TEST_POSTGRES is not set");
        return;
    };
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    let name = format!("tongxin_test_{}_{count}", std::process::id());
    let admin = Database::connect(&server).await.unwrap();
    // A locale that orders texts otherwise than byte by byte shows whether a list relies on it; not every server has it.
    let create = format!("CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8'");
    let with_locale = format!("{create} LOCALE_PROVIDER icu ICU_LOCALE 'zh'");
    if admin.execute_unprepared(&with_locale).await.is_err() {
        admin.execute_unprepared(&create).await.unwrap();
    }
    let (base, _) = server.rsplit_once('/').unwrap();
    let store = Store::open(&format!("{base}/{name}")).await.unwrap();
    let outcome = tokio::spawn(check(store)).await;
    let drop = format!("DROP DATABASE {name} WITH (FORCE)");
    admin.execute_unprepared(&drop).await.unwrap();
    if let Err(error) = outcome {
        std::panic::resume_unwind(error.into_panic());
    }
}

/// The same database, opened again as another program would.
pub async fn opened_again(store: &Store) -> Store {
    let backend = store.read().get_database_backend();
    let sqlite = backend == DatabaseBackend::Sqlite;
    let (ask, column) = if sqlite { ("PRAGMA database_list", 2) } else { ("SELECT current_database()", 0) };
    let statement = Statement::from_string(backend, ask);
    let row = store.read().query_one_raw(statement).await.unwrap();
    let name: String = row.unwrap().try_get_by_index(column).unwrap();
    let url = if sqlite {
        format!("sqlite:{name}")
    } else {
        let server = std::env::var("TONGXIN_TEST_POSTGRES").unwrap();
        format!("{}/{name}", server.rsplit_once('/').unwrap().0)
    };
    Store::open(&url).await.unwrap()
}

/// Makes of each check two tests, `NAME::sqlite` and `NAME::postgres`, on a new database with all tables.
#[macro_export]
macro_rules! on_both {
    ($($(#[doc = $doc:literal])* async fn $name:ident($store:ident) $body:block)*) => { $(
        $(#[doc = $doc])*
        mod $name {
            #[allow(unused_imports)]
            use super::*;

            async fn check($store: tongxin_store::Store) {
                $store.migrate().await.unwrap();
                $body
            }

            #[tokio::test(flavor = "multi_thread")]
            async fn sqlite() {
                $crate::common::on_sqlite(check).await;
            }

            #[tokio::test(flavor = "multi_thread")]
            async fn postgres() {
                $crate::common::on_postgres(check).await;
            }
        }
    )* };
}
