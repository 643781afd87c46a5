//! Ways to read input wrongly, and the values that bring a mistake to light.

use serde_json::Value;

/// What happens to a body that is no JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Malformed {
    /// The server breaks: 500.
    Breaks,
    /// The server breaks where the body holds this.
    BreaksAt(&'static str),
    /// It counts as an empty object.
    Passes,
    /// The first value is read, and what stands behind it is not looked at.
    ReadsFirstValue,
    /// Single quotes are taken for double ones.
    TakesSingleQuotes,
    /// A comma may stand before a closing brace.
    TakesTrailingCommas,
    /// A word stands for a value, as in JavaScript and Python.
    TakesWord(&'static str),
    /// Comments between `/*` and `*/` are left out.
    TakesComments,
    /// Comments behind `//` are left out.
    TakesLineComments,
    /// Names need no quotes.
    TakesUnquotedNames,
    /// Tabs may stand in texts as they are.
    TakesTabs,
    /// Numbers may begin with zeros.
    TakesLeadingZeros,
    /// Numbers may begin with a plus sign.
    TakesPlusSigns,
    /// Bytes that are no UTF-8 are replaced.
    ReplacesBytes,
    /// UTF-16 is read as well.
    ReadsUtf16,
}

/// A trait of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trait {
    /// The text is this.
    Is(&'static str),
    /// The text begins with this.
    BeginsWith(&'static str),
    /// The text ends with this.
    EndsWith(&'static str),
    /// The text holds this.
    Contains(&'static str),
    /// The text has letters, and no capital ones.
    LowerCase,
    /// One sign of those that identifiers do not have stands in the text, and there.
    OddAt(Spot),
    /// A text, and no other JSON type.
    Text,
    /// A number.
    Number,
    /// True or false.
    Flag,
    /// A list.
    List,
    /// An object.
    Object,
    /// The text has so many characters.
    LengthIs(usize),
    /// The text holds more than ASCII.
    BeyondAscii,
    /// The number is greater.
    Above(u64),
    /// The value is there.
    Present,
    /// The value is not there.
    Absent,
}

/// A place in a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Spot {
    /// The first character.
    First,
    /// Neither the first nor the last one.
    Middle,
    /// The last character.
    Last,
}

impl Spot {
    /// Does one odd sign stand in the text, and at this place?
    fn is_odd_in(self, text: &str) -> bool {
        let odd: Vec<usize> =
            text.chars().enumerate().filter(|(_, c)| "!$+=~|".contains(*c)).map(|(place, _)| place).collect();
        let last = text.chars().count().saturating_sub(1);
        match (odd.as_slice(), self) {
            ([0], Self::First) => last > 0,
            ([place], Self::Last) => *place == last && last > 0,
            ([place], Self::Middle) => 0 < *place && *place < last,
            _ => false,
        }
    }
}

impl Trait {
    /// Does a value have the trait? `None` is an absent value.
    pub fn fits(self, value: Option<&Value>) -> bool {
        let text = value.and_then(Value::as_str);
        match self {
            Self::Is(whole) => text == Some(whole),
            Self::BeginsWith(head) => text.is_some_and(|text| text.starts_with(head)),
            Self::EndsWith(tail) => text.is_some_and(|text| text.ends_with(tail)),
            Self::LowerCase => {
                text.is_some_and(|text| text.chars().any(char::is_alphabetic) && !text.chars().any(char::is_uppercase))
            }
            Self::OddAt(spot) => text.is_some_and(|text| spot.is_odd_in(text)),
            Self::Text => text.is_some(),
            Self::Number => value.is_some_and(Value::is_number),
            Self::Flag => value.is_some_and(Value::is_boolean),
            Self::List => value.is_some_and(Value::is_array),
            Self::Object => value.is_some_and(Value::is_object),
            Self::Contains(part) => text.is_some_and(|text| text.contains(part)),
            Self::LengthIs(length) => text.is_some_and(|text| text.chars().count() == length),
            Self::BeyondAscii => text.is_some_and(|text| !text.is_ascii()),
            Self::Above(bound) => value.and_then(Value::as_u64).is_some_and(|number| number > bound),
            Self::Present => value.is_some(),
            Self::Absent => value.is_none(),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{Spot, Trait};

    #[test]
    fn traits_fit_the_values_that_have_them() {
        let (word, accented, number) = (json!("caf"), json!("café"), json!(256));
        assert!(Trait::Contains("a").fits(Some(&word)) && !Trait::Contains("x").fits(Some(&word)));
        assert!(Trait::Is("caf").fits(Some(&word)) && !Trait::Is("ca").fits(Some(&word)));
        assert!(Trait::BeginsWith("c").fits(Some(&word)) && Trait::EndsWith("f").fits(Some(&word)));
        assert!(Trait::LowerCase.fits(Some(&word)) && !Trait::LowerCase.fits(Some(&json!("Caf"))));
        for (text, spot) in [("!af", Spot::First), ("c!f", Spot::Middle), ("ca!", Spot::Last)] {
            let all = [Spot::First, Spot::Middle, Spot::Last];
            let fitting: Vec<Spot> =
                all.into_iter().filter(|spot| Trait::OddAt(*spot).fits(Some(&json!(text)))).collect();
            assert_eq!(fitting, [spot], "{text}");
        }
        assert!(
            !Trait::OddAt(Spot::First).fits(Some(&json!("!!f"))) && !Trait::OddAt(Spot::Last).fits(Some(&json!("!")))
        );
        let kinds = [Trait::Text, Trait::Number, Trait::Flag, Trait::List, Trait::Object];
        for (place, value) in [json!(""), json!(1), json!(true), json!([]), json!({})].iter().enumerate() {
            assert!(kinds.iter().enumerate().all(|(own, kind)| kind.fits(Some(value)) == (own == place)), "{value}");
        }
        assert!(Trait::LengthIs(4).fits(Some(&accented)) && !Trait::LengthIs(4).fits(Some(&word)));
        assert!(Trait::BeyondAscii.fits(Some(&accented)) && !Trait::BeyondAscii.fits(Some(&word)));
        assert!(Trait::Above(255).fits(Some(&number)) && !Trait::Above(256).fits(Some(&number)));
        assert!(Trait::Present.fits(Some(&word)) && !Trait::Present.fits(None));
        assert!(Trait::Absent.fits(None) && !Trait::Absent.fits(Some(&word)));
    }
}
