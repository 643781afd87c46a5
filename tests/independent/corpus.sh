#!/usr/bin/env bash
# Generates 50 cases of each intent for every operation of the OpenAPI 3.0 files in a folder that the user names, and lets a
# foreign validator judge them. Needs python3 with venv, and the package index. See README.md here.
#
#     tests/independent/corpus.sh DIR [CASES]
set -euo pipefail

folder="${1:?the folder with the OpenAPI files}"
folder="$(cd "$folder" && pwd)"
cases="${2:-50}"
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT

mapfile -t files < <(find "$folder" -type f \( -name '*.json' -o -name '*.yaml' -o -name '*.yml' \) \
    -exec grep -lE '"?openapi"?[[:space:]]*:[[:space:]]*["'\'']?3\.0' {} + | sort)
[ "${#files[@]}" -gt 0 ] || { echo "no OpenAPI 3.0 file in $folder" >&2; exit 1; }
echo "== ${#files[@]} files"

python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check --requirement tests/independent/requirements.txt

# D1C names a program that is there already.
d1c="${D1C:-}"
if [ -z "$d1c" ]; then
    cargo build --quiet
    d1c="${CARGO_TARGET_DIR:-target}/debug/d1c"
fi

"$work/venv/bin/python" tests/independent/generate_corpus.py "$d1c" "$cases" "${files[@]}"
echo "== all agree"
