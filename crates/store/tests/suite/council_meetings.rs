//! Meetings: as a whole, for one voter, in lists; follow-ups and files.

use tongxin_core::council::{
    charter::Charter,
    meeting::{Answer, ItemKind, ItemOutcome, Meeting, MeetingState, Together},
    preset::PresetKind,
};
use tongxin_store::council::{
    attachment::{self, Attachment},
    meeting::{self, FollowUpFilter, MeetingFilter, StoredMeeting},
};

use super::council::{charter_of, council_id, organisation_holder, seat_id, with_council};
use crate::{common::*, on_both, written};

fn charter() -> Charter {
    charter_of(PresetKind::CoBuildingCouncil, |_| ()).charter
}

const DAY: i64 = 24 * 60;

/// Meeting `n`, on day `n` times ten, with two items, called.
fn called(n: u64) -> StoredMeeting {
    let begins = i64::try_from(n).unwrap() * 10 * DAY;
    let times = (at(begins), at(begins + 90));
    let mut life = Meeting::draft(id(54, n), ("季度例会", "三楼会议室"), times, Some(seat_id(2))).unwrap();
    let item = |m: &mut Meeting, number, kind, by| {
        m.add_item(&charter(), id(55, n * 10 + number), (ItemKind::Together(kind), "停车难"), (by, None)).unwrap();
    };
    item(&mut life, 1, Together::Solve, Some(seat_id(3)));
    item(&mut life, 2, Together::Share, None);
    let seats: Vec<_> = (1..=6).map(seat_id).collect();
    life.call(&charter(), &seats, at(begins - 9 * DAY), "Asia/Shanghai".parse().unwrap()).unwrap();
    StoredMeeting { council: council_id(1), series: Some(id(54, 99)), revision: 0, life }
}

on_both! {
    async fn a_meeting_is_kept_through_its_whole_life(store) {
        with_council(&store).await;
        let new = called(1);
        let first = new.clone();
        written!(store, tx => meeting::insert(tx, COMMUNITY, &first).await).unwrap();
        let read = store.read();
        let find = async || meeting::find(read, COMMUNITY, id(54, 1)).await.unwrap().unwrap();
        assert_eq!(find().await, new);
        // For one voter, and saved: the others' invitations stay.
        let before = meeting::find_for(read, COMMUNITY, id(54, 1), &[seat_id(2)]).await.unwrap().unwrap();
        assert_eq!(before.life.invited.len(), 1);
        let mut answered = before.life.clone();
        answered.answer(seat_id(2), Answer::Excused, at(10)).unwrap();
        let stale = before.clone();
        written!(store, tx => meeting::save(tx, COMMUNITY, &before, &answered).await).unwrap();
        let now = find().await;
        assert_eq!((now.revision, now.life.invited.len()), (1, 6));
        assert_eq!(now.life.invited[&seat_id(2)].answer, Some((Answer::Excused, at(10))));
        let again = stale.life.clone();
        assert!(written!(store, tx => meeting::save(tx, COMMUNITY, &stale, &again).await).is_err());
        // Items change places, one goes with its file; then it is held.
        let mut life = now.life.clone();
        life.order_items(&[id(55, 12), id(55, 11)]).unwrap();
        let file = Attachment {
            id: id(56, 1), item: id(55, 12), file_name: "图纸.pdf".into(), media_type: "application/pdf".into(), size: 4,
            added_by: None, added_at: at(3),
        };
        let (before, changed, new) = (now, life.clone(), file.clone());
        written!(store, tx => {
            meeting::save(tx, COMMUNITY, &before, &changed).await?;
            attachment::insert(tx, COMMUNITY, &new, vec![0, 159, 146, 150]).await
        })
        .unwrap();
        assert_eq!(attachment::of_items(read, COMMUNITY, &[id(55, 12)]).await.unwrap()[&id(55, 12)], std::slice::from_ref(&file));
        assert_eq!(attachment::find(read, COMMUNITY, id(56, 1)).await.unwrap(), Some((file, vec![0, 159, 146, 150])));
        let before = find().await;
        assert_eq!(before.life, life);
        life.remove_item(id(55, 12)).unwrap();
        life.open(at(10 * DAY)).unwrap();
        life.arrive(seat_id(1), id(1, 1), at(10 * DAY)).unwrap();
        life.arrive(seat_id(2), id(1, 2), at(10 * DAY + 1)).unwrap();
        life.leave(seat_id(2), id(1, 2), at(10 * DAY + 2)).unwrap();
        life.arrive(seat_id(2), id(1, 3), at(10 * DAY + 3)).unwrap();
        let follow_up = ItemOutcome::FollowUp { text: "画线".into(), owner: organisation_holder(12), due: day("2026-02-01") };
        life.write(id(55, 11), "各方同意", Some(follow_up), day("2026-01-11")).unwrap();
        life.close(at(10 * DAY + 60)).unwrap();
        life.submit_minutes("会议纪要").unwrap();
        life.approve_minutes(id(1, 1), at(10 * DAY + 90)).unwrap();
        let changed = life.clone();
        written!(store, tx => meeting::save(tx, COMMUNITY, &before, &changed).await).unwrap();
        assert_eq!(find().await.life, life);
        assert_eq!(attachment::find(read, COMMUNITY, id(56, 1)).await.unwrap(), None);
        let follow_ups = async |filter: FollowUpFilter| {
            let found = meeting::follow_ups(read, COMMUNITY, &filter, ALL).await.unwrap();
            found.rows.into_iter().map(|one| (one.meeting, one.item.id)).collect::<Vec<_>>()
        };
        let own = [(id(54, 1), id(55, 11))];
        let any = FollowUpFilter::default;
        assert_eq!(follow_ups(any()).await, own);
        assert_eq!(follow_ups(FollowUpFilter { councils: Some(vec![council_id(1)]), owners: Some(vec![id(1, 12)]), ..any() }).await, own);
        assert_eq!(follow_ups(FollowUpFilter { until: Some(day("2026-02-01")), ..any() }).await, []);
        assert_eq!(follow_ups(FollowUpFilter { from: Some(day("2026-02-01")), ..any() }).await, own);
        assert_eq!(follow_ups(FollowUpFilter { owners: Some(vec![id(1, 11)]), ..any() }).await, []);
    }

    async fn meetings_are_listed_by_time_state_and_who_is_invited(store) {
        with_council(&store).await;
        let mut third = called(3);
        third.life.invited.remove(&seat_id(6));
        third.life.cancel("台风").unwrap();
        let all = [called(1), called(2), third];
        written!(store, tx => {
            for one in &all {
                meeting::insert(tx, COMMUNITY, one).await?;
            }
            Ok(())
        })
        .unwrap();
        let read = store.read();
        let list = async |filter: MeetingFilter| {
            let found = meeting::list(read, COMMUNITY, &filter, ALL).await.unwrap();
            found.rows.into_iter().map(|head| head.id.as_u128() as u64).collect::<Vec<_>>()
        };
        let any = MeetingFilter::default;
        assert_eq!(list(any()).await, [3, 2, 1]);
        assert_eq!(list(MeetingFilter { earliest_first: true, states: vec![MeetingState::Called], ..any() }).await, [1, 2]);
        assert_eq!(list(MeetingFilter { invited: Some(vec![seat_id(6)]), ..any() }).await, [2, 1]);
        assert_eq!(list(MeetingFilter { from: Some(at(10 * DAY + 90)), until: Some(at(30 * DAY)), ..any() }).await, [2]);
        assert_eq!(list(MeetingFilter { areas: Some(vec![AREA_A]), councils: Some(vec![council_id(1)]), ..any() }).await, [3, 2, 1]);
        assert_eq!(list(MeetingFilter { areas: Some(vec![AREA_B]), ..any() }).await, [0_u64; 0]);
        let heads = meeting::heads(read, COMMUNITY, [id(54, 2)]).await.unwrap();
        assert_eq!(heads.iter().map(|head| (head.window, head.state)).collect::<Vec<_>>(), [(called(2).life.window, MeetingState::Called)]);
        let items = meeting::items_of(read, COMMUNITY, &[id(54, 1), id(54, 2)]).await.unwrap();
        assert_eq!(items[&id(54, 2)], called(2).life.items);
    }
}
