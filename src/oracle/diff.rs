//! Line differences between two short texts.

/// Lines of a text that are compared; the rest is compared as one.
const LONGEST: usize = 400;

/// Lines of a difference that are shown.
const SHOWN: usize = 40;

/// The changed lines in unified style, with one line of context on each side.
pub(super) fn unified(old: &str, new: &str) -> String {
    let (old, new): (Vec<&str>, Vec<&str>) = (old.lines().take(LONGEST).collect(), new.lines().take(LONGEST).collect());
    let lines = edits(&old, &new);
    let mut shown = String::new();
    let mut count = 0;
    let mut gap = false;
    for (index, (mark, line)) in lines.iter().enumerate() {
        let near = lines[index.saturating_sub(1)..(index + 2).min(lines.len())].iter().any(|(mark, _)| *mark != ' ');
        if !near {
            gap = true;
            continue;
        }
        if gap && count > 0 {
            shown.push_str("@@\n");
        }
        gap = false;
        count += 1;
        if count > SHOWN {
            shown.push_str("…\n");
            break;
        }
        shown.push(*mark);
        shown.push_str(line);
        shown.push('\n');
    }
    shown
}

/// Longest common subsequence, as a list of kept (` `), removed (`-`) and added (`+`) lines.
fn edits<'t>(old: &[&'t str], new: &[&'t str]) -> Vec<(char, &'t str)> {
    let mut longest = vec![vec![0_u16; new.len() + 1]; old.len() + 1];
    for i in (0..old.len()).rev() {
        for j in (0..new.len()).rev() {
            longest[i][j] =
                if old[i] == new[j] { longest[i + 1][j + 1] + 1 } else { longest[i + 1][j].max(longest[i][j + 1]) };
        }
    }
    let (mut i, mut j) = (0, 0);
    let mut lines = Vec::with_capacity(old.len() + new.len());
    while i < old.len() || j < new.len() {
        if i < old.len() && j < new.len() && old[i] == new[j] {
            lines.push((' ', old[i]));
            (i, j) = (i + 1, j + 1);
        } else if j == new.len() || (i < old.len() && longest[i + 1][j] >= longest[i][j + 1]) {
            lines.push(('-', old[i]));
            i += 1;
        } else {
            lines.push(('+', new[j]));
            j += 1;
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::unified;

    #[test]
    fn only_changes_and_their_neighbours_are_shown() {
        assert_eq!(unified("a\nb\nc\nd\ne\nf\ng", "a\nb\nX\nd\ne\nf\ng\nh"), " b\n-c\n+X\n d\n@@\n g\n+h\n");
        assert_eq!(unified("a", "a"), "");
    }
}
