"""Lets a foreign validator judge what `d1c generate` prints for specifications that nobody here wrote.

    generate_corpus.py D1C CASES FILE...

CASES conforming requests are generated for every operation, and every value of them must keep its schema; where there is
none, the reason is printed. Of the violating ones, CASES of each operation are judged too, spread over its obligations: the
place that is to be broken must be, and nothing elsewhere. Exits 1 where the validator does not agree.
"""

import json
import subprocess
import sys
from collections import Counter, defaultdict
from email.parser import BytesParser
from urllib.parse import parse_qsl

from generate import WHOLE_MESSAGE_RULES, Judge, Spec, first, mistaken, places, steps, typed
from openapi_schema_validator import OAS30WriteValidator, oas30_format_checker


# RFC 3339 section 5.8 has it as an example; the validator knows no leap seconds.
LEAP_SECOND = "1990-12-31T23:59:60Z"


class Request(Spec):
    """A specification as the receiver of requests reads it: what is read alone is not required."""

    def errors(self, pointer, value):
        schema = {"$ref": f"urn:spec#{pointer}"}
        validator = OAS30WriteValidator(schema, registry=self.registry, format_checker=oas30_format_checker)
        errors = [one for one in validator.iter_errors(value) if (one.validator, one.instance) != ("format", LEAP_SECOND)]
        return [place for error in errors for place in places(error)]

    def typed(self, schema, text):
        """The value that a text stands for, behind references and in `allOf`."""
        _, schema = self.follow_inline(schema)
        for part in [schema, *schema.get("allOf", [])]:
            _, part = self.follow_inline(part)
            if part.get("type") == "object":
                return json.loads(text)
            if "type" in part:
                return typed(part, text)
        return text

    def follow_inline(self, schema):
        return self.follow(schema["$ref"][1:]) if "$ref" in schema else (None, schema)


def fields(case):
    """Names and texts of a form, or of a multipart body."""
    text = case.get("body_text", "")
    if not case["content_type"].startswith("multipart/"):
        return parse_qsl(text, keep_blank_values=True, strict_parsing=bool(text))
    message = BytesParser().parsebytes(f"Content-Type: {case['content_type']}\r\n\r\n".encode() + text.encode())
    parts = message.get_payload() if message.is_multipart() else []
    return [(part.get_param("name", header="content-disposition"), part.get_payload(decode=True).decode()) for part in parts]


class CorpusJudge(Judge):
    """Judges conforming and violating cases of any API."""

    def case(self, case):
        violating = case["intent"] == "violating"
        where = case["obligation"].split("::", 2)[2].rsplit("::", 1)[0] if violating else ""
        self.seen[f"{case['intent']} cases"] += 1
        yield from self.parameters(case, where, case["rule"])
        _, _, pointer, operation = self.spec.operations[case["operation_id"]]
        whole = case["rule"] in WHOLE_MESSAGE_RULES | {"required_body"}
        if "requestBody" not in operation or case["content_type"] is None or whole:
            return
        body_at, body = self.spec.follow(f"{pointer}/requestBody")
        media = next((own for own in body["content"] if own.split(";")[0] == case["content_type"].split(";")[0]), None)
        if media is None or "schema" not in body["content"][media]:
            return
        schema_at = f"{body_at}/content/{media.replace('~', '~0').replace('/', '~1')}/schema"
        path = where.removeprefix("body").removeprefix("form")
        broken = steps(first(path)) if violating and case["location"] == "body" else None
        if "body" in case and case["body"] is None and case["rule"] != "nullable":
            return
        value = case["body"] if "body" in case else self.fields(schema_at, case)
        self.seen[f"bodies of {case['intent']} cases"] += 1
        if problem := mistaken(self.spec.errors(schema_at, value), broken):
            if case["rule"] == "format" and broken and problem == "keeps its schema":
                # Some formats need more packages than are installed here.
                self.seen["formats that the validator does not look at"] += 1
            else:
                yield f"body {json.dumps(value)[:200]} {problem}"

    def fields(self, schema_at, case):
        _, schema = self.spec.follow(schema_at)
        value = {}
        for name, text in fields(case):
            _, own = self.spec.follow_inline(schema.get("properties", {}).get(name, {}))
            if own.get("type") == "array":
                value.setdefault(name, []).append(self.spec.typed(own.get("items", {}), text))
            else:
                value[name] = self.spec.typed(own, text)
        return value


def spread(lines, count):
    """At most `count` of a list, from all over it."""
    step = max(1, len(lines) / count)
    return [lines[int(index * step)] for index in range(min(count, len(lines)))]


def generated(program, path, intent, cases, *more):
    """Cases by operation, and what the program says besides."""
    command = [program, "generate", "--spec", path, "--intent", intent, "--cases", str(cases), *more]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    lines = defaultdict(list)
    for line in run.stdout.splitlines():
        case = json.loads(line)
        lines[case["operation_id"]].append(case)
    return lines, run.stderr.splitlines(), run.returncode


def main():
    program, count, *files = sys.argv[1:]
    count, wrong, seen, reasons, fewer = int(count), Counter(), Counter(), Counter(), defaultdict(list)
    for path in files:
        conforming, said, code = generated(program, path, "conforming", count)
        if not conforming:
            print(f"{path}: nothing generated (exit {code}): {' '.join(said)[:300]}")
            seen["files without any case"] += 1
            continue
        judge = CorpusJudge(Request(path), seen)
        for name in judge.spec.operations:
            if name not in conforming:
                print(f"{path}: {name}: no conforming case: {' '.join(line for line in said if name in line)[:300]}")
                seen["operations without a conforming case"] += 1
        violating, notes, _ = generated(program, path, "violating", 1)
        for name in judge.spec.operations:
            # Where the coverage of the obligations is small, chance adds to it.
            if len(violating[name]) < count:
                violating[name] = generated(program, path, "violating", count, "--operation", name)[0][name]
            if len(violating[name]) < count:
                # Neither parameter nor body: chance has nothing to vary about a message.
                seen["operations with fewer violating cases: all ways to break their obligations are among them"] += 1
                duties = {case["obligation"].rsplit("::", 2)[1] for case in violating[name]}
                fewer[path].append(f"{name} ({len(violating[name])}; {', '.join(sorted(duties))})")
        reasons.update(note.split(": ", 1)[-1] for note in notes)
        picked = [case for cases in violating.values() for case in spread(cases, count)]
        for case in [case for cases in conforming.values() for case in cases] + picked:
            for problem in judge.case(case):
                wrong[case["intent"]] += 1
                print(f"{path}: {case['case_id']} ({case['intent']}): {problem}")
        seen["files"] += 1
        seen["operations"] += len(conforming)
    for path, names in fewer.items():
        print(f"{path}: fewer than {count} violating cases: {'; '.join(names)}")
    for what, number in sorted(seen.items()):
        print(f"  {number:6} {what}")
    for reason, number in reasons.most_common(12):
        print(f"  {number:6} obligations without a violating case: {reason}")
    print(f"{wrong['conforming']} disagreements about conforming cases, {wrong['violating']} about violating ones")
    sys.exit(1 if wrong.total() or not seen["conforming cases"] else 0)


if __name__ == "__main__":
    main()
