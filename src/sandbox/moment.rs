//! Moments as the contracts write them.

use std::time::SystemTime;

use time::OffsetDateTime;
use time::macros::format_description;

/// `2022-02-16T06:28:02.492Z`.
pub fn timestamp(moment: SystemTime) -> String {
    let format = format_description!("[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:3]Z");
    OffsetDateTime::from(moment).format(format).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, UNIX_EPOCH};

    use super::timestamp;

    #[test]
    fn moments_have_three_digits_and_a_z() {
        assert_eq!(timestamp(UNIX_EPOCH + Duration::from_millis(1_500)), "1970-01-01T00:00:01.500Z");
    }
}
