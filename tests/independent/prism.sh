#!/usr/bin/env bash
# Runs d1c against both sandboxes through a foreign validating proxy, which must find nothing wrong with an answer, nor with
# a request that was accepted. Needs node with npm, and its package index. See README.md here.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT

echo "== tools"
cp tests/independent/prism/package.json "$work"
npm install --prefix "$work" --no-audit --no-fund --no-package-lock --ignore-scripts --loglevel=error >"$work/npm.txt" \
    || { cat "$work/npm.txt" >&2; exit 1; }
prism="$work/node_modules/.bin/prism"
echo "  prism $("$prism" --version), node $(node --version)"

# D1C names a program that is there already.
d1c="${D1C:-}"
if [ -z "$d1c" ]; then
    cargo build --quiet
    d1c="${CARGO_TARGET_DIR:-target}/debug/d1c"
fi

check() {
    node tests/independent/prism/check.mjs "$d1c" "$prism" "$@"
}

echo "== clean sandboxes"
check d1
check issuer

# The proxy is no use if it would say nothing of a wrong answer.
echo "== defects that must be seen"
check d1 d1-create-card-id-with-blank createCard response
check issuer issuer-consumer-short-language getConsumerInformation response
check issuer issuer-notice-without-card-id notifyCardOperations request

echo "== prism agrees"
