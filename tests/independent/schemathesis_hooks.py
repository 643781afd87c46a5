"""What a schema cannot tell schemathesis: identifiers that exist, credentials, and values that are sealed or signed.

A text that keeps the schema of an identifier, of HTTP Basic, of a JWE or of an assertion is replaced by a real one, as d1c does
with its own draws. What breaks the schema there is left as it is, and so is everything else. (Values under `parameters` in a
configuration file would do that for identifiers, but then no path parameter is ever broken.)
"""

import base64
import json
import os
import random
import re
import string
import time
from pathlib import Path
from urllib.parse import unquote

import jwt
import schemathesis
from jwcrypto import jwe, jwk

SANDBOX = Path(__file__).resolve().parents[2] / "src" / "sandbox"
# The longest envelope that a specification takes.
LONGEST = 8192

# Identifiers that the sandboxes know, which ones are valid, and the operations that make a resource under a free one.
KNOWN = {"issuerId": "sandbox001", "consumerId": "demo-consumer", "cardId": "demo-card"}
VALID = {"issuerId": ".{10}", "consumerId": "[A-Za-z0-9_-]{1,64}", "cardId": "[A-Za-z0-9_-]{1,48}"}
MAKERS = {"registerCard": "cardId", "registerConsumer": "consumerId"}
USED = set()
BASIC = "Basic " + base64.b64encode(b"sandbox-client:not>>>a???secret~").decode()

# hypothesis turns the ordinary generator back before every case, and fresh values would be the same.
DICE = random.SystemRandom()


def card_number() -> str:
    """A fresh card number in a test range, with its check digit."""
    digits = "41111111" + "".join(DICE.choice("0123456789") for _ in range(7))
    doubled = (int(d) * 2 if i % 2 == 0 else int(d) for i, d in enumerate(digits))
    return digits + str(-sum(n - 9 if n > 9 else n for n in doubled) % 10)


def envelope(recipient: str, clear: dict) -> str:
    """A JWE as D1 wants it."""
    key = jwk.JWK.from_pem((SANDBOX / f"demo-{recipient}-encryption-public.pem").read_bytes())
    header = {"alg": "ECDH-ES", "enc": "A256GCM", "kid": f"sandbox-{recipient}-encryption-1"}
    return jwe.JWE(json.dumps(clear).encode(), json.dumps(header), recipient=key).serialize(compact=True)


def assertion() -> str:
    """A client assertion as D1 wants it (RFC 7523)."""
    now = int(time.time())
    claims = {"iss": "sandbox001", "sub": "sandbox001", "iat": now, "exp": now + 300}
    key = (SANDBOX / "demo-key.pem").read_text()
    return jwt.encode(claims, key, algorithm="ES256", headers={"kid": "sandbox-key-1"})


def identifier(used: str) -> str:
    """Another identifier, as long as the used one if that leaves room."""
    return "".join(DICE.choice(string.ascii_letters) for _ in range(max(len(used), 8)))


def known(operation: str, path: dict) -> None:
    """Puts identifiers into a path that the sandbox knows; operations that make the resource get one that it does not."""
    for name, value in path.items():
        if name not in KNOWN or not isinstance(value, str) or not re.fullmatch(VALID[name], unquote(value), re.DOTALL):
            continue
        if MAKERS.get(operation) != name:
            path[name] = KNOWN[name]
        elif value in USED:
            path[name] = identifier(value)
        USED.add(path[name])


@schemathesis.hook
def before_call(context, case, kwargs):
    known(case.operation.definition.raw["operationId"], case.path_parameters)
    if re.fullmatch("Basic [A-Za-z0-9+/_-]+={0,2}", str(case.headers.get("Authorization"))):
        case.headers["Authorization"] = BASIC
    body = case.body
    if not isinstance(body, dict):
        return
    sealed = body.get("encryptedData")
    if isinstance(sealed, str) and len(sealed) <= LONGEST:
        if os.environ["D1C_ROLE"] == "d1":
            body["encryptedData"] = envelope("d1", {"pan": card_number(), "exp": "1230"})
        else:
            body["encryptedData"] = envelope("issuer", {"pan": "4111111111111111", "exp": "1230", "cvv": "123"})
    if isinstance(body.get("assertion"), str):
        body["assertion"] = assertion()
