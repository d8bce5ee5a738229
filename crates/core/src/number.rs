//! Numbers in names, so that 第二居民区 comes after 第一居民区 and 10号楼 after 2号楼: digits, and Chinese numerals where they
//! count (after 第, or before what is counted). In 王一 or 万福 they are characters like others.

/// What may follow a Chinese numeral that counts.
const COUNTED: &str = "号楼栋幢座单室层组队区期村弄支街坊分居科届年月级部厂院个";

/// A part of a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    /// A number: its digits, without zeros before them; `0` for nought.
    Number(String),
    /// Any other character.
    Character(char),
}

/// The parts of a name, in order.
#[must_use]
pub fn parts(name: &str) -> Vec<Part> {
    let chars: Vec<char> = name.chars().collect();
    let (mut parts, mut rest) = (Vec::new(), chars.as_slice());
    while !rest.is_empty() {
        let digits: String = rest.iter().map_while(|c| digit(*c)).collect();
        let numerals: Vec<(u64, bool)> = rest.iter().map_while(|c| numeral(*c)).collect();
        let run = digits.chars().count().max(numerals.len()).max(1);
        let (now, after) = rest.split_at(run);
        let counts =
            parts.last() == Some(&Part::Character('第')) || after.first().is_some_and(|c| COUNTED.contains(*c));
        let number = if digits.is_empty() { number(&numerals).filter(|_| counts) } else { Some(plain(&digits)) };
        match number {
            Some(number) => parts.push(Part::Number(number)),
            None => parts.extend(now.iter().map(|c| Part::Character(*c))),
        }
        rest = after;
    }
    parts
}

/// A number's text that sorts by value as texts sort: how many digits, then the digits.
#[must_use]
pub fn sortable(digits: &str) -> String {
    format!("{:03}{digits}", digits.len())
}

fn plain(digits: &str) -> String {
    match digits.trim_start_matches('0') {
        "" => "0".to_owned(),
        rest => rest.to_owned(),
    }
}

/// A digit, of full width too.
fn digit(c: char) -> Option<char> {
    const WIDE: u32 = '０' as u32 - '0' as u32;
    match c {
        '0'..='9' => Some(c),
        '０'..='９' => char::from_u32(u32::from(c) - WIDE),
        _ => None,
    }
}

/// A Chinese numeral's value, and whether it multiplies.
fn numeral(c: char) -> Option<(u64, bool)> {
    let multiplier = |n| Some((n, true));
    match c {
        '十' => multiplier(10),
        '百' => multiplier(100),
        '千' => multiplier(1_000),
        '万' => multiplier(10_000),
        '两' => Some((2, false)),
        '零' => Some((0, false)),
        _ => "〇一二三四五六七八九".chars().zip(0..).find(|(digit, _)| *digit == c).map(|(_, n)| (n, false)),
    }
}

/// The number that numerals write: digit by digit (二〇二六), or with tens and hundreds (一百零三).
fn number(numerals: &[(u64, bool)]) -> Option<String> {
    if numerals.is_empty() {
        return None;
    }
    if numerals.iter().all(|(_, multiplies)| !multiplies) {
        return Some(plain(&numerals.iter().map(|(n, _)| n.to_string()).collect::<String>()));
    }
    let (mut myriads, mut sum, mut waiting, mut least) = (None, 0_u64, None, u64::MAX);
    for (n, multiplies) in numerals.iter().copied() {
        match (multiplies, waiting) {
            (false, None | Some(0)) => waiting = Some(n),
            (true, _) if n == 10_000 && myriads.is_none() => {
                myriads = Some((sum + waiting.unwrap_or(u64::from(sum == 0))) * n);
                (sum, waiting, least) = (0, None, u64::MAX);
            }
            (true, _) if n < least && n < 10_000 => {
                sum += waiting.filter(|times| *times > 0).unwrap_or(1) * n;
                (waiting, least) = (None, n);
            }
            _ => return None,
        }
    }
    Some((myriads.unwrap_or(0) + sum + waiting.unwrap_or(0)).to_string())
}
