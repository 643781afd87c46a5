#!/usr/bin/env bash
# Lets schemathesis loose on every planted defect that is within its reach, and writes docs/schemathesis.md and
# docs/schemathesis.json. Needs python3 with venv, and the package index; takes long. See README.md here.
#   tests/independent/schemathesis.sh [--seconds S] [--jobs N] [--seed N] [--all] [DEFECT...]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT

echo "== tools"
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check --requirement tests/independent/requirements-schemathesis.txt
"$work/venv/bin/st" --version | sed 's/^/  /'

# D1C names a program that is there already. The optimised one, so that the sandbox is no brake.
d1c="${D1C:-}"
if [ -z "$d1c" ]; then
    cargo build --quiet --release
    d1c="${CARGO_TARGET_DIR:-target}/release/d1c"
fi

echo "== side by side"
results=docs/schemathesis.json page=docs/schemathesis.md
for argument in "$@"; do
    # A part of the defects is no result to keep.
    case "$argument" in
        --*) ;;
        *[a-z]*) results="$work/results.json" page="$work/page.md" ;;
    esac
done
"$work/venv/bin/python" tests/independent/side_by_side.py "$d1c" "$results" "$page" "$@"
case "$page" in
    docs/*) echo "  wrote $page and $results" ;;
    *) cat "$page" ;;
esac
