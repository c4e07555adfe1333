//! Sums that a file prints beside their parts.

use super::{
    cells::{Cells, text_of},
    profile::SumCheck,
};

/// A sum that is not the sum of its parts.
pub(super) struct OffSum {
    pub(super) column: String,
    pub(super) sentence: String,
    /// So small that rounding explains it.
    pub(super) small: bool,
}

/// What does not add up in a row. A row that leaves one of the cells empty says no sum.
pub(super) fn off(checks: &[SumCheck], cells: &Cells) -> Vec<OffSum> {
    let number = |column: &String| text_of(cells, column).parse::<f64>().ok();
    let look = |check: &SumCheck| {
        let parts: Option<Vec<f64>> = check.sum.iter().map(number).collect();
        let sum: f64 = parts?.iter().sum();
        let difference = (number(&check.equals)? - sum).abs();
        // Half a millionth is what adding decimals may cost, and no source prints that much.
        if difference < 5e-7 {
            return None;
        }
        let within = check.within as f64;
        let small = difference <= within + 5e-7;
        let (column, parts) = (&check.equals, check.sum.join(" + "));
        let sentence = if small {
            format!("{column} is not {parts}, but no more than {within} off, as rounding does")
        } else {
            format!("{} is not {parts}, which is {sum}", text_of(cells, column))
        };
        Some(OffSum {
            column: column.clone(),
            sentence,
            small,
        })
    };
    checks.iter().filter_map(look).collect()
}
