//! Members who may be one: candidates, groups, and pairs that were told apart.

use tongxin_core::{community::OrganisationKind, people::duplicate::compare};
use tongxin_store::people::{
    self, Member,
    duplicate::{alike, groups, tell_apart, told_apart},
    merge,
};
use uuid::Uuid;

use crate::{common::*, on_both, written};

fn named(n: u64, name: &str, sound: &str, place: Uuid) -> Member {
    let mut member = person(n, place, &[]);
    member.draft.name = name.into();
    member.draft.phone = Some(format!("1380000{n:04}"));
    member.sort_key = format!("{sound}{name}");
    member
}

fn ids(members: &[Member]) -> Vec<Uuid> {
    let mut ids: Vec<Uuid> = members.iter().map(|m| m.id).collect();
    ids.sort_unstable();
    ids
}

on_both! {
    async fn candidates_share_name_sound_or_telephone(store) {
        found(&store).await;
        let mut phone = named(4, "李强", "li qiang ", AREA_B);
        phone.draft.phone = Some("138-0000-0009".into());
        let all = [
            named(1, "王芳", "wang fang ", AREA_A),
            named(2, "汪方", "wang fang ", AREA_B),
            named(3, "王芳芳", "wang fang fang ", AREA_A),
            phone,
            named(5, "赵敏", "zhao min ", AREA_A),
        ];
        add_members(&store, &all).await;
        let new = named(9, "王芳", "wang fang ", AREA_A);
        let found = alike(store.read(), COMMUNITY, &new, None).await.unwrap();
        assert_eq!(ids(&found), [id(1, 1), id(1, 2), id(1, 3), id(1, 4)]);
        let suspected: Vec<Uuid> =
            found.iter().filter(|m| compare(&new.traits(), &m.traits()).is_some()).map(|m| m.id).collect();
        assert_eq!(suspected, [id(1, 1), id(1, 2)], "the same birth date, and name or sound");
        let gone = written!(store, tx => merge::mark(tx, COMMUNITY, id(1, 1), Some(id(1, 2)), None).await);
        gone.unwrap();
        let found = alike(store.read(), COMMUNITY, &new, None).await.unwrap();
        assert_eq!(ids(&found), [id(1, 2), id(1, 3), id(1, 4)], "one that was merged is no candidate");
        assert_eq!(people::member(store.read(), COMMUNITY, id(1, 1)).await.unwrap(), None);
        assert_eq!(people::merged_into(store.read(), COMMUNITY, id(1, 1)).await.unwrap(), Some(id(1, 2)));
    }

    async fn an_organisation_is_found_by_its_short_name(store) {
        found(&store).await;
        let mut hotel = organisation(1, AREA_A, OrganisationKind::Enterprise);
        hotel.draft.name = "上海美丽园龙都大酒店有限公司".into();
        add_members(&store, &[hotel, organisation(2, AREA_A, OrganisationKind::Enterprise)]).await;
        let tokens = "美丽 丽园 园龙 龙都";
        written!(store, tx => tongxin_store::search::index(tx, COMMUNITY, "member", id(1, 1), tokens).await).unwrap();
        let mut new = organisation(9, AREA_B, OrganisationKind::Enterprise);
        new.draft.name = "美丽园龙都".into();
        let found = alike(store.read(), COMMUNITY, &new, Some(tokens)).await.unwrap();
        assert_eq!(ids(&found), [id(1, 1)]);
    }

    async fn groups_have_something_in_common(store) {
        found(&store).await;
        let mut born = named(6, "陈静", "chen jing ", AREA_B);
        let tongxin_core::people::MemberDetails::Person { birth_date, .. } = &mut born.draft.details else { unreachable!() };
        *birth_date = Some(day("1980-05-06"));
        let all = [
            named(1, "王芳", "wang fang ", AREA_A),
            named(2, "汪方", "wang fang ", AREA_B),
            named(3, "赵敏", "zhao min ", GROUP_A),
            named(4, "陈静", "chen jing ", AREA_A),
            born,
        ];
        add_members(&store, &all).await;
        let (found, more) = groups(store.read(), COMMUNITY, None).await.unwrap();
        let found: Vec<Vec<Uuid>> = found.iter().map(|g| ids(g)).collect();
        assert_eq!((found, more), (vec![vec![id(1, 1), id(1, 2)]], false), "the sound and the date of birth");
        let (found, _) = groups(store.read(), COMMUNITY, Some(&[AREA_A])).await.unwrap();
        assert!(found.is_empty(), "both are within");
    }

    async fn who_was_told_apart_stays_so(store) {
        found(&store).await;
        for (a, b) in [(id(1, 2), id(1, 1)), (id(1, 1), id(1, 2))] {
            written!(store, tx => tell_apart(tx, COMMUNITY, a, b).await).unwrap();
        }
        let apart = told_apart(store.read(), COMMUNITY).await.unwrap();
        assert_eq!(apart.into_iter().collect::<Vec<_>>(), [(id(1, 1), id(1, 2))]);
    }
}
