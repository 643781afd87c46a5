//! Textual encoding of keys (RFC 7468), read more leniently than it is written.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::error::KeyFlaw;

/// Characters in a line (RFC 7468 section 2).
const LINE: usize = 64;

/// One block between `-----BEGIN` and `-----END`.
pub(super) struct Block<'a> {
    /// What the block holds, such as `PRIVATE KEY`.
    pub label: &'a str,
    /// The block without its armour.
    pub der: Vec<u8>,
}

/// Says whether the text has a block at all.
pub(super) fn is_pem(text: &str) -> bool {
    text.contains("-----BEGIN ")
}

/// The first block that is no parameters. Text around it is passed over (RFC 7468 section 2), and so is the
/// `EC PARAMETERS` block that `openssl ecparam -genkey` writes in front of the key. Lines may be of any length, because
/// not all tools break them at 64 characters.
pub(super) fn first_block(text: &str) -> Result<Block<'_>, KeyFlaw> {
    let mut rest = text;
    while let Some((_, begun)) = rest.split_once("-----BEGIN ") {
        let (label, begun) = begun.split_once("-----").ok_or(KeyFlaw::Unreadable)?;
        let (body, after) = begun.split_once(&format!("-----END {label}-----")).ok_or(KeyFlaw::Unreadable)?;
        if label == "EC PARAMETERS" {
            rest = after;
            continue;
        }
        if label == "ENCRYPTED PRIVATE KEY" || body.contains("Proc-Type:") {
            return Err(KeyFlaw::Encrypted);
        }
        let packed: String = body.split_whitespace().collect();
        let der = STANDARD.decode(packed).map_err(|_| KeyFlaw::Unreadable)?;
        return Ok(Block { label, der });
    }
    Err(KeyFlaw::Unreadable)
}

/// A block as RFC 7468 section 3 writes it.
pub(super) fn write_block(label: &str, der: &[u8]) -> String {
    let mut text = format!("-----BEGIN {label}-----\n");
    for (at, character) in STANDARD.encode(der).chars().enumerate() {
        if at > 0 && at % LINE == 0 {
            text.push('\n');
        }
        text.push(character);
    }
    text + &format!("\n-----END {label}-----\n")
}

#[cfg(test)]
mod tests {
    use super::{first_block, is_pem, write_block};
    use crate::jose::KeyFlaw;

    #[test]
    fn what_is_written_is_read() {
        for length in [1, 47, 48, 49, 96, 138] {
            let der: Vec<u8> = (0..length).collect();
            let text = write_block("PUBLIC KEY", &der);
            assert!(is_pem(&text) && text.lines().all(|line| line.len() <= 64));
            let block = first_block(&text).expect("block");
            assert_eq!((block.label, block.der), ("PUBLIC KEY", der));
        }
    }

    #[test]
    fn text_around_and_parameters_are_passed_over() {
        let text = "Key of the issuer\n-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n\
                    # more\n-----BEGIN X-----\r\nAQ\r\nID\r\n-----END X-----\nafter";
        let block = first_block(text).expect("block");
        assert_eq!((block.label, block.der.as_slice()), ("X", [1, 2, 3].as_slice()));
    }

    #[test]
    fn damage_and_passphrases_are_told_apart() {
        let flaw = |text: &str| first_block(text).err();
        assert_eq!(flaw("AQID"), Some(KeyFlaw::Unreadable));
        assert_eq!(flaw("-----BEGIN X-----\nAQID"), Some(KeyFlaw::Unreadable));
        assert_eq!(flaw("-----BEGIN X-----\nA*ID\n-----END X-----"), Some(KeyFlaw::Unreadable));
        assert_eq!(flaw("-----BEGIN X-----\nAQID\n-----END Y-----"), Some(KeyFlaw::Unreadable));
        let traditional =
            "-----BEGIN EC PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n\nAQID\n-----END EC PRIVATE KEY-----";
        assert_eq!(flaw(traditional), Some(KeyFlaw::Encrypted));
        let modern = "-----BEGIN ENCRYPTED PRIVATE KEY-----\nAQID\n-----END ENCRYPTED PRIVATE KEY-----";
        assert_eq!(flaw(modern), Some(KeyFlaw::Encrypted));
    }
}
