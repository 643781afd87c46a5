//! Card numbers (PAN): the check digit, and the ranges that test numbers are made from. No number of a real card is ever
//! made up: a range is one that a scheme or its acquirers publish test numbers of, or one that the user names.

use std::fmt;
use std::str::FromStr;

/// The Luhn check over all digits (ISO/IEC 7812-1, annex B).
pub fn luhn(digits: &[u8]) -> bool {
    weighted(digits, 0).is_multiple_of(10) && digits.iter().any(|&digit| digit != 0)
}

/// Sum of the digits from the right; every second one is doubled, the rightmost one when `doubled_first` is 1.
fn weighted(digits: &[u8], doubled_first: usize) -> u32 {
    digits
        .iter()
        .rev()
        .enumerate()
        .map(|(place, &digit)| {
            let value = u32::from(digit);
            match ((place + doubled_first) % 2, value * 2) {
                (0, _) => value,
                (_, doubled) if doubled > 9 => doubled - 9,
                (_, doubled) => doubled,
            }
        })
        .sum()
}

/// A range of test card numbers: leading digits that are given, and `x` for each digit that is free. The last one is
/// always the check digit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PanRange {
    prefix: String,
    length: usize,
}

/// A text that describes no range.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is no range of card numbers: 10 to 19 characters are wanted, at least 6 digits followed by at least 2 `x`, such as 41111111xxxxxxxx"
)]
pub struct UnknownRange(String);

/// Visa, Mastercard, American Express, JCB and `UnionPay`: the first eight digits of the numbers that their acquirers
/// publish for tests.
const PUBLISHED: [&str; 5] =
    ["41111111xxxxxxxx", "55555555xxxxxxxx", "37828224xxxxxxx", "35301113xxxxxxxx", "62000000xxxxxxxxxxx"];

impl PanRange {
    /// The ranges of the schemes' published test numbers.
    pub fn published() -> Vec<Self> {
        PUBLISHED.iter().filter_map(|text| text.parse().ok()).collect()
    }

    /// The number of this range that belongs to `index`; indices beyond the range start again.
    pub fn number(&self, index: u64) -> String {
        let free = self.length - self.prefix.len() - 1;
        // 19 digits at most, so that the power fits 64 bits.
        let account = index % 10_u64.pow(u32::try_from(free).unwrap_or(18));
        let mut number = format!("{}{account:0free$}", self.prefix);
        let digits: Vec<u8> = number.bytes().map(|digit| digit - b'0').collect();
        let check = (10 - weighted(&digits, 1) % 10) % 10;
        number.push(char::from_digit(check, 10).unwrap_or('0'));
        number
    }

    /// True for a number of this range with a right check digit.
    pub fn contains(&self, number: &str) -> bool {
        let digits: Vec<u8> = number.bytes().filter(u8::is_ascii_digit).map(|digit| digit - b'0').collect();
        number.len() == self.length && digits.len() == self.length && number.starts_with(&self.prefix) && luhn(&digits)
    }
}

impl FromStr for PanRange {
    type Err = UnknownRange;

    fn from_str(text: &str) -> Result<Self, UnknownRange> {
        let prefix = text.trim_end_matches(['x', 'X']);
        let free = text.len() - prefix.len();
        let right = prefix.bytes().all(|byte| byte.is_ascii_digit())
            && prefix.len() >= 6
            && free >= 2
            && (10..=19).contains(&text.len());
        if right {
            Ok(Self { prefix: prefix.to_owned(), length: text.len() })
        } else {
            Err(UnknownRange(text.to_owned()))
        }
    }
}

impl fmt::Display for PanRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.prefix, "x".repeat(self.length - self.prefix.len()))
    }
}

#[cfg(test)]
mod tests {
    use super::{PanRange, luhn};

    fn digits(text: &str) -> Vec<u8> {
        text.bytes().map(|byte| byte - b'0').collect()
    }

    #[test]
    fn the_check_digit_is_that_of_published_numbers() {
        // The best known test numbers of five schemes.
        for (range, index, number) in [
            ("41111111xxxxxxxx", 1_111_111, "4111111111111111"),
            ("55555555xxxxxxxx", 5_555_444, "5555555555554444"),
            ("37828224xxxxxxx", 631_000, "378282246310005"),
            ("35301113xxxxxxxx", 3_330_000, "3530111333300000"),
            ("62000000xxxxxxxx", 0, "6200000000000005"),
        ] {
            assert!(luhn(&digits(number)), "{number}");
            assert_eq!(range.parse::<PanRange>().unwrap().number(index), number);
        }
        let visa: PanRange = "41111111xxxxxxxx".parse().unwrap();
        assert_eq!(visa.number(11_111_111), "4111111111111111", "indices beyond the range start again");
    }

    #[test]
    fn every_published_range_makes_valid_numbers() {
        let ranges = PanRange::published();
        assert_eq!(ranges.len(), 5);
        for range in ranges {
            for index in [0, 7, 99_999, u64::MAX] {
                let number = range.number(index);
                assert!(luhn(&digits(&number)), "{number}");
                assert_eq!(number.len(), range.to_string().len());
            }
        }
    }

    #[test]
    fn what_is_no_range_is_refused() {
        for text in ["", "4111", "4111111111111111", "411111x1xxxxxxxx", "41111xxxxxxxxxxx", "41111111xxxxxxxxxxxxx"] {
            assert!(text.parse::<PanRange>().is_err(), "{text}");
        }
    }
}
