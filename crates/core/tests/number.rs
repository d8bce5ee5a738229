//! Numbers in names compare by value, however they are written.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use proptest::prelude::*;
use tongxin_core::number::{Part, parts, sortable};

fn numbers(name: &str) -> Vec<String> {
    let number = |part: Part| if let Part::Number(n) = part { Some(n) } else { None };
    parts(name).into_iter().filter_map(number).collect()
}

/// A number below ten thousand in Chinese; empty for nought.
fn below_myriad(n: u64) -> String {
    let (mut text, mut zero) = (String::new(), false);
    for (unit, word) in [(1_000, "千"), (100, "百"), (10, "十"), (1, "")] {
        let digit = n / unit % 10;
        if digit == 0 {
            zero = !text.is_empty();
            continue;
        }
        if zero {
            text.push('零');
        }
        zero = false;
        text.extend("零一二三四五六七八九".chars().nth(usize::try_from(digit).unwrap()));
        text.push_str(word);
    }
    text
}

/// A number below a hundred million in Chinese.
fn chinese(n: u64) -> String {
    match (n / 10_000, n % 10_000) {
        (0, 0) => "零".into(),
        (0, low) => below_myriad(low),
        (high, 0) => format!("{}万", below_myriad(high)),
        (high, low) if low < 1_000 => format!("{}万零{}", below_myriad(high), below_myriad(low)),
        (high, low) => format!("{}万{}", below_myriad(high), below_myriad(low)),
    }
}

proptest! {
    #[test]
    fn a_number_is_its_value_however_written(n in prop_oneof![0_u64..200, 0_u64..100_000_000]) {
        let written = chinese(n);
        for name in [format!("第{written}居民区"), format!("第{n}居民区"), format!("{n:09}号楼"), format!("{written}号楼")] {
            prop_assert_eq!(numbers(&name), [n.to_string()], "{}", name);
        }
    }

    #[test]
    fn numbers_sort_by_value(a in any::<u128>(), b in any::<u128>()) {
        let key = |n: u128| numbers(&n.to_string()).iter().map(|n| sortable(n)).collect::<String>();
        prop_assert_eq!(key(a).cmp(&key(b)), a.cmp(&b));
    }

    /// Nothing of a name is lost but how its numbers were written.
    #[test]
    fn all_else_stays(name in "[a-z第一二十百万楼0-9]{0,12}") {
        let other = |part: Part| if let Part::Character(c) = part { Some(c) } else { None };
        let kept: String = parts(&name).into_iter().filter_map(other).collect();
        prop_assert!(kept.chars().all(|c| !c.is_ascii_digit()));
        let plain = |text: &str| text.chars().filter(|c| !"一二十百万0123456789".contains(*c)).collect::<String>();
        prop_assert_eq!(plain(&kept), plain(&name));
    }
}

#[test]
fn numerals_count_only_where_they_are_numbers() {
    for (name, expected) in [
        ("十号楼", "10"),
        ("二十一村", "21"),
        ("一百零三弄", "103"),
        ("两室", "2"),
        ("二〇二六年", "2026"),
        ("第十二支部", "12"),
        ("１２号", "12"),
        ("第一", "1"),
    ] {
        assert_eq!(numbers(name), [expected], "{name}");
    }
    for name in ["王一", "万福", "张三丰", "一大会址", "十十号"] {
        assert!(numbers(name).is_empty(), "{name}");
    }
}
