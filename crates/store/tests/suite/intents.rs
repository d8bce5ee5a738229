//! Needs and offers.

use tongxin_core::service::{CareKind, Category, Intent, IntentState, Side, Urgency, Visibility, schedule::Slots};
use tongxin_store::{
    Error, Slice,
    service::{
        Sight,
        intents::{self, IntentFilter, IntentSort},
    },
};
use uuid::Uuid;

use crate::{common::*, on_both, written};

/// 96 needs and offers in which every value of every filtered field occurs, in many combinations.
fn many() -> Vec<Intent> {
    let places = [ROOT, AREA_A, AREA_B, GROUP_A];
    let of = |n: usize, values: usize, step: usize| n / step % values;
    (0..96)
        .map(|n| {
            let side = Side::ALL[of(n, 2, 1)];
            let place = places[of(n, 4, 2)];
            let mut i = intent(side, n as u64, id(1, of(n, 3, 5) as u64), place, (n as i64 * 37) % 50);
            i.draft.category = Category::ALL[of(n, 10, 3)];
            i.draft.care_kind = CareKind::ALL[of(n, 2, 7)];
            i.draft.urgency = Urgency::ALL[of(n, 3, 4)];
            i.draft.visibility = Visibility::ALL[of(n, 3, 2)];
            i.state = IntentState::ALL[of(n, 5, 3)];
            i.draft.schedule.window.until = at(20_000 + (n as i64 * 53) % 96);
            i.draft.schedule.slots = Slots(n as u32 + 1);
            i.draft.schedule.rule = n.is_multiple_of(4).then(|| "FREQ=WEEKLY".to_owned());
            i
        })
        .collect()
}

fn allowed(i: &Intent, sight: &Sight) -> bool {
    match sight {
        Sight::All => true,
        Sight::Public => i.draft.visibility == Visibility::Public,
        Sight::Member { members, areas } => {
            i.draft.visibility != Visibility::Staff
                || members.contains(&i.member)
                || i.location.area.is_some_and(|a| areas.contains(&a))
        }
        Sight::Own { members, areas } => {
            let [whole, others] =
                [members.clone(), vec![]].map(|members| Sight::Member { members, areas: areas.clone() });
            allowed(i, &whole) && !allowed(i, &others)
        }
    }
}

/// What the list ought to give, told without a database.
fn expected(all: &[Intent], f: &IntentFilter) -> Vec<Uuid> {
    let mut kept: Vec<&Intent> = all
        .iter()
        .filter(|i| i.side == f.side && allowed(i, &f.sight))
        .filter(|i| f.states.is_empty() || f.states.contains(&i.state))
        .filter(|i| f.category.is_none_or(|c| c == i.draft.category))
        .filter(|i| f.care_kind.is_none_or(|c| c == i.draft.care_kind))
        .filter(|i| f.urgency.is_none_or(|u| u == i.draft.urgency))
        .filter(|i| f.area.is_none() || f.area == i.location.area)
        .filter(|i| f.place.is_none_or(|p| p == i.location.place))
        .filter(|i| f.member.is_none_or(|m| m == i.member))
        .collect();
    kept.sort_by_key(|i| match f.sort {
        IntentSort::EndsFirst => (i.draft.schedule.window.until, i.id),
        _ => (i.created_at, i.id),
    });
    if f.sort == IntentSort::Newest {
        kept.reverse();
    }
    kept.iter().map(|i| i.id).collect()
}

fn filters() -> Vec<IntentFilter> {
    let need = || IntentFilter::new(Side::Need, Sight::All);
    let mut filters = vec![need(), IntentFilter::new(Side::Offer, Sight::All)];
    filters.extend(Category::ALL.iter().map(|c| IntentFilter { category: Some(*c), ..need() }));
    filters.extend(CareKind::ALL.iter().map(|c| IntentFilter { care_kind: Some(*c), ..need() }));
    filters.extend(Urgency::ALL.iter().map(|u| IntentFilter { urgency: Some(*u), ..need() }));
    filters.extend(IntentState::ALL.iter().map(|s| IntentFilter { states: vec![*s], ..need() }));
    filters.push(IntentFilter { states: vec![IntentState::Open, IntentState::Met], ..need() });
    filters.extend([AREA_A, AREA_B].map(|a| IntentFilter { area: Some(a), ..need() }));
    filters.extend([ROOT, GROUP_A].map(|p| IntentFilter { place: Some(p), ..need() }));
    filters.push(IntentFilter { member: Some(id(1, 1)), ..need() });
    let sorts = [IntentSort::Newest, IntentSort::Oldest, IntentSort::EndsFirst];
    filters.extend(sorts.map(|sort| IntentFilter { sort, ..need() }));
    for side in [Side::Need, Side::Offer] {
        let sights = [
            Sight::Public,
            Sight::Member { members: vec![], areas: vec![] },
            Sight::Member { members: vec![id(1, 0)], areas: vec![] },
            Sight::Member { members: vec![], areas: vec![AREA_A] },
            Sight::Member { members: vec![id(1, 1), id(1, 2)], areas: vec![AREA_B] },
            Sight::Own { members: vec![id(1, 0)], areas: vec![] },
            Sight::Own { members: vec![id(1, 1), id(1, 2)], areas: vec![AREA_B] },
        ];
        for sight in sights {
            filters.push(IntentFilter::new(side, sight.clone()));
            filters.push(IntentFilter {
                states: vec![IntentState::Open],
                area: Some(AREA_A),
                sort: IntentSort::Oldest,
                ..IntentFilter::new(side, sight)
            });
        }
    }
    filters
}

on_both! {
    async fn lists_agree_with_a_plain_filter(store) {
        found(&store).await;
        add_members(&store, &[0, 1, 2].map(|n| person(n, AREA_A, &[]))).await;
        let all = many();
        add_intents(&store, &all).await;
        for filter in filters() {
            let want = expected(&all, &filter);
            let got = intents::list(store.read(), COMMUNITY, &filter, ALL).await.unwrap();
            assert_eq!(got.rows.iter().map(|i| i.id).collect::<Vec<_>>(), want, "{filter:?}");
            assert_eq!(got.total, want.len() as u64, "{filter:?}");
            let slice = Slice { offset: 3, limit: 4 };
            let page = intents::list(store.read(), COMMUNITY, &filter, slice).await.unwrap();
            let part: Vec<_> = want.iter().skip(3).take(4).copied().collect();
            assert_eq!(page.rows.iter().map(|i| i.id).collect::<Vec<_>>(), part, "{filter:?}");
            assert_eq!(page.total, want.len() as u64, "{filter:?}");
        }
        for sight in [Sight::All, Sight::Public, Sight::Member { members: vec![id(1, 0)], areas: vec![AREA_B] }] {
            let counts = intents::open_by_category(store.read(), COMMUNITY, Side::Need, &sight).await.unwrap();
            for category in Category::ALL {
                let n = all.iter().filter(|i| {
                    i.side == Side::Need && i.state == IntentState::Open && i.draft.category == *category && allowed(i, &sight)
                });
                assert_eq!(counts.get(category).copied().unwrap_or(0), n.count() as i64, "{category} {sight:?}");
            }
        }
        let past = intents::past_their_window(store.read(), COMMUNITY, at(20_050), 100).await.unwrap();
        let due = all.iter().filter(|i| i.state == IntentState::Open && i.draft.schedule.window.until <= at(20_050));
        assert_eq!(past.len(), due.count());
        assert!(past.is_sorted_by_key(|i| i.draft.schedule.window.until));
        assert_eq!(intents::past_their_window(store.read(), COMMUNITY, at(20_050), 2).await.unwrap().len(), 2);
    }

    async fn a_need_comes_back_as_it_was_stored(store) {
        found(&store).await;
        add_members(&store, &[person(0, AREA_A, &[])]).await;
        let mut need = intent(Side::Need, 1, id(1, 0), GROUP_A, 5);
        need.entered_by = Some(id(7, 7));
        need.draft.schedule.rule = Some("FREQ=WEEKLY;BYDAY=MO".into());
        let new = vec![(need.clone(), Some("n-1".to_owned()))];
        written!(store, tx => intents::insert(tx, COMMUNITY, new).await).unwrap();
        assert_eq!(intents::intent(store.read(), COMMUNITY, need.id).await.unwrap(), Some(need.clone()));
        need.draft.title = "换了题".into();
        need.commit(3, at(9)).unwrap();
        let changed = need.clone();
        written!(store, tx => intents::save(tx, COMMUNITY, &changed).await).unwrap();
        let found = intents::many(store.read(), COMMUNITY, [need.id, need.id, id(2, 99)]).await.unwrap();
        assert_eq!(found.len(), 1);
        assert_eq!(found[&need.id], need);
        let mut twin = intent(Side::Offer, 2, id(1, 0), AREA_A, 5);
        twin.member = id(1, 0);
        let new = vec![(twin, Some("n-1".to_owned()))];
        let again = written!(store, tx => intents::insert(tx, COMMUNITY, new).await);
        assert!(is_taken(&again), "the code stayed through the save: {again:?}");
    }

    async fn a_long_list_is_counted_to_a_cap(store) {
        found(&store).await;
        add_members(&store, &[person(0, AREA_A, &[])]).await;
        let all: Vec<_> = (0..1_030).map(|n| intent(Side::Need, n, id(1, 0), AREA_A, n as i64)).collect();
        add_intents(&store, &all).await;
        let filter = IntentFilter::new(Side::Need, Sight::All);
        for (offset, total) in [(0, 1_000), (20, 1_020), (1_000, 1_030)] {
            let page = intents::list(store.read(), COMMUNITY, &filter, Slice { offset, limit: 10 }).await.unwrap();
            assert_eq!((page.rows.len(), page.total), (10, total));
        }
    }

    async fn the_database_refuses_what_breaks_the_rules(store) {
        found(&store).await;
        add_members(&store, &[person(0, AREA_A, &[])]).await;
        let good = intent(Side::Need, 1, id(1, 0), AREA_A, 0);
        add_intents(&store, std::slice::from_ref(&good)).await;
        let change = |f: fn(&mut Intent)| {
            let mut bad = good.clone();
            f(&mut bad);
            bad
        };
        let bad = [
            change(|i| i.committed = 4),
            change(|i| i.fulfilled = 1),
            change(|i| i.fulfilled = -1),
            change(|i| i.draft.quantity = 0),
            change(|i| i.draft.schedule.window.until = i.draft.schedule.window.from),
            change(|i| i.member = id(1, 99)),
            change(|i| i.location.place = id(8, 99)),
        ];
        for bad in bad {
            let told = format!("{bad:?}");
            let saved = written!(store, tx => intents::save(tx, COMMUNITY, &bad).await);
            assert!(matches!(saved, Err(Error::Database(_))), "{told}: {saved:?}");
        }
        assert_eq!(intents::intent(store.read(), COMMUNITY, good.id).await.unwrap(), Some(good));
    }
}
