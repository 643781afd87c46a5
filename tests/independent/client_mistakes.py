"""Clients that make one mistake each, and some that make none, before `d1c sandbox --judge`.

Written with PyJWT, jwcrypto and requests, so that it shares no code with the project. Every client gets a sandbox of its own;
afterwards the report of the sandbox must name exactly the checks that are expected, with the obligation where one is given.

Usage: client_mistakes.py D1C [MODE]...
"""

import json
import re
import subprocess
import sys
import tempfile
import threading
import time
import xml.etree.ElementTree as ET
from pathlib import Path

import jwt
import requests
from jwcrypto import jwe, jwk

ROOT = Path(__file__).resolve().parents[2]
SANDBOX = ROOT / "src" / "sandbox"
ISSUER = "sandbox001"
KID = "sandbox-key-1"
D1_KID = "sandbox-d1-encryption-1"
SIGNING_KEY = (SANDBOX / "demo-key.pem").read_text()
ISSUER_KID = "sandbox-issuer-encryption-1"
ISSUER_KEY = jwk.JWK.from_pem((SANDBOX / "demo-issuer-encryption-public.pem").read_bytes())
CREDENTIALS = ("sandbox-client", "not>>>a???secret~")
D1_KEY = jwk.JWK.from_pem((SANDBOX / "demo-d1-encryption-public.pem").read_bytes())
PAN = "4111111111111111"
GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"


class Client:
    """A backend of an issuer that does everything right."""

    def __init__(self, base):
        self.base = base
        self.http = requests.Session()
        self.http.trust_env = False
        self.token = None
        self.number = 0

    def claims(self):
        now = int(time.time())
        return {"iss": ISSUER, "sub": ISSUER, "iat": now, "exp": now + 600}

    def assertion(self, claims=None, headers=None, key=SIGNING_KEY, algorithm="ES256"):
        return jwt.encode(claims or self.claims(), key, algorithm=algorithm, headers={"kid": KID, **(headers or {})})

    def fetch_token(self, assertion=None):
        answer = self.http.post(
            f"{self.base}/authz/v1/oauth2/token",
            data={"grant_type": GRANT, "assertion": assertion or self.assertion()},
            headers={"x-correlation-id": self.correlation_id()},
        )
        if answer.ok:
            self.token = answer.json()["access_token"]
        return answer

    def correlation_id(self):
        self.number += 1
        return f"test-{self.number}"

    def sealed(self, clear, kid=D1_KID, key=D1_KEY, **header):
        protected = {"alg": "ECDH-ES", "enc": "A256GCM", "kid": kid, **header}
        token = jwe.JWE(clear if isinstance(clear, bytes) else json.dumps(clear).encode(), json.dumps(protected))
        token.add_recipient(key)
        return token.serialize(compact=True)

    def send(self, method, path, body=None, token=True, headers=None, renew=True, **more):
        fields = {"x-correlation-id": self.correlation_id()}
        if token:
            fields["Authorization"] = f"Bearer {self.token if token is True else token}"
        fields.update(headers or {})
        if body is not None:
            more["json"] = body
        answer = self.http.request(method, f"{self.base}{path}", headers=fields, **more)
        for _ in range(3):
            if answer.status_code == 429:
                time.sleep(float(answer.headers["Retry-After"]) + 0.2)
            elif answer.status_code == 500:
                time.sleep(0.7)
            elif answer.status_code == 401 and token is True and renew:
                self.fetch_token()
                fields["Authorization"] = f"Bearer {self.token}"
            else:
                break
            answer = self.http.request(method, f"{self.base}{path}", headers=fields, **more)
        return answer

    def register(self, card="card-1", data=None, **more):
        body = {"consumerId": "consumer-1", "cardProductId": "demo-product"}
        body["encryptedData"] = data or self.sealed({"pan": "4111111111111129", "exp": "1230"})
        return self.send("PUT", f"/banking/v2/issuers/{ISSUER}/cards/{card}", {**body, **more})

    def card(self, card="card-1", **more):
        return self.send("GET", f"/banking/v1/issuers/{ISSUER}/cards/{card}", **more)

    def suspend(self, card="card-1", body=None, **more):
        path = f"/banking/v2/issuers/{ISSUER}/cards/{card}/operations:suspend"
        return self.send("POST", path, body or {"reasonCode": "USER_DECISION"}, **more)

    def flow(self):
        """A day in the life of a card."""
        while not self.fetch_token().ok:
            time.sleep(2.2)
        expect(self.register(), 204)
        expect(self.card(), 200, 299)
        expect(self.suspend(), 200, 202, 204, 299)
        resume = f"/banking/v2/issuers/{ISSUER}/cards/card-1/operations:resume"
        expect(self.send("POST", resume, {"reasonCode": "USER_DECISION"}), 200, 202, 204, 299)
        cards = f"/banking/v2/issuers/{ISSUER}/consumers/consumer-1/cards"
        expect(self.send("GET", cards), 200, 299)
        expect(self.card(), 200, 299)


def expect(answer, *statuses):
    if answer.status_code not in statuses:
        raise AssertionError(f"{answer.request.method} {answer.request.url}: {answer.status_code} {answer.text}")


def ready(client):
    client.fetch_token()
    return client


# The modes: what is wrong, the checks that must come up (with the end of an obligation), options of the sandbox.
MODES = {}


def mode(expected, *options):
    def keep(function):
        MODES[function.__name__.replace("_", "-")] = (function, expected, list(options))
        return function

    return keep


@mode({})
def correct(client):
    client.flow()


@mode({}, "--provoke", "401-once", "--provoke", "429-once", "--provoke", "500-once", "--provoke", "unknown-field")
def correct_under_provocation(client):
    client.flow()


@mode({}, "--provoke", "unknown-status", "--provoke", "unknown-enum", "--provoke", "field-order", "--provoke", "duplicate")
def correct_under_changes(client):
    client.flow()


@mode({}, "--latency", "5ms..20ms", "--error-rate", "20%", "--seed", "3")
def correct_under_errors(client):
    while not client.fetch_token().ok:
        time.sleep(0.7)
    for _ in range(20):
        client.card("demo-card")


@mode({})
def correct_in_parallel(client):
    clients = [Client(client.base) for _ in range(5)]
    work = lambda own: (own.fetch_token(), own.card("demo-card"), own.card("demo-card"))
    threads = [threading.Thread(target=work, args=[own]) for own in clients]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]


@mode({"undeclared_path": ""})
def wrong_path(client):
    ready(client).send("GET", f"/banking/v2/issuers/{ISSUER}/card/demo-card")


@mode({"undeclared_method": "getCard::method::unsupported_method"})
def wrong_method(client):
    ready(client).send("PATCH", f"/banking/v1/issuers/{ISSUER}/cards/demo-card")


@mode({"parameter_schema": "header.x-correlation-id::pattern"})
def malformed_correlation_id(client):
    ready(client).suspend("demo-card", headers={"x-correlation-id": "order 17/4"})


@mode({"undeclared_parameter": ""})
def undeclared_parameter(client):
    ready(client).card("demo-card", params={"verbose": "1"})


@mode({"media_type": "suspendCard::body::wrong_content_type"})
def wrong_media_type(client):
    path = f"/banking/v2/issuers/{ISSUER}/cards/demo-card/operations:suspend"
    ready(client).send("POST", path, headers={"Content-Type": "text/plain"}, data='{"reasonCode": "FRAUD"}')


@mode({"malformed_json": "suspendCard::body::malformed_json"})
def malformed_json(client):
    path = f"/banking/v2/issuers/{ISSUER}/cards/demo-card/operations:suspend"
    ready(client).send("POST", path, headers={"Content-Type": "application/json"}, data="{'reasonCode': 'FRAUD'}")


@mode({"body_schema": "registerCard::body/consumerId::required"})
def missing_member(client):
    ready(client).send("PUT", f"/banking/v2/issuers/{ISSUER}/cards/card-1", {"cardProductId": "demo-product"})


@mode({"missing_token": "getCard::auth::missing_token"})
def no_token(client):
    ready(client).card("demo-card", token=False)


@mode({"unknown_token": "getCard::auth::wrong_token"})
def made_up_token(client):
    ready(client).card("demo-card", token="0123456789abcdef", renew=False)


@mode({"expired_token": "getCard::auth::expired_token"})
def expired_token(client):
    ready(client).card("demo-card", token="sandbox-expired-token", renew=False)


@mode({"token_not_reused": ""})
def token_for_every_call(client):
    for _ in range(6):
        ready(client).card("demo-card")


@mode({"refused_token_sent_again": ""}, "--provoke", "401-once")
def refused_token_again(client):
    ready(client).card("demo-card", renew=False)
    client.card("demo-card", renew=False)


@mode({"client_assertion": "assertion::jwt_long_lived"})
def long_lived_assertion(client):
    claims = client.claims()
    client.fetch_token(client.assertion({**claims, "exp": claims["iat"] + 3600}))


@mode({"client_assertion": "assertion::jwt_unknown_kid"})
def assertion_with_another_kid(client):
    client.fetch_token(client.assertion(headers={"kid": "key-of-last-year"}))


@mode({"client_assertion": "assertion::jwt_wrong_signature"})
def assertion_with_another_key(client):
    key = jwk.JWK.generate(kty="EC", crv="P-256").export_to_pem(private_key=True, password=None)
    client.fetch_token(client.assertion(key=key))


@mode({"client_assertion": "assertion::jwt"})
def assertion_with_hmac(client):
    client.fetch_token(client.assertion(key="s" * 32, algorithm="HS256"))


@mode({"client_assertion": "assertion::jwt_missing_exp"})
def assertion_without_end(client):
    claims = client.claims()
    client.fetch_token(client.assertion({name: claims[name] for name in ("iss", "sub", "iat")}))


@mode({"envelope": "encryptedData.jwe::jwe_not_encrypted"})
def card_data_not_sealed(client):
    ready(client).register(data=json.dumps({"pan": PAN, "exp": "1230"}))


@mode({"envelope": "encryptedData.jwe::jwe_enc_a128gcm"})
def weaker_encryption(client):
    ready(client).register(data=client.sealed({"pan": PAN, "exp": "1230"}, enc="A128GCM"))


@mode({"envelope": "encryptedData.jwe::jwe_foreign_key"})
def sealed_for_another_key(client):
    key = jwk.JWK.generate(kty="EC", crv="P-256")
    ready(client).register(data=client.sealed({"pan": PAN, "exp": "1230"}, key=key))


@mode({"clear_text": "encryptedData.plaintext/pan::"})
def card_number_with_blanks(client):
    ready(client).register(data=client.sealed({"pan": "4111 1111 1111 1111", "exp": "1230"}))


@mode({"swapped_expiry": ""})
def swapped_expiry(client):
    ready(client).register(data=client.sealed({"pan": PAN, "exp": "3012"}))


@mode({"card_data_in_clear": ""})
def card_number_in_a_header(client):
    ready(client).card("demo-card", headers={"x-debug-card": PAN})


@mode({"card_number_in_identifier": ""})
def card_number_as_identifier(client):
    ready(client).register(card=PAN)


@mode({"correlation_id": ""})
def no_correlation_id(client):
    ready(client).card("demo-card", headers={"x-correlation-id": None})


@mode({"repeated_after_success": ""})
def same_call_twice(client):
    ready(client).suspend("demo-card")
    client.suspend("demo-card")


@mode({"body_schema": "", "repeated_after_refusal": ""})
def same_wrong_call_twice(client):
    for _ in range(2):
        if client.token is None:
            client.fetch_token()
        client.suspend("demo-card", {"reasonCode": 7})


@mode({"retry_storm": ""}, "--error-rate", "100%")
def retry_storm(client):
    for _ in range(6):
        client.fetch_token()


@mode({"retry_after_ignored": ""}, "--provoke", "429-once")
def retry_after_ignored(client):
    data = {"grant_type": GRANT, "assertion": client.assertion()}
    for _ in range(2):
        client.http.post(f"{client.base}/authz/v1/oauth2/token", data=data, headers={"x-correlation-id": "a"})


@mode({"gone_after_provocation": ""}, "--provoke", "unknown-field")
def gone_after_unknown_field(client):
    client.fetch_token()


@mode({"gone_before_answer": ""}, "--provoke", "slow")
def impatient(client):
    try:
        client.http.post(f"{client.base}/authz/v1/oauth2/token", timeout=0.5, headers={"x-correlation-id": "a"},
                         data={"grant_type": GRANT, "assertion": client.assertion()})
    except requests.Timeout:
        pass
    time.sleep(1)
    ready(client)


class D1(Client):
    """Whoever plays D1 before an issuer's backend."""

    def fetch_token(self, credentials=CREDENTIALS):
        address = f"{self.base}/authz/d1/v1/oauth2/token"
        answer = self.http.post(address, data={"grant_type": "client_credentials"}, auth=credentials)
        if answer.ok:
            self.token = answer.json()["access_token"]
        return answer

    def sealed(self, clear, kid=ISSUER_KID, key=ISSUER_KEY, **header):
        return super().sealed(clear, kid, key, **header)

    def consumer(self, consumer="demo-consumer", **more):
        return self.send("GET", f"/banking/d1/v1/issuers/{ISSUER}/consumers/{consumer}", **more)

    def verify(self, data=None):
        data = data or self.sealed({"pan": PAN, "exp": "1230", "cvv": "123"})
        return self.send("POST", f"/cms/api/v1/issuers/{ISSUER}/cards/credentials", {"encryptedData": data})


@mode({}, "issuer", "--provoke", "field-order", "--provoke", "unknown-header")
def correct_d1(client):
    ready(client)
    expect(client.verify(), 200)
    expect(client.consumer(), 200)
    expect(client.consumer(), 200)


@mode({"wrong_client_credentials": ""}, "issuer")
def d1_with_another_secret(client):
    client.fetch_token(("sandbox-client", "guessed"))


@mode({"envelope": "encryptedData.jwe::jwe_unknown_kid"}, "issuer")
def d1_with_its_own_kid(client):
    ready(client).verify(client.sealed({"pan": PAN, "exp": "1230"}, kid=D1_KID))


def judged(d1c, function, options, folder):
    """Runs one client before a sandbox of its own; what the sandbox says of it."""
    role, kind, options = ("issuer", D1, options[1:]) if options[:1] == ["issuer"] else ("d1", Client, options)
    command = [d1c, "sandbox", "--role", role, "--judge", "--report-dir", str(folder), *options]
    sandbox = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT)
    try:
        line = sandbox.stdout.readline()
        base = re.fullmatch(r"listening on (\S+)\n", line).group(1)
        function(kind(base))
        answer = requests.post(f"{base}/__sandbox/report", timeout=10)
        expect(answer, 200)
        sandbox.terminate()
        shown, _ = sandbox.communicate(timeout=10)
        return answer.json(), sandbox.returncode, shown
    finally:
        sandbox.kill()
        sandbox.wait()


def wrong(name, expected, report, code, shown, folder):
    """Everything that is not as it should be."""
    found = {(finding["check"], finding["obligation"]) for finding in report["findings"]}
    faults = []
    if {check for check, _ in found} != set(expected):
        faults.append(f"expected {sorted(expected)}, found {sorted(found)}")
    for check, ending in expected.items():
        if not any(own == check and ending in duty for own, duty in found):
            faults.append(f"{check} does not name {ending}")
    severities = {finding["severity"] for finding in report["findings"]}
    want = 1 if "failure" in severities else 0
    if not code == report["exit_code"] == want:
        faults.append(f"exit {code}, reported {report['exit_code']}, expected {want}")
    if Path(report["folder"]) != folder:
        faults.append(f"another folder: {report['folder']}")
    record = json.loads((folder / "run.json").read_text())
    if record["verdict"] != report["verdict"] or record["state"] != "finished":
        faults.append("run.json says something else")
    junit = ET.parse(folder / "junit.xml").getroot()
    if int(junit.get("failures")) != record["totals"]["failed"]:
        faults.append("junit.xml counts other failures")
    texts = {path.name: path.read_text() for path in folder.iterdir()} | {"output": shown, "answer": json.dumps(report)}
    faults += [f"{place} shows a card number" for place, text in texts.items() if PAN in text]
    return [f"{name}: {fault}" for fault in faults]


def main():
    d1c, chosen = sys.argv[1], sys.argv[2:] or list(MODES)
    faults, mistakes = [], 0
    for name in chosen:
        function, expected, options = MODES[name]
        with tempfile.TemporaryDirectory() as folder:
            report, code, shown = judged(d1c, function, options, Path(folder))
            own = wrong(name, expected, report, code, shown, Path(folder))
        faults += own
        mistakes += bool(expected)
        what = ", ".join(sorted(expected)) or "nothing, as it should"
        print(f"  {'WRONG' if own else 'ok   '} {name}: {what} ({report['totals']['exchanges']} calls)", flush=True)
    for fault in faults:
        print(fault, file=sys.stderr)
    print(f"  {len(chosen) - mistakes} correct clients, {mistakes} mistakes, {len(faults)} faults")
    sys.exit(bool(faults))


if __name__ == "__main__":
    main()
