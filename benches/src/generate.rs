//! A large community, made of a seed: the same numbers every time, dated back from the day on which it is made.

use std::path::Path;

use anyhow::Result;
use chrono::{DateTime, Duration, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use tongxin_app::{search, secrets::token_hash};
use tongxin_core::{
    community::{
        Location, OrganisationKind, Place, PlaceKind,
        post::{Appointment, Post, PostKind},
    },
    id::{CountingIds, IdSource},
    people::{CareGroup, MemberDetails, MemberDraft, MemberKind, Sex},
    period::Period,
    service::{
        CareKind, Category, Delivery, DeliveryDraft, Intent, IntentDraft, IntentState, Match, MatchState, Reach, Side,
        Urgency, Visibility,
        matching::Reason,
        schedule::{Schedule, Slots},
    },
    time::{Clock, SystemClock, Window},
};
use tongxin_store::{
    Error, Store,
    community::Community,
    identity::{Account, ApiToken, Session},
    people::{Balance, Member},
    record::NewRecord,
    service::matches::StoredMatch,
};
use uuid::Uuid;

use crate::structure;

/// How large a community is made.
#[derive(Clone, Copy, Debug)]
pub struct Size {
    areas: usize,
    groups: usize,
    residents: usize,
    organisations: usize,
    needs: usize,
    offers: usize,
}

/// The community on which pages are measured.
pub const LARGE: Size =
    Size { areas: 15, groups: 40, residents: 40_000, organisations: 1_500, needs: 100_000, offers: 100_000 };
/// The community on which the pages of the structure are measured.
pub const MATRIX: Size =
    Size { areas: 15, groups: 40, residents: 40_000, organisations: 3_000, needs: 1_000, offers: 1_000 };
/// The community on which writes are measured.
pub const SMALL: Size = Size { areas: 3, groups: 10, residents: 1_000, organisations: 50, needs: 1_000, offers: 1_000 };

/// How many rows share a transaction: SQLite's time for one with nested savepoints grows with the square of its size.
const STEP: usize = 200;

/// How many accounts have a session and an API token: one for each client.
pub const CLIENTS: usize = 64;
/// The session of a social worker of the first residential area.
pub const WORKER: &str = "bench-session-worker";
/// The session of subdistrict staff.
pub const STAFF: &str = "bench-session-staff";

/// The session of a resident.
pub fn session(client: usize) -> String {
    format!("bench-session-{client}")
}

/// The API token of a resident.
pub fn token(client: usize) -> String {
    format!("bench-token-{client}")
}

/// What the measurements ask for.
#[derive(Serialize, Deserialize, Clone, Default)]
pub struct Handles {
    /// Open needs that anyone may see.
    pub needs: Vec<Uuid>,
    /// The residential areas.
    pub areas: Vec<Uuid>,
    /// Building groups.
    pub groups: Vec<Uuid>,
    /// Residents who have an account, by client.
    pub residents: Vec<Uuid>,
}

/// Numbers that look random and repeat exactly (SplitMix64: Steele, Lea, Flood 2014).
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((z ^ (z >> 31)) % limit.max(1) as u64) as usize
    }

    fn pick<T: Clone>(&mut self, from: &[T]) -> T {
        from[self.below(from.len())].clone()
    }

    fn days(&mut self, limit: usize) -> Duration {
        Duration::minutes(self.below(limit * 24 * 60) as i64)
    }
}

const SURNAMES: &str =
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许邓冯韩曹曾彭萧蔡潘田董袁于余叶蒋杜苏魏程吕丁沈任姚卢";
const GIVEN: &str = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀兰霞平刚桂英文辉玲建国华红梅慧琳志宏佳怡晨浩宇欣雨德福春生";
const UNITS: [&str; 10] =
    ["大酒店", "小学", "医院", "律师事务所", "书店", "物业公司", "服务中心", "科技公司", "幼儿园", "文化馆"];
const SUBJECTS: [(&str, Category); 20] = [
    ("辅导数学作业", Category::Education),
    ("智能手机课", Category::Education),
    ("书法班", Category::Culture),
    ("合唱排练场地", Category::Culture),
    ("上门量血压", Category::MedicalCare),
    ("陪同就医", Category::MedicalCare),
    ("天文讲座", Category::PopularScience),
    ("垃圾分类讲解", Category::PopularScience),
    ("上门理发", Category::Convenience),
    ("修理水龙头", Category::Convenience),
    ("送餐上门", Category::HardshipHelp),
    ("冬衣捐助", Category::HardshipHelp),
    ("遗嘱咨询", Category::LegalAid),
    ("劳动合同咨询", Category::LegalAid),
    ("太极拳教练", Category::Sports),
    ("乒乓球场地", Category::Sports),
    ("简历修改", Category::JobsSkills),
    ("收银员岗位", Category::JobsSkills),
    ("楼道清理", Category::SafetyEnvironment),
    ("消防演练", Category::SafetyEnvironment),
];

/// Everything before it is written.
struct Made {
    community: Community,
    places: Vec<(Place, Option<Uuid>)>,
    members: Vec<Member>,
    intents: Vec<Intent>,
    matches: Vec<(StoredMatch, Option<Delivery>)>,
    posts: Vec<(Post, Appointment)>,
    accounts: Vec<Account>,
    handles: Handles,
}

struct Maker {
    size: Size,
    now: DateTime<Utc>,
    numbers: Numbers,
    ids: CountingIds,
}

/// Makes the community in a folder when it is not there yet, and gives what to ask for.
pub async fn once(folder: &Path, size: Size) -> Result<Handles> {
    let handles = folder.join(format!("made-{}.json", SystemClock.now().date_naive()));
    if let Ok(text) = std::fs::read_to_string(&handles) {
        return Ok(serde_json::from_str(&text)?);
    }
    if folder.exists() {
        std::fs::remove_dir_all(folder)?;
    }
    std::fs::create_dir_all(folder)?;
    let store = Store::open(&format!("sqlite:{}", folder.join("tongxin.db").display())).await?;
    let made = into(&store, size).await?;
    std::fs::write(handles, serde_json::to_string(&made)?)?;
    Ok(made)
}

/// Makes the community in an empty database.
pub async fn into(store: &Store, size: Size) -> Result<Handles> {
    let begun = std::time::Instant::now();
    store.migrate().await?;
    let mut maker = Maker { size, now: SystemClock.now(), numbers: Numbers(20_261_124), ids: CountingIds::default() };
    let made = maker.make();
    let handles = made.handles.clone();
    write(store, made, maker.now).await?;
    eprintln!("made {size:?} in {:.1} s", begun.elapsed().as_secs_f64());
    Ok(handles)
}

impl Maker {
    fn id(&self, at: DateTime<Utc>) -> Uuid {
        self.ids.next(at)
    }

    fn make(&mut self) -> Made {
        let start = self.now - Duration::days(900);
        let community = Community {
            id: self.id(start),
            code: "bench".into(),
            name: "测量社区".into(),
            name_en: "Bench Community".into(),
            time_zone: "Asia/Shanghai".into(),
        };
        let mut handles = Handles::default();
        let places = self.places(start, &mut handles);
        let locations: Vec<Location> = places
            .iter()
            .filter(|(place, _)| matches!(place.kind, PlaceKind::BuildingGroup | PlaceKind::OfficeBuilding))
            .map(|(place, area)| Location { place: place.id, area: *area })
            .collect();
        let root = places[0].0.id;
        let mut members: Vec<Member> = (0..self.size.residents + self.size.organisations)
            .map(|n| self.member(n < self.size.residents, n, start, &locations))
            .collect();
        let mut intents = Vec::with_capacity(self.size.needs + self.size.offers);
        for n in 0..self.size.needs + self.size.offers {
            let side = if n < self.size.needs { Side::Need } else { Side::Offer };
            let member = self.numbers.below(members.len());
            intents.push(self.intent(side, &members[member]));
        }
        let matches = self.matches(&mut intents, &mut members);
        let open = intents.iter().filter(|i| {
            i.side == Side::Need && i.state == IntentState::Open && i.draft.visibility == Visibility::Public
        });
        handles.needs = open.map(|i| i.id).take(2_000).collect();
        let mut posts = Vec::new();
        let mut accounts = Vec::new();
        let since = start.date_naive();
        #[expect(clippy::needless_range_loop, reason = "the client's number is also its name")]
        for client in 0..CLIENTS {
            let resident = &members[client];
            handles.residents.push(resident.id);
            accounts.push(self.account(format!("resident{client}"), resident.id));
        }
        let area = Location { place: handles.areas[0], area: Some(handles.areas[0]) };
        let station = self.organisation("测量社工站", OrganisationKind::SocialWorkStation, area, start);
        let office = Location { place: root, area: None };
        let office = self.organisation("测量服务部", OrganisationKind::Department, office, start);
        posts.push(self.post(members[CLIENTS].id, PostKind::SocialWorker, station.id, since));
        accounts.push(self.account("worker".into(), members[CLIENTS].id));
        posts.push(self.post(members[CLIENTS + 1].id, PostKind::Staff, office.id, since));
        accounts.push(self.account("staff".into(), members[CLIENTS + 1].id));
        members.extend([station, office]);
        Made { community, places, members, intents, matches, posts, accounts, handles }
    }

    fn places(&self, at: DateTime<Utc>, handles: &mut Handles) -> Vec<(Place, Option<Uuid>)> {
        let place = |parent: Option<Uuid>, kind, code: String, name: String| Place {
            id: self.id(at),
            parent,
            kind,
            code,
            name,
        };
        let root = place(None, PlaceKind::Community, "root".into(), "测量社区".into());
        let root_id = root.id;
        let mut places = vec![(root, None)];
        for a in 1..=self.size.areas {
            let area = place(Some(root_id), PlaceKind::ResidentialArea, format!("a{a:02}"), format!("第{a}居民区"));
            let id = area.id;
            handles.areas.push(id);
            places.push((area, Some(id)));
            for g in 1..=self.size.groups {
                let office = g % 8 == 0;
                let kind = if office { PlaceKind::OfficeBuilding } else { PlaceKind::BuildingGroup };
                let name = if office { format!("{a}区{g}号楼宇") } else { format!("{a}区{g}号楼组") };
                let group = place(Some(id), kind, format!("a{a:02}g{g:02}"), name);
                if !office {
                    handles.groups.push(group.id);
                }
                places.push((group, Some(id)));
            }
        }
        places
    }

    fn member(&mut self, person: bool, n: usize, at: DateTime<Utc>, locations: &[Location]) -> Member {
        let character = |numbers: &mut Numbers, text: &str| text.chars().nth(numbers.below(text.chars().count()));
        let mut name: String = character(&mut self.numbers, SURNAMES).into_iter().collect();
        name.extend(character(&mut self.numbers, GIVEN));
        name.extend(character(&mut self.numbers, GIVEN));
        let details = if person {
            let care_groups = if self.numbers.below(4) == 0 { vec![self.numbers.pick(CareGroup::ALL)] } else { vec![] };
            MemberDetails::Person {
                birth_date: NaiveDate::from_yo_opt(1935 + (n % 85) as i32, 1 + (n % 365) as u32),
                sex: Some(self.numbers.pick(Sex::ALL)),
                registered: self.numbers.below(3) > 0,
                retired: n % 85 < 24,
                care_groups,
            }
        } else {
            name = format!("{name}{}", self.numbers.pick(&UNITS));
            MemberDetails::Organisation {
                kind: self.numbers.pick(OrganisationKind::ALL),
                contact: Some("联系人".into()),
            }
        };
        Member {
            id: self.id(at),
            code: None,
            kind: if person { MemberKind::Person } else { MemberKind::Organisation },
            sort_key: search::sort_key(&name),
            draft: MemberDraft { name, phone: Some(format!("021-{n:08}")), email: None, details },
            location: self.numbers.pick(locations),
            balance: Balance::default(),
        }
    }

    fn organisation(&self, name: &str, kind: OrganisationKind, location: Location, at: DateTime<Utc>) -> Member {
        let details = MemberDetails::Organisation { kind, contact: None };
        Member {
            id: self.id(at),
            code: None,
            kind: MemberKind::Organisation,
            sort_key: search::sort_key(name),
            draft: MemberDraft { name: name.to_owned(), phone: None, email: None, details },
            location,
            balance: Balance::default(),
        }
    }

    /// A fifth is a month old at most and open; what is older met its end.
    fn intent(&mut self, side: Side, member: &Member) -> Intent {
        let (subject, category) = self.numbers.pick(&SUBJECTS);
        let fresh = self.numbers.below(5) == 0;
        let created_at = if fresh {
            self.now - self.numbers.days(30)
        } else {
            self.now - Duration::days(60) - self.numbers.days(700)
        };
        let from = created_at + self.numbers.days(5);
        let until = if fresh {
            from.max(self.now) + Duration::days(1) + self.numbers.days(60)
        } else {
            from + Duration::days(40)
        };
        let state =
            if fresh { IntentState::Open } else { self.numbers.pick(&[IntentState::Expired, IntentState::Withdrawn]) };
        let title = match side {
            Side::Need => format!("请人{subject}（{}）", self.numbers.below(1_000)),
            Side::Offer => format!("可以{subject}（{}）", self.numbers.below(1_000)),
        };
        let visibility = match self.numbers.below(10) {
            0..=4 => Visibility::Public,
            5..=8 => Visibility::Members,
            _ => Visibility::Staff,
        };
        Intent {
            id: self.id(created_at),
            side,
            member: member.id,
            entered_by: None,
            location: member.location,
            draft: IntentDraft {
                category,
                care_kind: self.numbers.pick(CareKind::ALL),
                title,
                text: format!("本人希望就“{subject}”得到帮助或提供帮助，时间可以商量，请先打电话联系。"),
                schedule: Schedule {
                    window: Window { from, until },
                    rule: None,
                    slots: Slots((self.numbers.below(1 << 21) | 1) as u32),
                },
                quantity: 1,
                urgency: if side == Side::Need { self.numbers.pick(Urgency::ALL) } else { Urgency::Normal },
                reach: if side == Side::Offer { self.numbers.pick(Reach::ALL) } else { Reach::Community },
                visibility,
            },
            committed: 0,
            fulfilled: 0,
            state,
            created_at,
            updated_at: created_at,
        }
    }

    /// Matches the first needs with the first offers of each category; old ones were delivered, new ones are under way.
    fn matches(&mut self, intents: &mut [Intent], members: &mut [Member]) -> Vec<(StoredMatch, Option<Delivery>)> {
        let index: std::collections::HashMap<Uuid, usize> =
            members.iter().enumerate().map(|(n, m)| (m.id, n)).collect();
        let mut made = Vec::new();
        for category in Category::ALL {
            for old in [true, false] {
                let half = |side: Side| {
                    let fits = |i: &&usize| {
                        let intent = &intents[**i];
                        let is_old = intent.created_at < self.now - Duration::days(50);
                        intent.side == side && intent.draft.category == *category && is_old == old
                    };
                    let all: Vec<usize> = (0..intents.len()).collect();
                    let found: Vec<usize> = all.iter().filter(fits).copied().collect();
                    let keep = if old { found.len() * 3 / 5 } else { found.len() / 4 };
                    found.into_iter().take(keep).collect::<Vec<_>>()
                };
                for (need, offer) in half(Side::Need).into_iter().zip(half(Side::Offer)) {
                    if intents[need].member == intents[offer].member {
                        continue;
                    }
                    let (stored, delivery) = self.a_match(&intents[need], &intents[offer], old);
                    if let Some(delivery) = &delivery {
                        let minutes = delivery.draft.minutes;
                        let giver = &mut members[index[&stored.life.giver]].balance;
                        (giver.given_minutes, giver.given_count) =
                            (giver.given_minutes + minutes, giver.given_count + 1);
                        let receiver = &mut members[index[&stored.life.receiver]].balance;
                        receiver.received_minutes += minutes;
                        receiver.received_count += 1;
                    }
                    for side in [need, offer] {
                        let intent = &mut intents[side];
                        intent.committed = 1;
                        intent.fulfilled = i64::from(old);
                        intent.state = if old { IntentState::Met } else { IntentState::Matched };
                    }
                    made.push((stored, delivery));
                }
            }
        }
        made
    }

    fn a_match(&mut self, need: &Intent, offer: &Intent, old: bool) -> (StoredMatch, Option<Delivery>) {
        let at = need.created_at.max(offer.created_at);
        let (accepted, happened) = (at + Duration::hours(5), at + Duration::days(3));
        let begins = self.now - Duration::hours(12) + self.numbers.days(10);
        let arranged = (!old).then(|| Window { from: begins, until: begins + Duration::hours(1) });
        let life = Match {
            id: self.id(at),
            need: need.id,
            offer: offer.id,
            receiver: need.member,
            giver: offer.member,
            quantity: 1,
            delivered: i64::from(old),
            asked: Side::Offer,
            state: if old { MatchState::Confirmed } else { MatchState::Arranged },
            arranged,
            reason: None,
            proposed_at: at,
            accepted_at: Some(accepted),
            closed_at: old.then_some(happened),
            updated_at: if old { happened } else { accepted },
        };
        let delivery = old.then(|| Delivery {
            id: self.id(happened),
            match_id: life.id,
            draft: DeliveryDraft {
                happened_at: happened,
                minutes: 30 + self.numbers.below(90) as i64,
                quantity: 1,
                note: String::new(),
            },
            recorded_at: happened,
            giver_confirmed_at: Some(happened),
            receiver_confirmed_at: Some(happened),
            settled_at: None,
            reminded_at: None,
            rating: Some(3 + self.numbers.below(3) as i64),
            comment: None,
        });
        let category = need.draft.category;
        let reasons = vec![Reason::SameCommunity];
        (StoredMatch { life, area: need.location.area, category, reasons, run: None, is_answer: false }, delivery)
    }

    fn post(&self, person: Uuid, kind: PostKind, organisation: Uuid, from: NaiveDate) -> (Post, Appointment) {
        let period = Period::since(from);
        let (id, title) = (self.id(self.now), "工作人员".to_owned());
        let post = Post { id, code: None, organisation, kind, title, seats: 1, term_months: None, period };
        let appointment = Appointment { id: self.id(self.now), post: id, person, period, note: String::new() };
        (post, appointment)
    }

    fn account(&self, login: String, person: Uuid) -> Account {
        // No password fits this hash: the measurements come with sessions and tokens.
        let password_hash = "-".into();
        Account {
            id: self.id(self.now),
            login,
            password_hash,
            person,
            disabled: false,
            failures: 0,
            failed_at: None,
            created_at: self.now,
        }
    }
}

async fn write(store: &Store, made: Made, now: DateTime<Utc>) -> Result<()> {
    let Made { community, places, members, intents, matches, posts, accounts, .. } = made;
    let id = community.id;
    let begun = now.timestamp_millis();
    store
        .write(move |tx| {
            Box::pin(async move {
                tongxin_store::community::insert_community(tx, &community, begun).await?;
                for (place, area) in &places {
                    tongxin_store::community::insert_place(tx, id, place, *area).await?;
                }
                Ok::<_, Error>(())
            })
        })
        .await?;
    for chunk in members.chunks(STEP).map(<[Member]>::to_vec) {
        store
            .write(move |tx| {
                Box::pin(async move {
                    tongxin_store::people::insert(tx, id, &chunk, begun).await?;
                    for member in &chunk {
                        let tokens = search::name_tokens(&member.draft.name);
                        tongxin_store::search::index(tx, id, "member", member.id, &tokens).await?;
                    }
                    Ok::<_, Error>(())
                })
            })
            .await?;
    }
    let standings = structure::standings(&members);
    store
        .write_alone(move |tx| {
            Box::pin(async move {
                let ids: Vec<Uuid> = standings.iter().map(|s| s.organisation).collect();
                tongxin_store::community::structure::replace_standings(tx, id, &ids, &standings).await
            })
        })
        .await?;
    for chunk in intents.chunks(STEP).map(<[Intent]>::to_vec) {
        store
            .write(move |tx| {
                Box::pin(async move {
                    let rows = chunk.iter().map(|intent| (intent.clone(), None)).collect();
                    tongxin_store::service::intents::insert(tx, id, rows).await?;
                    for intent in &chunk {
                        let tokens = search::index_tokens(&format!("{} {}", intent.draft.title, intent.draft.text));
                        tongxin_store::search::index(tx, id, intent.side.code(), intent.id, &tokens).await?;
                    }
                    let records = chunk.iter().map(handed_in).collect();
                    tongxin_store::record::append(tx, id, records).await
                })
            })
            .await?;
    }
    for chunk in matches.chunks(STEP).map(<[_]>::to_vec) {
        store
            .write(move |tx| {
                Box::pin(async move {
                    let stored: Vec<StoredMatch> = chunk.iter().map(|(stored, _)| stored.clone()).collect();
                    tongxin_store::service::matches::insert(tx, id, &stored).await?;
                    for (stored, delivery) in &chunk {
                        if let Some(delivery) = delivery {
                            tongxin_store::service::matches::insert_delivery(tx, id, delivery, stored, None).await?;
                        }
                    }
                    Ok::<_, Error>(())
                })
            })
            .await?;
    }
    store
        .write(move |tx| {
            Box::pin(async move {
                let (posts, appointments): (Vec<_>, Vec<_>) = posts.into_iter().unzip();
                tongxin_store::community::post::insert_posts(tx, id, &posts).await?;
                tongxin_store::community::post::insert_appointments(tx, id, &appointments).await?;
                let until = now + Duration::days(14);
                for (n, account) in accounts.iter().enumerate() {
                    tongxin_store::identity::insert_account(tx, id, account).await?;
                    let secret = match n {
                        CLIENTS => WORKER.to_owned(),
                        n if n > CLIENTS => STAFF.to_owned(),
                        n => session(n),
                    };
                    let session = Session {
                        token_hash: token_hash(&secret),
                        account: account.id,
                        csrf: "bench".into(),
                        expires_at: until,
                    };
                    tongxin_store::identity::insert_session(tx, id, &session, now).await?;
                    let token = ApiToken {
                        id: account.id,
                        account: account.id,
                        name: "bench".into(),
                        token_hash: token_hash(&token(n)),
                        created_at: now,
                        expires_at: until,
                    };
                    tongxin_store::identity::insert_token(tx, id, &token).await?;
                }
                Ok::<_, Error>(())
            })
        })
        .await?;
    Ok(())
}

fn handed_in(intent: &Intent) -> NewRecord {
    NewRecord {
        at: intent.created_at,
        account: None,
        capacity: "system".into(),
        action: format!("{}.create", intent.side.code()),
        subject_kind: intent.side.code().to_owned(),
        subject: intent.id,
        data: "{}".into(),
    }
}
