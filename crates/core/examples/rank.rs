//! Measures how long it takes to rank one new need against 20,000 offers, and to run an assignment:
//! `cargo run --release -p tongxin-core --example rank`.

use std::time::Instant;

use chrono::{DateTime, Duration, Utc};
use tongxin_core::{
    community::Location,
    service::{
        CareKind, Category, Reach, Urgency,
        affinity::{Words, weigh},
        assignment::assign,
        matching::{Fit, History, MatchingRules, NeedFacts, OfferFacts, fit, rank},
        schedule::Slots,
    },
    time::Window,
};
use uuid::Uuid;

const OFFERS: usize = 20_000;
const NEEDS: usize = 20_000;
const RUNS: usize = 200;
const BEST: usize = 20;

/// Numbers that look random and repeat exactly (SplitMix64: Steele, Lea, Flood 2014).
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (z ^ (z >> 31)) % limit
    }

    fn id(&mut self, kind: u128, limit: u64) -> Uuid {
        Uuid::from_u128(kind << 64 | u128::from(self.below(limit)))
    }

    fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[usize::try_from(self.below(from.len() as u64)).unwrap_or(0)]
    }

    /// One of 200 building groups in 10 residential areas.
    fn location(&mut self) -> Location {
        let group = self.below(200);
        Location {
            place: Uuid::from_u128(3 << 64 | u128::from(group)),
            area: Some(Uuid::from_u128(4 << 64 | u128::from(group / 20))),
        }
    }

    fn window(&mut self) -> Window {
        let from = DateTime::<Utc>::UNIX_EPOCH + Duration::hours(self.below(400).cast_signed());
        Window { from, until: from + Duration::days(10 + self.below(50).cast_signed()) }
    }

    fn slots(&mut self) -> Slots {
        Slots(u32::try_from(self.below(1 << 21) & self.below(1 << 21)).unwrap_or(1) | 1)
    }

    /// A text of 40 characters out of 800, the first ones far more often than the last: as long and as alike as texts are.
    fn words(&mut self) -> Words {
        let character = |n: u64| char::from_u32(0x4E00 + u32::try_from(n).unwrap_or(0)).unwrap_or('一');
        let text: String = (0..40)
            .map(|_| {
                let most = 1 + self.below(800);
                character(self.below(most))
            })
            .collect();
        Words::new(&text, "")
    }

    fn need(&mut self, category: Category) -> NeedFacts {
        NeedFacts {
            id: self.id(1, u64::MAX),
            member: self.id(5, 40_000),
            location: self.location(),
            category,
            care_kind: self.pick(CareKind::ALL),
            window: self.window(),
            slots: self.slots(),
            remaining: 1 + self.below(3).cast_signed(),
            urgency: self.pick(Urgency::ALL),
            in_care_group: self.below(4) == 0,
            words: self.words(),
        }
    }

    fn offer(&mut self, category: Category) -> OfferFacts {
        OfferFacts {
            id: self.id(2, u64::MAX),
            member: self.id(5, 40_000),
            location: self.location(),
            category,
            care_kind: self.pick(CareKind::ALL),
            window: self.window(),
            slots: self.slots(),
            remaining: 1 + self.below(3).cast_signed(),
            reach: self.pick(Reach::ALL),
            received_more_minutes: self.below(200).cast_signed() - 100,
            words: self.words(),
        }
    }
}

fn measure(name: &str, mut work: impl FnMut(usize) -> usize) {
    let mut found = 0;
    let mut times: Vec<f64> = (0..RUNS)
        .map(|run| {
            let start = Instant::now();
            found += work(run);
            start.elapsed().as_secs_f64() * 1_000.0
        })
        .collect();
    times.sort_by(f64::total_cmp);
    println!(
        "{name}: median {:.3} ms, p99 {:.3} ms, worst {:.3} ms ({} found on average)",
        times[RUNS / 2],
        times[RUNS * 99 / 100],
        times[RUNS - 1],
        found / RUNS
    );
}

fn main() {
    let mut numbers = Numbers(20_261_124);
    let rules = MatchingRules::default();
    // The hardest case: every offer is of the need's category.
    let offers: Vec<OfferFacts> = (0..OFFERS).map(|_| numbers.offer(Category::Convenience)).collect();
    let mut needs: Vec<NeedFacts> = (0..RUNS).map(|_| numbers.need(Category::Convenience)).collect();
    let history: History = (0..100_000).map(|_| ((numbers.id(5, 40_000), numbers.id(5, 40_000)), 1)).collect();
    let helped = |need: &NeedFacts, offer: &OfferFacts| {
        let pair = (offer.member, need.member);
        history.get(&pair).copied().unwrap_or(0)
    };
    println!("one need against {OFFERS} offers of its category, {RUNS} runs");
    measure("rank", |run| rank(&mut needs[run], &offers, &history, &rules, BEST).len());
    measure("rank and reasons of the best 20", |run| {
        let need = &mut needs[run];
        let best = rank(need, &offers, &history, &rules, BEST);
        let fits: Vec<Fit> = best
            .iter()
            .filter_map(|&(index, _)| {
                let offer = &offers[index];
                fit(need, offer, helped(need, offer), &rules).ok()
            })
            .collect();
        fits.len()
    });

    let offers: Vec<OfferFacts> = (0..OFFERS)
        .map(|_| {
            let category = numbers.pick(Category::ALL);
            numbers.offer(category)
        })
        .collect();
    let mut needs: Vec<NeedFacts> = (0..NEEDS)
        .map(|_| {
            let category = numbers.pick(Category::ALL);
            numbers.need(category)
        })
        .collect();
    let start = Instant::now();
    weigh(&mut needs, &offers);
    println!("words of {NEEDS} needs weighed: {:.2} s", start.elapsed().as_secs_f64());
    let start = Instant::now();
    match assign(&needs, &offers, &history, &rules) {
        Ok(answer) => println!(
            "assignment of {NEEDS} needs to {OFFERS} offers in ten categories: {:.2} s, {} of {} units, weight {} of {}, {} points",
            start.elapsed().as_secs_f64(),
            answer.served_units,
            answer.units,
            answer.served_weight,
            answer.total_weight,
            answer.points
        ),
        Err(error) => println!("assignment: {error}"),
    }
}
