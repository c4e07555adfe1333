//! Numbers that publishers write as text, and amounts of money.

use icu_decimal::input::Decimal;
use wpsx_words::Language;

use super::Saying;

/// Digits of a number that is said as one; a longer one stands as it is written.
const LONGEST: usize = 40;
/// Keeps a number and its currency on one line.
const TOGETHER: char = '\u{a0}';

impl Saying {
    /// A number as a publisher writes it, `-27680907.50`, as people do: `-27,680,907.50`. None
    /// where it is no number.
    pub(crate) fn decimal(&self, written: &str) -> Option<String> {
        // `1e9999` is a number too, and a page of zeros.
        let is_plain = |c: char| c.is_ascii_digit() || matches!(c, '-' | '.');
        let is_short = written.len() <= LONGEST && written.chars().all(is_plain);
        let number = is_short.then(|| Decimal::try_from_str(written).ok())??;
        Some(self.isolated(self.numbers.format(&number).to_string()))
    }

    /// What stands before and what behind the code of a currency in an amount, which a
    /// number as it is said is one of. The side is that of CLDR's patterns for currencies.
    pub(crate) fn around_currency(&self, number: &str) -> (String, String) {
        match self.language {
            Language::English | Language::Chinese => (String::new(), format!("{TOGETHER}{number}")),
            _ => (format!("{number}{TOGETHER}"), String::new()),
        }
    }
}
