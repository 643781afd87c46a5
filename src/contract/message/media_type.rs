//! The grammar of `Content-Type` and `Accept` (RFC 9110 sections 5.6, 8.3.1 and 12.5.1).

/// True for a media type as the grammar wants it: two tokens with a slash between them, and parameters behind.
pub fn is_media_type(text: &str) -> bool {
    parsed(text).is_some()
}

/// The value of the parameter `charset`, in lower case; `None` where there is none.
pub fn charset(text: &str) -> Option<String> {
    let (_, parameters) = parsed(text)?;
    parameters.into_iter().find(|(name, _)| name == "charset").map(|(_, value)| value.to_ascii_lowercase())
}

/// Does an `Accept` field take the media type? The most specific range decides. `None` where the field cannot be read.
pub fn accepts(accept: &str, media_type: &str) -> Option<bool> {
    let (wanted, _) = parsed(media_type)?;
    let (kind, _) = wanted.split_once('/')?;
    let mut best: Option<(u8, f32)> = None;
    // Empty elements of a list count for nothing (RFC 9110 section 5.6.1).
    for element in accept.split(',').map(str::trim).filter(|element| !element.is_empty()) {
        let (range, parameters) = parsed(element)?;
        let weight = parameters.iter().find(|(name, _)| name == "q").map_or(Some(1.0), |(_, text)| weight(text))?;
        let exactness = match range.as_str() {
            "*/*" => 0,
            range if range.starts_with("*/") => return None,
            range if range.strip_suffix("/*") == Some(kind) => 1,
            range if range == wanted => 2,
            _ => continue,
        };
        if best.is_none_or(|(known, _)| exactness >= known) {
            best = Some((exactness, weight));
        }
    }
    // No range at all is no wish at all.
    let empty = accept.split(',').all(|element| element.trim().is_empty());
    Some(empty || best.is_some_and(|(_, weight)| weight > 0.0))
}

/// A weight of the grammar: 0 to 1, with three places at most (RFC 9110 section 12.4.2).
fn weight(text: &str) -> Option<f32> {
    let (whole, places) = text.split_once('.').unwrap_or((text, ""));
    let digits = places.len() <= 3 && places.bytes().all(|byte| byte.is_ascii_digit());
    let value: f32 = text.parse().ok()?;
    (digits && matches!(whole, "0" | "1") && value <= 1.0).then_some(value)
}

/// Type and subtype in lower case, and the parameters.
fn parsed(text: &str) -> Option<(String, Vec<(String, String)>)> {
    let text = text.trim_matches([' ', '\t']);
    let (essence, mut rest) = text.split_at(text.find(';').unwrap_or(text.len()));
    let (kind, subtype) = essence.trim_end_matches([' ', '\t']).split_once('/')?;
    if !is_token(kind) || !is_token(subtype) {
        return None;
    }
    let mut parameters = Vec::new();
    while !rest.is_empty() {
        rest = rest.strip_prefix(';')?.trim_start_matches([' ', '\t']);
        // `*( OWS ";" OWS [ parameter ] )`: nothing between two semicolons is allowed.
        if rest.is_empty() || rest.starts_with(';') {
            continue;
        }
        let (name, behind) = rest.split_once('=')?;
        let (value, behind) = if behind.starts_with('"') { quoted(behind)? } else { bare(behind) };
        if !is_token(name) || value.is_empty() && !behind.is_empty() {
            return None;
        }
        parameters.push((name.to_ascii_lowercase(), value));
        rest = behind.trim_start_matches([' ', '\t']);
    }
    Some((format!("{kind}/{subtype}").to_ascii_lowercase(), parameters))
}

/// A token as a value, and what stands behind it.
fn bare(text: &str) -> (String, &str) {
    let end = text.find(|c: char| !is_token_char(c)).unwrap_or(text.len());
    (text[..end].to_owned(), &text[end..])
}

/// A quoted string, without its quotes and escapes, and what stands behind it.
fn quoted(text: &str) -> Option<(String, &str)> {
    let mut value = String::new();
    let mut chars = text.char_indices().skip(1);
    while let Some((at, c)) = chars.next() {
        match c {
            '"' => return Some((value, &text[at + 1..])),
            '\\' => value.push(chars.next()?.1),
            c => value.push(c),
        }
    }
    None
}

fn is_token(text: &str) -> bool {
    !text.is_empty() && text.chars().all(is_token_char)
}

fn is_token_char(c: char) -> bool {
    c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c)
}

#[cfg(test)]
mod tests {
    use super::{accepts, charset, is_media_type};

    #[test]
    fn media_types_have_two_tokens() {
        for right in ["application/json", "Application/JSON", "a/b;c=d", "a/b ; c=\"d;\\\"e\"", "a/b;", "a/b;;c=d"] {
            assert!(is_media_type(right), "{right}");
        }
        for wrong in ["", "json", "application/", "/json", ";;", "a/b/c", "a/b c", "a/b;c", "a/b;c=\"d", "a/b; c = d"] {
            assert!(!is_media_type(wrong), "{wrong}");
        }
        assert_eq!(charset("a/b; Charset=\"UTF-8\"").as_deref(), Some("utf-8"));
        assert_eq!(charset("a/b"), None);
    }

    #[test]
    fn the_most_specific_range_decides() {
        let json = |accept| accepts(accept, "application/json; charset=utf-8");
        for taken in ["*/*", "application/*;q=0.1", "text/html, Application/JSON", "", ",", "*/*;q=0, application/json"]
        {
            assert_eq!(json(taken), Some(true), "{taken}");
        }
        for refused in ["text/html", "*/*, application/json;q=0", "application/json;q=0.000"] {
            assert_eq!(json(refused), Some(false), "{refused}");
        }
        for unreadable in ["application/", ";;", "*/json", "application/json;q=high", "a/b;q=1.5", "a/b;q=0.1234"] {
            assert_eq!(json(unreadable), None, "{unreadable}");
        }
    }
}
