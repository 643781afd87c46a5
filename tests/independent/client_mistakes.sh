#!/usr/bin/env bash
# Drives `d1c sandbox --judge` with clients that make one mistake each, written with foreign tools. Needs python3 with venv
# and the Python package index. See README.md here.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT

echo "== tools"
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check --requirement tests/independent/requirements.txt
python="$work/venv/bin/python"
"$python" -c 'from importlib.metadata import version
for name in ("jwcrypto", "PyJWT", "requests"):
    print(f"  {name} {version(name)}")'

cargo build --quiet --bin d1c
target="$(cd "${CARGO_TARGET_DIR:-target}" && pwd)"

echo "== clients"
"$python" tests/independent/client_mistakes.py "$target/debug/d1c" "$@"
