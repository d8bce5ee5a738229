//! Cells, as people write them.

use chrono::NaiveDate;

/// What a spreadsheet shows where a formula failed.
const ERRORS: [&str; 9] =
    ["#REF!", "#N/A", "#VALUE!", "#DIV/0!", "#NAME?", "#NUM!", "#NULL!", "#GETTING_DATA", "#SPILL!"];

/// Whether the cell shows the error of a formula.
#[must_use]
pub fn is_formula_error(cell: &str) -> bool {
    ERRORS.contains(&cell.trim())
}

/// A day in any of the forms that rosters have: `1950-02-03`, `1950/2/3`, `1950.2.3`, `1950年2月3日`, `19500203`, with or
/// without a time of midnight after it. Months without a day, and years of two digits, are no days.
#[must_use]
pub fn read_day(cell: &str) -> Option<NaiveDate> {
    let cell = cell.trim();
    let cell = cell
        .strip_suffix("00:00:00")
        .or_else(|| cell.strip_suffix("00:00"))
        .unwrap_or(cell)
        .trim_end_matches(['T', ' ']);
    if cell.len() == 8 && cell.bytes().all(|b| b.is_ascii_digit()) {
        return NaiveDate::parse_from_str(cell, "%Y%m%d").ok();
    }
    let cell = cell.strip_suffix(['日', '号']).unwrap_or(cell);
    let mut parts = cell.split(['-', '/', '.', '年', '月']).map(str::trim);
    let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() || year.len() != 4 {
        return None;
    }
    NaiveDate::from_ymd_opt(number(year)?.try_into().ok()?, number(month)?, number(day)?)
}

fn number(text: &str) -> Option<u32> {
    text.parse().ok().filter(|_| text.bytes().all(|b| b.is_ascii_digit()))
}

/// Yes or no; none when it is neither.
#[must_use]
pub fn read_yes_no(cell: &str) -> Option<bool> {
    match cell.trim().to_lowercase().as_str() {
        "是" | "有" | "对" | "√" | "✓" | "yes" | "y" | "true" | "1" => Some(true),
        "否" | "无" | "不是" | "没有" | "×" | "✗" | "no" | "n" | "false" | "0" => Some(false),
        _ => None,
    }
}

/// The parts of a cell that lists several words.
pub fn read_list(cell: &str) -> impl Iterator<Item = &str> {
    cell.split([';', '；', ',', '，', '、', '/', '\n']).map(str::trim).filter(|part| !part.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn days_in_many_forms() {
        let day = NaiveDate::from_ymd_opt(1950, 2, 3);
        for cell in [
            "1950-02-03",
            "1950/2/3",
            "1950.02.03",
            "1950年2月3日",
            " 1950年02月03日 ",
            "19500203",
            "1950-02-03 00:00:00",
            "1950-02-03T00:00:00",
        ] {
            assert_eq!(read_day(cell), day, "{cell}");
        }
        for cell in
            ["", "1950", "1950-02", "1950年2月", "50-2-3", "1950-02-30", "1950-2-3-4", "02/03/1950", "三月", "+950-2-3"]
        {
            assert_eq!(read_day(cell), None, "{cell}");
        }
    }

    proptest! {
        #[test]
        fn a_day_is_read_as_it_is_written(number in 600_000_i32..800_000) {
            let day = NaiveDate::from_num_days_from_ce_opt(number).unwrap();
            prop_assert_eq!(read_day(&day.to_string()), Some(day));
            prop_assert_eq!(read_day(&day.format("%Y年%-m月%-d日").to_string()), Some(day));
        }

        #[test]
        fn any_text_is_read_without_a_fault(text in "\\PC{0,20}") {
            let _day = read_day(&text);
            prop_assert!(read_list(&text).all(|part| !part.is_empty()));
        }
    }
}
