"""Lets foreign libraries check a bundle of `d1c certify`: zip and SHA-256 of Python's own, the signature by jwcrypto.

    evidence.py BUNDLE.zip PUBLIC-KEY.pem

Every member must have the digest that the manifest names, nothing else may be there, and the detached ES256 signature (RFC 7515
appendix F) must be that of the key over the manifest; with one bit more or less it must not.
"""

import hashlib
import json
import sys
import zipfile
from base64 import urlsafe_b64encode
from pathlib import Path

from jwcrypto.jwk import JWK
from jwcrypto.jws import JWS, InvalidJWSSignature


def holds(manifest, signature, key):
    header, nothing, end = signature.strip().split(".")
    if nothing:
        sys.exit("the payload is not detached")
    whole = JWS()
    whole.deserialize(".".join([header, urlsafe_b64encode(manifest).decode().rstrip("="), end]))
    try:
        whole.verify(key, alg="ES256")
    except InvalidJWSSignature:
        return False
    return True


def main():
    bundle, public = sys.argv[1:]
    key = JWK.from_pem(Path(public).read_bytes())
    with zipfile.ZipFile(bundle) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    manifest, signature = files.pop("manifest.json"), files.pop("manifest.jws").decode()
    if files.pop("manifest.sha256").decode() != f"{hashlib.sha256(manifest).hexdigest()}  manifest.json\n":
        sys.exit("manifest.sha256 is wrong")
    listed = {one["name"]: one for one in json.loads(manifest)["members"]}
    if listed.keys() != files.keys():
        sys.exit(f"members and manifest differ: {sorted(listed.keys() ^ files.keys())}")
    for name, data in files.items():
        if (hashlib.sha256(data).hexdigest(), len(data)) != (listed[name]["sha256"], listed[name]["bytes"]):
            sys.exit(f"{name} has another digest")
    if not holds(manifest, signature, key) or holds(manifest + b" ", signature, key):
        sys.exit("the signature does not hold")
    print(f"  ok    {len(files)} members have their digests, and jwcrypto takes the signature")


if __name__ == "__main__":
    main()
