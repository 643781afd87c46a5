"""Reads all reports of one folder with foreign tools, and compares them with run.json.

    check.py NODE_MODULES NAME [interrupted|hostile] FOLDER
"""

import html.parser
import importlib.resources
import json
import pathlib
import re
import subprocess
import sys

import jsonschema
import yaml
from haralyzer import HarParser
from junitparser import Error, Failure, JUnitXml, Skipped
from lxml import etree
from markdown_it import MarkdownIt
from referencing import Registry, Resource

here = pathlib.Path(__file__).parent
modules, folder = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[-1])
kind = sys.argv[3] if len(sys.argv) == 5 else "ordinary"
record = json.loads((folder / "run.json").read_text(encoding="utf-8"))
totals, scenarios = record["totals"], record["scenarios"]
findings = [finding for scenario in scenarios for finding in scenario["findings"]]
breaches = {(finding["code"], finding["obligation"]) for finding in findings}
wrong = 0


def said(name, fine, text):
    global wrong
    wrong += not fine
    print(f"  {'ok   ' if fine else 'WRONG'} {name}: {text}")


def read(name):
    text = (folder / name).read_text(encoding="utf-8")
    # Nothing here may steer a terminal, or turn text round.
    loud = re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u202e\u2066\ufffe\uffff]", text)
    said(name, not loud, f"{len(text)} characters, none of them steers" if not loud else f"has {loud[0]!r} at {loud.start()}")
    commands = re.search(r"##[A-Za-z0-9]*\[", text) or (
        name != "annotations.txt" and re.search(r"^\s*::", text, re.MULTILINE))
    if name != "index.html":
        said(name, not commands, "no command for a CI runner" if not commands else f"has the command {commands[0]!r}")
    return text


def valid(name, schema, value, registry=Registry()):
    validator = jsonschema.validators.validator_for(schema)
    errors = list(validator(schema, registry=registry, format_checker=jsonschema.FormatChecker()).iter_errors(value))
    text = "keeps its schema" if not errors else f"{len(errors)} errors, first {errors[0].json_path}: {errors[0].message[:200]}"
    said(name, not errors, text)


def junit():
    read("junit.xml")
    document = etree.parse(folder / "junit.xml")
    schema = etree.XMLSchema(etree.parse(here / "junit-10.xsd"))
    said("junit.xml", schema.validate(document), f"keeps Jenkins' schema {schema.error_log.last_error or ''}")
    suites = list(JUnitXml.fromfile(str(folder / "junit.xml")))
    cases = [case for suite in suites for case in suite]
    for ours, attribute, element in [
        (totals["scenarios"], "tests", object),
        (totals["failed"], "failures", Failure),
        (totals["inconclusive"], "errors", Error),
        (totals["skipped"] + totals["deviating"], "skipped", Skipped),
    ]:
        stated = sum(getattr(suite, attribute) for suite in suites)
        counted = len([case for case in cases if element is object or any(isinstance(one, element) for one in case.result)])
        said("junit.xml", ours == stated == counted, f"{attribute}: {ours} in run.json, {stated} stated, {counted} counted")
    pairs = {(suite.name, prop.name) for suite in suites for prop in suite.properties()}
    wanted = {(suite.name, name) for suite in suites for name in ("seed", "tool_version", "target", "spec_sha256")}
    said("junit.xml", wanted <= pairs, f"{len(pairs)} properties of {len(suites)} suites")


def har():
    archive = json.loads(read("exchanges.har"))
    schemas = [json.loads(path.read_text()) for path in (modules / "har-schema/lib").glob("*.json")]
    registry = Registry().with_resources(
        (schema["$id"].removesuffix("#"), Resource.from_contents(schema)) for schema in schemas)
    whole = next(schema for schema in schemas if schema["$id"] == "har.json#")
    valid("exchanges.har", whole, archive, registry)
    parser = HarParser(archive)
    entries = parser.har_data["entries"]
    expected = 0
    for finding in findings:
        expected += 1 + bool((finding.get("repeated") or {}).get("exchange")) + bool((finding.get("shrunk") or {}).get("smallest"))
    logged = sum(len(scenario.get("log", [])) for scenario in scenarios)
    said("exchanges.har", len(entries) == (logged or expected), f"{len(entries)} entries by haralyzer")
    if logged:
        said("exchanges.har", logged == totals["exchanges"], f"all {totals['exchanges']} exchanges of run.json")
        starts = [entry["startedDateTime"] for entry in entries]
        fine = all(entry["time"] >= 0 for entry in entries) and len(set(starts)) > 1
        said("exchanges.har", fine, "times of their own")
    readable = all(entry["request"]["url"] and entry["response"]["status"] >= 0 for entry in entries)
    said("exchanges.har", readable and archive["log"]["_totals"] == totals, "requests, answers, totals")


def sarif():
    log = json.loads(read("findings.sarif"))
    platform = next((modules / "@microsoft").glob("sarif-multitool-*"))
    valid("findings.sarif", json.loads((platform / "sarif-2.1.0.json").read_text(encoding="utf-8-sig")), log)
    run = log["runs"][0]
    said("findings.sarif", len(run["results"]) == len(breaches), f"{len(run['results'])} results, {len(breaches)} breaches")
    prints = {result["partialFingerprints"]["primaryLocationLineHash"] for result in run["results"]}
    said("findings.sarif", len(prints) == len(breaches), "a fingerprint for each")
    relative = all(
        not re.match(r"[A-Za-z][A-Za-z0-9+.-]*:|/", result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"])
        for result in run["results"])
    said("findings.sarif", relative and run["properties"]["totals"] == totals, "relative places, totals")
    tool = platform / "Sarif.Multitool"
    if tool.exists():
        tool.chmod(0o755)
        ended = subprocess.run(
            [tool, "validate", folder / "findings.sarif", "--output", folder / "sarif-validation.sarif", "--log", "ForceOverwrite"],
            capture_output=True, text=True, check=False)
        errors = [line for line in ended.stdout.splitlines() if ": error " in line]
        fine = ended.returncode == 0 and not errors
        said("findings.sarif", fine, "the validator of its authors has no error" if fine else "\n".join(errors or [ended.stdout]))


def wfc():
    report = json.loads(read("wfc.json"))
    data = importlib.resources.files("webfuzzing_commons") / "data"
    valid("wfc.json", yaml.safe_load((data / "report.yaml").read_text(encoding="utf-8")), report)
    known = {category["code"]: category["id"] for category in json.loads((data / "fault_categories.json").read_text(encoding="utf-8"))}
    tests = {case["id"] for case in report["testCases"]}
    endpoints = set(report["problemDetails"]["rest"]["endpointIds"])
    found = report["faults"]["foundFaults"]
    fine = all(fault["testCaseId"] in tests and fault["operationId"] in endpoints for fault in found)
    categories = [category for fault in found for category in fault["faultCategories"]]
    fine &= all(known.get(category["code"], category["id"]) == category["id"] for category in categories)
    said("wfc.json", fine, f"{len(found)} faults of known tests, endpoints and categories")
    distinct = {(category["code"], category["context"]) for category in categories}
    said("wfc.json", len(distinct) == report["faults"]["totalNumber"], f"{len(distinct)} distinct faults, as it says")
    fine = report["totalTests"] == len(tests) == totals["scenarios"]
    said("wfc.json", fine, f"{len(tests)} tests, {totals['scenarios']} scenarios")


def ndjson():
    lines = [json.loads(line) for line in read("events.ndjson").splitlines()]
    kinds = [line["type"] for line in lines]
    fine = kinds[0] == "run" and kinds[-1] == "end" and lines[-1]["totals"] == totals
    fine &= kinds.count("scenario") == len(scenarios) and kinds.count("finding") == len(findings)
    said("events.ndjson", fine, f"{len(lines)} lines, {kinds.count('scenario')} scenarios, {kinds.count('finding')} findings")


def github():
    """As the runner reads a line: the command up to `::`, its properties by `,` and `=`, escapes at last."""
    lines = read("annotations.txt").splitlines()
    fine, counts = True, {}
    for line in lines:
        command, _, data = line.removeprefix("::").partition("::")
        name, _, properties = command.partition(" ")
        pairs = dict(pair.split("=", 1) for pair in properties.split(","))
        counts[name] = counts.get(name, 0) + 1
        fine &= line.startswith("::") and name in ("error", "warning", "notice") and bool(data)
        fine &= set(pairs) in ({"title"}, {"file", "line", "title"})
        fine &= "file" not in pairs or pathlib.Path(pairs["file"].replace("%3A", ":").replace("%25", "%")).is_file()
    fine &= all(count <= 10 for count in counts.values())
    said("annotations.txt", fine, f"{counts}")


def markdown():
    text = read("summary.md")
    tokens = MarkdownIt("commonmark").enable("table").parse(text)
    flat = [inner for token in tokens for inner in (token.children or [token])]
    bad = [token.content for token in flat if token.type in ("link_open", "image")]
    known = {"<details><summary>To see it again</summary>", "</details>"}
    bad += [token.content for token in flat if token.type.startswith("html") and token.content.strip() not in known]
    bad += [token.content for token in flat if token.type == "text" and "EVIL" in token.content]
    said("summary.md", not bad, "no link, image or markup of a server" if not bad else f"{bad[0]!r}")
    row = " | ".join(str(totals[name]) for name in
                     ("scenarios", "passed", "warned", "failed", "deviating", "skipped", "inconclusive"))
    said("summary.md", f"| {row} |" in text and len(text) <= 65_536, f"totals, {len(text)} characters")


def page():
    class Tags(html.parser.HTMLParser):
        seen = {}

        def handle_starttag(self, tag, attrs):
            self.seen[tag] = self.seen.get(tag, 0) + 1
            if any(name.startswith("on") for name, _ in attrs):
                self.seen["on"] = 1

    tags = Tags()
    tags.feed((folder / "index.html").read_text(encoding="utf-8"))
    fine = not {"evil-tag", "img", "on", "iframe", "object"} & set(tags.seen) and tags.seen.get("script", 0) <= 1
    said("index.html", fine, "no markup but its own")


for reader in (junit, har, sarif, wfc, ndjson, github, markdown, page):
    reader()
if kind == "interrupted":
    for name in ("index.html", "junit.xml", "summary.md", "exchanges.har", "events.ndjson", "findings.sarif", "wfc.json",
                 "annotations.txt"):
        text = (folder / name).read_text(encoding="utf-8")
        said(name, "interrupted" in text, "is marked as interrupted")
    said("run.json", record["state"] == "running", "was killed")
if kind == "hostile":
    text = json.dumps(findings)
    said("run.json", all(part in text for part in ("<script>", "::set-output", "##vso[", "\\u001b")), "holds what was sent")
sys.exit(wrong > 0)
