//! What a server sent is data. Every text of a record is replaced in turn by one that wants to be markup, a command or a
//! control sequence, and every format is read by a parser of its kind.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::LazyLock;

use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};
use regex::Regex;
use serde_json::Value;

use super::{Format, draw};
use crate::report::readiness::product_sample;
use crate::report::record::{RunRecord, WalkRecord};
use crate::report::sample::{flaky, logged, sample};
use crate::report::summary;

/// Stands in no report outside of places for data.
const MARK: &str = "EVIL";

const HOSTILE: &str = concat!(
    "EVIL <script>alert('EVIL')</script><evil-tag onload=x><img src=x onerror=EVIL>]]>--><!-- &lt;EVIL&amp; &#64; ",
    "\u{0}\u{1}\u{8}\u{1b}]0;EVIL\u{7}\u{1b}[31m\u{9b}2J\u{7f}\u{85}\u{202e}\u{2066}\u{200f}\u{2028}\u{fffe}\u{ffff}\r\n",
    "::set-output name=EVIL::b\n  ::add-mask::EVIL\n##[set-env name=EVIL]b ##vso[task.setvariable variable=EVIL]b\n",
    "##teamcity[EVIL]\n::stop-commands::EVIL\r::error file=EVIL::y\n%0A::warning::EVIL,line=1:title=EVIL\n",
    "| EVIL | b |\n|---|---|\n\n# EVIL\n\nEVIL\n====\n```\n~~~~\n</details></summary>\n````` EVIL ` `` \n* EVIL\n> EVIL\n",
    "![EVIL](http://evil.example/i.png) [EVIL](javascript:EVIL) [EVIL]: http://evil.example <http://evil.example/EVIL>\n",
    "https://evil.example www.evil.example a@evil.example @EVIL #1 !1 *EVIL* _EVIL_ ~~EVIL~~ $EVIL$ \\`EVIL\\` [^EVIL] :EVIL:\n",
    "=cmd|'/C EVIL'!A0\t\u{feff}EVIL {0} {{EVIL}} %s %25 \\u001b \\"
);

/// What a line of annotations looks like.
static COMMAND: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"^::(error|warning|notice) (file=[^,:\r\n]*,line=[0-9]+,)?title=[^,:\r\n]*::[^\r\n]*$").unwrap()
});

/// What some CI runners obey wherever it stands in a line.
static COMMAND_ANYWHERE: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"##[A-Za-z0-9]*\[").unwrap());

/// Values that are one of a list: there a stranger's text makes the file unreadable.
const LISTED: &[&str] = &[
    "state",
    "verdict",
    "severity",
    "blame",
    "rule",
    "evidence",
    "result",
    "provenance_note",
    "direction",
    "level",
    "need",
    "role",
];

fn samples() -> Vec<Value> {
    let mut product = RunRecord { profile: Some(product_sample()), ..sample() };
    let scenario = &mut product.scenarios[1];
    scenario.leftovers = vec!["a card".into()];
    scenario.findings[0].walk = Some(WalkRecord { steps: vec!["createCard".into()], drawn: 3 });
    [sample(), flaky(), logged(), product].map(|record| serde_json::to_value(record).unwrap()).to_vec()
}

/// JSON pointers of all texts.
fn places(value: &Value, at: &str, found: &mut Vec<String>) {
    match value {
        Value::String(_) => found.push(at.to_owned()),
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(number, item)| places(item, &format!("{at}/{number}"), found));
        }
        Value::Object(members) => {
            for (name, member) in members {
                places(member, &format!("{at}/{}", name.replace('~', "~0").replace('/', "~1")), found);
            }
        }
        _ => {}
    }
}

/// The numbers that a hostile text must not change.
fn shape(format: Format, text: &str) -> Vec<usize> {
    match format {
        Format::Junit => {
            let xml = roxmltree::Document::parse(text).unwrap();
            let count = |name: &str| xml.descendants().filter(|node| node.has_tag_name(name)).count();
            let comments = xml.descendants().filter(|node| node.is_comment() || node.is_pi()).count();
            let all = xml.descendants().filter(roxmltree::Node::is_element).count();
            ["testcase", "failure", "error", "skipped"].into_iter().map(count).chain([all, comments]).collect()
        }
        Format::Har | Format::Sarif | Format::Wfc => {
            let value: Value = serde_json::from_str(text).unwrap();
            assert!(!text.contains("##"), "a command in {}", format.name());
            let size = |pointer: &str| value.pointer(pointer).and_then(Value::as_array).map_or(0, Vec::len);
            ["/log/entries", "/runs", "/runs/0/results", "/testCases", "/faults/foundFaults"].map(size).to_vec()
        }
        Format::Ndjson => {
            assert!(!text.contains("##"), "a command");
            vec![
                text.lines()
                    .map(|line| serde_json::from_str::<Value>(line).unwrap()["type"].is_string())
                    .filter(|is| *is)
                    .count(),
            ]
        }
        Format::Github => {
            assert!(text.lines().all(|line| COMMAND.is_match(line)), "{text}");
            vec![text.lines().count()]
        }
        Format::Markdown => markdown(text),
        Format::Html => {
            assert!(!text.contains("<evil-tag") && !text.contains("<img"), "markup came through");
            let tags = ["<script", "<style", "<a ", "<form"].map(|tag| text.matches(tag).count());
            // A check of another name has a bar of its own, with a link; what is no address is no link.
            let [scripts, styles, links, forms] = tags;
            let others = ["data-filter-check=", "rel=\"noreferrer\""].map(|sign| text.matches(sign).count());
            assert_eq!(text.matches("<a href=\"").count() - text.matches("<a href=\"#").count(), others[1], "{text}");
            vec![scripts, styles, links - others.iter().sum::<usize>(), forms]
        }
    }
}

/// Reads Markdown with everything that its dialects know, and wants the mark in code alone.
fn markdown(text: &str) -> Vec<usize> {
    let (mut headings, mut blocks, mut rows, mut inside) = (0, 0, 0, false);
    for event in Parser::new_ext(text, Options::all()) {
        match event {
            Event::Start(Tag::CodeBlock(_)) => inside = true,
            Event::End(TagEnd::CodeBlock) => (inside, blocks) = (false, blocks + 1),
            Event::Start(Tag::Heading { .. }) => headings += 1,
            Event::Start(Tag::TableRow) => rows += 1,
            Event::Start(Tag::Link { .. } | Tag::Image { .. } | Tag::FootnoteDefinition(_) | Tag::BlockQuote(_)) => {
                panic!("a link, an image, a note or a quotation\n{text}")
            }
            Event::Html(html) | Event::InlineHtml(html) => {
                let known = ["<details><summary>To see it again</summary>", "</details>"];
                assert!(known.contains(&html.trim()), "{html}\n{text}");
            }
            Event::Text(words) if !inside => assert!(!words.contains(MARK), "{words}\n{text}"),
            Event::FootnoteReference(_) | Event::InlineMath(_) | Event::DisplayMath(_) | Event::Rule => {
                panic!("markup\n{text}")
            }
            _ => {}
        }
    }
    vec![headings, blocks, rows]
}

/// No control character, nothing that turns text round, and nothing that a CI runner obeys at the beginning of a line.
fn quiet(name: &str, text: &str, commands: bool) {
    let loud =
        |c: &char| *c != '\n' && c.is_control() || matches!(*c, '\u{202e}' | '\u{2066}' | '\u{2028}' | '\u{ffff}');
    assert_eq!(text.chars().find(loud), None, "{name}");
    assert!(!COMMAND_ANYWHERE.is_match(text), "{name} has a command");
    assert!(commands || text.lines().all(|line| !line.trim_start().starts_with("::")), "{name} has a command");
}

fn check(record: &RunRecord, shapes: &[Vec<usize>], place: &str) {
    for (format, shape_of_clean) in Format::ALL.into_iter().zip(shapes) {
        let text = draw(format, record, Path::new("")).unwrap();
        if format != Format::Html {
            // The page is no text for a terminal or a log, and has tests of its own.
            quiet(format.name(), &text, format == Format::Github);
        }
        assert_eq!(shape(format, &text), *shape_of_clean, "{} with {place}", format.name());
    }
    quiet("terminal", &summary(record, false, &[]), false);
}

fn shapes(record: &RunRecord) -> Vec<Vec<usize>> {
    Format::ALL.iter().map(|format| shape(*format, &draw(*format, record, Path::new("")).unwrap())).collect()
}

#[test]
fn a_hostile_text_in_any_place_is_data_in_every_format() {
    let mut listed = BTreeSet::new();
    for sample in samples() {
        let clean = shapes(&serde_json::from_value(sample.clone()).unwrap());
        let mut found = Vec::new();
        places(&sample, "", &mut found);
        assert!(found.len() > 100, "{found:?}");
        let mut everywhere = sample.clone();
        for place in &found {
            let mut value = sample.clone();
            *value.pointer_mut(place).unwrap() = HOSTILE.into();
            let Ok(record) = serde_json::from_value::<RunRecord>(value.clone()) else {
                listed.insert(place.rsplit('/').next().unwrap_or_default().to_owned());
                continue;
            };
            // Groups of findings and suites follow from names: a changed one may stand alone.
            let names = ["code", "check", "obligation", "operation_id", "suite", "spec", "id", "reason", "name"];
            if names.contains(&place.rsplit('/').next().unwrap_or_default()) {
                check(&record, &shapes(&record), place);
            } else {
                check(&record, &clean, place);
            }
            *everywhere.pointer_mut(place).unwrap() = HOSTILE.into();
        }
        let record: RunRecord = serde_json::from_value(everywhere).unwrap();
        check(&record, &shapes(&record), "every place");
    }
    assert!(listed.iter().all(|name| LISTED.contains(&name.as_str())), "{listed:?}");
}

#[test]
fn a_hostile_name_of_a_specification_is_data_too() {
    let mut record = sample();
    let clean = shapes(&record);
    record.target[0].base_urls.insert(HOSTILE.to_owned(), HOSTILE.to_owned());
    check(&record, &clean, "a key of base_urls");
}

#[test]
fn json_formats_lose_nothing_of_a_hostile_text() {
    let mut record = sample();
    let finding = &mut record.scenarios[1].findings[0];
    finding.shrunk = None;
    finding.response.as_mut().unwrap().body = Some(HOSTILE.to_owned());
    for (format, pointer) in [
        (Format::Har, "/log/entries/0/response/content/text"),
        (Format::Sarif, "/runs/0/results/0/webResponse/body/text"),
    ] {
        let value: Value = serde_json::from_str(&draw(format, &record, Path::new("")).unwrap()).unwrap();
        assert_eq!(value.pointer(pointer).unwrap(), HOSTILE, "{}", format.name());
    }
    let lines = draw(Format::Ndjson, &record, Path::new("")).unwrap();
    assert!(lines.lines().any(|line| serde_json::from_str::<Value>(line).unwrap()["response"]["body"] == HOSTILE));
}
