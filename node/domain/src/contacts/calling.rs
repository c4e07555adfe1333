//! The codes that numbers of other countries begin with (ITU-T E.164).

/// Digits behind the code of a country, at least and at most.
const SHORTEST: usize = 7;
const LONGEST: usize = 11;
/// Digits of a whole number that is told by its code alone.
const SHORTEST_IN_ALL: usize = 10;

const OF_TWO: &[&str] = &[
    "20", "27", "30", "31", "32", "33", "34", "36", "39", "40", "41", "43", "44", "45", "46", "47",
    "48", "49", "51", "52", "53", "54", "55", "56", "57", "58", "60", "61", "62", "63", "64", "65",
    "66", "81", "82", "84", "86", "90", "91", "92", "93", "94", "95", "98",
];

/// The first two digits of codes of three, and the third ones that are given.
const OF_THREE: &[(&str, &str)] = &[
    ("21", "12368"),
    ("22", "0123456789"),
    ("23", "0123456789"),
    ("24", "0123456789"),
    ("25", "012345678"),
    ("26", "0123456789"),
    ("29", "01789"),
    ("35", "0123456789"),
    ("37", "012345678"),
    ("38", "01235679"),
    ("42", "013"),
    ("50", "0123456789"),
    ("59", "0123456789"),
    ("67", "023456789"),
    ("68", "01235678"),
    ("69", "012"),
    ("85", "02356"),
    ("88", "06"),
    ("96", "012345678"),
    ("97", "01234567"),
    ("99", "234568"),
];

/// The digits are a number with the code of its country.
pub(super) fn is_abroad(digits: &str) -> bool {
    let behind = |code: usize| {
        digits.len() >= SHORTEST_IN_ALL && (SHORTEST..=LONGEST).contains(&(digits.len() - code))
    };
    let (Some(two), Some(third)) = (digits.get(..2), digits.get(2..3)) else {
        return false;
    };
    let of_three = || {
        OF_THREE
            .iter()
            .any(|(first, thirds)| *first == two && thirds.contains(third))
    };
    match &digits[..1] {
        // Eleven digits, and the area begins with no 0 or 1.
        "1" => {
            digits.len() == 11
                && "23456789".contains(&digits[1..2])
                && !"01".contains(&digits[4..5])
        }
        "7" => digits.len() == 11 && "3456789".contains(&digits[1..2]),
        _ => OF_TWO.contains(&two) && behind(2) || of_three() && behind(3),
    }
}
