// Lets a JavaScript validator judge what `d1c generate` prints.
//
//     generate.mjs D1C CASES SPEC...
//
// CASES are random conforming cases of an operation, and a quarter of it violating cases of an obligation.
// Schemas are converted to JSON Schema by a foreign package, and judged by ajv. Every value of a conforming case must keep
// its schema; the value that a violating case breaks must break it, at its place and nowhere else, and all other values keep
// theirs. generate.py looks at more, with another validator. Exits 1 and names the cases where ajv does not agree.

import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { openapiSchemaToJsonSchema } from "@openapi-contrib/openapi-schema-to-json-schema";
import Ajv from "ajv-draft-04";
import addFormats from "ajv-formats";
import { parse } from "yaml";

// Rules of messages as a whole: what such a body holds is no matter of its schema.
const WHOLE_MESSAGE_RULES = [
  "malformed_json",
  "json_encoding",
  "wrong_content_type",
  "malformed_content_type",
  "unusual_message",
  "unusual_body",
  "unexpected_body",
  "repeated_parameter",
];

// The same, and a body that is not there.
const NO_SCHEMA_RULES = new Set([...WHOLE_MESSAGE_RULES, "required_body"]);

const [program, cases, ...specs] = process.argv.slice(2);

const escape = (token) => token.replaceAll("~", "~0").replaceAll("/", "~1");
const unescape = (token) => token.replaceAll("~1", "/").replaceAll("~0", "~");
const steps = (pointer) => pointer.split("/").slice(1).map(unescape);

// True when one of the two places lies in the other.
const nested = (one, other) => one.slice(0, other.length).every((token, index) => token === other[index]);

class Spec {
  constructor(path) {
    this.root = parse(readFileSync(path, "utf8"), { maxAliasCount: -1 });
    this.compiled = new Map();
    // Patterns of ECMA-262, with the flag that JSON Schema recommends.
    this.ajv = new Ajv({ strict: false, allErrors: true, logger: false, validateSchema: false });
    addFormats(this.ajv);
    const components = {};
    for (const [name, schema] of Object.entries(this.root.components?.schemas ?? {})) {
      components[name] = this.convert(schema);
    }
    this.ajv.addSchema({ components: { schemas: components } }, "https://spec.invalid/file");
    this.operations = new Map();
    for (const [path, item] of Object.entries(this.root.paths)) {
      for (const method of ["get", "put", "post", "delete", "patch", "options", "head"]) {
        if (item[method]) this.operations.set(item[method].operationId ?? `${method} ${path}`, [item, item[method]]);
      }
    }
  }

  convert(schema) {
    const { $schema, ...converted } = openapiSchemaToJsonSchema(schema, { removeReadOnly: true });
    return converted;
  }

  // The object behind any references.
  follow(node) {
    while (node && typeof node.$ref === "string") {
      node = steps(node.$ref.slice(1)).reduce((inner, token) => inner[token], this.root);
    }
    return node;
  }

  // Places in the value, as lists of tokens, where it breaks its schema.
  errors(schema, value) {
    let validate = this.compiled.get(schema);
    if (!validate) {
      const absolute = JSON.parse(JSON.stringify(schema), (key, inner) =>
        key === "$ref" && typeof inner === "string" ? `https://spec.invalid/file${inner}` : inner);
      validate = this.ajv.compile(typeof absolute.$ref === "string" ? absolute : this.convert(absolute));
      this.compiled.set(schema, validate);
    }
    if (validate(value)) return [];
    return validate.errors.map((error) => {
      const place = steps(error.instancePath);
      return error.keyword === "required" ? [...place, error.params.missingProperty] : place;
    });
  }

  // The parameters of an operation; its own win over those of the path.
  parameters(name) {
    const [item, operation] = this.operations.get(name);
    const found = new Map();
    for (const holder of [item, operation]) {
      for (const parameter of (holder.parameters ?? []).map((one) => this.follow(one))) {
        if (parameter.name.toLowerCase() !== "authorization") found.set(`${parameter.in} ${parameter.name}`, parameter);
      }
    }
    return found.values();
  }

  // The schema of the clear text that belongs into the member at a place.
  clearText(schema, place) {
    const node = this.follow(schema);
    if (place.length === 0 && node["x-jwe-plaintext"]) return { $ref: node["x-jwe-plaintext"] };
    for (const part of node.allOf ?? []) {
      const found = this.clearText(part, place);
      if (found) return found;
    }
    const [token, ...rest] = place;
    const inner = node.properties?.[token] ?? (/^[0-9]+$/.test(token ?? "") ? node.items : undefined);
    return inner && this.clearText(inner, rest);
  }
}

// The value that a text stands for under a schema of a scalar type.
function typed(schema, text) {
  if (schema.type === "integer" || schema.type === "number") {
    return /^-?[0-9]/.test(text) && Number.isFinite(Number(text)) ? Number(text) : text;
  }
  return schema.type === "boolean" && (text === "true" || text === "false") ? text === "true" : text;
}

// What is wrong with a list of breaches. `broken`: path of the one place to be broken; undefined: there must be none.
function mistaken(errors, broken) {
  if (broken === undefined) return errors.length ? `breaks its schema at /${errors[0].join("/")}` : undefined;
  if (!errors.length) return "keeps its schema";
  const elsewhere = errors.find((place) => !nested(broken, place));
  return elsewhere && `breaks its schema at /${elsewhere.join("/")} as well`;
}

const seen = {};
const count = (what) => (seen[what] = (seen[what] ?? 0) + 1);

function* judge(spec, one) {
  const violating = one.intent === "violating";
  const where = violating ? one.obligation.split("::")[2] : "";
  const whole = !violating || NO_SCHEMA_RULES.has(one.rule);
  for (const parameter of spec.parameters(one.operation_id)) {
    const values = { path: one.path_params, query: one.query, header: one.headers }[parameter.in] ?? {};
    const name = Object.keys(values).find((own) => own.toLowerCase() === parameter.name.toLowerCase());
    const here = where.toLowerCase() === `${parameter.in}.${parameter.name}`.toLowerCase();
    const schema = spec.follow(parameter.schema ?? {});
    if (name === undefined || ["array", "object"].includes(schema.type)) continue;
    count("parameters");
    const broken = here && !whole ? [] : undefined;
    // What stands there twice is the same value.
    const text = [values[name]].flat()[0];
    const problem = mistaken(spec.errors(parameter.schema ?? {}, typed(schema, text)), broken);
    if (problem) yield `${parameter.name} = ${text} ${problem}`;
  }
  const body = spec.follow(spec.operations.get(one.operation_id)[1].requestBody);
  const schema = body?.content?.[one.content_type]?.schema;
  if (!schema || (violating && NO_SCHEMA_RULES.has(one.rule))) return;
  const path = one.location === "body" ? /^(body|form)(?<path>\/.*|)$/.exec(where)?.groups.path : undefined;
  const broken = violating && path !== undefined && !whole ? steps(path.replaceAll("*", "0")) : undefined;
  let value = one.body;
  if (one.content_type === "application/x-www-form-urlencoded") {
    const properties = spec.follow(schema).properties ?? {};
    const fields = [...new URLSearchParams(one.body_text ?? "")];
    value = Object.fromEntries(fields.map(([name, text]) => [name, typed(spec.follow(properties[name] ?? {}), text)]));
  } else if (value === undefined || (value === null && one.rule !== "nullable")) {
    return;
  }
  count(violating ? "bodies of violating cases" : "bodies of conforming cases");
  const problem = mistaken(spec.errors(schema, value), broken);
  if (problem) yield `body ${JSON.stringify(value).slice(0, 120)} ${problem}`;
  for (const { pointer, plaintext } of one.sealed) {
    const clear = spec.clearText(schema, steps(pointer));
    const inside = /\.plaintext(?<path>\/.*|)$/.exec(where)?.groups.path;
    const at = inside !== undefined && one.pointer === pointer ? steps(inside.replaceAll("*", "0")) : undefined;
    count(at ? "clear texts to break" : "clear texts to keep");
    const problem = clear ? mistaken(spec.errors(clear, plaintext), at) : "has no schema";
    if (problem) yield `clear text at ${pointer} ${problem}`;
  }
}

let judged = 0;
let wrong = 0;
for (const path of specs) {
  const spec = new Spec(path);
  // A violating case belongs to one of many obligations, so that each has fewer of them.
  for (const [intent, count] of [["conforming", cases], ["violating", Math.floor(cases / 4)]]) {
    const command = ["generate", "--spec", path, "--intent", intent, "--cases", String(count)];
    const run = spawnSync(program, command, { encoding: "utf8", maxBuffer: 1 << 30 });
    if (run.status !== 0) throw new Error(`${program} ${command.join(" ")}: exit ${run.status}\n${run.stderr}`);
    for (const line of run.stdout.split("\n").filter(Boolean)) {
      const one = JSON.parse(line);
      judged += 1;
      for (const problem of judge(spec, one)) {
        wrong += 1;
        console.log(`${one.case_id} (${one.intent}): ${problem}`);
      }
    }
  }
}
for (const [what, times] of Object.entries(seen).sort()) console.log(`  ${String(times).padStart(6)} ${what}`);
console.log(`${judged} cases judged, ${wrong} disagreements`);
const unseen = ["parameters", "bodies of conforming cases", "bodies of violating cases", "clear texts to break"]
  .filter((what) => !seen[what]);
if (unseen.length) console.log(`nothing was seen of: ${unseen.join(", ")}`);
process.exit(wrong || unseen.length ? 1 : 0);
