//! A command line that sends a request again.

use super::record::RequestRecord;

/// One `curl` line for a POSIX shell. Credentials come from the environment (`D1C_TOKEN`, or `D1C_CLIENT_ID` and
/// `D1C_CLIENT_SECRET`; certificates from the files that `D1C_CA`, `D1C_CLIENT_CERT` and `D1C_CLIENT_KEY` name), unless the
/// point of the request is that they are wrong. Other masked values stay `***`.
pub(super) fn curl(request: &RequestRecord, wrong_credentials: bool) -> String {
    // Without `--path-as-is` curl resolves dot segments, without `--globoff` it expands brackets.
    let mut words = vec!["curl --include --path-as-is --globoff".to_owned()];
    words.push(if request.method == "HEAD" { "--head".to_owned() } else { format!("-X {}", word(&request.method)) });
    if request.private_ca {
        words.push("--cacert \"$D1C_CA\"".to_owned());
    }
    if request.client_certificate {
        words.push("--cert \"$D1C_CLIENT_CERT\" --key \"$D1C_CLIENT_KEY\"".to_owned());
    }
    for header in &request.headers {
        words.extend(field(&header.name, &header.value, wrong_credentials));
    }
    for name in ["Accept", "Content-Type"] {
        // curl adds these of its own accord; an empty field tells it not to.
        let has = request.headers.iter().any(|header| header.name.eq_ignore_ascii_case(name));
        if !has && (name == "Accept" || request.body.is_some()) {
            words.push(format!("-H '{name}:'"));
        }
    }
    let mut note = None;
    match &request.body {
        Some(text) if request.body_complete && !text.contains('\0') => {
            // `--data-binary` reads a file when its value starts with an at sign; `--data-raw` never does.
            let option = if text.starts_with('@') { "--data-raw" } else { "--data-binary" };
            words.push(format!("{option} {}", quoted(text)));
        }
        Some(_) => {
            words.push("--data-binary @body.bin".to_owned());
            note = Some("  # put the body into body.bin first, the report does not hold it");
        }
        None => {}
    }
    if !request.sealed.is_empty() {
        note = note.or(Some("  # put a fresh JWE in the place of each ***"));
    }
    words.push(quoted(&request.url));
    format!("{}{}", words.join(" "), note.unwrap_or_default())
}

fn field(name: &str, value: &str, wrong_credentials: bool) -> Option<String> {
    if name.eq_ignore_ascii_case("host") || name.eq_ignore_ascii_case("content-length") {
        return None;
    }
    if name.eq_ignore_ascii_case("authorization") {
        match (value.split_once(' '), wrong_credentials) {
            (Some(("Bearer", _)), false) => return Some("-H \"Authorization: Bearer $D1C_TOKEN\"".to_owned()),
            (Some(("Bearer", _)), true) => return Some("-H 'Authorization: Bearer d1c-wrong-token'".to_owned()),
            (Some(("Basic", _)), false) => return Some("-u \"$D1C_CLIENT_ID:$D1C_CLIENT_SECRET\"".to_owned()),
            (Some(("Basic", _)), true) => return Some("-u \"$D1C_CLIENT_ID:d1c-wrong-secret\"".to_owned()),
            _ => {}
        }
    }
    // `Name:` would remove the field; a semicolon sends it empty.
    let text = if value.is_empty() { format!("{name};") } else { format!("{name}: {value}") };
    Some(format!("-H {}", quoted(&text)))
}

/// POSIX shell, section 2.2.2: nothing but the single quote is special between single quotes.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

fn word(text: &str) -> String {
    if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        text.to_owned()
    } else {
        quoted(text)
    }
}

#[cfg(test)]
mod tests {
    use super::{curl, quoted};
    use crate::report::record::{HeaderRecord, RequestRecord, SealedRecord};

    fn request(headers: &[(&str, &str)], body: Option<&str>) -> RequestRecord {
        let header = |(name, value): &(&str, &str)| HeaderRecord { name: (*name).into(), value: (*value).into() };
        RequestRecord {
            method: "POST".into(),
            url: "https://host/a?b=[1]".into(),
            headers: headers.iter().map(header).collect(),
            body: body.map(str::to_owned),
            body_complete: true,
            sealed: Vec::new(),
            private_ca: false,
            client_certificate: false,
        }
    }

    #[test]
    fn a_whole_line() {
        let headers = [
            ("host", "host"),
            ("authorization", "Bearer ***"),
            ("content-type", "application/json"),
            ("accept", "application/json"),
            ("x-empty", ""),
        ];
        assert_eq!(
            curl(&request(&headers, Some("{\"name\":\"O'Neil $HOME\"}")), false),
            "curl --include --path-as-is --globoff -X POST -H \"Authorization: Bearer $D1C_TOKEN\" \
             -H 'content-type: application/json' -H 'accept: application/json' -H 'x-empty;' \
             --data-binary '{\"name\":\"O'\\''Neil $HOME\"}' 'https://host/a?b=[1]'"
        );
    }

    #[test]
    fn what_curl_would_add_is_taken_away() {
        assert!(curl(&request(&[], Some("x")), false).contains("-H 'Accept:' -H 'Content-Type:' --data-binary 'x'"));
        assert!(!curl(&request(&[], None), false).contains("Content-Type"));
        assert!(curl(&request(&[], Some("@x")), false).contains("--data-raw '@x'"));
    }

    #[test]
    fn wrong_credentials_stay_wrong() {
        let basic = [("Authorization", "Basic ***")];
        assert!(curl(&request(&basic, None), false).contains("-u \"$D1C_CLIENT_ID:$D1C_CLIENT_SECRET\""));
        assert!(curl(&request(&basic, None), true).contains("-u \"$D1C_CLIENT_ID:d1c-wrong-secret\""));
        let bearer = [("Authorization", "Bearer ***")];
        assert!(curl(&request(&bearer, None), true).contains("-H 'Authorization: Bearer d1c-wrong-token'"));
    }

    #[test]
    fn certificates_and_envelopes_are_the_callers() {
        let mut tls = request(&[], Some("{\"encryptedData\":\"***\"}"));
        assert!(!curl(&tls, false).contains("--cert"));
        (tls.private_ca, tls.client_certificate) = (true, true);
        tls.sealed = vec![SealedRecord { pointer: "/encryptedData".into(), plaintext: "{}".into() }];
        let line = curl(&tls, false);
        assert!(line.contains("--cacert \"$D1C_CA\" --cert \"$D1C_CLIENT_CERT\" --key \"$D1C_CLIENT_KEY\""), "{line}");
        assert!(line.ends_with("# put a fresh JWE in the place of each ***"), "{line}");
    }

    #[test]
    fn a_body_that_is_not_there_is_not_made_up() {
        let mut cut = request(&[], Some("<2 bytes, not UTF-8>"));
        cut.body_complete = false;
        let line = curl(&cut, false);
        assert!(line.contains("@body.bin") && !line.contains("not UTF-8") && line.contains("  # "), "{line}");
    }

    #[test]
    fn a_shell_gives_the_text_back() {
        let text = "a 'b' \"c\" $d `e` \\ \n f*";
        let out =
            std::process::Command::new("sh").arg("-c").arg(format!("printf %s {}", quoted(text))).output().unwrap();
        assert_eq!(String::from_utf8(out.stdout).unwrap(), text);
    }
}
