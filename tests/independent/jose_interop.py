"""Compares envelopes and assertions with jwcrypto and PyJWT.

    jose_interop.py JOSE KEYS

JOSE is the built example `jose`, KEYS a folder that `d1c keys new` wrote. Ends with an error at the first disagreement.
"""

import base64
import json
import pathlib
import subprocess
import sys
import time

import jwt
from jwcrypto.common import JWException
from jwcrypto.jwe import JWE
from jwcrypto.jwk import JWK

PARTIES = ("d1", "issuer")
CLEAR_TEXTS = {
    "an empty object": b"{}",
    "one card": b'{"pan":"4111111111111111","exp":"1230","name":"Zo\xc3\xab"}',
    "6 KB": json.dumps({"text": "0123456789abcdef" * 384}).encode(),
}
ISSUER, SUBJECT, AUDIENCE, LIFETIME = "sandbox001", "sandbox002", "https://d1.example", 240


def same(what, ours, theirs):
    if ours != theirs:
        sys.exit(f"  WRONG {what}: {ours!r} here, {theirs!r} there")


def agreed(count, what):
    print(f"  ok    {count:3} {what}")


def encode(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def decode(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


class Ours:
    def __init__(self, program, keys):
        self.program, self.keys = program, pathlib.Path(keys)

    def text(self, name):
        return (self.keys / name).read_text(encoding="utf-8")

    def run(self, command, *arguments, given=b""):
        """What the example says; it must not fail."""
        done = subprocess.run([self.program, command, *arguments], input=given, capture_output=True, check=False)
        if done.returncode:
            sys.exit(f"  WRONG jose {command}: exit {done.returncode}, {done.stderr.decode()}")
        return done.stdout

    def seal(self, public, clear, *more):
        return self.run("seal", "--public", self.keys / public, *more, given=clear).decode().strip()

    def open(self, private, envelope):
        return self.run("open", "--private", self.keys / private, given=envelope.encode())

    def refuses(self, private, envelope):
        """Why the example does not open an envelope."""
        command = [self.program, "open", "--private", self.keys / private]
        done = subprocess.run(command, input=envelope.encode(), capture_output=True, check=False)
        same("exit code, clear text of a wrong envelope", (done.returncode, done.stdout), (1, b""))
        return done.stderr.decode().strip().removeprefix("error: ")


def load(ours, name):
    """A key as jwcrypto reads it."""
    text = ours.text(name)
    return JWK.from_json(text) if name.endswith(".jwk") else JWK.from_pem(text.encode())


def their_open(envelope, key):
    opened = JWE(algs=["ECDH-ES", "A256GCM"])
    opened.deserialize(envelope, key)
    return opened.payload


def their_seal(clear, key, kid, algs=("ECDH-ES", "A256GCM"), **more):
    header = {"alg": algs[0], "enc": algs[1], "kid": kid, **more}
    header = {name: value for name, value in header.items() if value is not None}
    return JWE(clear, protected=json.dumps(header), recipient=key, algs=list(algs)).serialize(compact=True)


def check_thumbprints(ours):
    count = 0
    for name in ("d1-encryption", "issuer-encryption", "signing"):
        kid = json.loads(ours.text(f"{name}-public.jwk"))["kid"]
        for form in ("pem", "jwk"):
            same(f"thumbprint of {name}", kid, load(ours, f"{name}-public.{form}").thumbprint())
            count += 1
    agreed(count, "kids of keys are the thumbprints that jwcrypto computes (RFC 7638)")


def check_ours(ours):
    count = 0
    for party in PARTIES:
        for public in ("pem", "jwk"):
            for private in ("pem", "jwk"):
                key = load(ours, f"{party}-encryption-key.{private}")
                for size, clear in CLEAR_TEXTS.items():
                    envelope = ours.seal(f"{party}-encryption-public.{public}", clear)
                    same(f"clear text, {size}", clear, their_open(envelope, key))
                    header = json.loads(decode(envelope.split(".")[0]))
                    same("members of the header", sorted(header), ["alg", "enc", "epk", "kid"])
                    values = [header[name] for name in ("alg", "enc", "kid")]
                    same("alg, enc and kid", values, ["ECDH-ES", "A256GCM", key.thumbprint()])
                    same("members of epk", sorted(header["epk"]), ["crv", "kty", "x", "y"])
                    count += 1
    agreed(count, "envelopes of ours opened with jwcrypto: clear text, header, kid")


def check_theirs(ours):
    parties = {"apu": encode(b"Alice"), "apv": encode(b"Bob")}
    types = {"typ": "JOSE", "cty": "application/json"}
    count = 0
    for party in PARTIES:
        for form in ("pem", "jwk"):
            public = load(ours, f"{party}-encryption-public.{form}")
            for more in ({}, types, parties, {**types, **parties}, {"apu": parties["apu"]}, {"apv": parties["apv"]}):
                for size, clear in CLEAR_TEXTS.items():
                    envelope = their_seal(clear, public, public.thumbprint(), **more)
                    opened = ours.open(f"{party}-encryption-key.{form}", envelope)
                    same(f"clear text, {size}, {sorted(more)}", opened, clear)
                    count += 1
    agreed(count, "envelopes of jwcrypto opened with ours: without and with typ, cty, apu, apv")


def check_tampered(ours):
    key = load(ours, "d1-encryption-key.pem")
    faults = set()
    count = 0
    for clear in CLEAR_TEXTS.values():
        for sealed in (ours.seal("d1-encryption-public.pem", clear), their_seal(clear, key, key.thumbprint())):
            for part, name in ((3, "cipher text"), (4, "tag")):
                parts = sealed.split(".")
                changed = bytearray(decode(parts[part]))
                changed[-1] ^= 1
                parts[part] = encode(bytes(changed))
                try:
                    their_open(".".join(parts), key)
                except JWException:
                    pass
                else:
                    sys.exit(f"  WRONG jwcrypto opens an envelope with a changed {name}")
                faults.add(ours.refuses("d1-encryption-key.pem", ".".join(parts)))
                count += 1
    same("faults", len(faults), 1)
    agreed(count, f"envelopes with a changed cipher text or tag, refused by jwcrypto and by ours ({faults.pop()})")


def check_strict(ours):
    """What jwcrypto makes and opens, and D1 does not want."""
    key = load(ours, "d1-encryption-key.pem")
    public = load(ours, "d1-encryption-public.pem")
    wrong = {
        "alg ECDH-ES+A256KW": {"algs": ("ECDH-ES+A256KW", "A256GCM")},
        "enc A128GCM": {"algs": ("ECDH-ES", "A128GCM")},
        "another kid": {"kid": "another"},
        "no kid": {"kid": None},
        "zip": {"zip": "DEF"},
    }
    for what, recipe in wrong.items():
        sealed = their_seal(b"{}", public, **{"kid": key.thumbprint(), **recipe})
        opened = JWE(algs=[*recipe.get("algs", ("ECDH-ES", "A256GCM"))])
        opened.deserialize(sealed, key)
        same(what, opened.payload, b"{}")
        print(f"          {what}: {ours.refuses('d1-encryption-key.pem', sealed)}")
    agreed(len(wrong), "envelopes that jwcrypto opens and ours refuses, because D1 does")


def check_assertions(ours):
    pem, public_jwk = ours.text("signing-public.pem"), json.loads(ours.text("signing-public.jwk"))
    kid = public_jwk["kid"]
    base = ["--private", ours.keys / "signing-key.pem", "--kid", kid, "--issuer", ISSUER, "--subject", SUBJECT]
    token = ours.run("assert", *base, "--audience", AUDIENCE, "--lifetime", str(LIFETIME)).decode().strip()
    same("header", jwt.get_unverified_header(token), {"typ": "JWT", "alg": "ES256", "kid": kid})
    wanted = {"algorithms": ["ES256"], "audience": AUDIENCE, "issuer": ISSUER, "subject": SUBJECT}
    options = {"require": ["iss", "sub", "aud", "iat", "exp"]}
    keys = {"PEM": pem, "JWK": jwt.PyJWK(public_jwk)}
    for key in keys.values():
        claims = jwt.decode(token, key, options=options, **wanted)
        same("claims", sorted(claims), ["aud", "exp", "iat", "iss", "sub"])
        same("lifetime", claims["exp"] - claims["iat"], LIFETIME)
        same("iat is now", abs(time.time() - claims["iat"]) < 60, True)
    agreed(len(keys), "verifications of our assertion with PyJWT, by PEM and by JWK: ES256, iss, sub, aud, iat, exp, kid")

    bare = ours.run("assert", *base).decode().strip()
    claims = jwt.decode(bare, pem, algorithms=["ES256"], issuer=ISSUER)
    same("claims without --audience", sorted(claims), ["exp", "iat", "iss", "sub"])
    same("default lifetime", claims["exp"] - claims["iat"], 300)
    agreed(1, "assertion without audience and lifetime: no aud, 300 seconds")

    # Proof that the library looks at all.
    expired = ours.run("assert", *base, "--audience", AUDIENCE, "--lifetime", "0").decode().strip()
    time.sleep(1)
    head, claims, signature = token.split(".")
    changed = bytearray(decode(signature))
    changed[-1] ^= 1
    refusals = (
        (token, {"audience": "https://other.example"}, jwt.InvalidAudienceError),
        (token, {"issuer": "other"}, jwt.InvalidIssuerError),
        (token, {"algorithms": ["ES384"]}, jwt.InvalidAlgorithmError),
        (f"{head}.{claims}.{encode(bytes(changed))}", {}, jwt.InvalidSignatureError),
        (expired, {}, jwt.ExpiredSignatureError),
    )
    for text, other, error in refusals:
        try:
            jwt.decode(text, pem, **{**wanted, **other})
        except error:
            continue
        sys.exit(f"  WRONG PyJWT takes an assertion in spite of {error.__name__}")
    agreed(len(refusals), "refusals by PyJWT: other audience, issuer, algorithm; changed signature; lifetime 0")


def main():
    ours = Ours(*sys.argv[1:])
    for check in (check_thumbprints, check_ours, check_theirs, check_tampered, check_strict, check_assertions):
        check(ours)


if __name__ == "__main__":
    main()
