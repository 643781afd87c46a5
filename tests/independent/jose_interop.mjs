// Compares envelopes and assertions with the npm package jose.
//
//     node jose_interop.mjs JOSE KEYS
//
// JOSE is the built example `jose`, KEYS a folder that `d1c keys new` wrote. Ends with an error at the first disagreement.

import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";

import * as jose from "jose";

const [program, keys] = process.argv.slice(2);
const parties = ["d1", "issuer"];
const clearTexts = new Map([
    ["an empty object", Buffer.from("{}")],
    ["one card", Buffer.from('{"pan":"4111111111111111","exp":"1230","name":"Zoë"}')],
    ["6 KB", Buffer.from(JSON.stringify({ text: "0123456789abcdef".repeat(384) }))],
]);
const [issuer, subject, audience, lifetime] = ["sandbox001", "sandbox002", "https://d1.example", 240];

function fail(text) {
    throw new Error(`WRONG ${text}`);
}

function same(what, ours, theirs) {
    if (!isDeepStrictEqual(ours, theirs)) {
        fail(`${what}: ${JSON.stringify(ours)} here, ${JSON.stringify(theirs)} there`);
    }
}

function agreed(count, what) {
    console.log(`  ok    ${String(count).padStart(3)} ${what}`);
}

async function refused(what, promise, code) {
    try {
        await promise;
    } catch (error) {
        same(`why ${what} is refused`, error.code, code);
        return;
    }
    fail(`jose takes ${what}`);
}

const text = (name) => readFileSync(join(keys, name), "utf8");

function run(command, options, given = "") {
    const done = spawnSync(program, [command, ...options], { input: given });
    if (done.status !== 0) {
        fail(`jose ${command}: exit ${done.status}, ${done.stderr}`);
    }
    return done.stdout;
}

const sealed = (name, clear) => run("seal", ["--public", join(keys, name)], clear).toString().trim();
const opened = (name, envelope) => run("open", ["--private", join(keys, name)], envelope);

// Why the example does not open an envelope.
function fault(name, envelope) {
    const done = spawnSync(program, ["open", "--private", join(keys, name)], { input: envelope });
    same("exit code, clear text of a wrong envelope", [done.status, done.stdout.length], [1, 0]);
    return done.stderr.toString().trim().replace("error: ", "");
}

function load(name, algorithm) {
    if (name.endsWith(".jwk")) {
        return jose.importJWK(JSON.parse(text(name)), algorithm, { extractable: true });
    }
    const read = name.includes("-key.") ? jose.importPKCS8 : jose.importSPKI;
    return read(text(name), algorithm, { extractable: true });
}

const thumbprint = async (key) => jose.calculateJwkThumbprint(await jose.exportJWK(key));

const theirOpen = (envelope, key) =>
    jose.compactDecrypt(envelope, key, {
        keyManagementAlgorithms: ["ECDH-ES"],
        contentEncryptionAlgorithms: ["A256GCM"],
    });

async function theirSeal(clear, key, more = {}, agreement = {}) {
    return new jose.CompactEncrypt(clear)
        .setProtectedHeader({ alg: "ECDH-ES", enc: "A256GCM", kid: await thumbprint(key), ...more })
        .setKeyManagementParameters(agreement)
        .encrypt(key);
}

async function checkThumbprints() {
    let count = 0;
    for (const name of ["d1-encryption", "issuer-encryption", "signing"]) {
        const algorithm = name === "signing" ? "ES256" : "ECDH-ES";
        const { kid } = JSON.parse(text(`${name}-public.jwk`));
        for (const form of ["pem", "jwk"]) {
            same(`thumbprint of ${name}`, kid, await thumbprint(await load(`${name}-public.${form}`, algorithm)));
            count += 1;
        }
    }
    agreed(count, "kids of keys are the thumbprints that jose computes (RFC 7638)");
}

async function checkOurs() {
    let count = 0;
    for (const party of parties) {
        for (const publicForm of ["pem", "jwk"]) {
            for (const privateForm of ["pem", "jwk"]) {
                const key = await load(`${party}-encryption-key.${privateForm}`, "ECDH-ES");
                for (const [size, clear] of clearTexts) {
                    const envelope = sealed(`${party}-encryption-public.${publicForm}`, clear);
                    const { plaintext, protectedHeader: header } = await theirOpen(envelope, key);
                    same(`clear text, ${size}`, clear.toString(), Buffer.from(plaintext).toString());
                    same("members of the header", Object.keys(header).sort(), ["alg", "enc", "epk", "kid"]);
                    const { d, ...publicKey } = await jose.exportJWK(key);
                    const kid = await jose.calculateJwkThumbprint(publicKey);
                    same("alg, enc and kid", [header.alg, header.enc, header.kid], ["ECDH-ES", "A256GCM", kid]);
                    same("members of epk", Object.keys(header.epk).sort(), ["crv", "kty", "x", "y"]);
                    count += 1;
                }
            }
        }
    }
    agreed(count, "envelopes of ours opened with jose: clear text, header, kid");
}

async function checkTheirs() {
    const types = { typ: "JOSE", cty: "application/json" };
    const both = { apu: Buffer.from("Alice"), apv: Buffer.from("Bob") };
    let count = 0;
    for (const party of parties) {
        for (const form of ["pem", "jwk"]) {
            const key = await load(`${party}-encryption-public.${form}`, "ECDH-ES");
            for (const [more, agreement] of [
                [{}, {}],
                [types, {}],
                [{}, both],
                [types, both],
                [{}, { apu: both.apu }],
                [{}, { apv: both.apv }],
            ]) {
                for (const [size, clear] of clearTexts) {
                    const envelope = await theirSeal(clear, key, more, agreement);
                    const names = Object.keys(jose.decodeProtectedHeader(envelope)).sort();
                    const wanted = ["alg", "enc", "kid", "epk", ...Object.keys(more), ...Object.keys(agreement)].sort();
                    same("members of their header", names, wanted);
                    const clearText = opened(`${party}-encryption-key.${form}`, envelope);
                    same(`clear text, ${size}, ${names}`, clearText.toString(), clear.toString());
                    count += 1;
                }
            }
        }
    }
    agreed(count, "envelopes of jose opened with ours: without and with typ, cty, apu, apv");
}

async function checkTampered() {
    const [key, publicKey] = await Promise.all(
        ["d1-encryption-key.pem", "d1-encryption-public.pem"].map((name) => load(name, "ECDH-ES")),
    );
    const faults = new Set();
    let count = 0;
    for (const clear of clearTexts.values()) {
        for (const envelope of [sealed("d1-encryption-public.pem", clear), await theirSeal(clear, publicKey)]) {
            for (const [part, name] of [[3, "cipher text"], [4, "tag"]]) {
                const parts = envelope.split(".");
                const changed = Buffer.from(parts[part], "base64url");
                changed[changed.length - 1] ^= 1;
                parts[part] = changed.toString("base64url");
                const wrong = parts.join(".");
                await refused(`an envelope with a changed ${name}`, theirOpen(wrong, key), "ERR_JWE_DECRYPTION_FAILED");
                faults.add(fault("d1-encryption-key.pem", wrong));
                count += 1;
            }
        }
    }
    same("faults", faults.size, 1);
    agreed(count, `envelopes with a changed cipher text or tag, refused by jose and by ours (${[...faults]})`);
}

async function checkAssertions() {
    const publicJwk = JSON.parse(text("signing-public.jwk"));
    const signing = join(keys, "signing-key.pem");
    const options = ["--private", signing, "--kid", publicJwk.kid, "--issuer", issuer, "--subject", subject];
    const token = run("assert", [...options, "--audience", audience, "--lifetime", String(lifetime)]).toString().trim();
    const wanted = {
        algorithms: ["ES256"],
        audience,
        issuer,
        subject,
        typ: "JWT",
        maxTokenAge: "60 s",
        requiredClaims: ["aud", "exp", "iat", "iss", "sub"],
    };
    const forms = ["pem", "jwk"];
    for (const form of forms) {
        const key = await load(`signing-public.${form}`, "ES256");
        const { payload, protectedHeader } = await jose.jwtVerify(token, key, wanted);
        same("header", protectedHeader, { typ: "JWT", alg: "ES256", kid: publicJwk.kid });
        same("claims", Object.keys(payload).sort(), ["aud", "exp", "iat", "iss", "sub"]);
        same("lifetime", payload.exp - payload.iat, lifetime);
    }
    // The way of a server that finds the key by its kid.
    await jose.jwtVerify(token, jose.createLocalJWKSet({ keys: [publicJwk] }), wanted);
    const what = "verifications of our assertion with jose, by PEM, JWK and key set: ES256, iss, sub, aud, iat, exp, kid";
    agreed(forms.length + 1, what);

    const key = await load("signing-public.pem", "ES256");
    const [head, claims, signature] = token.split(".");
    const changed = Buffer.from(signature, "base64url");
    changed[changed.length - 1] ^= 1;
    const refusals = [
        ["another audience", token, { audience: "https://other.example" }, "ERR_JWT_CLAIM_VALIDATION_FAILED"],
        ["another issuer", token, { issuer: "other" }, "ERR_JWT_CLAIM_VALIDATION_FAILED"],
        ["another algorithm", token, { algorithms: ["ES384"] }, "ERR_JOSE_ALG_NOT_ALLOWED"],
        [
            "a changed signature",
            `${head}.${claims}.${changed.toString("base64url")}`,
            {},
            "ERR_JWS_SIGNATURE_VERIFICATION_FAILED",
        ],
        ["a lifetime that is over", token, { currentDate: new Date(Date.now() + lifetime * 1000) }, "ERR_JWT_EXPIRED"],
    ];
    for (const [what, assertion, other, code] of refusals) {
        await refused(what, jose.jwtVerify(assertion, key, { ...wanted, ...other }), code);
    }
    agreed(refusals.length, "refusals by jose: other audience, issuer, algorithm; changed signature; lifetime over");
}

for (const check of [checkThumbprints, checkOurs, checkTheirs, checkTampered, checkAssertions]) {
    await check();
}
