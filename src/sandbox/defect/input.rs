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
    /// The text holds this.
    Contains(&'static str),
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

impl Trait {
    /// Does a value have the trait? `None` is an absent value.
    pub fn fits(self, value: Option<&Value>) -> bool {
        let text = value.and_then(Value::as_str);
        match self {
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

    use super::Trait;

    #[test]
    fn traits_fit_the_values_that_have_them() {
        let (word, accented, number) = (json!("caf"), json!("café"), json!(256));
        assert!(Trait::Contains("a").fits(Some(&word)) && !Trait::Contains("x").fits(Some(&word)));
        assert!(Trait::LengthIs(4).fits(Some(&accented)) && !Trait::LengthIs(4).fits(Some(&word)));
        assert!(Trait::BeyondAscii.fits(Some(&accented)) && !Trait::BeyondAscii.fits(Some(&word)));
        assert!(Trait::Above(255).fits(Some(&number)) && !Trait::Above(256).fits(Some(&number)));
        assert!(Trait::Present.fits(Some(&word)) && !Trait::Present.fits(None));
        assert!(Trait::Absent.fits(None) && !Trait::Absent.fits(Some(&word)));
    }
}
