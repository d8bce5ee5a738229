//! Recounts 1,000,000 made-up ballots by each method and prints the seconds:
//! `cargo run --release -p tongxin-tally --example recount [-- BALLOTS]`.
//!
//! One line a method, `METHOD: SECONDS s, RESULT`. The ballots follow from a fixed seed. The time is that from ballots in
//! memory, as they come from a file, to the outcome.

use std::{error::Error, time::Instant};

use tongxin_tally::{
    Fraction,
    budget::{Completion, Satisfaction},
    count::{Ballot, Count, Mark, Rule},
    majority::{Abstention, Base, Condition, Reach, Tie},
};

const OPTIONS: u16 = 10;

/// A small generator (SplitMix64, Steele, Lea, Flood 2014), so that every run has the same ballots.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (mixed ^ (mixed >> 31)) % end
    }

    /// Some options in an order, those with small numbers more often first.
    fn ranking(&mut self, least: u16) -> Vec<u16> {
        let mut open: Vec<u16> = (0..OPTIONS).collect();
        let length = u64::from(least) + self.below(u64::from(OPTIONS - least) + 1);
        let mut take = || {
            let length = open.len() as u64;
            let at = self.below(length).min(self.below(length));
            open.remove(usize::try_from(at).unwrap_or(0))
        };
        (0..length).map(|_| take()).collect()
    }
}

/// Two thirds take part and more than half approve, by heads and by area.
fn majority(ballots: u64) -> Rule {
    let both = |reach, share, of| (0..2).map(|weight| Condition { weight, reach, share, of }).collect();
    let two_thirds = "2/3".parse().unwrap_or(Fraction::HALF);
    Rule::Majority {
        weights: 2,
        entitled: vec![ballots * 5 / 4, ballots * 12_000],
        silent: vec![0, 0],
        participation: both(Reach::AtLeast, two_thirds, Base::Entitled),
        approval: both(Reach::MoreThan, Fraction::HALF, Base::Participating),
        abstention: Abstention::TakesPart,
        tie: Tie::Fails,
        casting: None,
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let ballots = std::env::args().nth(1).map_or(Ok(1_000_000), |number| number.parse())?;
    let costs: Vec<u64> = (1..=u64::from(OPTIONS)).map(|option| option * 7_000 * ballots / 1_000).collect();
    let completion = Completion::Greedy;
    let shares = Rule::EqualShares { budget: ballots * 200, costs, satisfaction: Satisfaction::Cost, completion };
    for (name, rule) in [
        ("yes or no, two weights", majority(ballots)),
        ("approval, 10 options", Rule::Approval { seats: 5, most: None }),
        ("instant run-off, 10 options", Rule::InstantRunoff),
        ("single transferable vote, 10 options, 5 seats, exact fractions", Rule::Stv { seats: 5, places: None }),
        ("single transferable vote, 10 options, 5 seats, 5 places", Rule::Stv { seats: 5, places: Some(5) }),
        ("equal shares, 10 projects", shares),
    ] {
        let mut numbers = Numbers(7);
        let mut make = || match rule {
            Rule::Majority { .. } => Ballot {
                mark: [Mark::Yes, Mark::Yes, Mark::No, Mark::Abstain][usize::try_from(numbers.below(4)).unwrap_or(0)]
                    .clone(),
                weights: vec![1, 3_000 + numbers.below(12_000)],
                times: 1,
            },
            _ => Ballot::new(Mark::Options(numbers.ranking(1))),
        };
        let options = (0..OPTIONS).map(|option| option.to_string()).collect();
        let count = Count { ballots: (0..ballots).map(|_| make()).collect(), ..Count::new(options, rule) };
        let start = Instant::now();
        let outcome = count.run()?;
        let seconds = start.elapsed().as_secs_f64();
        let result = outcome
            .passed()
            .map_or_else(|| format!("elected {:?}", outcome.elected()), |passed| format!("passed {passed}"));
        println!("{name}: {seconds:.3} s, {result}");
    }
    Ok(())
}
