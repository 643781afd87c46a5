//! The map: operations by kind of obligation, each cell with its worst verdict.

use super::scenarios::{Operation, counts};
use super::sign::Sign;
use crate::contract::Rule;
use crate::report::record::ScenarioRecord;
use crate::report::totals::worst_of;

/// A column of the map.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Conforming,
    Path,
    Query,
    Header,
    Body,
    Encrypted,
    Auth,
    Tls,
    Method,
    Snapshot,
    Rules,
    Other,
}

impl Kind {
    const ALL: [Self; 12] = [
        Self::Conforming,
        Self::Path,
        Self::Query,
        Self::Header,
        Self::Body,
        Self::Encrypted,
        Self::Auth,
        Self::Tls,
        Self::Method,
        Self::Snapshot,
        Self::Rules,
        Self::Other,
    ];

    pub(super) fn of(scenario: &ScenarioRecord) -> Self {
        let encrypted = scenario.location.contains(".jwe") || scenario.location.contains(".plaintext");
        match (scenario.rule, scenario.location.split(['.', '/']).next().unwrap_or_default()) {
            (Rule::Conforming, _) => Self::Conforming,
            (Rule::Snapshot, _) => Self::Snapshot,
            (Rule::BusinessRule, _) => Self::Rules,
            (_, "path") => Self::Path,
            (_, "query") => Self::Query,
            (_, "header") => Self::Header,
            (_, "body") if encrypted => Self::Encrypted,
            (_, "body" | "form") => Self::Body,
            (_, "auth" | "assertion") => Self::Auth,
            (_, "tls") => Self::Tls,
            (_, "method") => Self::Method,
            _ => Self::Other,
        }
    }

    /// A column of every map.
    fn is_common(self) -> bool {
        !matches!(self, Self::Encrypted | Self::Tls | Self::Rules | Self::Other)
    }

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Conforming => "conforming",
            Self::Path => "path",
            Self::Query => "query",
            Self::Header => "header",
            Self::Body => "body",
            Self::Encrypted => "encrypted",
            Self::Auth => "auth",
            Self::Tls => "tls",
            Self::Method => "method",
            Self::Snapshot => "snapshot",
            Self::Rules => "rules",
            Self::Other => "other",
        }
    }
}

/// The map. `encrypted`, `tls` and `other` are columns only where there is something in them.
pub(super) struct Coverage<'r> {
    pub(super) kinds: Vec<&'static str>,
    pub(super) blocks: Vec<Block<'r>>,
}

/// The operations of one specification in one suite.
pub(super) struct Block<'r> {
    pub(super) suite: &'r str,
    pub(super) spec: &'r str,
    pub(super) lines: Vec<Line<'r>>,
}

/// One operation.
pub(super) struct Line<'r> {
    pub(super) number: usize,
    pub(super) name: &'r str,
    pub(super) sign: Sign,
    pub(super) cells: Vec<Option<Cell>>,
}

/// The scenarios of one operation and kind.
pub(super) struct Cell {
    pub(super) kind: &'static str,
    pub(super) sign: Sign,
    /// Scenarios with the worst verdict, and all.
    pub(super) worst: usize,
    pub(super) all: usize,
    /// `2 failed, 10 passed`.
    pub(super) counts: String,
}

pub(super) fn coverage<'r>(operations: &[Operation<'r>]) -> Coverage<'r> {
    let used = |kind: Kind| operations.iter().flat_map(|operation| &operation.rows).any(|row| row.kind == kind);
    let kinds: Vec<Kind> = Kind::ALL.into_iter().filter(|kind| kind.is_common() || used(*kind)).collect();
    let mut blocks: Vec<Block<'r>> = Vec::new();
    for operation in operations {
        let line = Line {
            number: operation.number,
            name: operation.name,
            sign: operation.sign,
            cells: kinds.iter().map(|kind| cell(operation, *kind)).collect(),
        };
        match blocks.iter_mut().find(|block| (block.suite, block.spec) == (operation.suite, operation.spec)) {
            Some(block) => block.lines.push(line),
            None => blocks.push(Block { suite: operation.suite, spec: operation.spec, lines: vec![line] }),
        }
    }
    Coverage { kinds: kinds.into_iter().map(Kind::name).collect(), blocks }
}

fn cell(operation: &Operation<'_>, kind: Kind) -> Option<Cell> {
    let scenarios = operation.rows.iter().filter(|row| row.kind == kind).map(|row| row.scenario);
    let all = scenarios.clone().count();
    let worst = worst_of(scenarios.clone());
    (all > 0).then(|| Cell {
        kind: kind.name(),
        sign: Sign::of(worst),
        worst: scenarios.clone().filter(|scenario| scenario.verdict == worst).count(),
        all,
        counts: counts(&scenarios),
    })
}
