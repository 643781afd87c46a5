//! Defects that one kind of value brings to light and no other: each near miss of a list, each place of a wrong character,
//! each kind of odd character, each reading of another type, and values just inside of a boundary.

use crate::sandbox::defect::{Class, Defect, Effect, Spot, Trait};
use crate::sandbox::role::Role;

const CREATE: &str = "D1-Public-IN-v2-Card::createCard";
const REGISTER: &str = "D1-Public-IN-v2-Card::registerCard";
const GET: &str = "D1-Public-IN-v1-Card::getCard";
const ENROL: &str = "D1-Public-IN-v1-ClickToPay::enrolCardInClickToPay";
const CONFORMING: &[&str] = &["D1-Public-IN-v1-ClickToPay::enrolCardInClickToPay::operation::conforming"];

/// One row per defect.
pub const ROWS: [Defect; 32] = [
    state("d1-create-card-state-in-lower-case", "reads states in lower case", Trait::LowerCase),
    state("d1-create-card-state-before-blank", "cuts blanks behind a state", Trait::EndsWith(" ")),
    state("d1-create-card-state-behind-blank", "cuts blanks before a state", Trait::BeginsWith(" ")),
    state("d1-create-card-cut-state", "takes the beginning of a state for the whole", Trait::Is("ACTIV")),
    state("d1-create-card-state-without-head", "takes the end of a state for the whole", Trait::Is("CTIVE")),
    state("d1-create-card-longer-state", "looks at the beginning of a state alone", Trait::EndsWith("_X")),
    state("d1-create-card-look-alike-state", "folds letters of other scripts in a state", Trait::BeyondAscii),
    state("d1-create-card-empty-state", "takes an empty state for none", Trait::Is("")),
    state("d1-create-card-state-by-place", "takes the place in the list for a state", Trait::Is("0")),
    kind("d1-create-card-product-in-list", "unpacks a product from a list of one", Trait::List),
    kind("d1-create-card-product-as-number", "takes a number for a product", Trait::Number),
    kind("d1-create-card-product-as-flag", "takes true for a product", Trait::Flag),
    kind("d1-create-card-product-as-object", "takes an object for a product", Trait::Object),
    product("d1-register-card-odd-first", "looks at no first character of a product", Trait::OddAt(Spot::First)),
    product("d1-register-card-odd-middle", "looks at the ends of a product alone", Trait::OddAt(Spot::Middle)),
    product("d1-register-card-odd-last", "looks at no last character of a product", Trait::OddAt(Spot::Last)),
    product("d1-register-card-product-before-blank", "cuts blanks behind a product", Trait::EndsWith(" ")),
    product("d1-register-card-product-behind-blank", "cuts blanks before a product", Trait::BeginsWith(" ")),
    product("d1-register-card-two-lines", "looks at the first line of a product alone", Trait::Contains("\n")),
    product("d1-register-card-invisible", "leaves invisible characters out of a product", Trait::Contains("\u{200b}")),
    product("d1-register-card-wide-digits", "takes wide digits for digits", Trait::Contains("\u{ff11}")),
    product("d1-register-card-turned", "takes what turns the direction of a text", Trait::Contains("\u{202e}")),
    product("d1-register-card-other-script", "takes letters that look alike", Trait::Contains("\u{430}")),
    product("d1-register-card-combining", "takes combining accents", Trait::Contains("\u{301}")),
    product("d1-register-card-control", "takes control characters", Trait::Contains("\u{7}")),
    product("d1-register-card-emoji", "takes characters beyond the basic plane", Trait::Contains("\u{1f600}")),
    long("d1-enrol-name-of-twice-the-length", "takes a name of twice the length", Trait::LengthIs(52)),
    long("d1-enrol-endless-name", "takes a name of 40,000 characters", Trait::LengthIs(40_000)),
    refuses("d1-enrol-refuses-shortest-name", "refuses a name of one character", Trait::LengthIs(1)),
    refuses("d1-enrol-refuses-longest-name-but-one", "refuses a name of 25 characters", Trait::LengthIs(25)),
    unread(
        "d1-get-card-refuses-longest-card-id",
        "does not read a card whose cardId has 48 characters",
        Trait::LengthIs(48),
    ),
    unread(
        "d1-get-card-refuses-underscores",
        "does not read a card whose cardId holds an underscore",
        Trait::Contains("_"),
    ),
];

const fn state(name: &'static str, text: &'static str, when: Trait) -> Defect {
    let breaks = &["D1-Public-IN-v2-Card::createCard::body/state::enum"];
    accepts(name, text, Class::EnumDrift, breaks, CREATE, "body/state", &["enum"], when)
}

const fn kind(name: &'static str, text: &'static str, when: Trait) -> Defect {
    let breaks = &["D1-Public-IN-v2-Card::createCard::body/cardProductId::type"];
    accepts(name, text, Class::AcceptsInvalid, breaks, CREATE, "body/cardProductId", &["type"], when)
}

const fn product(name: &'static str, text: &'static str, when: Trait) -> Defect {
    let breaks = &["D1-Public-IN-v2-Card::registerCard::body/cardProductId::pattern"];
    accepts(name, text, Class::Values, breaks, REGISTER, "body/cardProductId", &["pattern", "max_length"], when)
}

const fn long(name: &'static str, text: &'static str, when: Trait) -> Defect {
    let breaks = &["D1-Public-IN-v1-ClickToPay::enrolCardInClickToPay::body/name::max_length"];
    accepts(name, text, Class::Bounds, breaks, ENROL, "body/name", &["max_length"], when)
}

#[expect(clippy::too_many_arguments, reason = "one for each column of the table")]
const fn accepts(
    name: &'static str,
    text: &'static str,
    class: Class,
    breaks: &'static [&'static str],
    operation: &'static str,
    location: &'static str,
    rules: &'static [&'static str],
    when: Trait,
) -> Defect {
    Defect {
        name,
        role: Role::D1,
        text,
        class,
        breaks,
        effect: Effect::IgnoreRulesWhen { operation, location, rules, when },
    }
}

const fn refuses(name: &'static str, text: &'static str, when: Trait) -> Defect {
    let effect = Effect::RefuseValid { operation: ENROL, location: "body/name", when };
    Defect { name, role: Role::D1, text, class: Class::RejectsValid, breaks: CONFORMING, effect }
}

/// The identifier is taken when the card is registered.
const fn unread(name: &'static str, text: &'static str, when: Trait) -> Defect {
    let effect = Effect::RefuseValid { operation: GET, location: "path.cardId", when };
    let breaks = &["D1-Public-IN-v1-Card::getCard::operation::conforming"];
    Defect { name, role: Role::D1, text, class: Class::RejectsValid, breaks, effect }
}
