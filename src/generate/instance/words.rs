//! Texts of a schema: from patterns, formats, bounds, and what D1 demands of card data.

use serde_json::{Value, json};

use super::parts::{Outcome, Parts, Pass};
use crate::contract::{is_card_number, is_expiry, pattern_matches};
use crate::generate::case::placeholder;
use crate::generate::draw::Draw;
use crate::generate::text::{formatted, opaque_jwe, plain};

/// Draws of a text before it is given up.
const ATTEMPTS: usize = 64;

impl Pass<'_, '_> {
    pub(super) fn text(&self, parts: &Parts, name: &str, draw: &mut Draw) -> Outcome {
        let least = parts.bound("minLength", usize::max).unwrap_or(0);
        let most = parts.bound("maxLength", usize::min);
        if parts.has("x-jwe-plaintext") {
            let sealed = self.own.means.seals;
            return Ok(json!(if sealed { placeholder::ENVELOPE.to_owned() } else { opaque_jwe(draw) }));
        }
        let of = |key: &str| -> Vec<&str> { parts.list.iter().filter_map(|part| part.get(key)?.as_str()).collect() };
        let (patterns, formats) = (of("pattern"), of("format"));
        let card = self.card_text(name, least, most, draw);
        // Elsewhere a member of this name may be something else: its pattern tells.
        let fits = |text: &String| self.own.card_data || patterns.iter().all(|own| matches_pattern(own, text));
        if let Some(text) = card.filter(fits) {
            return Ok(Value::String(text));
        }
        if most.is_some_and(|most| most < least) {
            return Err(json!(""));
        }
        let bounds = Bounds { least, most };
        // The pattern often holds the bounds itself; where it does not, draw again until the length fits.
        for attempt in 0..if patterns.is_empty() { 0 } else { ATTEMPTS } {
            let Some((text, sure)) = self.pattern_text(&patterns, attempt, &bounds, name, draw) else { continue };
            let sure = sure && patterns.len() == 1 && formats.is_empty();
            if bounds.hold(&text) && (sure || self.fits_all(&parts.list, &json!(text))) {
                return Ok(Value::String(text));
            }
        }
        for format in &formats {
            let Some(text) = formatted(format, least, most, draw) else { continue };
            if bounds.hold(&text) && (formats.len() + patterns.len() == 1 || self.fits_all(&parts.list, &json!(text))) {
                return Ok(Value::String(text));
            }
        }
        let text = json!(plain(name, least, most, draw));
        let sure = patterns.is_empty() && formats.is_empty();
        if sure || self.fits_all(&parts.list, &text) { Ok(text) } else { Err(text) }
    }

    /// A text that comes from one of the patterns, or from all of them one after the other, drawn out to the least length
    /// where it is too short. The flag says that nothing was changed in what the pattern gave.
    fn pattern_text(
        &self,
        patterns: &[&str],
        attempt: usize,
        bounds: &Bounds,
        name: &str,
        draw: &mut Draw,
    ) -> Option<(String, bool)> {
        let own = |pattern: &str, draw: &mut Draw| self.own.patterns.text(pattern, draw);
        let mut text = if patterns.len() > 1 && attempt % 3 == 2 {
            patterns.iter().map(|pattern| own(pattern, draw)).collect::<Option<String>>()?
        } else {
            own(patterns[attempt % patterns.len()], draw)?
        };
        let length = text.chars().count();
        // A pattern without anchors allows more around it.
        let short = attempt > ATTEMPTS / 4 && length < bounds.least;
        if short {
            text.push_str(&plain(name, bounds.least - length, Some(bounds.least - length), draw));
        }
        Some((text, !short))
    }

    /// Card numbers come from test ranges alone, whatever a pattern would allow. Expiries lie ahead, and are no expiry
    /// when their halves are swapped (JWE-11).
    fn card_text(&self, name: &str, least: usize, most: Option<usize>, draw: &mut Draw) -> Option<String> {
        let pans = &self.own.means.test_pans;
        if is_card_number(name) {
            let first = draw.below(pans.len().max(1));
            let ranges = pans.iter().cycle().skip(first).take(pans.len());
            let number = draw.below(1_000_000) as u64;
            return ranges
                .map(|range| range.number(number))
                .find(|pan| pan.len() >= least && most.is_none_or(|most| pan.len() <= most));
        }
        let expiry = self.own.card_data && is_expiry(name);
        expiry.then(|| format!("{:02}{:02}", draw.between(1, 12), draw.between(30, 39)))
    }
}

struct Bounds {
    least: usize,
    most: Option<usize>,
}

impl Bounds {
    fn hold(&self, text: &str) -> bool {
        let length = text.chars().count();
        length >= self.least && self.most.is_none_or(|most| length <= most)
    }
}

fn matches_pattern(pattern: &str, text: &str) -> bool {
    pattern_matches(pattern, &[text]).is_some_and(|matched| matched == [true])
}
