//! What a need and an offer say alike: the words that both texts hold, each weighed by how rare it is among the offers.
//!
//! A Chinese text is taken as pairs of characters, any other as words. A word that most offers hold tells nothing and
//! weighs nothing; each halving of the offers that hold it adds one. The weights stand with the need, so the points of a
//! pair depend on the pair alone, and a run can price every pair as ranking does.

use std::collections::HashMap;

use super::{
    Category,
    matching::{NeedFacts, OfferFacts},
};
use crate::text::{Run, runs};

/// The most that one word weighs: held by one offer of 64 or fewer.
const WEIGHT_MAX: u8 = 6;
/// The weight of all shared words together that gives all points for the text.
const FULL_WEIGHT: u32 = 12;
/// The least weight of a word that is worth telling.
const TOLD_WEIGHT: u8 = 2;
/// The most words that are told.
const TOLD_WORDS: usize = 3;
/// Marks the ids of words, which are hashed; the id of a pair of Chinese characters is the pair itself.
const WORD: u64 = 1 << 63;

/// The words of a title with its text, ready to be compared.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Words {
    text: String,
    /// Sorted, each once.
    ids: Vec<u64>,
    /// The weights, in the order of `ids`; all 0 until [`weigh`] has seen the offers.
    weights: Vec<u8>,
}

impl Words {
    /// The words of a title and of a text.
    #[must_use]
    pub fn new(title: &str, text: &str) -> Self {
        let text = format!("{title}\n{text}");
        let mut ids: Vec<u64> = runs(&text).iter().flat_map(ids_of).collect();
        ids.sort_unstable();
        ids.dedup();
        Self { text, weights: vec![0; ids.len()], ids }
    }

    /// What the shared words weigh together.
    #[must_use]
    pub fn shared_weight(&self, other: &Self) -> u32 {
        shared(&self.ids, &other.ids).map(|at| u32::from(self.weights[at])).sum()
    }

    fn weight_of(&self, id: u64) -> u8 {
        self.ids.binary_search(&id).map_or(0, |at| self.weights[at])
    }

    /// The words worth telling that `other` holds too, the weightiest first. Chinese pairs that follow each other are told
    /// as the longest phrase that stands in both texts.
    #[must_use]
    pub fn told(&self, other: &Self) -> Vec<String> {
        let weight = |id: u64| {
            let weight = self.weight_of(id);
            if weight >= TOLD_WEIGHT && other.ids.binary_search(&id).is_ok() { u32::from(weight) } else { 0 }
        };
        let mut phrases: Vec<(u32, String)> = Vec::new();
        for run in runs(&self.text) {
            match &run {
                Run::Word(word) => phrases.extend(ids_of(&run).map(|id| (weight(id), word.clone()))),
                Run::Chinese(chars) => phrases.extend(chinese_phrases(chars, &other.text, weight)),
            }
        }
        phrases.retain(|(weight, _)| *weight > 0);
        phrases.sort_by_key(|(weight, _)| std::cmp::Reverse(*weight));
        let mut told: Vec<String> = Vec::new();
        for (_, phrase) in phrases {
            if !told.iter().any(|t| t.contains(&phrase)) {
                told.push(phrase);
            }
        }
        told.truncate(TOLD_WORDS);
        told
    }
}

/// The phrases of `chars` whose pairs all have a weight and that stand in `text`, with their weights.
fn chinese_phrases(chars: &[char], text: &str, weight: impl Fn(u64) -> u32) -> Vec<(u32, String)> {
    let mut phrases: Vec<(u32, String)> = Vec::new();
    let mut open = false;
    for pair in chars.windows(2) {
        let of_pair = weight(pair_id(pair[0], pair[1]));
        let longer = phrases.last().filter(|_| open).map(|(_, phrase)| format!("{phrase}{}", pair[1]));
        match (phrases.last_mut(), longer) {
            (Some(last), Some(longer)) if of_pair > 0 && text.contains(&longer) => *last = (last.0 + of_pair, longer),
            _ if of_pair > 0 => phrases.push((of_pair, pair.iter().collect())),
            _ => {}
        }
        open = of_pair > 0;
    }
    phrases
}

/// The points of `full` that a shared weight gives, rounded down.
#[must_use]
pub fn points(shared_weight: u32, full: i64) -> i64 {
    full * i64::from(shared_weight.min(FULL_WEIGHT)) / i64::from(FULL_WEIGHT)
}

/// Sets what each word of the needs weighs among the offers of their categories.
pub fn weigh(needs: &mut [NeedFacts], offers: &[OfferFacts]) {
    for &category in Category::ALL {
        let of_category = offers.iter().filter(|offer| offer.category == category).map(|offer| &offer.words);
        let mut needs: Vec<&mut Words> =
            needs.iter_mut().filter(|need| need.category == category).map(|need| &mut need.words).collect();
        match needs.as_mut_slice() {
            [] => {}
            [need] => drop(weigh_one(need, of_category)),
            needs => weigh_all(needs, of_category),
        }
    }
}

/// As [`weigh`] for one need, with the shared weight of each offer. It goes through the offers once and makes no table of
/// all words.
pub(super) fn weigh_one<'a>(need: &mut Words, offers: impl Iterator<Item = &'a Words>) -> Vec<u32> {
    let (mut holding, mut found) = (vec![0; need.ids.len()], Vec::new());
    let wanted = Wanted::new(&need.ids);
    let mut all = 0;
    for offer in offers {
        for at in wanted.found_in(&offer.ids) {
            holding[at] += 1;
            found.push((all, at));
        }
        all += 1;
    }
    for (weight, holding) in need.weights.iter_mut().zip(holding) {
        *weight = rarity(all, holding);
    }
    let mut sums = vec![0; all as usize];
    for (offer, at) in found {
        sums[offer as usize] += u32::from(need.weights[at]);
    }
    sums
}

fn weigh_all<'a>(needs: &mut [&mut Words], offers: impl Iterator<Item = &'a Words>) {
    let (mut all, mut holding) = (0, HashMap::<u64, u32>::new());
    for offer in offers {
        all += 1;
        for id in &offer.ids {
            *holding.entry(*id).or_default() += 1;
        }
    }
    for need in needs {
        for (weight, id) in need.weights.iter_mut().zip(&need.ids) {
            *weight = rarity(all, holding.get(id).copied().unwrap_or(0));
        }
    }
}

/// How often the offers can be halved until as many are left as hold the word; nothing for a word that none holds.
fn rarity(all: u32, holding: u32) -> u8 {
    let halvings = all.saturating_add(1).checked_div(holding).and_then(u32::checked_ilog2).unwrap_or(0);
    u8::try_from(halvings).unwrap_or(WEIGHT_MAX).min(WEIGHT_MAX)
}

/// A need's words laid out so that the few words of an offer which it holds too are found quickly: one bit tells for most
/// of the others that they are none.
struct Wanted<'a> {
    ids: &'a [u64],
    bits: [u64; 64],
}

impl<'a> Wanted<'a> {
    fn new(ids: &'a [u64]) -> Self {
        let mut bits = [0; 64];
        for id in ids {
            let (word, bit) = Self::place(*id);
            bits[word] |= bit;
        }
        Self { ids, bits }
    }

    fn found_in(&self, ids: &[u64]) -> impl Iterator<Item = usize> {
        ids.iter().filter_map(|id| {
            let (word, bit) = Self::place(*id);
            if self.bits[word] & bit == 0 { None } else { self.ids.binary_search(id).ok() }
        })
    }

    /// One of 4,096 bits: the top twelve of the id spread by Fibonacci hashing.
    const fn place(id: u64) -> (usize, u64) {
        let top = id.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 52;
        ((top >> 6) as usize, 1 << (top & 63))
    }
}

/// Which offers hold a word: the run's way to the same sums for all offers of a need at once.
#[derive(Default)]
pub(super) struct Holders {
    offers: HashMap<u64, Vec<u32>>,
    count: usize,
}

impl Holders {
    /// Of the offers in this order.
    pub(super) fn new<'a>(offers: impl Iterator<Item = &'a Words>) -> Self {
        let mut holders = Self::default();
        for (number, offer) in (0_u32..).zip(offers) {
            for id in &offer.ids {
                holders.offers.entry(*id).or_default().push(number);
            }
            holders.count += 1;
        }
        holders
    }

    /// The shared weight of `need` with each offer.
    pub(super) fn shared_weights(&self, need: &Words) -> Vec<u32> {
        let mut sums = vec![0; self.count];
        for (id, weight) in need.ids.iter().zip(&need.weights).filter(|(_, weight)| **weight > 0) {
            for offer in self.offers.get(id).into_iter().flatten() {
                sums[*offer as usize] += u32::from(*weight);
            }
        }
        sums
    }
}

/// Where in `one` the ids are that `other` holds too; both sorted.
fn shared<'a>(one: &'a [u64], other: &'a [u64]) -> impl Iterator<Item = usize> + 'a {
    let mut rest = other;
    one.iter().enumerate().filter_map(move |(at, id)| {
        rest = &rest[rest.partition_point(|o| o < id)..];
        (rest.first() == Some(id)).then_some(at)
    })
}

fn ids_of(run: &Run) -> impl Iterator<Item = u64> + '_ {
    let (word, chars): (_, &[char]) = match run {
        Run::Word(word) => (Some(word.as_str()).filter(|word| word.chars().nth(1).is_some()), &[]),
        Run::Chinese(chars) => (None, chars),
    };
    word.map(word_id).into_iter().chain(chars.windows(2).map(|pair| pair_id(pair[0], pair[1])))
}

fn pair_id(first: char, second: char) -> u64 {
    u64::from(u32::from(first)) << 32 | u64::from(u32::from(second))
}

/// FNV-1a of the word.
fn word_id(word: &str) -> u64 {
    let hash = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01B3);
    word.bytes().fold(0xCBF2_9CE4_8422_2325, hash) | WORD
}

#[cfg(test)]
mod tests {
    use super::*;

    fn weighed(need: &str, offers: &[&str]) -> (Words, Vec<Words>) {
        let offers: Vec<Words> = offers.iter().map(|text| Words::new(text, "")).collect();
        let mut need = Words::new(need, "");
        weigh_one(&mut need, offers.iter());
        (need, offers)
    }

    #[test]
    fn rare_words_weigh_and_common_ones_do_not() {
        let (need, offers) =
            weighed("上门理发", &["上门理发", "上门修表", "上门送餐", "上门量血压", "洗衣", "磨刀", "上门陪聊"]);
        assert_eq!(need.weight_of(pair_id('上', '门')), 0, "five of seven");
        assert_eq!(need.shared_weight(&offers[0]), 2 * 3);
        assert_eq!(need.shared_weight(&offers[1]), 0);
        assert_eq!(need.told(&offers[0]), ["门理发"]);
    }

    #[test]
    fn every_way_of_counting_gives_the_same() {
        let texts =
            ["Haircut at home", "haircut, shave", "电话挂号 online", "A phone that helps", "教手机挂号", "x", ""];
        let (need, offers) = weighed("教电话挂号 — help with a HAIRCUT", &texts);
        let mut other = Words::new("教电话挂号 — help with a HAIRCUT", "");
        weigh_all(&mut [&mut other], offers.iter());
        assert_eq!(need.weights, other.weights);
        let sums = Holders::new(offers.iter()).shared_weights(&need);
        assert_eq!(weigh_one(&mut other, offers.iter()), sums);
        assert_eq!(offers.iter().map(|offer| need.shared_weight(offer)).collect::<Vec<_>>(), sums);
        assert_eq!(need.told(&offers[1]), ["haircut"]);
        assert_eq!(need.told(&offers[2]), ["电话挂号"]);
    }

    #[test]
    fn a_phrase_stands_in_both_texts() {
        let (need, offers) = weighed("社区理发店", &["理发在社区，区理", "a", "b", "c", "d", "e", "f", "g"]);
        assert_eq!(need.told(&offers[0]), ["社区", "区理", "理发"]);
    }

    #[test]
    fn points_are_bounded() {
        assert_eq!([0, 1, 6, 12, 99].map(|weight| points(weight, 200)), [0, 16, 100, 200, 200]);
        assert_eq!((rarity(0, 0), rarity(10, 0), rarity(7, 1), rarity(1_000_000, 1)), (0, 0, 3, WEIGHT_MAX));
    }
}
