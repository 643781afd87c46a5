"""Lets a foreign validator judge what `d1c generate` prints.

    generate.py D1C CASES SPEC...

CASES are random conforming cases of an operation, and a quarter of it violating cases of an obligation.
Every value of a conforming case must keep its schema; the value that a violating case breaks must break it, at its place
and nowhere else. The clear text of an encrypted member has a schema of its own (`x-jwe-plaintext`) and is judged like a
body. Card numbers must be test numbers. Exits 1 and names the cases where the validator does not agree. Malformed bodies,
media types, methods, credentials, certificates and the making of envelopes are no matter of schemas: there, all values
must keep theirs.
"""

import json
import re
import subprocess
import sys
from collections import Counter
from urllib.parse import parse_qsl

import yaml
from email_validator import EmailNotValidError, validate_email
from openapi_schema_validator import OAS30Validator, oas30_format_checker
from referencing import Registry
from referencing.jsonschema import DRAFT4


@oas30_format_checker.checks("email", raises=EmailNotValidError)
def is_email(value):
    """The validator's own check looks for an @ alone."""
    return not isinstance(value, str) or bool(validate_email(value, check_deliverability=False))


# Rules of messages as a whole: what such a body holds is no matter of its schema.
WHOLE_MESSAGE_RULES = {
    "malformed_json",
    "json_encoding",
    "wrong_content_type",
    "malformed_content_type",
    "unusual_message",
    "unusual_body",
    "unexpected_body",
    "repeated_parameter",
}

# The same, and what a parameter cannot show by its value.
NO_SCHEMA_RULES = WHOLE_MESSAGE_RULES | {"required_body", "required"}

# Rules that a request shows by keeping the contract.
CONFORMING_RULES = {"conforming", "base64url_credentials", "accept_anything", "content_type_case", "content_type_charset"}

# What the credentials of a case must be, by its rule; all other cases have the right ones, or none where none are wanted.
CREDENTIALS = {
    "missing_token": "missing",
    "wrong_token": "wrong",
    "tampered_token": "tampered",
    "expired_token": "expired",
    "base64url_credentials": "base64url",
}

# Stands in a body that is no JSON where an envelope goes.
PLACEHOLDER = "${jwe}"

# The first eight digits of published test numbers: Visa, Mastercard, American Express, JCB, UnionPay.
TEST_PREFIXES = ("41111111", "55555555", "37828224", "35301113", "62000000")

# Digits of a card number, at least (ISO/IEC 7812-1).
SHORTEST_PAN = 12

# The protected header that the guide wants, with a thumbprint as `kid` and two coordinates, 43 characters each.
HEADER_BYTES = len('{"alg":"ECDH-ES","enc":"A256GCM","kid":"","epk":{"kty":"EC","crv":"P-256","x":"","y":""}}') + 3 * 43
IV_BYTES, TAG_BYTES = 12, 16


def escape(token):
    return token.replace("~", "~0").replace("/", "~1")


def unescape(token):
    return token.replace("~1", "/").replace("~0", "~")


def steps(pointer):
    """Tokens of a JSON pointer."""
    return [unescape(token) for token in pointer.split("/")[1:]]


class Spec:
    def __init__(self, path):
        with open(path, encoding="utf-8") as file:
            self.root = yaml.safe_load(file)
        self.registry = Registry().with_resource("urn:spec", DRAFT4.create_resource(self.root))
        self.operations = {}
        for path, item in self.root["paths"].items():
            for method in ("get", "put", "post", "delete", "patch", "options", "head"):
                if method in item:
                    pointer = f"/paths/{escape(path)}"
                    name = item[method].get("operationId", f"{method} {path}")
                    self.operations[name] = (pointer, item, f"{pointer}/{method}", item[method])

    def follow(self, pointer):
        """Pointer and node behind any references."""
        while True:
            node = self.root
            for token in steps(pointer):
                node = node[int(token)] if isinstance(node, list) else node[token]
            if not (isinstance(node, dict) and "$ref" in node):
                return pointer, node
            pointer = node["$ref"][1:]

    def errors(self, pointer, value):
        """Places in the value, as lists of tokens, where it breaks its schema."""
        schema = {"$ref": f"urn:spec#{pointer}"}
        validator = OAS30Validator(schema, registry=self.registry, format_checker=oas30_format_checker)
        return [place for error in validator.iter_errors(value) for place in places(error)]

    def parameters(self, name):
        """Pointer and node of each parameter; those of the operation win over those of the path."""
        base, item, own, operation = self.operations[name]
        found = {}
        for prefix, holder in ((base, item), (own, operation)):
            for index in range(len(holder.get("parameters", []))):
                pointer, node = self.follow(f"{prefix}/parameters/{index}")
                if node["name"].lower() != "authorization":
                    found[(node["in"], node["name"])] = (pointer, node)
        return found.values()

    def marked(self, pointer, value, place=""):
        """Place in the value, and schema of the clear text, of every member whose text is a JWE."""
        pointer, schema = self.follow(pointer)
        if "x-jwe-plaintext" in schema:
            yield place, schema["x-jwe-plaintext"][1:]
        for index in range(len(schema.get("allOf", []))):
            yield from self.marked(f"{pointer}/allOf/{index}", value, place)
        if isinstance(value, dict):
            for name in schema.get("properties", {}):
                if name in value:
                    inner = f"{pointer}/properties/{escape(name)}"
                    yield from self.marked(inner, value[name], f"{place}/{escape(name)}")
        if isinstance(value, list) and "items" in schema:
            for index, item in enumerate(value):
                yield from self.marked(f"{pointer}/items", item, f"{place}/{index}")


def typed(schema, text):
    """The value that a text stands for under a schema of a scalar type."""
    try:
        if schema.get("type") == "integer":
            return int(text)
        if schema.get("type") == "number":
            return float(text)
    except ValueError:
        return text
    return {"true": True, "false": False}.get(text, text) if schema.get("type") == "boolean" else text


def places(error):
    """Where a value breaks its schema; a missing member breaks it where it should stand."""
    place = [str(token) for token in error.absolute_path]
    if error.validator == "required":
        return [[*place, name] for name in error.validator_value if name not in error.instance]
    return [place]


def first(path):
    """The pointer that a path names where each `*` is the first item: violations break that one."""
    return "/".join("0" if token == "*" else token for token in path.split("/"))


def nested(one, other):
    """True when one of the two places lies in the other."""
    return all(own == their for own, their in zip(one, other, strict=False))


def mistaken(errors, broken):
    """What is wrong with a list of breaches. `broken`: path of the one place to be broken; None: there must be none."""
    if broken is None:
        return f"breaks its schema at {errors[0]}" if errors else None
    if not errors:
        return "keeps its schema"
    elsewhere = [place for place in errors if not nested(broken, place)]
    return f"breaks its schema at {elsewhere[0]} as well" if elsewhere else None


def base64_length(size):
    return (size * 8 + 5) // 6


def luhn(text):
    """The check digit of ISO/IEC 7812-1."""
    doubled = (digit if place % 2 == 0 else digit * 2 for place, digit in enumerate(map(int, reversed(text))))
    return sum(digit // 10 + digit % 10 for digit in doubled) % 10 == 0


def pans(value, place=()):
    """Every member `pan`, wherever it stands."""
    if isinstance(value, dict):
        for name, member in value.items():
            if name == "pan":
                yield (*place, name), member
            yield from pans(member, (*place, name))
    if isinstance(value, list):
        for index, item in enumerate(value):
            yield from pans(item, (*place, str(index)))


def untested(text):
    """True for what may be somebody's card number: so many digits that do not begin like a test number. Blanks around it do
    not count, and another character may stand for any digit."""
    text = text.strip()

    def digit(sign):
        return sign.isascii() and sign.isdigit()

    def fits(prefix):
        return all(own == other or not digit(own) for own, other in zip(text, prefix, strict=False))

    return sum(map(digit, text)) >= SHORTEST_PAN and not any(map(fits, TEST_PREFIXES))


class Judge:
    """Judges cases, and counts what it saw."""

    def __init__(self, spec, seen):
        self.spec, self.seen = spec, seen

    def case(self, case):
        """What the validator says against the promise of a case, as texts."""
        violating = case["intent"] == "violating"
        rule = case["rule"] if violating else case["case_id"].split("#")[0].split("::")[-1]
        where = case["obligation"].split("::")[2] if violating else ""
        self.seen[f"cases, {case['location']}"] += 1
        yield from self.credentials(case, rule, violating)
        yield from self.parameters(case, where, rule)
        _, _, pointer, operation = self.spec.operations[case["operation_id"]]
        if "requestBody" not in operation:
            return
        if case["sealed"] and "body_text" in case and case["body_text"].count(PLACEHOLDER) != len(case["sealed"]):
            yield "what is sealed has no place in the body"
        if case["sealed"] and "body_text" not in case and case["body"] is None:
            yield "there are sealed members, and no body to hold them"
        body_at, body = self.spec.follow(f"{pointer}/requestBody")
        media = case["content_type"]
        if media not in body["content"] or rule in WHOLE_MESSAGE_RULES:
            # Other media types and broken JSON can be seen on the message as a whole only.
            return
        schema_at = f"{body_at}/content/{escape(media)}/schema"
        path = re.sub(r"^(body|form)|\.(jwe|plaintext).*", "", where)
        if case["location"] in ("body", "jwe") and case["pointer"] != first(path):
            yield f"pointer {case['pointer']}, obligation {where}"
        inside = re.fullmatch(r"(?:body|form)(?P<path>/.*|)", where) if case["location"] == "body" else None
        broken = steps(first(inside["path"])) if inside and rule not in NO_SCHEMA_RULES - {"required"} else None
        if media == "application/x-www-form-urlencoded":
            yield from self.form(case, schema_at, broken)
        elif "body" in case and (case["body"] is not None or rule == "nullable"):
            yield from self.body(case, schema_at, broken)
            yield from self.clear_texts(case, schema_at, where, rule)
        elif rule != "required_body" and body.get("required"):
            yield "there is no body"

    @staticmethod
    def credentials(case, rule, violating):
        """`credentials` are what the rule says; base64url is a right way to send the right ones."""
        wanted = (CREDENTIALS[rule],) if rule in CREDENTIALS else ("right", "none")
        if case["credentials"] not in wanted:
            yield f"credentials {case['credentials']}"
        if not violating and rule not in CONFORMING_RULES:
            yield f"{rule} is no conforming rule"
        if rule in CONFORMING_RULES and violating:
            yield f"{rule} is no violating rule"

    def parameters(self, case, where, rule):
        for place, parameter in self.spec.parameters(case["operation_id"]):
            values = {"path": case["path_params"], "query": case["query"], "header": case["headers"]}[parameter["in"]]
            values = {name.lower(): text for name, text in values.items()}
            here = where.lower() == f"{parameter['in']}.{parameter['name']}".lower()
            if parameter["name"].lower() not in values:
                if parameter.get("required") and not here:
                    yield f"{parameter['name']} is missing"
                continue
            schema_at, schema = self.spec.follow(f"{place}/schema")
            if schema.get("type") in ("array", "object"):
                continue
            text = values[parameter["name"].lower()]
            if isinstance(text, list) and rule in ("repeated_parameter", "unusual_message"):
                text = text[0]
            broken = [] if here and case["rule"] not in NO_SCHEMA_RULES else None
            self.seen["parameters"] += 1
            if problem := mistaken(self.spec.errors(schema_at, typed(schema, text)), broken):
                yield f"{parameter['name']} = {text!r} {problem}"

    def form(self, case, schema_at, broken):
        _, schema = self.spec.follow(schema_at)
        fields = parse_qsl(case.get("body_text", ""), keep_blank_values=True, strict_parsing=bool(case.get("body_text")))
        value = {name: typed(schema.get("properties", {}).get(name, {}), text) for name, text in fields}
        self.seen["forms"] += 1
        if problem := mistaken(self.spec.errors(schema_at, value), broken):
            yield f"form {json.dumps(value)[:120]} {problem}"

    def body(self, case, schema_at, broken):
        self.seen["bodies"] += 1
        if problem := mistaken(self.spec.errors(schema_at, case["body"]), broken):
            yield f"body {json.dumps(case['body'])[:120]} {problem}"
        yield from self.card_numbers(case["body"], broken)

    def clear_texts(self, case, schema_at, where, rule):
        """Every envelope has a clear text with a schema of its own, and a stand-in of its length in the body."""
        marked = dict(self.spec.marked(schema_at, case["body"]))
        sealed = {seal["pointer"]: seal for seal in case["sealed"]}
        at_fault = re.fullmatch(r"body(?P<path>/.*|)\.(?P<what>jwe|plaintext(?P<inside>/.*|))", where)
        if (case["location"] == "jwe") != bool(at_fault):
            yield f"location {case['location']}, obligation {where}"
        if at_fault and case["pointer"] not in sealed:
            yield f"{case['pointer']} is not sealed"
        in_body = case["location"] == "body" and case["intent"] == "violating"
        for place in sorted(marked.keys() - sealed.keys()):
            # What a violation put in the place of an envelope is no envelope.
            if not (in_body and nested(steps(case["pointer"]), steps(place))):
                yield f"{place} is not sealed"
        for place in sorted(sealed.keys() - marked.keys()):
            yield f"{place} is sealed and has no x-jwe-plaintext"
        for place in sorted(sealed.keys() & marked.keys()):
            seal, here = sealed[place], bool(at_fault) and case["pointer"] == place
            flaw = rule if here and at_fault["what"] == "jwe" else None
            if seal["flaw"] != flaw:
                yield f"the envelope at {place} has the flaw {seal['flaw']}, wanted {flaw}"
            self.seen["envelopes with a flaw" if flaw else "envelopes without a flaw"] += 1
            broken = steps(first(at_fault["inside"])) if here and not flaw else None
            self.seen["clear texts to break" if broken is not None else "clear texts to keep"] += 1
            if problem := mistaken(self.spec.errors(marked[place], seal["plaintext"]), broken):
                yield f"clear text {json.dumps(seal['plaintext'])} at {place} {problem}"
            yield from self.card_numbers(seal["plaintext"], broken)
            too_long = in_body and rule == "max_length" and nested(steps(case["pointer"]), steps(place))
            yield from self.stand_in(case["body"], place, seal, too_long)

    def stand_in(self, body, place, seal, too_long):
        stand_in = body
        for token in steps(place):
            stand_in = stand_in[int(token)] if isinstance(stand_in, list) else stand_in[token]
        clear = json.dumps(seal["plaintext"], ensure_ascii=False, separators=(",", ":")).encode()
        right = 4 + sum(map(base64_length, (HEADER_BYTES, IV_BYTES, len(clear), TAG_BYTES)))
        # One that is to be too long has blanks behind the clear text, which JSON does not show; its schema judged it.
        if not isinstance(stand_in, str) or (len(stand_in) <= right if too_long else len(stand_in) != right):
            yield f"the stand-in at {place} is {stand_in!r:.40}, an envelope would have {right} characters"
        self.seen["stand-ins that are too long on purpose" if too_long else "stand-ins of the right length"] += 1

    def card_numbers(self, value, broken):
        """`broken`: the path that a violation is to break in this value."""
        for place, pan in pans(value):
            if broken is not None and nested(broken, place):
                text = str(pan) if isinstance(pan, (str, int)) and not isinstance(pan, bool) else ""
                # Nothing is left to recognise in a text of wrong characters alone, or of none.
                if any(map(str.isdigit, text)):
                    self.seen["card numbers that are broken on purpose"] += 1
                    if untested(text):
                        yield f"the broken card number {text!r} does not begin like a test number"
            elif isinstance(pan, str) and re.fullmatch("[0-9]{12,19}", pan):
                self.seen["card numbers"] += 1
                if not luhn(pan):
                    yield f"the check digit of {pan} is wrong"
                if not pan.startswith(TEST_PREFIXES):
                    yield f"{pan} is no test number"
            else:
                yield f"pan {pan!r} is no card number"


def generated(program, path, cases):
    """Lines of both intents. A violating case belongs to one of many obligations, so that each has fewer of them."""
    for intent, count in (("conforming", cases), ("violating", cases // 4)):
        command = [program, "generate", "--spec", path, "--intent", intent, "--cases", str(count)]
        yield from subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()


def main():
    program, cases, *specs = sys.argv[1:]
    judged, wrong, seen, operations = 0, 0, Counter(), Counter()
    for path in specs:
        judge = Judge(Spec(path), seen)
        for line in generated(program, path, int(cases)):
            case = json.loads(line)
            judged += 1
            operations[case["intent"], case["operation_id"]] += 1
            for problem in judge.case(case):
                wrong += 1
                print(f"{case['case_id']} ({case['intent']}): {problem}")
    for what, count in sorted(seen.items()):
        print(f"  {count:6} {what}")
    for intent in ("conforming", "violating"):
        counts = [count for (own, _), count in operations.items() if own == intent]
        print(f"  {min(counts):6} {intent} cases of an operation at least, of {len(counts)} operations")
    print(f"{judged} cases judged, {wrong} disagreements")
    unseen = {"clear texts to break", "clear texts to keep", "envelopes with a flaw", "card numbers"} - seen.keys()
    if unseen:
        print(f"nothing was seen of: {', '.join(sorted(unseen))}")
    sys.exit(1 if wrong or unseen else 0)


if __name__ == "__main__":
    main()
