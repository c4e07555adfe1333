//! Telephone numbers: international ones, national ones with their groups, in links that
//! dial them, and bare numbers behind a word for telephone. Where people write in their own
//! words, also bare ones that begin as numbers to dial do.

use wpsx_proto::record::is_currency;

use super::calling;

/// Digits of the longest number (ITU-T E.164) and of the shortest that is told by a word.
const LONGEST: usize = 15;
const SHORTEST: usize = 6;
/// Digits of the shortest in a link, which has the code of its country.
const SHORTEST_IN_LINK: usize = 8;

/// Words that say what follows, in the languages of the United Nations and some others.
const WORDS: &[&str] = &[
    "tel",
    "tél",
    "telephone",
    "téléphone",
    "teléfono",
    "telefono",
    "telefon",
    "telefone",
    "phone",
    "mobile",
    "mob",
    "movil",
    "móvil",
    "portable",
    "cell",
    "cellphone",
    "celular",
    "whatsapp",
    "viber",
    "fax",
    "тел",
    "телефон",
    "моб",
    "факс",
    "电话",
    "電話",
    "手机",
    "传真",
    "هاتف",
    "الهاتف",
    "جوال",
    "الجوال",
    "تليفون",
    "فاكس",
];

/// So many bytes before a number may say what it is: the end of an address at most.
const BEFORE: usize = 2_000;

/// What stands before a number in an address that dials it.
const LINKS: &[&str] = &["wa.me/", "t.me/", "phone=", "tel:", "callto:"];

/// Words before a number of another sort.
const OTHERS: &[&str] = &["isbn", "issn", "doi", "id", "no", "nr"];

/// Words between a word for telephone and the number.
const BETWEEN: &[&str] = &["no", "nr", "number", "numéro", "número", "номер"];

/// Every number in a text that stands under `name`; `words`: in a person's own words, where
/// a long number without a sign in it is hardly anything else.
pub(super) fn find(name: &dyn Fn() -> String, text: &str, words: &dyn Fn() -> bool) -> Vec<String> {
    let digits = text.chars().filter(|c| digit(*c).is_some());
    if digits.take(SHORTEST).count() < SHORTEST {
        return Vec::new();
    }
    let mut found = Vec::new();
    let mut rest = 0;
    while let Some(run) = Run::next(text, rest) {
        rest = run.end;
        let before = end_of(&text[..run.start], BEFORE);
        let said = || names_telephone(&name()) || before_says_so(before);
        let is_other = before.is_in_address() || before.ends_in("isbn");
        let counts = || before.ends_in_a_word(OTHERS) || is_money(before, &text[run.end..]);
        let is_bare = || run.is_bare() && words() && !counts();
        if before.dials() && run.digits() >= SHORTEST_IN_LINK
            || !is_other && (run.is_whole() || run.is_told_by_a_word() && said() || is_bare())
        {
            found.push(text[run.start..run.end].to_owned());
        }
    }
    found
}

/// The end of a text that has at most so many bytes.
fn end_of(text: &str, most: usize) -> &str {
    let mut start = text.len().saturating_sub(most);
    while !text.is_char_boundary(start) {
        start += 1;
    }
    &text[start..]
}

fn names_telephone(name: &str) -> bool {
    let name = name.to_lowercase();
    name.split(|c: char| !c.is_alphanumeric())
        .any(|word| WORDS.contains(&word))
}

/// The last word before a number.
fn before_says_so(before: &str) -> bool {
    let before = before.to_lowercase();
    let mut rest = before.as_str();
    for _ in 0..2 {
        let trimmed = rest.trim_end_matches(|c: char| !c.is_alphanumeric());
        if rest[trimmed.len()..].chars().count() > 3 {
            return false;
        }
        let word = trimmed.rsplit(|c: char| !c.is_alphanumeric()).next();
        let word = word.unwrap_or_default();
        if WORDS.contains(&word) || ends_in_chinese(word) {
            return true;
        }
        if !BETWEEN.contains(&word) {
            return false;
        }
        rest = &trimmed[..trimmed.len() - word.len()];
    }
    false
}

/// Chinese has no spaces between words.
fn ends_in_chinese(word: &str) -> bool {
    WORDS
        .iter()
        .any(|known| known.chars().all(is_chinese) && word.ends_with(known))
}

/// A currency stands beside the number: its sign, or its code.
fn is_money(before: &str, after: &str) -> bool {
    let signs = ['$', '€', '£', '¥', '₽', '₦', '₹', '%'];
    let (before, after) = (before.trim_end(), after.trim_start());
    let last = before.rsplit(char::is_whitespace).next();
    let first = after.split(|c: char| !c.is_alphanumeric()).next();
    before.ends_with(signs)
        || after.starts_with(signs)
        || last.is_some_and(is_currency)
        || first.is_some_and(is_currency)
}

trait Before {
    fn is_in_address(&self) -> bool;
    fn dials(&self) -> bool;
    fn ends_in_a_word(&self, words: &[&str]) -> bool;
    fn ends_in(&self, word: &str) -> bool;
}

impl Before for str {
    /// The number is a part of a page's address.
    fn is_in_address(&self) -> bool {
        let token = self.rsplit(char::is_whitespace).next().unwrap_or_default();
        token.contains("://") || token.starts_with("www.")
    }

    /// The end of a link that dials the number.
    fn dials(&self) -> bool {
        LINKS.iter().any(|link| self.ends_with(link))
    }

    fn ends_in_a_word(&self, words: &[&str]) -> bool {
        let text = self.trim_end_matches(|c: char| !c.is_alphanumeric());
        let word = text.rsplit(|c: char| !c.is_alphanumeric()).next();
        let word = word.unwrap_or_default().to_lowercase();
        words.contains(&word.as_str()) || self.trim_end().ends_with(['№', '#'])
    }

    fn ends_in(&self, word: &str) -> bool {
        let text = self
            .trim_end_matches(|c: char| !c.is_alphanumeric())
            .to_lowercase();
        text.ends_with(word)
    }
}

/// Digits with what people put between them.
struct Run {
    start: usize,
    end: usize,
    /// `+`, `(` or the first digit.
    first: char,
    groups: Vec<String>,
    /// Something stands between groups that is more than a space.
    marked: bool,
}

impl Run {
    /// The next one at or after that byte that no letter touches.
    fn next(text: &str, from: usize) -> Option<Self> {
        let mut search = from;
        loop {
            let starts = |c: char| digit(c).is_some() || c == '+' || c == '(';
            let start = search + text[search..].find(starts)?;
            let (end, is_number) = extent(text, start);
            let alone = |c: Option<char>, also: &str| {
                c.is_none_or(|c| (!c.is_alphanumeric() || is_chinese(c)) && !also.contains(c))
            };
            let before = text[..start].chars().next_back();
            if is_number
                && (alone(before, "/.-_#=&") || text[..start].dials())
                && alone(text[end..].chars().next(), "@_=")
            {
                return Some(Self::of(text, start, end));
            }
            search = end.max(start + text[start..].chars().next()?.len_utf8());
        }
    }

    fn of(text: &str, start: usize, end: usize) -> Self {
        let text = &text[start..end];
        let mut run = Self {
            start,
            end,
            first: text.chars().next().unwrap_or_default(),
            groups: Vec::new(),
            marked: false,
        };
        let (mut apart, mut marks) = (true, false);
        for c in text.chars() {
            if let Some(digit) = digit(c) {
                match run.groups.last_mut() {
                    Some(group) if !apart => group.push(digit),
                    _ => run.groups.push(digit.to_string()),
                }
                run.marked |= marks;
                (apart, marks) = (false, false);
            } else {
                apart = true;
                marks |= !c.is_whitespace();
            }
        }
        run
    }

    fn digits(&self) -> usize {
        self.groups.iter().map(String::len).sum()
    }

    fn lengths(&self) -> Vec<usize> {
        self.groups.iter().map(String::len).collect()
    }

    /// Its own form says that it is a telephone number.
    fn is_whole(&self) -> bool {
        let all = self.groups.concat();
        let lengths = self.lengths();
        if self.first == '+' {
            return !all.starts_with('0') && (8..=LONGEST).contains(&all.len());
        }
        if self.begins_with_a_date() {
            return false;
        }
        if is_russian(&all, &lengths) || is_chinese_mobile(&all, &lengths) {
            return true;
        }
        let grouped = lengths.len() >= 2;
        if let Some(number) = all.strip_prefix("00") {
            let abroad = number.starts_with(|c| ('1'..='9').contains(&c));
            return abroad && grouped && (10..=LONGEST + 2).contains(&all.len());
        }
        let area = lengths[0];
        if all.starts_with('0') {
            let fits = (9..=11).contains(&all.len()) && (2..=5).contains(&area);
            return fits && (lengths.len() >= 3 || (grouped && lengths[1] >= 5));
        }
        let in_america = matches!(lengths.as_slice(), [3, 3, 4] | [1, 3, 3, 4]);
        in_america && self.marked
    }

    /// One group of digits that begins as a number to dial: with the 0 of its country, or
    /// with the code of a country. Round numbers are amounts, and some are times.
    fn is_bare(&self) -> bool {
        let [all] = self.groups.as_slice() else {
            return false;
        };
        if let Some(number) = all.strip_prefix("00") {
            return calling::is_abroad(number);
        }
        if let Some(number) = all.strip_prefix('0') {
            return (9..=10).contains(&number.len()) && !number.ends_with("00000");
        }
        !all.ends_with("000") && !is_time(all) && calling::is_abroad(all)
            || is_chinese_mobile(all, &[all.len()])
    }

    /// It may be one, if a word says so.
    fn is_told_by_a_word(&self) -> bool {
        let years = self.groups.iter().all(|group| is_year(group));
        (SHORTEST..=LONGEST).contains(&self.digits()) && !years && !self.begins_with_a_date()
    }

    /// `01.02.2019`, `2019-02-01`.
    fn begins_with_a_date(&self) -> bool {
        match self.groups.as_slice() {
            [a, b, year, ..] if is_year(year) => a.len() <= 2 && b.len() <= 2,
            [year, a, b, ..] if is_year(year) => a.len() <= 2 && b.len() <= 2,
            _ => false,
        }
    }
}

/// Where what begins at `start` ends, and whether there is a digit in it.
fn extent(text: &str, start: usize) -> (usize, bool) {
    let (mut end, mut between) = (start, 0);
    for (at, c) in text[start..].char_indices() {
        if digit(c).is_some() {
            between = 0;
            end = start + at + c.len_utf8();
        } else if between < 3 && (" \u{a0}-‐‑–./()".contains(c) || (at == 0 && c == '+')) {
            between += 1;
        } else {
            break;
        }
    }
    (end, end > start)
}

/// `8 (495) 123-45-67`, `(495) 123-45-67`.
fn is_russian(all: &str, lengths: &[usize]) -> bool {
    let national = matches!(lengths, [1, 3, 3, 2, 2]) && all.starts_with(['7', '8']);
    national || matches!(lengths, [3, 3, 2, 2])
}

/// `138 0013 8000`, and the same in one group.
fn is_chinese_mobile(all: &str, lengths: &[usize]) -> bool {
    let begins = all.starts_with('1') && all[1..].starts_with(['3', '5', '6', '7', '8', '9']);
    begins && (matches!(lengths, [3, 4, 4]) || lengths == [11] && !all.ends_with("0000"))
}

/// `20190401`, `201904011230`, `20190401123000`: a day, with or without its hour.
fn is_time(digits: &str) -> bool {
    let at = |from: usize| {
        digits
            .get(from..from + 2)
            .and_then(|two| two.parse::<u32>().ok())
    };
    let within = |from, most| at(from).is_none_or(|number| number <= most);
    is_year(&digits[..4.min(digits.len())])
        && digits.len().is_multiple_of(2)
        && at(4).is_some_and(|month| (1..=12).contains(&month))
        && at(6).is_some_and(|day| (1..=31).contains(&day))
        && within(8, 23)
        && within(10, 59)
        && within(12, 59)
}

fn is_chinese(c: char) -> bool {
    ('\u{4e00}'..='\u{9fff}').contains(&c)
}

fn is_year(group: &str) -> bool {
    group.len() == 4 && (group.starts_with("19") || group.starts_with("20"))
}

/// European, Arabic, Persian and full-width digits.
fn digit(c: char) -> Option<char> {
    if c.is_ascii() {
        return c.is_ascii_digit().then_some(c);
    }
    let zero = [0x660, 0x6f0, 0xff10]
        .into_iter()
        .find(|zero| (*zero..zero + 10).contains(&u32::from(c)))?;
    char::from_digit(u32::from(c) - zero, 10)
}
