"""Reads a report folder with junitparser and compares junit.xml with run.json, number by number."""

import json
import pathlib
import sys

from junitparser import Error, Failure, JUnitXml, Skipped

folder = pathlib.Path(sys.argv[1])
record = json.loads((folder / "run.json").read_text(encoding="utf-8"))
totals = record["totals"]
xml = JUnitXml.fromfile(str(folder / "junit.xml"))

cases = [case for suite in xml for case in suite]
# Jenkins' schema knows no such attribute of the root.
xml_skipped = sum(suite.skipped for suite in xml)


def holding(kind):
    return sum(any(isinstance(result, kind) for result in case.result) for case in cases)


# What the file says of itself, and what a reader counts in it, must both be what run.json says.
pairs = [
    ("scenarios", "testcases", totals["scenarios"], xml.tests, len(cases)),
    ("failed", "failures", totals["failed"], xml.failures, holding(Failure)),
    ("inconclusive", "errors", totals["inconclusive"], xml.errors, holding(Error)),
    ("skipped + deviating", "skipped", totals["skipped"] + totals["deviating"], xml_skipped, holding(Skipped)),
]
wrong = False
for ours, theirs, expected, stated, counted in pairs:
    agree = expected == stated == counted
    wrong |= not agree
    mark = "ok   " if agree else "WRONG"
    print(f"  {mark} {ours} {expected} = {theirs} {stated} (attribute), {counted} (counted)")

names = {f"{case.classname.split('.')[0]}::{case.name}" for case in cases}
ids = {scenario["id"] for scenario in record["scenarios"]}
wrong |= names != ids
print(f"  {'ok   ' if names == ids else 'WRONG'} {len(ids)} scenario names, {len(names)} testcase names")
for name in sorted(names ^ ids)[:10]:
    print(f"        only on one side: {name}")
sys.exit(wrong)
