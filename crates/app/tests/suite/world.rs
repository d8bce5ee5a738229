//! A small community on a new database, the same each time: two residential areas with building groups, residents, a
//! unit, and staff with their accounts.

use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicU32, AtomicU64, Ordering},
    },
};

use argon2::{Algorithm, Argon2, Params, PasswordHasher, Version, password_hash::SaltString};
use chrono::{DateTime, Duration, NaiveDate, Utc};
use sea_orm::{Database, Statement};
use tongxin_app::{
    App, Error, Outside, Slice, Viewer,
    secrets::{Secrets, token_hash},
    service::{intents, matches},
};
use tongxin_core::{
    community::{
        Location, OrganisationKind, Place, PlaceKind,
        post::{Appointment, Post, PostKind},
    },
    id::CountingIds,
    people::{CareGroup, MemberDetails, MemberDraft, MemberKind},
    period::{BEGINNING, Period},
    record::Record,
    service::{Delivery, Intent, IntentForm, Side},
    time::ManualClock,
};
use tongxin_store::{
    ConnectionTrait, Store,
    community::{self, Community, post as posts},
    identity::{self, Account, Session},
    people::{self, Balance, Member},
    service::matches::StoredMatch,
};
use uuid::Uuid;

pub const COMMUNITY: Uuid = Uuid::from_u128(0xC0);
pub const ROOT: Uuid = Uuid::from_u128(0xD0);
pub const AREA_A: Uuid = Uuid::from_u128(0xDA);
pub const AREA_B: Uuid = Uuid::from_u128(0xDB);
pub const GROUP_A1: Uuid = Uuid::from_u128(0xDA1);
pub const GROUP_A2: Uuid = Uuid::from_u128(0xDA2);
pub const GROUP_B1: Uuid = Uuid::from_u128(0xDB1);

/// Residents: Anna and Ben live in area A, Carl in area B. Una acts for the hotel, which is in area A.
pub const ANNA: Uuid = Uuid::from_u128(0x11);
pub const BEN: Uuid = Uuid::from_u128(0x12);
pub const CARL: Uuid = Uuid::from_u128(0x13);
pub const UNA: Uuid = Uuid::from_u128(0x14);
pub const HOTEL: Uuid = Uuid::from_u128(0x15);
/// The organisations of the staff: stations and general branch in their areas, the department in the community.
pub const STATION_A: Uuid = Uuid::from_u128(0x5_31);
pub const STATION_B: Uuid = Uuid::from_u128(0x0532);
pub const BRANCH_A: Uuid = Uuid::from_u128(0x5_33);
pub const DEPARTMENT: Uuid = Uuid::from_u128(0x5_34);
/// Staff.
pub const WORKER_A: Uuid = Uuid::from_u128(0x21);
pub const WORKER_B: Uuid = Uuid::from_u128(0x22);
pub const SECRETARY_A: Uuid = Uuid::from_u128(0x23);
pub const SUBDISTRICT: Uuid = Uuid::from_u128(0x24);

/// Everyone with an account, in the order of the permission tables, after the guest.
pub const ACCOUNTS: [Uuid; 8] = [ANNA, BEN, CARL, UNA, WORKER_A, WORKER_B, SECRETARY_A, SUBDISTRICT];

pub const PASSWORD: &str = "correct horse battery";
pub const ALL: Slice = Slice { offset: 0, limit: 1_000 };

/// Secrets that repeat exactly.
#[derive(Debug, Default)]
struct CountedSecrets(AtomicU64);

impl Secrets for CountedSecrets {
    fn fill(&self, bytes: &mut [u8]) {
        for chunk in bytes.chunks_mut(8) {
            let next = self.0.fetch_add(1, Ordering::Relaxed).to_be_bytes();
            chunk.copy_from_slice(&next[..chunk.len()]);
        }
    }
}

pub struct TestCommunity {
    pub store: Store,
    pub app: App,
    pub clock: Arc<ManualClock>,
}

/// 10 o'clock on Monday, 2 March 2026 in Shanghai.
pub fn start() -> DateTime<Utc> {
    "2026-03-02T02:00:00Z".parse().unwrap()
}

pub fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

pub fn hours(n: i64) -> Duration {
    Duration::hours(n)
}

/// A hash as the program makes it, with parameters that are quick to verify.
fn cheap_hash() -> String {
    let salt = SaltString::encode_b64(&[7; 16]).unwrap();
    let quick = Argon2::new(Algorithm::Argon2id, Version::V0x13, Params::new(8, 1, 1, None).unwrap());
    quick.hash_password(PASSWORD.as_bytes(), salt.as_salt()).unwrap().to_string()
}

pub fn location(place: Uuid) -> Location {
    let area = match place {
        AREA_A | GROUP_A1 | GROUP_A2 => Some(AREA_A),
        AREA_B | GROUP_B1 => Some(AREA_B),
        _ => None,
    };
    Location { place, area }
}

fn places() -> Vec<Place> {
    let place =
        |id, parent, kind, code: &str| Place { id, parent, kind, code: code.into(), name: format!("地 {code}") };
    vec![
        place(ROOT, None, PlaceKind::Community, "root"),
        place(AREA_A, Some(ROOT), PlaceKind::ResidentialArea, "a"),
        place(AREA_B, Some(ROOT), PlaceKind::ResidentialArea, "b"),
        place(GROUP_A1, Some(AREA_A), PlaceKind::BuildingGroup, "a-1"),
        place(GROUP_A2, Some(AREA_A), PlaceKind::BuildingGroup, "a-2"),
        place(GROUP_B1, Some(AREA_B), PlaceKind::BuildingGroup, "b-1"),
    ]
}

fn member(id: Uuid, name: &str, place: Uuid, details: MemberDetails) -> Member {
    Member {
        id,
        code: None,
        kind: match details {
            MemberDetails::Person { .. } => MemberKind::Person,
            MemberDetails::Organisation { .. } => MemberKind::Organisation,
        },
        draft: MemberDraft {
            name: name.into(),
            phone: Some("021 6248 0000".into()),
            email: Some("m@example.org".into()),
            details,
        },
        sort_key: name.to_lowercase(),
        location: location(place),
        balance: Balance::default(),
    }
}

pub fn person(id: Uuid, name: &str, place: Uuid, care_groups: &[CareGroup]) -> Member {
    let care_groups = care_groups.to_vec();
    let birth_date = Some(day("1950-02-03"));
    let details = MemberDetails::Person { birth_date, sex: None, registered: true, retired: true, care_groups };
    member(id, name, place, details)
}

pub fn organisation(id: Uuid, name: &str, place: Uuid, kind: OrganisationKind) -> Member {
    member(id, name, place, MemberDetails::Organisation { kind, contact: Some("李".into()) })
}

/// A post of its own for a person, there since the beginning, and its appointment.
pub fn holding(person: Uuid, kind: PostKind, organisation: Uuid, period: Period) -> (Post, Appointment) {
    let post = Post {
        id: post_of(person),
        code: None,
        organisation,
        kind,
        title: kind.code().to_owned(),
        seats: 1,
        term_months: None,
        period: Period::since(BEGINNING),
    };
    let appointment = Appointment { id: appointment_of(person), post: post.id, person, period, note: String::new() };
    (post, appointment)
}

pub fn appointment_of(person: Uuid) -> Uuid {
    Uuid::from_u128(0xA990_0000 | person.as_u128())
}

pub fn post_of(person: Uuid) -> Uuid {
    Uuid::from_u128(0x9057_0000 | person.as_u128())
}

fn account_of(person: Uuid) -> Uuid {
    Uuid::from_u128(0xACC0_0000 | person.as_u128())
}

fn login_of(person: Uuid) -> String {
    format!("user{:x}", person.as_u128())
}

impl TestCommunity {
    /// Founds the community on an empty database.
    pub async fn found(store: Store) -> Self {
        store.migrate().await.unwrap();
        let hash = cheap_hash();
        let work = store.write::<_, tongxin_store::Error, _>(move |tx| {
            Box::pin(async move {
                let now = start().timestamp_millis();
                let founded = Community {
                    id: COMMUNITY,
                    code: "test".into(),
                    name: "静安寺街道".into(),
                    name_en: "Jing'an Temple".into(),
                    time_zone: "Asia/Shanghai".into(),
                };
                community::insert_community(tx, &founded, now).await?;
                for place in places() {
                    community::insert_place(tx, COMMUNITY, &place, location(place.id).area).await?;
                }
                let members = [
                    person(ANNA, "Anna", GROUP_A1, &[CareGroup::Older]),
                    person(BEN, "Ben", GROUP_A2, &[]),
                    person(CARL, "Carl", GROUP_B1, &[]),
                    person(UNA, "Una", GROUP_B1, &[]),
                    organisation(HOTEL, "Hotel", AREA_A, OrganisationKind::Enterprise),
                    organisation(STATION_A, "Station A", AREA_A, OrganisationKind::SocialWorkStation),
                    organisation(STATION_B, "Station B", AREA_B, OrganisationKind::SocialWorkStation),
                    organisation(BRANCH_A, "Branch A", AREA_A, OrganisationKind::GeneralBranch),
                    organisation(DEPARTMENT, "Department", ROOT, OrganisationKind::Department),
                    person(WORKER_A, "Worker A", GROUP_A2, &[]),
                    person(WORKER_B, "Worker B", GROUP_B1, &[]),
                    person(SECRETARY_A, "Secretary A", GROUP_A2, &[]),
                    person(SUBDISTRICT, "Subdistrict", ROOT, &[]),
                ];
                people::insert(tx, COMMUNITY, &members, now).await?;
                let held = [
                    (UNA, PostKind::Agent, HOTEL),
                    (WORKER_A, PostKind::SocialWorker, STATION_A),
                    (WORKER_B, PostKind::SocialWorker, STATION_B),
                    (SECRETARY_A, PostKind::Secretary, BRANCH_A),
                    (SUBDISTRICT, PostKind::Staff, DEPARTMENT),
                ];
                for (person, kind, organisation) in held {
                    let (post, appointment) = holding(person, kind, organisation, Period::since(day("2026-01-01")));
                    posts::insert_posts(tx, COMMUNITY, &[post]).await?;
                    posts::insert_appointments(tx, COMMUNITY, &[appointment]).await?;
                }
                for person in ACCOUNTS {
                    let account = Account {
                        id: account_of(person),
                        login: login_of(person),
                        password_hash: hash.clone(),
                        person,
                        disabled: false,
                        failures: 0,
                        failed_at: None,
                        created_at: start(),
                    };
                    identity::insert_account(tx, COMMUNITY, &account).await?;
                    let session = Session {
                        token_hash: token_hash(&login_of(person)),
                        account: account.id,
                        csrf: "csrf".into(),
                        expires_at: start() + Duration::days(1_000),
                    };
                    identity::insert_session(tx, COMMUNITY, &session, start()).await?;
                }
                Ok(())
            })
        });
        work.await.unwrap();
        let clock = Arc::new(ManualClock::at(start()));
        let outside = Outside {
            clock: clock.clone(),
            ids: Arc::new(CountingIds::default()),
            secrets: Arc::new(CountedSecrets::default()),
        };
        let app = App::open(store.clone(), outside).await.unwrap();
        Self { store, app, clock }
    }

    /// The viewer of a person's session, with the posts held now.
    pub async fn viewer(&self, person: Uuid) -> Viewer {
        let viewer = self.app.viewer(Some(&login_of(person))).await.unwrap();
        assert!(matches!(viewer, Viewer::Actor(_)));
        viewer
    }

    /// The guest and every account, in the order of the permission tables.
    pub async fn everyone(&self) -> Vec<Viewer> {
        let mut viewers = vec![Viewer::Guest];
        for person in ACCOUNTS {
            viewers.push(self.viewer(person).await);
        }
        viewers
    }

    pub fn account(&self, person: Uuid) -> Uuid {
        account_of(person)
    }

    pub fn login(&self, person: Uuid) -> String {
        login_of(person)
    }

    /// Hands in a need or an offer, seen by members unless the form says otherwise, by the member itself.
    pub async fn intent(&self, side: Side, member: Uuid, form: &IntentForm) -> Uuid {
        let person = if member == HOTEL { UNA } else { member };
        let who = self.viewer(person).await;
        intents::create(&self.app, &who, side, Some(member), None, form).await.unwrap()
    }

    /// A need and an offer of the same kind, both for `quantity`, and a match of all of it that staff proposed.
    pub async fn proposed(&self, receiver: Uuid, giver: Uuid, form: &IntentForm) -> Uuid {
        let need = self.intent(Side::Need, receiver, form).await;
        let offer = self.intent(Side::Offer, giver, form).await;
        let worker = self.viewer(SUBDISTRICT).await;
        matches::propose(&self.app, &worker, need, offer, form.quantity.parse().unwrap()).await.unwrap()
    }

    /// The same, accepted by the giver.
    pub async fn accepted(&self, receiver: Uuid, giver: Uuid, form: &IntentForm) -> Uuid {
        let id = self.proposed(receiver, giver, form).await;
        let who = self.viewer(if giver == HOTEL { UNA } else { giver }).await;
        matches::accept(&self.app, &who, id).await.unwrap();
        id
    }

    pub async fn load(&self, id: Uuid) -> Intent {
        tongxin_store::service::intents::intent(self.store.read(), COMMUNITY, id).await.unwrap().unwrap()
    }

    pub async fn find(&self, id: Uuid) -> StoredMatch {
        tongxin_store::service::matches::find(self.store.read(), COMMUNITY, id).await.unwrap().unwrap()
    }

    pub async fn deliveries(&self, id: Uuid) -> Vec<Delivery> {
        let found = tongxin_store::service::matches::deliveries_of(self.store.read(), COMMUNITY, &[id]).await.unwrap();
        found.into_values().flatten().collect()
    }

    pub async fn balance(&self, id: Uuid) -> Balance {
        people::member(self.store.read(), COMMUNITY, id).await.unwrap().unwrap().balance
    }

    pub async fn records(&self) -> Vec<Record> {
        tongxin_store::record::after(self.store.read(), COMMUNITY, 0, 10_000).await.unwrap()
    }

    /// How many rows each table holds.
    pub async fn rows(&self) -> BTreeMap<&'static str, i64> {
        let mut counts = BTreeMap::new();
        let tables = "place member standing care_group account session api_token post appointment cross_requirement delegation intent service_match delivery match_run \
                      match_run_item record idempotency";
        for table in tables.split_whitespace() {
            let c = self.store.read();
            let sql = format!("SELECT COUNT(*) FROM {table}");
            let row = c.query_one_raw(Statement::from_string(c.get_database_backend(), sql)).await.unwrap().unwrap();
            counts.insert(table, row.try_get_by_index(0).unwrap());
        }
        counts
    }
}

/// A form that passes: a haircut within ten days from now.
pub fn form(quantity: i64) -> IntentForm {
    IntentForm {
        category: "convenience".into(),
        care_kind: "material".into(),
        title: "上门理发".into(),
        text: "请自带工具".into(),
        from: Some(start() + hours(1)),
        until: Some(start() + Duration::days(10)),
        quantity: quantity.to_string(),
        ..IntentForm::default()
    }
}

/// The fields and codes of an invalid input; panics at any other outcome.
pub fn problems<T: std::fmt::Debug>(outcome: Result<T, Error>) -> Vec<(&'static str, &'static str)> {
    match outcome {
        Err(Error::Invalid(problems)) => problems.0.iter().map(|p| (p.field, p.code)).collect(),
        other => panic!("not invalid: {other:?}"),
    }
}

/// The code of an error; panics when it is none.
pub fn code<T: std::fmt::Debug>(outcome: Result<T, Error>) -> &'static str {
    outcome.unwrap_err().code()
}

/// Runs one check on a new SQLite file.
pub async fn on_sqlite<F: Future<Output = ()> + Send + 'static>(check: impl FnOnce(TestCommunity) -> F) {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite:{}", folder.path().join("test.db").display());
    check(TestCommunity::found(Store::open(&url).await.unwrap()).await).await;
}

/// Runs one check on a new PostgreSQL database, which is dropped afterwards, whatever the outcome.
pub async fn on_postgres<F: Future<Output = ()> + Send + 'static>(check: impl FnOnce(TestCommunity) -> F) {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let Ok(server) = std::env::var("TONGXIN_TEST_POSTGRES") else {
        assert!(std::env::var_os("TONGXIN_TEST_REQUIRE_ALL").is_none(), "TONGXIN_TEST_POSTGRES names no server");
        eprintln!("skipped: TONGXIN_TEST_POSTGRES is not set");
        return;
    };
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    let name = format!("tongxin_app_{}_{count}", std::process::id());
    let admin = Database::connect(&server).await.unwrap();
    admin.execute_unprepared(&format!("CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8'")).await.unwrap();
    let (base, _) = server.rsplit_once('/').unwrap();
    let store = Store::open(&format!("{base}/{name}")).await.unwrap();
    let outcome = tokio::spawn(check(TestCommunity::found(store).await)).await;
    admin.execute_unprepared(&format!("DROP DATABASE {name} WITH (FORCE)")).await.unwrap();
    if let Err(error) = outcome {
        std::panic::resume_unwind(error.into_panic());
    }
}

/// Makes of each check two tests, `NAME::sqlite` and `NAME::postgres`, on a new community.
macro_rules! on_both {
    ($($(#[doc = $doc:literal])* async fn $name:ident($community:ident) $body:block)*) => { $(
        $(#[doc = $doc])*
        mod $name {
            use super::*;

            async fn check($community: $crate::world::TestCommunity) $body

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn sqlite() {
                $crate::world::on_sqlite(check).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn postgres() {
                $crate::world::on_postgres(check).await;
            }
        }
    )* };
}
