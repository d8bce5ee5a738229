//! Lists show exactly what the policies let each viewer see.

use std::collections::BTreeSet;

use tongxin_app::{
    policy::Resource,
    service::intents::{self, IntentFilter, Sight},
};
use tongxin_core::service::{IntentForm, Side};
use tongxin_store::Slice;

use crate::world::*;

on_both! {
    async fn lists_agree_with_the_policies(w) {
        let owners = [(ANNA, GROUP_A1), (CARL, GROUP_B1), (HOTEL, AREA_A), (HOTEL, GROUP_B1), (SUBDISTRICT, ROOT)];
        let mut ids = Vec::new();
        for side in [Side::Need, Side::Offer] {
            for visibility in ["public", "members", "staff"] {
                for (member, place) in owners {
                    let who = w.viewer(if member == HOTEL { UNA } else { member }).await;
                    let form = IntentForm { visibility: visibility.into(), ..form(1) };
                    ids.push(intents::create(&w.app, &who, side, Some(member), Some(place), &form).await.unwrap());
                }
            }
        }
        for who in w.everyone().await {
            for side in [Side::Need, Side::Offer] {
                // The filter's own sight is never trusted.
                let filter = IntentFilter::new(side, Sight::All);
                let listed = intents::list(&w.app, &who, filter, ALL).await.unwrap();
                let mut allowed = BTreeSet::new();
                for id in &ids {
                    let intent = w.load(*id).await;
                    let may = w.app.may(&who, "ViewIntent", Resource::Intent(&intent)).await.unwrap().is_some();
                    assert_eq!(intents::show(&w.app, &who, *id).await.is_ok(), may);
                    if may && intent.side == side {
                        allowed.insert(*id);
                    }
                }
                let rows: BTreeSet<_> = listed.rows.iter().map(|card| card.intent.id).collect();
                assert_eq!(rows, allowed, "{who:?}");
                let count = i64::try_from(allowed.len()).unwrap();
                assert_eq!(listed.total, allowed.len() as u64);
                // A page that is not the last is counted: for all alike, and the viewer's own.
                let page = Slice { offset: 0, limit: 1 };
                let counted = intents::list(&w.app, &who, IntentFilter::new(side, Sight::All), page).await.unwrap();
                assert_eq!(counted.total, allowed.len() as u64, "{who:?}");
                let by_category = intents::open_by_category(&w.app, &who, side).await.unwrap();
                assert_eq!(by_category.values().sum::<i64>(), count);
                let by_place = intents::open_by_place(&w.app, &who, side).await.unwrap();
                assert_eq!(by_place.values().sum::<i64>(), count);
            }
        }
    }

    async fn a_guest_reads_no_persons_name(w) {
        let public = IntentForm { visibility: "public".into(), ..form(1) };
        w.intent(Side::Need, ANNA, &public).await;
        w.intent(Side::Need, HOTEL, &public).await;
        let filter = || IntentFilter::new(Side::Need, Sight::All);
        let names = |cards: Vec<intents::IntentCard>| cards.into_iter().filter_map(|c| c.member).map(|n| n.name).collect::<BTreeSet<_>>();
        let seen = intents::list(&w.app, &tongxin_app::Viewer::Guest, filter(), ALL).await.unwrap();
        assert_eq!(names(seen.rows), BTreeSet::from(["Hotel".to_owned()]));
        let seen = intents::list(&w.app, &w.viewer(BEN).await, filter(), ALL).await.unwrap();
        assert_eq!(names(seen.rows), BTreeSet::from(["Anna".to_owned(), "Hotel".to_owned()]));
    }
}
