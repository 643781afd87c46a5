//! Files of specifications, as code hosts want them named.

use std::path::Path;

use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};

/// What may not stand in a path of a URI as it is; the colon, because `a:b` would be a URI with a scheme.
const RESERVED: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'#')
    .add(b'%')
    .add(b':')
    .add(b'<')
    .add(b'>')
    .add(b'?')
    .add(b'[')
    .add(b'\\')
    .add(b']')
    .add(b'^')
    .add(b'`')
    .add(b'{')
    .add(b'|')
    .add(b'}');

/// The path below `root`, with slashes; where it is not below it, the path as it is.
pub(super) fn relative(file: &str, root: &Path) -> String {
    let path = Path::new(file);
    let below = if root.as_os_str().is_empty() { path } else { path.strip_prefix(root).unwrap_or(path) };
    let text = below.to_string_lossy().replace('\\', "/");
    text.strip_prefix("./").map_or(text.clone(), str::to_owned)
}

/// The same as a URI reference (RFC 3986, section 4.1): relative, or `file:` where the path is absolute.
pub(super) fn uri(file: &str, root: &Path) -> String {
    let path = relative(file, root);
    let encoded = utf8_percent_encode(&path, RESERVED).to_string();
    if path.starts_with('/') { format!("file://{encoded}") } else { encoded }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::{relative, uri};

    #[test]
    fn paths_below_the_root_are_relative() {
        let root = Path::new("/home/a b/repo");
        assert_eq!(relative("/home/a b/repo/specs/a.yaml", root), "specs/a.yaml");
        assert_eq!(relative("./specs/a.yaml", Path::new("")), "specs/a.yaml");
        assert_eq!(uri("specs/a b#c.yaml", root), "specs/a%20b%23c.yaml");
        assert_eq!(uri("C:\\specs\\a.yaml", root), "C%3A/specs/a.yaml");
        assert_eq!(uri("/elsewhere/a.yaml", root), "file:///elsewhere/a.yaml");
    }
}
