//! Numbers, counted in exact decimals: a multiple of 0.01 is written as 0.29, and not as what floats make of 29 times it.

use serde_json::{Number, Value, json};

use super::parts::Outcome;
use crate::generate::draw::Draw;

/// A decimal number: `digits` divided by ten to the power of `places`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Decimal {
    digits: i128,
    places: u32,
}

/// Digits behind the point that are still counted exactly.
const PLACES: u32 = 18;

/// Draws of a multiple before one is taken that floats do not see as one.
const ATTEMPTS: usize = 16;

impl Decimal {
    fn of(value: &Value) -> Option<Self> {
        Self::parse(&value.as_number()?.to_string())
    }

    fn parse(text: &str) -> Option<Self> {
        let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
        let exponent: i32 = exponent.parse().ok()?;
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let fraction = fraction.trim_end_matches('0');
        let digits: i128 = format!("{whole}{fraction}").parse().ok()?;
        let places = i32::try_from(fraction.len()).ok()? - exponent;
        if places > 0 {
            let places = u32::try_from(places).ok().filter(|places| *places <= PLACES)?;
            return Some(Self { digits, places });
        }
        let zeros = places.unsigned_abs();
        Some(Self { digits: digits.checked_mul(10_i128.checked_pow(zeros)?)?, places: 0 })
    }

    /// The digits with this many places behind the point.
    fn at(self, places: u32) -> Option<i128> {
        self.digits.checked_mul(10_i128.checked_pow(places.checked_sub(self.places)?)?)
    }
}

/// What the parts say of a number, in units of the last place.
struct Range {
    places: u32,
    low: Option<i128>,
    high: Option<i128>,
    /// The value is a multiple of this.
    step: i128,
    /// The steps as floats, for those who count in them.
    floats: Vec<f64>,
}

impl Range {
    /// `None` when there is too much to count exactly, or nothing is left.
    fn of(list: &[&Value], integer: bool, finer: u32) -> Option<Self> {
        let values = |key: &str| list.iter().filter_map(|part| part.get(key)).collect::<Vec<&Value>>();
        let steps: Vec<Decimal> = values("multipleOf").into_iter().map(Decimal::of).collect::<Option<_>>()?;
        // A bound beyond all that is counted here binds nothing when it is on the right side.
        let limits = |key: &str, vacuous: fn(f64) -> bool| -> Option<Vec<Decimal>> {
            let within = values(key)
                .into_iter()
                .filter(|limit| Decimal::of(limit).is_some() || !limit.as_f64().is_some_and(vacuous));
            within.map(Decimal::of).collect()
        };
        let below = |limit: f64| limit < -1e15;
        let above = |limit: f64| limit > 1e15;
        let (minimum, above_this) = (limits("minimum", below)?, limits("exclusiveMinimum", below)?);
        let (maximum, below_this) = (limits("maximum", above)?, limits("exclusiveMaximum", above)?);
        let all = [&steps, &minimum, &above_this, &maximum, &below_this];
        let declared = all.iter().flat_map(|list| list.iter()).map(|one| one.places).max().unwrap_or(0);
        let usual = if integer || !steps.is_empty() { 0 } else { 2 };
        let places = (declared.max(usual) + finer).min(PLACES);
        let at = |list: &[Decimal]| -> Option<Vec<i128>> { list.iter().map(|one| one.at(places)).collect() };
        let one = 10_i128.checked_pow(places)?;
        let mut step = match (integer, steps.is_empty()) {
            (true, _) => one,
            // Two decimals read well, where they reach.
            (false, true) => 10_i128.checked_pow(if finer == 0 { places - 2 } else { 0 })?,
            (false, false) => 1,
        };
        for own in at(&steps)? {
            step = common_multiple(step, own.checked_abs().filter(|own| *own > 0)?)?;
        }
        // Next to a great number, the next one that a float can hold is far away.
        let beside = |limit: i128| 1.max(limit.abs() >> 50);
        let low =
            at(&minimum)?.into_iter().chain(at(&above_this)?.into_iter().map(|limit| limit + beside(limit))).max();
        let high =
            at(&maximum)?.into_iter().chain(at(&below_this)?.into_iter().map(|limit| limit - beside(limit))).min();
        let floats = values("multipleOf").into_iter().filter_map(Value::as_f64).collect();
        Some(Self { places, low, high, step, floats })
    }

    /// The first and the last multiple that may be drawn.
    fn multiples(&self, wide: bool) -> Option<(i128, i128)> {
        let usual = if wide { 1_000_000 } else { 1000 } * 10_i128.checked_pow(self.places)?;
        let reach = self.low.or(self.high).unwrap_or_default().abs() >> 20;
        let span = usual.max(self.step.checked_mul(8)?).max(reach);
        let (low, high) = match (self.low, self.high) {
            (Some(low), Some(high)) => (low, high),
            (Some(low), None) => (low, low.checked_add(span)?),
            (None, Some(high)) => (high.checked_sub(span)?, high),
            (None, None) => (if wide { -span } else { 0 }, span),
        };
        let first = low.div_euclid(self.step) + i128::from(low.rem_euclid(self.step) != 0);
        let last = high.div_euclid(self.step);
        (first <= last).then_some((first, last))
    }

    fn value(&self, multiple: i128) -> Option<f64> {
        let digits = multiple.checked_mul(self.step)?;
        let sign = if digits < 0 { "-" } else { "" };
        let one = 10_u128.pow(self.places);
        let (whole, fraction) = (digits.unsigned_abs() / one, digits.unsigned_abs() % one);
        format!("{sign}{whole}.{fraction:0width$}", width = self.places as usize).parse().ok()
    }

    /// A whole number in the place of one that floats cannot hold exactly.
    fn great(&self, multiple: i128) -> Option<Value> {
        let value = multiple.checked_mul(self.step)? / 10_i128.checked_pow(self.places)?;
        let fits = self.floats.is_empty()
            && value.abs() > 1 << 53
            && self.low.is_none_or(|low| value * 10_i128.pow(self.places) >= low);
        let number = i64::try_from(value).map(Number::from).or_else(|_| u64::try_from(value).map(Number::from));
        number.ok().filter(|_| fits).map(Value::Number)
    }

    /// True when a server that divides in floats sees a multiple as well.
    fn divides(&self, value: f64) -> bool {
        self.floats.iter().all(|step| (value / step).fract() == 0.0)
    }
}

/// A number within all bounds of the parts, and a multiple of all their steps; often at a bound. `wide`: far from where it
/// would usually be, where the bounds allow it.
pub(super) fn number(parts: &[&Value], integer: bool, wide: bool, draw: &mut Draw) -> Outcome {
    for finer in [0, 2, 6, 12] {
        let Some(range) = Range::of(parts, integer, finer) else { break };
        let Some((first, last)) = range.multiples(wide) else {
            if integer || !range.floats.is_empty() {
                break;
            }
            continue;
        };
        let drawn = if integer { whole(&range, first, last, draw) } else { fraction(&range, first, last, draw) };
        return drawn.ok_or(json!(0));
    }
    Err(json!(0))
}

fn whole(range: &Range, first: i128, last: i128, draw: &mut Draw) -> Option<Value> {
    let multiple = match draw.below(6) {
        0 => first,
        1 => last,
        _ => between(first, last, draw),
    };
    let value = multiple.checked_mul(range.step)? / 10_i128.checked_pow(range.places)?;
    let exact = i64::try_from(value).map(Number::from).or_else(|_| u64::try_from(value).map(Number::from));
    match exact {
        Ok(number) => Some(Value::Number(number)),
        Err(_) => Number::from_f64(range.value(multiple)?).map(Value::Number),
    }
}

#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    reason = "the result is kept inside the bounds"
)]
fn fraction(range: &Range, first: i128, last: i128, draw: &mut Draw) -> Option<Value> {
    let mut value = None;
    for _ in 0..ATTEMPTS {
        let multiple = match draw.below(6) {
            0 => first,
            1 => last,
            _ => first + (((last - first) as f64) * draw.fraction()).round() as i128,
        };
        let multiple = multiple.clamp(first, last);
        if let Some(whole) = range.great(multiple) {
            return Some(whole);
        }
        value = range.value(multiple);
        if value.is_some_and(|value| range.divides(value)) {
            break;
        }
    }
    value.and_then(Number::from_f64).map(Value::Number)
}

fn between(first: i128, last: i128, draw: &mut Draw) -> i128 {
    if let (Ok(first), Ok(last)) = (i64::try_from(first), i64::try_from(last)) {
        return i128::from(draw.integer(first, last));
    }
    let bits = i128::from(draw.integer(0, i64::MAX)) << 62 | i128::from(draw.integer(0, i64::MAX)) >> 1;
    first + bits.rem_euclid(last.saturating_sub(first).saturating_add(1).max(1))
}

fn common_multiple(one: i128, other: i128) -> Option<i128> {
    let (mut a, mut b) = (one, other);
    while b != 0 {
        (a, b) = (b, a % b);
    }
    (one / a).checked_mul(other)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{Decimal, number};
    use crate::generate::draw::Draw;

    fn texts(schema: &Value, integer: bool) -> Vec<String> {
        let mut draw = Draw::new(&[5; 32]);
        (0..200).map(|_| number(&[schema], integer, false, &mut draw).expect("a number").to_string()).collect()
    }

    #[test]
    fn decimals_are_read_in_every_spelling() {
        assert_eq!(Decimal::parse("-12.50"), Some(Decimal { digits: -125, places: 1 }));
        assert_eq!(Decimal::parse("1e-7"), Some(Decimal { digits: 1, places: 7 }));
        assert_eq!(Decimal::parse("1.5e+3"), Some(Decimal { digits: 1500, places: 0 }));
        assert_eq!(Decimal::parse("1e300"), None);
    }

    #[test]
    fn multiples_have_no_noise_of_floats() {
        let texts = texts(&json!({"multipleOf": 0.01, "minimum": 0, "maximum": 100}), false);
        assert!(texts.iter().all(|text| text.split_once('.').is_some_and(|(_, cents)| cents.len() <= 2)), "{texts:?}");
    }

    #[test]
    fn steps_of_several_parts_hold_together() {
        let mut draw = Draw::new(&[5; 32]);
        let (two, three) = (json!({"multipleOf": 2}), json!({"multipleOf": 0.75, "minimum": 7}));
        for _ in 0..50 {
            let value = number(&[&two, &three], true, false, &mut draw).expect("a number").as_i64().expect("whole");
            assert!(value >= 7 && value % 6 == 0, "{value}");
        }
    }

    #[test]
    fn narrow_and_wide_ranges_are_met() {
        let narrow = json!({"minimum": 0.001, "maximum": 0.002, "exclusiveMinimum": 0.001, "exclusiveMaximum": 0.002});
        for text in texts(&narrow, false) {
            let value: f64 = text.parse().expect("a number");
            assert!(value > 0.001 && value < 0.002, "{text}");
        }
        let wide = json!({"minimum": u64::MAX - 10, "maximum": u64::MAX});
        assert!(texts(&wide, true).iter().all(|text| text.parse::<u64>().is_ok_and(|value| value >= u64::MAX - 10)));
        assert!(!texts(&json!({"minimum": -1.7e308, "maximum": 1.7e308}), false).is_empty());
    }

    #[test]
    fn an_empty_range_gives_no_number() {
        let mut draw = Draw::new(&[5; 32]);
        assert!(number(&[&json!({"minimum": 3, "maximum": 2})], true, false, &mut draw).is_err());
        assert!(number(&[&json!({"minimum": 1, "maximum": 4, "multipleOf": 5})], true, false, &mut draw).is_err());
    }
}
