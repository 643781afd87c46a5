//! Moments as the contracts write them.

use std::time::SystemTime;

use time::OffsetDateTime;
use time::macros::format_description;

/// `2022-02-16T06:28:02.492Z`.
pub fn timestamp(moment: SystemTime) -> String {
    let format = format_description!("[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:3]Z");
    OffsetDateTime::from(moment).format(format).unwrap_or_default()
}

/// Says whether an expiry (MMYY) lies in the past: a card is good to the end of its month. A text that is no expiry has
/// not passed.
pub fn has_passed(expiry: &str, now: SystemTime) -> bool {
    let number = |from: usize, to: usize| expiry.get(from..to).and_then(|half| half.parse::<i32>().ok());
    let now = OffsetDateTime::from(now);
    match (number(0, 2), number(2, 4)) {
        (Some(month), Some(year)) => (2000 + year, month) < (now.year(), i32::from(u8::from(now.month()))),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, UNIX_EPOCH};

    use super::{has_passed, timestamp};

    #[test]
    fn moments_have_three_digits_and_a_z() {
        assert_eq!(timestamp(UNIX_EPOCH + Duration::from_millis(1_500)), "1970-01-01T00:00:01.500Z");
    }

    #[test]
    fn a_card_is_good_to_the_end_of_its_month() {
        // 2027-01-15.
        let now = UNIX_EPOCH + Duration::from_secs(1_800_000_000);
        assert!(has_passed("1226", now) && has_passed("0120", now));
        assert!(!has_passed("0127", now) && !has_passed("1230", now) && !has_passed("", now));
    }
}
