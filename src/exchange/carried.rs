//! What one exchange carried that must not be seen, wherever the other side repeats it: credentials, card data, and the
//! clear text of what was sealed.

use super::record::{Answer, Exchange, Sent};
use crate::base::{Redactor, Secret, named_values};
use crate::contract::decode_utf16;

/// Shorter values of credential fields are drawn by a violating case, and would mask half of a report.
const SHORTEST_VALUE: usize = 8;

impl Exchange {
    /// A redactor for every text that belongs to this exchange.
    pub fn redactor(&self, known: &Redactor) -> Redactor {
        let mut carried = Carried::default();
        carried.sent(&self.sent);
        if let Ok(answer) = &self.outcome {
            carried.answer(answer);
        }
        known.with(carried.values).with_words(carried.codes)
    }
}

impl Sent {
    /// A redactor for every text that belongs to this request.
    pub fn redactor(&self, known: &Redactor) -> Redactor {
        let mut carried = Carried::default();
        carried.sent(self);
        known.with(carried.values).with_words(carried.codes)
    }
}

#[derive(Default)]
struct Carried {
    values: Vec<Secret>,
    codes: Vec<Secret>,
}

impl Carried {
    fn sent(&mut self, sent: &Sent) {
        self.headers(&sent.headers);
        if let Some((_, query)) = sent.url.split_once('?') {
            self.pairs(query.as_bytes());
        }
        self.body(&sent.body);
        for member in &sent.sealed {
            self.values.push(member.plaintext.clone());
            self.text(member.plaintext.expose());
        }
    }

    fn answer(&mut self, answer: &Answer) {
        self.headers(&answer.headers);
        self.body(&answer.body);
    }

    /// The value as it was sent, and without the scheme before it.
    fn headers(&mut self, fields: &[(String, String)]) {
        for (name, value) in fields {
            self.field(name, value);
            if let Some((_, bare)) = value.split_once(' ') {
                self.field(name, bare);
            }
        }
    }

    fn body(&mut self, bytes: &[u8]) {
        // A body that is no text is not recorded, but whoever repeats it may have made one of it.
        let text = decode_utf16(bytes).unwrap_or_else(|| String::from_utf8_lossy(bytes).into_owned());
        self.text(&text);
        // A JSON text is no form, and is not cut in two by an ampersand in one of its values.
        if !text.trim_start().starts_with(['{', '[']) {
            self.pairs(bytes);
        }
    }

    fn text(&mut self, text: &str) {
        for (name, value) in named_values(text) {
            self.field(&name, &value);
        }
    }

    fn pairs(&mut self, bytes: &[u8]) {
        for (name, value) in url::form_urlencoded::parse(bytes) {
            self.field(&name, &value);
        }
    }

    fn field(&mut self, name: &str, value: &str) {
        if Redactor::holds_code(name) {
            self.codes.push(Secret::new(value));
        } else if Redactor::hides_field(name) && value.len() >= SHORTEST_VALUE {
            self.values.push(Secret::new(value));
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::base::{Redactor, Secret};
    use crate::exchange::{SealedMember, Sent};

    fn sent(body: &str) -> Sent {
        Sent {
            method: "POST".into(),
            url: "https://host/a?access_token=query-token&n=1".into(),
            headers: vec![("Authorization".into(), "Bearer header-token".into()), ("x-note".into(), "a-note-x".into())],
            body: body.as_bytes().to_vec(),
            sealed: Vec::new(),
            tls: crate::exchange::TlsUse::default(),
        }
    }

    fn clean(sent: &Sent, text: &str) -> String {
        sent.redactor(&Redactor::default()).text(text)
    }

    #[test]
    fn bodies_that_are_no_utf_8_hold_values_as_well() {
        let text = r#"{"a":"b","auxiliaryPan":"9036157284913"}"#;
        let mut broken = text.as_bytes().to_vec();
        broken[6] = 0xff;
        let wide = std::iter::once(0xfeff).chain(text.encode_utf16()).flat_map(u16::to_be_bytes).collect();
        for body in [broken, wide] {
            let redactor = Sent { body, ..sent("") }.redactor(&Redactor::default());
            assert_eq!(redactor.text("it was 9036157284913"), "it was ***");
        }
    }

    #[test]
    fn credentials_of_header_query_and_form_are_known() {
        let sent = sent("assertion=form-token&scope=all-of-it");
        assert_eq!(
            clean(&sent, "header-token query-token form-token a-note-x all-of-it"),
            "*** *** *** a-note-x all-of-it"
        );
    }

    #[test]
    fn card_data_are_known_whatever_they_look_like() {
        for body in [
            r#"{"cards": [{"pan": "1234567890123", "auxiliaryPan": 98765432, "cvv": 987}], "exp": "1228"}"#,
            r#"{"cards": [{"pan": "1234567890123", "auxiliaryPan": 98765432, "cvv": 987}], "exp": "1228""#,
        ] {
            let text = "1234567890123 98765432 987 9870 1228";
            assert_eq!(clean(&sent(body), text), "*** *** *** 9870 1228", "{body}");
        }
        assert_eq!(clean(&sent(r#"{"pan": "1234567"}"#), "1234567"), "1234567", "too short to be searched for");
    }

    #[test]
    fn sealed_texts_are_known_as_a_whole_and_in_parts() {
        let plaintext = r#"{"cardNumber":"99998888777","cvc":"321","exp":"1228"}"#;
        let mut sent = sent("{}");
        sent.sealed = vec![SealedMember { pointer: "/encryptedData".into(), plaintext: Secret::new(plaintext) }];
        assert_eq!(clean(&sent, &format!("got {plaintext}")), "got ***");
        assert_eq!(clean(&sent, &format!("got {}", plaintext.replace('"', "\\\""))), "got ***");
        assert_eq!(clean(&sent, "99998888777, 321, 1228"), "***, ***, 1228");
    }
}
