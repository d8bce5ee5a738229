//! Votes: ballots are taken once, figures are sums, secret ballots tell nothing, and what has ended does not change.

use std::collections::BTreeSet;

use tongxin_core::{
    council::{
        MatterKind,
        ballot::{
            Method, Question, Vote, VotePlan, VoteState,
            cast::{OnlineBallot, SheetKey},
            proxy::Proxy,
            receipt::{Receipt, publish},
        },
        charter::{CharterVersion, Tie, Way},
        preset::PresetKind,
        roll::RollEntry,
    },
    time::Window,
};
use tongxin_store::{
    ConnectionTrait, Error, Store,
    council::{
        ballot::{self, Participation},
        entry,
        vote::{self, StoredVote, VoteFilter},
    },
};
use uuid::Uuid;

use super::council::{charter_of, council_id, with_council};
use crate::{common::*, on_both, written};

const DAY: i64 = 24 * 60;

pub fn vote_id(n: u64) -> Uuid {
    id(61, n)
}

pub fn voter(n: u64) -> Uuid {
    id(62, n)
}

/// So many owners; the one with number n owns n square metres.
pub fn owners(count: u64) -> Vec<RollEntry> {
    (1..=count).map(|n| RollEntry { voter: voter(n), area: n * 100 }).collect()
}

pub fn yes_no(text: &str) -> Question {
    Question { text: text.into(), options: Vec::new(), method: Method::YesNo }
}

/// A vote from minute 60 on for 8 days.
pub fn opened(
    n: u64,
    matter: MatterKind,
    question: Question,
    charter: &CharterVersion,
    roll: &[RollEntry],
) -> StoredVote {
    let window = Window::new(at(60), at(60 + 8 * DAY)).unwrap();
    let plan =
        VotePlan { matter, proposal: None, questions: vec![question], ways: vec![Way::Online, Way::Paper], window };
    let life = Vote::open(vote_id(n), plan, charter, (roll, BTreeSet::new()), at(0), 5).unwrap();
    StoredVote { council: council_id(1), meeting: None, opened_by: Some(id(9, 1)), opened_at: at(0), life }
}

pub fn owners_vote(n: u64, roll: &[RollEntry]) -> StoredVote {
    let charter = charter_of(PresetKind::OwnersAssembly, |_| ());
    opened(n, MatterKind::Ordinary, yes_no("是否同意"), &charter, roll)
}

/// A secret election of two among three.
fn election(n: u64, roll: &[RollEntry]) -> StoredVote {
    let charter = charter_of(PresetKind::CoBuildingCouncil, |_| ());
    let options = ["陈", "李", "王"].map(String::from).to_vec();
    opened(
        n,
        MatterKind::Election,
        Question { text: "选举".into(), options, method: Method::Stv { seats: 2 } },
        &charter,
        roll,
    )
}

pub async fn add_vote(store: &Store, new: &StoredVote, roll: &[RollEntry]) {
    let (new, roll) = (new.clone(), roll.to_vec());
    written!(store, tx => vote::insert(tx, COMMUNITY, &new, &roll).await).unwrap();
}

/// Casts marks (as JSON) as a use case does; says whether the ballot that it replaces was there.
pub async fn cast(
    store: &Store,
    vote: Uuid,
    who: u64,
    marks: &'static str,
    receipts: (Option<Receipt>, Option<Receipt>),
) -> Result<bool, Error> {
    written!(store, tx => {
        let found = ballot::casting(tx, COMMUNITY, vote, voter(who)).await?.unwrap();
        let (new, old) = receipts;
        let online = OnlineBallot {
            entry: &found.entry.unwrap(),
            by: voter(who),
            proxy: found.proxy.as_ref(),
            before: found.turnout.as_ref(),
            marks: serde_json::from_str(marks).unwrap(),
            receipt: new.as_ref(),
            replaces: old.as_ref(),
        };
        let life = &found.vote.life;
        let accepted = life.cast(&online, at(100)).map_err(|problems| Error::Value(format!("{problems:?}")))?;
        let number = old.map(|receipt| receipt.inclusion(vote));
        ballot::cast(tx, COMMUNITY, life, &accepted, found.turnout.as_ref(), number.as_deref()).await
    })
}

/// Closes a vote when its window is over.
async fn close(store: &Store, n: u64) -> Vote {
    let mut life = vote::find(store.read(), COMMUNITY, vote_id(n)).await.unwrap().unwrap().life;
    life.close(at(60 + 8 * DAY), 0, 0).unwrap();
    let ended = life.clone();
    written!(store, tx => vote::end(tx, COMMUNITY, &ended).await).unwrap();
    life
}

on_both! {
    async fn a_vote_is_kept_with_its_roll_and_found(store) {
        with_council(&store).await;
        let roll = owners(300);
        let mut new = owners_vote(1, &roll);
        new.life.present = BTreeSet::from([voter(3), voter(7)]);
        add_vote(&store, &new, &roll).await;
        let read = store.read();
        assert_eq!(vote::find(read, COMMUNITY, vote_id(1)).await.unwrap(), Some(new.clone()));
        assert_eq!(vote::roll(read, COMMUNITY, vote_id(1)).await.unwrap(), roll);
        let part = vote::roll_of(read, COMMUNITY, vote_id(1), &[voter(3), voter(999)]).await.unwrap();
        assert_eq!(part.into_values().collect::<Vec<_>>(), [roll[2]]);
        written!(store, tx => vote::arrived(tx, COMMUNITY, vote_id(1), voter(9)).await).unwrap();
        let now = vote::find(read, COMMUNITY, vote_id(1)).await.unwrap().unwrap();
        assert_eq!(now.life.present, BTreeSet::from([voter(3), voter(7), voter(9)]));
        cast(&store, vote_id(1), 7, r#"["yes"]"#, (None, None)).await.unwrap();
        let silent = ballot::silent(read, COMMUNITY, vote_id(1)).await.unwrap();
        assert_eq!(silent, [roll[2], roll[8]]);
        let list = async |filter: VoteFilter| {
            let found = vote::list(read, COMMUNITY, &filter, ALL).await.unwrap();
            found.rows.into_iter().map(|head| head.id.as_u128() as u64).collect::<Vec<_>>()
        };
        let any = VoteFilter::default;
        assert_eq!(list(VoteFilter { councils: Some(vec![council_id(1)]), areas: Some(vec![AREA_A]), ..any() }).await, [1]);
        assert_eq!(list(VoteFilter { voters: Some(vec![voter(300)]), states: vec![VoteState::Open], ..any() }).await, [1]);
        assert_eq!(list(VoteFilter { voters: Some(vec![voter(301)]), ..any() }).await, [0_u64; 0]);
        assert_eq!(list(VoteFilter { over_by: Some(at(60 + 8 * DAY)), matter: Some(MatterKind::Ordinary), ..any() }).await, [1]);
        assert_eq!(list(VoteFilter { over_by: Some(at(59 + 8 * DAY)), ..any() }).await, [0_u64; 0]);
    }

    async fn nobody_votes_twice_and_a_change_replaces(store) {
        with_council(&store).await;
        let roll = owners(3);
        add_vote(&store, &owners_vote(1, &roll), &roll).await;
        assert!(cast(&store, vote_id(1), 1, r#"["yes"]"#, (None, None)).await.unwrap());
        let read = store.read();
        let life = vote::find(read, COMMUNITY, vote_id(1)).await.unwrap().unwrap().life;
        // Another program that read before the first was stored.
        let late = life.clone();
        let twice = written!(store, tx => {
            let entry = RollEntry { voter: voter(1), area: 100 };
            let marks = serde_json::from_str(r#"["no"]"#).unwrap();
            let online = OnlineBallot { entry: &entry, by: voter(1), proxy: None, before: None, marks, receipt: None, replaces: None };
            let accepted = late.cast(&online, at(101)).unwrap();
            ballot::cast(tx, COMMUNITY, &late, &accepted, None, None).await
        });
        assert!(is_taken(&twice));
        let own = async || ballot::sheet_of(read, COMMUNITY, &life, voter(1)).await.unwrap().unwrap();
        assert_eq!(serde_json::to_string(&own().await.marks).unwrap(), r#"["yes"]"#);
        assert!(cast(&store, vote_id(1), 1, r#"["no"]"#, (None, None)).await.unwrap());
        assert_eq!(serde_json::to_string(&own().await.marks).unwrap(), r#"["no"]"#);
        assert_eq!(ballot::sheets(read, COMMUNITY, &life).await.unwrap().len(), 1);
        assert_eq!(ballot::turnouts(read, COMMUNITY, vote_id(1), ALL).await.unwrap().total, 1);
        assert_eq!(ballot::sheet_of(read, COMMUNITY, &life, voter(2)).await.unwrap(), None);
    }

    async fn sums_are_counted_as_all_ballots(store) {
        with_council(&store).await;
        let roll = owners(40);
        add_vote(&store, &owners_vote(1, &roll), &roll).await;
        for n in 1..=33 {
            let marks = [r#"["yes"]"#, r#"["no"]"#, r#"["yes"]"#, r#"["abstain"]"#][(n % 4) as usize];
            cast(&store, vote_id(1), n, marks, (None, None)).await.unwrap();
        }
        let read = store.read();
        let life = vote::find(read, COMMUNITY, vote_id(1)).await.unwrap().unwrap().life;
        let all = ballot::sheets(read, COMMUNITY, &life).await.unwrap();
        let sums = ballot::totals(read, COMMUNITY, &life).await.unwrap();
        assert_eq!((all.len(), sums.len()), (33, 6));
        let silent = [0, 0];
        let (one, other) = (life.count(0, &all, &silent).unwrap(), life.count(0, &sums, &silent).unwrap());
        assert_eq!((&one.outcome, &one.quorum), (&other.outcome, &other.quorum));
        assert_eq!(life.explain(0, &one), life.explain(0, &other));
        let area = (1..=33).sum::<u64>() * 100;
        let took_part = ballot::participation(read, COMMUNITY, vote_id(1)).await.unwrap();
        assert_eq!(took_part, [Participation { way: Way::Online, voters: 33, area }]);
    }

    async fn secret_ballots_are_apart_from_who_voted(store) {
        with_council(&store).await;
        let roll: Vec<RollEntry> = (1..=6).map(|n| RollEntry::of(voter(n))).collect();
        add_vote(&store, &election(1, &roll), &roll).await;
        let receipt = |n: u8| Receipt::new([n; 16]);
        let marks = [r#"[{"options":[0,1]}]"#, r#"[{"options":[2]}]"#, r#"[{"options":[1,0,2]}]"#];
        for n in 1..=6_u8 {
            let new = (Some(receipt(n)), None);
            assert!(cast(&store, vote_id(1), n.into(), marks[usize::from(n % 3)], new).await.unwrap());
        }
        // A change with the receipt of another's or of no ballot is given up; with the own one it replaces.
        let wrong = cast(&store, vote_id(1), 1, marks[0], (Some(receipt(20)), Some(receipt(21)))).await;
        assert!(!wrong.unwrap());
        assert!(cast(&store, vote_id(1), 1, marks[0], (Some(receipt(22)), Some(receipt(1)))).await.unwrap());
        let read = store.read();
        let open = vote::find(read, COMMUNITY, vote_id(1)).await.unwrap().unwrap().life;
        let sheets = ballot::sheets(read, COMMUNITY, &open).await.unwrap();
        let keys: Vec<_> = sheets.iter().map(|sheet| match &sheet.key {
            SheetKey::Secret { label, .. } => label.clone(),
            other => panic!("{other:?}"),
        }).collect();
        assert_eq!(keys.len(), 6);
        assert!(keys.is_sorted());
        let life = close(&store, 1).await;
        let published = publish(&life, &ballot::sheets(read, COMMUNITY, &life).await.unwrap()).unwrap();
        assert!(published.fits(6));
        assert_eq!(published.ballot(&receipt(1)), None);
        assert!(!published.includes(&receipt(1).inclusion(vote_id(1))));
        assert!(published.includes(&receipt(22).inclusion(vote_id(1))));
        let own = published.ballot(&receipt(22)).unwrap();
        assert_eq!(serde_json::to_string(&own.marks).unwrap(), marks[0]);
        let sums = ballot::totals(read, COMMUNITY, &life).await.unwrap();
        let all = ballot::sheets(read, COMMUNITY, &life).await.unwrap();
        assert_eq!(life.count(0, &sums, &[]).unwrap().outcome, life.count(0, &all, &[]).unwrap().outcome);
        // No two rows of what was voted and of who voted share a time, an order or a transaction that is stored.
        if read.get_database_backend() == sea_orm::DatabaseBackend::Postgres {
            let sql = "SELECT COUNT(DISTINCT CAST(CAST(xmin AS TEXT) AS BIGINT)) FROM vote_sheet";
            let row = read.query_one_raw(sea_orm::Statement::from_string(sea_orm::DatabaseBackend::Postgres, sql)).await.unwrap();
            assert_eq!(row.unwrap().try_get_by_index::<i64>(0).unwrap(), 1);
        }
    }

    async fn what_has_ended_does_not_change(store) {
        with_council(&store).await;
        let roll = owners(4);
        let charter = charter_of(PresetKind::OwnersAssembly, |charter| charter.decisions.tie = Tie::CastingVote);
        add_vote(&store, &opened(1, MatterKind::Ordinary, yes_no("是否同意"), &charter, &roll), &roll).await;
        let given = Proxy { giver: voter(2), holder: voter(3), at: at(61) };
        written!(store, tx => entry::insert_proxy(tx, COMMUNITY, vote_id(1), &given).await).unwrap();
        cast(&store, vote_id(1), 1, r#"["yes"]"#, (None, None)).await.unwrap();
        let early = written!(store, tx => {
            let mut life = vote::find(tx, COMMUNITY, vote_id(1)).await?.unwrap().life;
            life.casting = vec![Some(serde_json::from_str(r#""yes""#).unwrap())];
            vote::give_casting(tx, COMMUNITY, &life, 0).await
        });
        assert!(early.is_err());
        let mut life = close(&store, 1).await;
        let again = life.clone();
        assert!(written!(store, tx => vote::end(tx, COMMUNITY, &again).await).is_err());
        assert!(cast(&store, vote_id(1), 4, r#"["no"]"#, (None, None)).await.is_err());
        let refused = [
            "UPDATE vote SET state = 'open', ended_at = NULL",
            "UPDATE vote SET voters = voters + 1",
            "DELETE FROM vote",
            "UPDATE roll_entry SET present = TRUE",
            "DELETE FROM roll_entry WHERE area = 400",
            "INSERT INTO roll_entry SELECT community_id, vote_id, community_id, 5, FALSE FROM roll_entry WHERE area = 100",
            "UPDATE turnout SET way = 'online'",
            "DELETE FROM turnout",
            "INSERT INTO turnout SELECT r.community_id, r.vote_id, r.voter_id, 'online', r.voter_id, FALSE, 0, NULL FROM roll_entry r WHERE area = 400",
            "UPDATE vote_sheet SET marks = '[\"no\"]'",
            "DELETE FROM vote_sheet",
            "INSERT INTO vote_sheet SELECT community_id, vote_id, 'voter:x', marks, area, times FROM vote_sheet",
            "INSERT INTO vote_inclusion SELECT community_id, id, 'x' FROM vote",
            "INSERT INTO vote_proxy SELECT community_id, vote_id, holder_id, giver_id, at FROM vote_proxy",
            "UPDATE vote_proxy SET at = 0",
            "DELETE FROM vote_proxy",
            "INSERT INTO vote_entry SELECT community_id, id, id, 'paper', '', 0, id, 0, 'entered', NULL, NULL, NULL FROM vote",
        ];
        for sql in refused {
            let done = written!(store, tx => Ok(tx.execute_unprepared(sql).await?));
            let error = done.expect_err(sql).to_string();
            assert!(error.contains("the vote has ended"), "{sql}: {error}");
        }
        let read = store.read();
        assert_eq!(vote::find(read, COMMUNITY, vote_id(1)).await.unwrap().unwrap().life, life);
        life.casting = vec![Some(serde_json::from_str(r#""no""#).unwrap())];
        let decided = life.clone();
        written!(store, tx => vote::give_casting(tx, COMMUNITY, &decided, 0).await).unwrap();
        assert_eq!(vote::find(read, COMMUNITY, vote_id(1)).await.unwrap().unwrap().life, life);
        let twice = life.clone();
        assert!(is_taken(&written!(store, tx => vote::give_casting(tx, COMMUNITY, &twice, 0).await)));
        for sql in ["UPDATE vote_casting SET answer = '\"yes\"'", "DELETE FROM vote_casting"] {
            assert!(written!(store, tx => Ok(tx.execute_unprepared(sql).await?)).is_err(), "{sql}");
        }
    }

    async fn a_roll_is_frozen_while_the_vote_is_open(store) {
        with_council(&store).await;
        let roll = owners(4);
        add_vote(&store, &owners_vote(1, &roll), &roll).await;
        let done = written!(store, tx => Ok(tx.execute_unprepared("UPDATE roll_entry SET area = area + 1").await?));
        assert!(done.unwrap_err().to_string().contains("the roll is frozen"));
        let mut life = vote::find(store.read(), COMMUNITY, vote_id(1)).await.unwrap().unwrap().life;
        life.cancel("名册有误", at(70)).unwrap();
        let ended = life.clone();
        written!(store, tx => vote::end(tx, COMMUNITY, &ended).await).unwrap();
        assert_eq!(vote::find(store.read(), COMMUNITY, vote_id(1)).await.unwrap().unwrap().life, life);
    }
}
