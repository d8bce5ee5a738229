//! Full-text search.

use tongxin_core::{
    people::MemberKind,
    service::{IntentState, Side},
};
use tongxin_store::{
    Slice,
    people::{self, MemberFilter},
    search,
    service::{
        Sight,
        intents::{self, IntentFilter},
    },
};

use crate::{common::*, on_both, written};

async fn index(store: &tongxin_store::Store, kind: &'static str, subject: uuid::Uuid, tokens: &'static str) {
    written!(store, tx => search::index(tx, COMMUNITY, kind, subject, tokens).await).unwrap();
}

on_both! {
    async fn needs_are_found_by_their_tokens(store) {
        found(&store).await;
        add_members(&store, &[person(1, AREA_A, &[])]).await;
        let mut all: Vec<_> = (1..=4).map(|n| intent(Side::Need, n, id(1, 1), AREA_A, n as i64)).collect();
        all.push(intent(Side::Offer, 5, id(1, 1), AREA_A, 5));
        all[1].state = IntentState::Met;
        add_intents(&store, &all).await;
        index(&store, "need", id(2, 1), "上门 门理 理发 shangmen lifa 3号楼 110").await;
        index(&store, "need", id(2, 2), "上门 修表 xiubiao 1e5").await;
        index(&store, "need", id(2, 3), "读报 dubao 13800000000 n-17").await;
        index(&store, "offer", id(2, 5), "上门 理发 lifa").await;
        let ask = |side, tokens: &'static str, states| {
            let store = store.clone();
            async move {
                let filter = IntentFilter { tokens: Some(tokens.into()), states, ..IntentFilter::new(side, Sight::All) };
                let found = intents::list(store.read(), COMMUNITY, &filter, ALL).await.unwrap();
                assert_eq!(found.total, found.rows.len() as u64);
                found.rows.iter().map(|i| i.id.as_u128() as u64).collect::<Vec<_>>()
            }
        };
        let cases: [(&str, &[u64]); 18] = [
            ("上门", &[2, 1]),
            ("上门 理发", &[1]),
            ("理发 上门", &[1]),
            ("上", &[2, 1]),
            ("li", &[1]),
            ("lif shangmen", &[]),
            ("shangmen lif", &[1]),
            ("读报 理发", &[]),
            ("3号", &[1]),
            ("110", &[1]),
            ("1e5", &[2]),
            ("138", &[3]),
            ("n 17", &[3]),
            ("n-17", &[3]),
            ("DUBAO", &[3]),
            ("\"上门' OR (", &[]),
            ("' & !:* \\", &[]),
            ("   ", &[]),
        ];
        for (tokens, expected) in cases {
            assert_eq!(ask(Side::Need, tokens, vec![]).await, expected, "{tokens}");
        }
        assert_eq!(ask(Side::Offer, "理发", vec![]).await, [5]);
        assert_eq!(ask(Side::Need, "上门", vec![IntentState::Met]).await, [2]);
        let long: &'static str = Box::leak("a".repeat(5_000).into_boxed_str());
        index(&store, "need", id(2, 4), long).await;
        assert_eq!(ask(Side::Need, long, vec![]).await, [4], "a very long word");
        index(&store, "need", id(2, 4), " ").await;
        index(&store, "need", id(2, 1), "剪发 jianfa").await;
        assert_eq!(ask(Side::Need, "理发", vec![]).await, [0_u64; 0], "the old words are gone");
        assert_eq!(ask(Side::Need, "剪发", vec![]).await, [1]);
    }

    async fn members_are_found_by_their_tokens(store) {
        found(&store).await;
        add_members(&store, &[1, 2, 3].map(|n| person(n, AREA_A, &[]))).await;
        index(&store, "member", id(1, 1), "张伟 zhang wei zhangwei").await;
        index(&store, "member", id(1, 2), "张建 zhang jian zhangjian").await;
        for (tokens, expected) in [("zhang", vec![1, 2]), ("zhang w", vec![1]), ("zhangj", vec![2]), ("张伟", vec![1]), ("王", vec![])] {
            let filter = MemberFilter { tokens: Some(tokens.into()), kind: Some(MemberKind::Person), area: Some(AREA_A), ..MemberFilter::default() };
            let found = people::list(store.read(), COMMUNITY, &filter, ALL).await.unwrap();
            let expected: Vec<_> = expected.into_iter().map(|n| id(1, n)).collect();
            assert_eq!(found.rows.iter().map(|m| m.id).collect::<Vec<_>>(), expected, "{tokens}");
        }
    }

    async fn a_frequent_word_finds_the_same_in_the_order_of_the_list(store) {
        found(&store).await;
        add_members(&store, &[person(1, AREA_A, &[])]).await;
        let many: Vec<_> = (1..=1_600).map(|n| intent(Side::Need, n, id(1, 1), AREA_A, n as i64)).collect();
        add_intents(&store, &many).await;
        written!(store, tx => {
            for n in 1..=1_600_u64 {
                let rare = if n.is_multiple_of(400) { "rare" } else { "often" };
                search::index(tx, COMMUNITY, "need", id(2, n), &format!("读报 dubao {rare} n{n}")).await?;
            }
            Ok::<_, tongxin_store::Error>(())
        })
        .unwrap();
        let ask = |side, tokens: &'static str, slice| {
            let store = store.clone();
            async move {
                let filter = IntentFilter { tokens: Some(tokens.into()), ..IntentFilter::new(side, Sight::All) };
                let found = intents::list(store.read(), COMMUNITY, &filter, slice).await.unwrap();
                (found.total, found.rows.iter().map(|i| i.id.as_u128() as u64).collect::<Vec<_>>())
            }
        };
        let page = |offset| Slice { offset, limit: 3 };
        assert_eq!(ask(Side::Need, "读报", page(0)).await, (1_000, vec![1_600, 1_599, 1_598]));
        assert_eq!(ask(Side::Need, "dub", page(3)).await, (1_003, vec![1_597, 1_596, 1_595]));
        assert_eq!(ask(Side::Need, "读报 often", page(0)).await.1, [1_599, 1_598, 1_597]);
        assert_eq!(ask(Side::Need, "读报 rare", page(0)).await, (4, vec![1_600, 1_200, 800]));
        assert_eq!(ask(Side::Need, "duba 读报", page(0)).await, (0, vec![]), "only the last may be a beginning");
        assert_eq!(ask(Side::Offer, "读报", page(0)).await, (0, vec![]), "of the other side none");
    }
}
