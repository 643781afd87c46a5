"""Runs schemathesis and d1c against every planted defect, and writes what each of them noticed.

usage: side_by_side.py D1C RESULTS.json PAGE.md [--seconds S] [--jobs N] [--seed N] [--all] [--work DIR] [NAME...]

Every defect has a sandbox of its own. schemathesis is let loose on the operation that the defect is at, and is compared
with itself on the clean sandbox: a failure that it has there too is not the defect's. The page keeps its text; what lies
between its two marks is written anew. See README.md here.
"""

import argparse
import base64
import collections
import concurrent.futures
import contextlib
import http.client
import importlib.metadata
import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.parse
import urllib.request
from pathlib import Path

import yaml

from schemathesis_hooks import BASIC, assertion

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
SPECS = ROOT / "specs"

# Kinds of duties that schemathesis has no means for, with the means that is missing. The first that fits counts.
UNREACHABLE = [
    (r"::tls::", "mutual TLS: a run has one client certificate, and no check that a handshake is refused"),
    (r"::assertion::", "signed assertions: to a schema they are texts; none that is wrong in one claim is drawn"),
    (r"^(?!.*::response).*\.jwe::", "JWE in a request: to a schema it is a text; none that is wrong in one part is drawn"),
    (r"^(?!.*::response).*\.plaintext", "clear text of a JWE in a request: the specification language cannot describe it"),
    (r"::response\..*\.jwe::", "JWE in an answer: to a schema it is a text, and is not opened"),
    (r"::response\..*\.plaintext", "clear text of a JWE in an answer: the envelope is not opened"),
    (r"::response::card_data", "disclosure: no check looks for what an answer must not tell"),
    (r"::auth::(expired|tampered)_token", "tokens that have run out or are changed: no token and a made-up one are sent"),
    (r"::auth::base64url", "spelling of HTTP Basic: the client library has one"),
    (r"rules::VERIFY", "rule of what to make of a clear text: the envelope is sealed by the hook, always with the same card"),
    (r"rules::(CARD|C2P|V1|OPS)", "rule of several calls, which the specification does not state"),
    (r"rules::(CONSUMER-[56]|CRED|ACTIVATE-2|3DS-2)", "rule of which resources exist, which the specification does not state"),
]

# Rules that one operation alone can show, when it is called often enough with valid data.
ALONE = ("d1-refuses-unknown-consumers",)

# Seconds of the first try.
BRIEF = 15
MARK = "<!-- written by tests/independent/side_by_side.py -->"


def first(table, text):
    """The value of the first pattern that fits."""
    return next((value for pattern, value in table if re.search(pattern, text)), None)


class Defect:
    """One row of the `selftest.json` of d1c."""

    def __init__(self, row):
        self.row = row
        self.name, self.role = row["defect"], row["role"]
        self.spec, self.operation = row["operation"].split("::")

    @property
    def unreachable(self):
        reasons = [first(UNREACHABLE, one) for one in self.row["breaks"]]
        return reasons[0] if all(reasons) and self.name not in ALONE else None


def judged_by_d1c(d1c, names, seed, folder):
    """What d1c says of the defects, all of them by default."""
    command = [d1c, "selftest", "--clean-seeds", "0", "--seed", str(seed), "--report-dir", str(folder)]
    ended = subprocess.run(
        command + [word for name in names for word in ("--defect", name)], cwd=ROOT, capture_output=True, text=True
    )
    if ended.returncode not in (0, 1):
        sys.exit(f"d1c could not do its work:\n{ended.stderr[-2000:]}")
    return [Defect(row) for row in json.loads((folder / "selftest.json").read_text())["defects"]]


class Sandboxes:
    """Starts reference servers."""

    def __init__(self, d1c):
        self.d1c = d1c

    @contextlib.contextmanager
    def running(self, role, *names):
        command = [self.d1c, "sandbox", "--role", role, "--listen", "127.0.0.1:0"]
        command += [word for name in names for word in ("--defect", name)]
        process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
        try:
            line = process.stdout.readline()
            if not line.startswith("listening on "):
                raise RuntimeError(f"the sandbox did not start: {' '.join(command)}")
            yield line.removeprefix("listening on ").strip()
        finally:
            process.terminate()
            process.wait()


def token(role, url):
    """The Authorization header that a caller of this sandbox sends."""
    if role == "d1":
        path, headers = "/authz/v1/oauth2/token", {}
        form = {"grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer", "assertion": assertion()}
    else:
        path, headers, form = "/authz/d1/v1/oauth2/token", {"Authorization": BASIC}, {"grant_type": "client_credentials"}
    request = urllib.request.Request(url + path, urllib.parse.urlencode(form).encode(), headers)
    with urllib.request.urlopen(request) as answer:
        return f"Bearer {json.load(answer)['access_token']}"


class Schemathesis:
    """schemathesis with its own report of every run."""

    def __init__(self, catalog):
        self.catalog = catalog

    def run(self, url, role, spec, operation, folder, seed, baseline, seconds):
        """One run; new failures are added to the baseline. Gives the failing exchanges."""
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        entry = self.catalog[spec]
        # The token endpoints take no bearer token. The issuer's has its credentials as a parameter, which the hook fills in.
        header = [] if operation == "getToken" else ["--header", f"Authorization: {token(role, url)}"]
        command = [
            str(Path(sys.executable).with_name("st")),
            *("run", str(SPECS / entry["file"]), "--url", url + entry["base_path"]),
            *(*header, "--include-operation-id", operation),
            *("--max-time", str(seconds), "--continue-on-failure", "--checks", "all", "--seed", str(seed)),
            *("--baseline", str(baseline), "--baseline-update", "--report", "ndjson,json", "--report-dir", "report"),
            *("--report-ndjson-path", "events.ndjson", "--report-json-path", "run.json"),
            *("--output-sanitize", "false", "--generation-database", "none", "--no-color"),
        ]
        environment = os.environ | {"SCHEMATHESIS_HOOKS": "schemathesis_hooks", "PYTHONPATH": str(HERE), "D1C_ROLE": role}
        with (folder / "terminal.txt").open("w") as terminal:
            try:
                limit = seconds * 4 + 120
                ended = subprocess.run(command, cwd=folder, env=environment, stdout=terminal, stderr=terminal, timeout=limit)
            except subprocess.TimeoutExpired as error:
                raise RuntimeError(f"schemathesis did not end in {limit} seconds at {operation}") from error
        run = json.loads((folder / "run.json").read_text())
        if ended.returncode not in (0, 1) or run["errors"] or run["stop_reason"] == "error":
            raise RuntimeError(f"schemathesis could not do its work:\n{(folder / 'terminal.txt').read_text()[-3000:]}")
        cases = run["test_cases"]["generated"]
        if not cases:
            raise RuntimeError(f"schemathesis made no case at {operation} in its time\nremedy: give it more --seconds")
        return cases, list(failing(folder / "events.ndjson"))


def failing(events):
    """Exchanges with a failed check: name of the check, title, what was sent, what came."""
    for line in events.open():
        scenario = json.loads(line).get("ScenarioFinished")
        recorder = (scenario or {}).get("recorder") or {}
        for case, checks in recorder.get("checks", {}).items():
            exchange = recorder["interactions"].get(case) or {}
            for check in checks:
                if check["status"] == "failure" and exchange.get("response"):
                    failure = check["failure_info"]["failure"]
                    yield check["name"], failure["title"], failure["message"], exchange["request"], exchange["response"]


def entries(baseline):
    found = json.loads(baseline.read_text())["entries"] if baseline.exists() else []
    return {(one["check"], one["failure"], one["signature"]) for one in found}


def replayed(request, url, old, new):
    """The status with which a clean sandbox answers the same request; none when it cannot be sent again."""
    target, sent = urllib.parse.urlsplit(url), urllib.parse.urlsplit(request["uri"])
    body = base64.b64decode((request.get("body") or {}).get("$base64", ""))
    connection = http.client.HTTPConnection(target.hostname, target.port, timeout=10)
    try:
        path = sent.path + (f"?{sent.query}" if sent.query else "")
        connection.putrequest(request["method"], path, skip_host=True, skip_accept_encoding=True)
        connection.putheader("host", target.netloc)
        connection.putheader("content-length", str(len(body)))
        for name, values in request["headers"].items():
            for value in values if name.lower() not in ("host", "content-length", "transfer-encoding") else []:
                connection.putheader(name, (new if value == old else value).encode("latin-1", "replace"))
        connection.endheaders(body)
        return connection.getresponse().status
    except (OSError, http.client.HTTPException, ValueError):
        return None
    finally:
        connection.close()


class Comparison:
    def __init__(self, arguments, work):
        self.arguments, self.work = arguments, work
        catalog = yaml.safe_load((SPECS / "catalog.yaml").read_text())["specs"]
        self.sandboxes = Sandboxes(arguments.d1c)
        self.tool = Schemathesis({one["name"]: one for one in catalog})
        self.known = self.before()

    def before(self):
        """What a run that was broken off has found out: under the same conditions, and in the folder that was kept."""
        results = self.arguments.results
        if self.arguments.work and results.exists():
            known = json.loads(results.read_text())
            if all(known[name] == value for name, value in self.conditions().items()):
                return known
        return {"clean": {}, "defects": {}}

    def conditions(self):
        return {
            "schemathesis": importlib.metadata.version("schemathesis"),
            "seconds": self.arguments.seconds,
            "seed": self.arguments.seed,
        }

    def baseline(self, place):
        """What schemathesis says of one operation of a clean sandbox, in two runs with two seeds."""
        role, spec, operation = place
        baseline = self.work / f"{spec}.{operation}.baseline.json"
        if (known := self.known["clean"].get(f"{spec}::{operation}")) is not None and (not known or baseline.exists()):
            return place, baseline, known
        said = []
        for seed in (self.arguments.seed, self.arguments.seed + 1):
            with self.sandboxes.running(role) as url:
                folder = self.work / f"{spec}.{operation}.clean.{seed}"
                said += self.tool.run(url, role, spec, operation, folder, seed, baseline, self.arguments.seconds)[1]
                shutil.rmtree(folder)
        titles = sorted({(check, title) for check, title, *_ in said})
        return place, baseline, [f"{check}: {title}" for check, title in titles]

    def one(self, defect, baseline):
        """What schemathesis says of a defect. Most are found early, so that all of the time is given to the others only."""
        known = self.known["defects"].get(defect.name, {}).get("schemathesis")
        if known:
            return known
        # Every operation has a baseline file, if only an empty one.
        baseline.touch()
        brief = min(BRIEF, self.arguments.seconds)
        told = self.within(brief, defect, baseline)
        if told["failures"] or brief == self.arguments.seconds:
            return told
        return self.within(self.arguments.seconds, defect, baseline)

    def within(self, seconds, defect, baseline):
        """What schemathesis says of a defect in so many seconds."""
        own = self.work / f"{defect.name}.baseline.json"
        if baseline.stat().st_size:
            shutil.copy(baseline, own)
        folder = self.work / defect.name
        with self.sandboxes.running(defect.role, defect.name) as url:
            cases, failures = self.tool.run(
                url, defect.role, defect.spec, defect.operation, folder, self.arguments.seed, own, seconds
            )
        new = sorted(entries(own) - entries(baseline))
        masked = None if new or seconds < self.arguments.seconds else self.masked(defect, failures)
        example = next((message for check, _, message, *_ in failures if new and check == new[0][0]), None)
        shutil.rmtree(folder)
        return {
            "found": "new failure" if new else "under a known failure" if masked else None,
            "failures": [{"check": check, "failure": failure, "signature": text} for check, failure, text in new],
            "example": (masked or example or "")[:300] or None,
            "cases": cases,
            "seconds": seconds,
        }

    def masked(self, defect, failures):
        """A failure that the clean sandbox has as well, at a request that a clean sandbox answers otherwise."""
        seen = set()
        with self.sandboxes.running(defect.role) as url:
            bearer = token(defect.role, url)
            for check, title, message, request, response in failures:
                if check not in ("negative_data_rejection", "positive_data_acceptance"):
                    continue
                kind = (message, request["uri"].rsplit("/", 1)[-1]) if check.startswith("pos") else message
                if kind in seen or len(seen) > 300:
                    continue
                seen.add(kind)
                sent = next(iter(request["headers"].get("Authorization", [])), None)
                status = replayed(request, url, sent, sent if sent == BASIC else bearer)
                # A resource that the first request made is in the way of the second, which says nothing.
                if status not in (None, 403, 404, 409) and status != response["status_code"]:
                    return f"{check}: {title}; {message}"
        return None

    def run(self):
        defects = judged_by_d1c(self.arguments.d1c, self.arguments.names, self.arguments.seed, self.work)
        rows = {one.name: one.row | {"unreachable": one.unreachable, "schemathesis": None} for one in defects}
        print(f"  d1c: {sum(row['found'] for row in rows.values())} of {len(rows)} found", flush=True)
        certificates = [one.name for one in defects if one.row["class"] == "certificates"]
        tried = [one for one in defects if one.name not in certificates and (self.arguments.all or not one.unreachable)]
        places = sorted({(one.role, one.spec, one.operation) for one in tried})
        clean = {}
        with concurrent.futures.ThreadPoolExecutor(self.arguments.jobs) as pool:
            baselines = {}
            for place, baseline, titles in pool.map(self.baseline, places):
                baselines[place] = baseline
                clean["::".join(place[1:])] = titles
                print(f"  clean {'::'.join(place[1:])}: {', '.join(titles) or 'no failure'}", flush=True)
            jobs = {pool.submit(self.one, one, baselines[one.role, one.spec, one.operation]): one for one in tried}
            broken = []
            for job in concurrent.futures.as_completed(jobs):
                name = jobs[job].name
                if error := job.exception():
                    broken.append(f"{name}: {error}")
                    continue
                rows[name]["schemathesis"] = job.result()
                print(f"  {job.result()['found'] or 'not found':22} {name}", flush=True)
                # What is known so far outlives a run that is broken off.
                self.write(clean, rows)
        self.write(clean, rows)
        if broken:
            raise RuntimeError("\n".join(broken) + "\nremedy: run it again with the same --work; the rest is kept")

    def write(self, clean, rows):
        results = {**self.conditions(), "clean": clean, "defects": rows}
        self.arguments.results.write_text(json.dumps(results, indent=1) + "\n")
        splice(self.arguments.page, table(results))


def cell(text):
    return re.sub(r"\s+", " ", text).replace("|", "\\|").replace("<", "\\<").strip()


def table(results):
    """Two tables: by class, and by defect."""
    rows = results["defects"]
    groups = collections.defaultdict(list)
    for row in rows.values():
        groups[row["class"]].append(row)

    def counts(some):
        tried = [row["schemathesis"] for row in some if row["schemathesis"]]
        return [
            str(len(some)),
            str(sum(row["found"] for row in some)),
            str(sum(one["found"] == "new failure" for one in tried)),
            str(sum(one["found"] == "under a known failure" for one in tried)),
            str(len(tried)),
        ]

    tried = [row["schemathesis"] for row in rows.values() if row["schemathesis"]]
    cases = statistics.median(one["cases"] for one in tried) if tried else 0
    exchanges = statistics.median(row["exchanges_to_first"] for row in rows.values() if row["found"])
    lines = [
        f"schemathesis {results['schemathesis']}, {results['seconds']} seconds a defect, seed {results['seed']}. At the median"
        f" schemathesis had {cases:.0f} cases for a defect, and d1c found it after {exchanges:.0f} exchanges.",
        "",
    ]
    lines += ["| Class of defect | Defects | d1c | schemathesis | and under a known failure | tried |"]
    lines += ["|---|--:|--:|--:|--:|--:|"]
    lines += [f"| {name} | {' | '.join(counts(groups[name]))} |" for name in groups]
    reachable = [row for row in rows.values() if not row["unreachable"]]
    lines.append(f"| **within reach of both** | {' | '.join(counts(reachable))} |")
    lines.append(f"| **all** | {' | '.join(counts(list(rows.values())))} |")
    lines += ["", "| Defect | d1c | schemathesis | What it was, or why not |", "|---|---|---|---|"]
    for name, row in rows.items():
        told = row["schemathesis"]
        found = "not tried" if told is None else told["found"] or "not found"
        if told and told["failures"]:
            why = ", ".join(sorted({one["check"] for one in told["failures"]}))
        elif told and told["found"]:
            why = told["example"].split(":")[0]
        else:
            why = row["unreachable"] or ""
        lines.append(f"| `{name}` | {'found' if row['found'] else 'not found'} | {found} | {cell(why)} |")
    return "\n".join(lines) + "\n"


def splice(page, text):
    """Puts the tables between the marks of the page."""
    parts = page.read_text().split(MARK) if page.exists() else []
    before, after = (parts[0], parts[2]) if len(parts) == 3 else ("", "")
    page.write_text(f"{before}{MARK}\n\n{text}\n{MARK}{after}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("d1c")
    parser.add_argument("results", type=Path)
    parser.add_argument("page", type=Path)
    parser.add_argument("names", nargs="*", help="defects; all by default")
    parser.add_argument("--seconds", type=int, default=60, help="for one defect (default: 60)")
    parser.add_argument("--jobs", type=int, default=2, help="runs at a time (default: 2)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--all", action="store_true", help="also try what is out of its reach, other than mutual TLS")
    parser.add_argument("--work", type=Path, help="a folder to keep, so that a run that is broken off goes on from there")
    arguments = parser.parse_intermixed_args()
    arguments.d1c = str(Path(arguments.d1c).resolve())
    work = arguments.work or Path(tempfile.mkdtemp())
    work.mkdir(exist_ok=True)
    try:
        Comparison(arguments, work).run()
    except RuntimeError as error:
        sys.exit(str(error))
    finally:
        if not arguments.work:
            shutil.rmtree(work, ignore_errors=True)


if __name__ == "__main__":
    main()
