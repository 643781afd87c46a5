#!/usr/bin/env bash
# Checks envelopes, assertions and certificates with tools that share no code with this project. Needs python3 with venv,
# node with npm, and both package indexes. See README.md here.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT

echo "== tools"
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check --requirement tests/independent/requirements.txt
python="$work/venv/bin/python"
"$python" -c 'from importlib.metadata import version
for name in ("jwcrypto", "PyJWT", "cryptography"):
    print(f"  {name} {version(name)}")'
# Scripts look for packages where they lie, so that this one goes where its package is.
mkdir "$work/npm"
cp tests/independent/package.json tests/independent/jose_interop.mjs "$work/npm"
npm install --prefix "$work/npm" --no-audit --no-fund --no-package-lock --ignore-scripts --loglevel=error >"$work/npm.txt" \
    || { cat "$work/npm.txt" >&2; exit 1; }
version="$(node -p 'require(process.argv[1]).version' "$work/npm/node_modules/jose/package.json")"
echo "  jose $version (npm), node $(node --version)"

cargo build --quiet --bin d1c --example jose
target="$(cd "${CARGO_TARGET_DIR:-target}" && pwd)"
d1c="$target/debug/d1c"
jose="$target/debug/examples/jose"
keys="$work/keys"
"$d1c" keys new "$keys" >/dev/null

echo "== the example"

# Runs the example with nothing on standard input, wants this exit code, and this text in what it says.
wants() {
    local want="$1" text="$2" got=0
    shift 2
    "$jose" "$@" </dev/null >"$work/out.txt" 2>"$work/err.txt" || got=$?
    if [ "$got" != "$want" ] || ! grep -q -- "$text" "$work/out.txt" "$work/err.txt"; then
        cat "$work/out.txt" "$work/err.txt" >&2
        echo "jose $*: exit $got, expected $want and the text \`$text\`" >&2
        exit 1
    fi
    echo "  ok    exit $want: jose ${*//$work\//}"
}
wants 0 'usage:' --help
wants 2 'usage:'
wants 2 'usage:' unseal
wants 2 '--public is missing' seal
wants 2 '--kid is missing' assert --private "$keys/signing-key.pem" --issuer i --subject s
wants 2 '--public has no value' seal --public
wants 2 '--kid is there twice' seal --kid a --kid b
wants 2 'takes --private, --kid alone' open --public "$keys/d1-encryption-public.pem"
wants 2 'cannot read' open --private "$keys/nothing.pem"
wants 2 'public half is wanted' seal --public "$keys/d1-encryption-key.pem"
wants 2 'private half is wanted' open --private "$keys/d1-encryption-public.jwk"
wants 1 'five parts' open --private "$keys/d1-encryption-key.pem"

echo "== jwcrypto and PyJWT"
"$python" tests/independent/jose_interop.py "$jose" "$keys"

echo "== jose (npm)"
node "$work/npm/jose_interop.mjs" "$jose" "$keys"

echo "== evidence"
"$d1c" certify --suite tokenization --cases 0 --quiet --report-dir "$work/reports" --sign "$keys/signing-key.pem" \
    --out "$work/evidence.zip" >"$work/certify.txt" || { cat "$work/certify.txt" >&2; exit 1; }
"$python" tests/independent/evidence.py "$work/evidence.zip" "$keys/signing-public.pem"

echo "== certificates"
if command -v openssl >/dev/null; then
    echo "  $(openssl version)"
    # Strict: what RFC 5280 wants of certificates, and newer TLS clients check.
    verify() {
        openssl verify -x509_strict -CAfile "$keys/ca.pem" "$@" 2>&1
    }
    for name in localhost 127.0.0.1; do
        case "$name" in
            *[a-z]) verify -purpose sslserver -verify_hostname "$name" "$keys/server.pem" >"$work/openssl.txt" ;;
            *) verify -purpose sslserver -verify_ip "$name" "$keys/server.pem" >"$work/openssl.txt" ;;
        esac || { cat "$work/openssl.txt" >&2; exit 1; }
        echo "  ok    server.pem is a server's certificate for $name"
    done
    verify -purpose sslclient "$keys/client.pem" >"$work/openssl.txt" || { cat "$work/openssl.txt" >&2; exit 1; }
    echo "  ok    client.pem is a client's certificate"
    if verify -purpose sslclient "$keys/expired-client.pem" >"$work/openssl.txt" \
        || ! grep -q 'certificate has expired' "$work/openssl.txt"; then
        cat "$work/openssl.txt" >&2
        echo "expired-client.pem is not reported as expired" >&2
        exit 1
    fi
    # Nothing but the date is wrong with it.
    verify -purpose sslclient -no_check_time "$keys/expired-client.pem" >"$work/openssl.txt" \
        || { cat "$work/openssl.txt" >&2; exit 1; }
    echo "  ok    expired-client.pem has expired, and is right otherwise"
    for name in ca server client expired-client; do
        cmp <(openssl x509 -in "$keys/$name.pem" -noout -pubkey) <(openssl pkey -in "$keys/$name-key.pem" -pubout)
        echo "  ok    $name-key.pem belongs to $name.pem"
    done
    for name in signing d1-encryption issuer-encryption; do
        cmp "$keys/$name-public.pem" <(openssl pkey -in "$keys/$name-key.pem" -pubout)
        echo "  ok    $name-public.pem is the public half of $name-key.pem"
    done
else
    echo "  skipped: openssl is not here"
fi

echo "== all agree"
