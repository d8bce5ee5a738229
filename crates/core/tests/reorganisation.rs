//! Random reorganisations: nothing is lost, the past stays what it was, and what can't be is refused.
#![expect(clippy::unwrap_used, reason = "a test that can't go on has failed")]

use std::collections::BTreeSet;

use chrono::{Days, NaiveDate};
use proptest::prelude::*;
use tongxin_core::{
    community::{
        Location, OrganisationKind,
        post::{Post, PostKind},
        reorganisation::{Affected, Fault, NewOrganisation, Plan, Step, plan},
        structure::{Standing, Structure},
    },
    period::Period,
};
use uuid::Uuid;

const ORGANISATIONS: u128 = 9;
const POSTS: u128 = 6;
const CHANGE: Uuid = Uuid::from_u128(0xC);

fn day(n: u64) -> NaiveDate {
    NaiveDate::from_ymd_opt(2008, 1, 1).unwrap() + Days::new(n)
}

fn id(n: u128) -> Uuid {
    Uuid::from_u128(n)
}

fn post_id(n: u128) -> Uuid {
    id(1_000 + n)
}

fn location(n: u128) -> Location {
    Location { place: id(500 + n), area: None }
}

fn standing(n: u128, line: Option<u128>) -> Standing {
    Standing {
        organisation: id(n),
        period: Period::since(day(0)),
        name: format!("科{n}"),
        kind: OrganisationKind::Department,
        line: line.map(id),
        line_outside: None,
        location: location(0),
        reorganisation: None,
    }
}

fn post(n: u128, organisation: u128) -> Post {
    Post {
        id: post_id(n),
        code: None,
        organisation: id(organisation),
        kind: PostKind::Director,
        title: "科长".into(),
        seats: 1,
        term_months: None,
        period: Period::since(day(0)),
    }
}

fn new_organisation(n: u128, line: Option<u128>) -> NewOrganisation {
    NewOrganisation {
        id: id(n),
        name: format!("新{n}"),
        kind: OrganisationKind::Department,
        line: line.map(id),
        location: location(1),
    }
}

/// Organisations in which each stands under one before it, so that there is no circle to begin with.
fn organisations() -> impl Strategy<Value = Vec<Standing>> {
    proptest::collection::vec(any::<prop::sample::Index>(), ORGANISATIONS as usize).prop_map(|above| {
        let line = |n: usize, above: &prop::sample::Index| (n > 0).then(|| above.index(n) as u128);
        above.iter().enumerate().map(|(n, above)| standing(n as u128, line(n, above))).collect()
    })
}

fn posts() -> impl Strategy<Value = Vec<Post>> {
    proptest::collection::vec(0..ORGANISATIONS, POSTS as usize)
        .prop_map(|homes| homes.into_iter().enumerate().map(|(n, home)| post(n as u128, home)).collect())
}

fn step() -> impl Strategy<Value = Step> {
    // Ids beyond the organisations are those that a step may have made, or that are not there.
    let any_id = 0..ORGANISATIONS + 3;
    let line = proptest::option::of(any_id.clone());
    prop_oneof![
        (ORGANISATIONS..ORGANISATIONS + 3, line.clone()).prop_map(|(n, line)| Step::Create(new_organisation(n, line))),
        (any_id.clone(), line.clone()).prop_map(|(n, heir)| Step::Close { organisation: id(n), heir: heir.map(id) }),
        (proptest::collection::vec(any_id.clone(), 1..3), any_id.clone())
            .prop_map(|(from, into)| Step::Merge { from: from.into_iter().map(id).collect(), into: id(into) }),
        (any_id.clone(), ORGANISATIONS..ORGANISATIONS + 3, any::<bool>()).prop_map(|(n, part, goes_on)| Step::Split {
            organisation: id(n),
            parts: vec![new_organisation(part, None)],
            goes_on
        }),
        any_id.clone().prop_map(|n| Step::Rename {
            organisation: id(n),
            name: "改名".into(),
            kind: OrganisationKind::Department
        }),
        (any_id.clone(), line).prop_map(|(n, line)| Step::MoveLine { organisation: id(n), line: line.map(id) }),
        any_id.clone().prop_map(|n| Step::MovePlace { organisation: id(n), location: location(2) }),
        (0..POSTS, any_id).prop_map(|(n, to)| Step::MovePost { post: post_id(n), organisation: id(to) }),
        (0..POSTS).prop_map(|n| Step::EndPost { post: post_id(n) }),
    ]
}

/// The standings after a plan was stored.
fn stored(history: &[Standing], plan: &Plan) -> Vec<Standing> {
    let untouched = history.iter().filter(|s| !plan.touched.contains(&s.organisation)).cloned();
    untouched.chain(plan.standings.iter().cloned()).collect()
}

fn as_of(standings: &[Standing], on: NaiveDate) -> BTreeSet<(Uuid, String, Option<Uuid>, Uuid)> {
    let structure = Structure::new(on, standings.iter().cloned());
    structure.all().iter().map(|s| (s.organisation, s.name.clone(), s.line, s.location.place)).collect()
}

proptest! {
    #[test]
    fn the_past_stays_and_the_day_is_sound(
        start in organisations(),
        posts in posts(),
        changes in proptest::collection::vec(proptest::collection::vec(step(), 1..4), 1..5),
    ) {
        let mut history = start;
        let mut shown = vec![(day(5), as_of(&history, day(5)))];
        for (n, steps) in changes.iter().enumerate() {
            let on = day(10 * (n as u64 + 1));
            let Ok(plan) = plan(on, steps, &history, &posts, CHANGE) else { continue };
            history = stored(&history, &plan);
            // Going to any past date gives what was shown then.
            for (past, then) in &shown {
                prop_assert_eq!(&as_of(&history, *past), then);
            }
            let structure = Structure::new(on, history.iter().cloned());
            prop_assert_eq!(&as_of(&history, on), &as_of(plan.after.all(), on));
            prop_assert_eq!(structure.cycle(), None);
            prop_assert_eq!(structure.orphans().count(), 0);
            // Nothing is lost: who is gone was closed, who is new was made.
            for standing in plan.before.all() {
                let gone = structure.get(standing.organisation).is_none();
                prop_assert_eq!(gone, plan.closed.contains(&standing.organisation));
            }
            // Who takes over was not there for nothing: it is there on the day, and who it takes over from is gone.
            for (gone, heir) in &plan.heirs {
                prop_assert!(plan.closed.contains(gone) && structure.get(*heir).is_some());
            }
            for new in &plan.created {
                prop_assert!(structure.get(new.id).is_some());
            }
            // Set side by side is everything that is otherwise, and nothing that is not there.
            let touched: BTreeSet<Uuid> = plan.touched.iter().copied().collect();
            let affected = Affected::new(&plan.before, &plan.after, &touched);
            prop_assert_eq!(affected.before.differences(&affected.after), plan.before.differences(&plan.after));
            prop_assert_eq!(affected.after.orphans().filter(|s| touched.contains(&s.organisation)).count(), 0);
            // Every post ends, or is in an organisation that is there.
            for post in &posts {
                let home = plan.moved_posts.iter().find(|(moved, _)| *moved == post.id).map_or(post.organisation, |m| m.1);
                let there = structure.get(home).is_some();
                prop_assert!(there || plan.ended_posts.contains(&post.id));
            }
            // Standings of one organisation do not overlap.
            for organisation in 0..ORGANISATIONS + 3 {
                let periods: Vec<Period> =
                    history.iter().filter(|s| s.organisation == id(organisation)).map(|s| s.period).collect();
                prop_assert_eq!(tongxin_core::period::overlap(&periods), None);
            }
            shown.push((on, as_of(&history, on)));
            // Later reorganisations need the posts where this one put them.
            if !plan.moved_posts.is_empty() || !plan.ended_posts.is_empty() {
                break;
            }
        }
    }
}

fn faults(steps: &[Step], history: &[Standing], posts: &[Post]) -> Vec<Fault> {
    plan(day(10), steps, history, posts, CHANGE).unwrap_err()
}

#[test]
fn eight_sections_become_five_departments() {
    let mut history = vec![standing(0, None)];
    history.extend((1..=8).map(|n| standing(n, Some(0))));
    let posts: Vec<Post> = (1..=8).map(|n| post(n, n)).collect();
    let steps = [
        Step::Rename { organisation: id(1), name: "社区服务部".into(), kind: OrganisationKind::Department },
        Step::Merge { from: vec![id(2), id(3)], into: id(1) },
        Step::Merge { from: vec![id(5)], into: id(4) },
        Step::EndPost { post: post_id(5) },
    ];
    let plan = plan(day(10), &steps, &history, &posts, CHANGE).unwrap();
    assert_eq!(plan.before.shape(id(0)).widest_span, 8);
    assert_eq!(plan.after.shape(id(0)).widest_span, 5);
    assert_eq!(plan.closed, [id(2), id(3), id(5)]);
    assert_eq!(plan.heirs, [(id(2), id(1)), (id(3), id(1)), (id(5), id(4))]);
    assert_eq!(plan.moved_posts, [(post_id(2), id(1)), (post_id(3), id(1))]);
    assert_eq!(plan.ended_posts, [post_id(5)]);
    let renamed = plan.standings.iter().filter(|s| s.organisation == id(1)).map(|s| s.name.as_str());
    assert_eq!(renamed.collect::<Vec<_>>(), ["科1", "社区服务部"]);
}

#[test]
fn what_cannot_be_is_told() {
    let history = [standing(0, None), standing(1, Some(0)), standing(2, Some(1))];
    let posts = [post(1, 2)];
    let move_under_itself = Step::MoveLine { organisation: id(1), line: Some(id(2)) };
    assert_eq!(faults(&[move_under_itself], &history, &posts), [Fault::Circle { organisations: vec![id(1), id(2)] }]);
    let close = |n| Step::Close { organisation: id(n), heir: None };
    assert_eq!(faults(&[close(1)], &history, &posts), [Fault::Orphaned { organisation: id(2) }]);
    assert_eq!(faults(&[close(2)], &history, &posts), [Fault::PostLeft { post: post_id(1) }]);
    assert_eq!(faults(&[close(7)], &history, &posts), [Fault::NotThere { step: 0, organisation: id(7) }]);
    let into_itself = Step::Merge { from: vec![id(1)], into: id(1) };
    assert_eq!(faults(&[into_itself], &history, &posts), [Fault::Pointless { step: 0 }]);
    let again = Step::Create(new_organisation(1, None));
    assert_eq!(faults(&[again], &history, &posts), [Fault::AlreadyThere { step: 0, organisation: id(1) }]);
}

#[test]
fn a_change_of_a_later_day_is_not_overrun() {
    let mut first = standing(1, Some(0));
    first.period.until = Some(day(20));
    let later = Standing { period: Period::since(day(20)), name: "后名".into(), ..standing(1, Some(0)) };
    let history = [standing(0, None), first, later];
    let rename = Step::Rename { organisation: id(1), name: "今名".into(), kind: OrganisationKind::Department };
    assert_eq!(faults(&[rename], &history, &[]), [Fault::LaterChange { organisation: id(1), on: day(20) }]);
    // An organisation that others stand under later can't be closed before.
    let joins = Standing { period: Period::since(day(30)), ..standing(2, Some(1)) };
    let history = [standing(0, None), standing(1, Some(0)), joins];
    let close = Step::Close { organisation: id(1), heir: Some(id(0)) };
    assert_eq!(faults(&[close], &history, &[]), [Fault::Orphaned { organisation: id(2) }]);
}

#[test]
fn who_takes_over_in_the_end() {
    let history = [standing(0, None), standing(1, Some(0)), standing(2, Some(0)), standing(3, Some(0))];
    let steps = [
        Step::Create(new_organisation(20, Some(0))),
        Step::Merge { from: vec![id(1), id(2)], into: id(20) },
        Step::Merge { from: vec![id(20)], into: id(3) },
    ];
    let plan_of = |steps: &[Step]| plan(day(10), steps, &history, &[], CHANGE).unwrap();
    let plan = plan_of(&steps);
    assert_eq!(plan.heirs, [(id(1), id(3)), (id(2), id(3))]);
    assert_eq!((plan.created, plan.closed), (vec![], vec![id(1), id(2)]));
    // Whose heir ends without an heir has none.
    let steps = [Step::Merge { from: vec![id(1)], into: id(2) }, Step::Close { organisation: id(2), heir: None }];
    assert_eq!(plan_of(&steps).heirs, []);
}

#[test]
fn who_gets_a_superior_here_has_none_outside() {
    let outside = Standing { line_outside: Some("区教育局".into()), ..standing(1, None) };
    let history = [standing(0, None), outside];
    let to = |line| [Step::MoveLine { organisation: id(1), line }];
    let after = |line| plan(day(10), &to(line), &history, &[], CHANGE).unwrap().after.get(id(1)).cloned().unwrap();
    assert_eq!(after(Some(id(0))).line_outside, None);
    assert_eq!(after(None).line_outside.as_deref(), Some("区教育局"));
}

#[test]
fn what_is_otherwise_is_cut_out() {
    let mut history = vec![standing(0, None), standing(1, Some(0)), standing(2, Some(1)), standing(9, Some(2))];
    history.extend((3..=5).map(|n| standing(n, Some(2))));
    history.extend((6..=8).map(|n| standing(n, Some(3))));
    let steps = [Step::Close { organisation: id(3), heir: Some(id(2)) }];
    let plan = plan(day(10), &steps, &history, &[], CHANGE).unwrap();
    let touched = plan.touched.iter().copied().collect();
    let affected = Affected::new(&plan.before, &plan.after, &touched);
    let ids = |s: &Structure| s.all().iter().map(|s| s.organisation.as_u128()).collect::<Vec<_>>();
    assert_eq!((ids(&affected.before), ids(&affected.after)), (vec![2, 3, 6, 7, 8], vec![2, 6, 7, 8]));
    assert_eq!((affected.before.whole_shape().levels, affected.after.whole_shape().levels), (3, 2));
}
