"""Lets a foreign validator judge what `d1c generate` prints.

    generate.py D1C CASES SPEC...

Every value of a conforming case must keep its schema; the value that a violating case breaks must break it. Exits 1 and
names the cases where the validator does not agree. Malformed bodies, media types, methods and credentials are no matter of
schemas and are left out.
"""

import json
import subprocess
import sys

import yaml
from openapi_schema_validator import OAS30Validator, oas30_format_checker
from referencing import Registry
from referencing.jsonschema import DRAFT4

NO_SCHEMA_RULES = {"malformed_json", "wrong_content_type", "required_body", "required"}


def escape(token):
    return token.replace("~", "~0").replace("/", "~1")


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
            for token in pointer.split("/")[1:]:
                token = token.replace("~1", "/").replace("~0", "~")
                node = node[int(token)] if isinstance(node, list) else node[token]
            if not (isinstance(node, dict) and "$ref" in node):
                return pointer, node
            pointer = node["$ref"][1:]

    def accepts(self, pointer, value):
        schema = {"$ref": f"urn:spec#{pointer}"}
        validator = OAS30Validator(schema, registry=self.registry, format_checker=oas30_format_checker)
        return validator.is_valid(value)

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


def judge(spec, case):
    """What the validator says against the promise of a case, as texts."""
    violating = case["intent"] == "violating"
    broken_at = case["obligation"].split("::")[2].lower() if violating else None
    _, _, pointer, operation = spec.operations[case["operation_id"]]
    for place, parameter in spec.parameters(case["operation_id"]):
        values = {"path": case["path_params"], "query": case["query"], "header": case["headers"]}[parameter["in"]]
        values = {name.lower(): text for name, text in values.items()}
        here = broken_at == f"{parameter['in']}.{parameter['name']}".lower()
        if parameter["name"].lower() not in values:
            if parameter.get("required") and not here:
                yield f"{parameter['name']} is missing"
            continue
        schema_at, schema = spec.follow(f"{place}/schema")
        if schema.get("type") in ("array", "object"):
            continue
        accepted = spec.accepts(schema_at, typed(schema, values[parameter["name"].lower()]))
        if accepted == (here and case["rule"] not in NO_SCHEMA_RULES):
            yield f"{parameter['name']} = {values[parameter['name'].lower()]!r}"
    if "requestBody" not in operation or case["content_type"] != "application/json" or "body_text" in case:
        return
    body_at, body = spec.follow(f"{pointer}/requestBody")
    if "application/json" not in body["content"] or (case["body"] is None and case["rule"] != "nullable"):
        return
    accepted = spec.accepts(f"{body_at}/content/application~1json/schema", case["body"])
    in_body = violating and case["location"] == "body" and case["rule"] not in (NO_SCHEMA_RULES - {"required"})
    if accepted == in_body:
        yield f"body {json.dumps(case['body'])[:120]}"


def main():
    program, cases, *specs = sys.argv[1:]
    judged, wrong = 0, 0
    for path in specs:
        spec = Spec(path)
        command = [program, "generate", "--spec", path, "--cases", cases]
        for line in subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines():
            case = json.loads(line)
            judged += 1
            for problem in judge(spec, case):
                wrong += 1
                print(f"{case['case_id']} ({case['intent']}): {problem}")
    print(f"{judged} cases judged, {wrong} disagreements")
    sys.exit(1 if wrong or not judged else 0)


if __name__ == "__main__":
    main()
