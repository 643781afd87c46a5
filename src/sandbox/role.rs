//! The two parties that a sandbox can stand in for.

use std::fmt;
use std::str::FromStr;

use crate::contract::Direction;

/// Whom a sandbox plays.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// D1, called by an issuer's backend.
    D1,
    /// An issuer's backend, called by D1.
    Issuer,
}

/// A text that names no role.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no role of the sandbox\n  remedy: write `d1` or `issuer`")]
pub struct UnknownRole(String);

impl Role {
    /// True when this party serves contracts of the direction; a file of unknown direction is served by both.
    pub fn serves(self, direction: Option<Direction>) -> bool {
        match direction {
            None => true,
            Some(Direction::Inbound) => self == Self::D1,
            Some(Direction::Outbound) => self == Self::Issuer,
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::D1 => "d1",
            Self::Issuer => "issuer",
        })
    }
}

impl FromStr for Role {
    type Err = UnknownRole;

    fn from_str(text: &str) -> Result<Self, UnknownRole> {
        match text {
            "d1" => Ok(Self::D1),
            "issuer" => Ok(Self::Issuer),
            _ => Err(UnknownRole(text.to_owned())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Role;

    #[test]
    fn roles_are_written_as_they_are_read() {
        for role in [Role::D1, Role::Issuer] {
            assert_eq!(role.to_string().parse(), Ok(role));
        }
        assert!("D2".parse::<Role>().is_err());
    }
}
