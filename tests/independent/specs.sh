#!/usr/bin/env bash
# Checks the specifications, generated requests and junit.xml with tools that share no code with this project. Needs python3
# with venv, node with npm, and both package indexes. See README.md here.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

work="$(mktemp -d)"
server=
cleanup() {
    if [ -n "$server" ]; then
        kill "$server" 2>/dev/null || true
    fi
    rm -rf "$work"
}
trap cleanup EXIT

echo "== tools"
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check --requirement tests/independent/requirements.txt
python="$work/venv/bin/python"
"$python" -c 'from importlib.metadata import version
for name in ("openapi-spec-validator", "junitparser"):
    print(f"  {name} {version(name)}")'
# Scripts look for packages where they lie, so that this one goes where its packages are.
mkdir "$work/npm"
cp tests/independent/package.json tests/independent/generate.mjs "$work/npm"
npm install --prefix "$work/npm" --no-audit --no-fund --no-package-lock --ignore-scripts --loglevel=error >"$work/npm.txt" \
    || { cat "$work/npm.txt" >&2; exit 1; }
version="$(node -p 'require(process.argv[1]).version' "$work/npm/node_modules/ajv/package.json")"
echo "  ajv $version (npm), node $(node --version)"

echo "== specifications"
mapfile -t specs < <(find specs -name '*.yaml' ! -name catalog.yaml | sort)
"$work/venv/bin/openapi-spec-validator" "${specs[@]}"
echo "  ${#specs[@]} files, all valid OpenAPI"

# D1C names a program that is there already.
d1c="${D1C:-}"
if [ -z "$d1c" ]; then
    cargo build --quiet --release
    d1c="${CARGO_TARGET_DIR:-target}/release/d1c"
fi

echo "== generated requests"
"$python" tests/independent/generate.py "$d1c" 1000 "${specs[@]}"
node "$work/npm/generate.mjs" "$d1c" 1000 "${specs[@]}"

echo "== reports"

# Runs d1c into a folder of its own, wants this exit code, and compares the two reports.
compare() {
    local want="$1" name="$2" got=0
    shift 2
    echo "  d1c $* (exit $want expected)"
    "$d1c" "$@" --quiet --report-dir "$work/$name" >"$work/$name.txt" || got=$?
    if [ "$got" != "$want" ]; then
        cat "$work/$name.txt"
        echo "exit $got, expected $want" >&2
        exit 1
    fi
    "$python" tests/independent/compare.py "$work/$name"
}

# Everything passes or is skipped.
compare 0 clean run

# Failures: an issuer with two planted defects.
"$d1c" sandbox --role issuer --defect issuer-token-without-type --defect issuer-consumer-short-language \
    >"$work/sandbox.txt" &
server=$!
for _ in $(seq 100); do
    grep -q 'listening on' "$work/sandbox.txt" && break
    sleep 0.1
done
url="$(sed -n 's/^listening on //p' "$work/sandbox.txt")"
[ -n "$url" ] || { echo "the sandbox did not start" >&2; exit 1; }
# Paths in a target file start at its folder, and the copy lies elsewhere.
sed -e "s#http://127.0.0.1:8182#$url#" -e "s#{file:\.\./\.\./#{file:$PWD/#" examples/targets/sandbox-issuer.yaml \
    >"$work/defects.yaml"
compare 1 defects run --target "$work/defects.yaml"

# Errors: nobody listens there any more.
kill "$server"
wait "$server" 2>/dev/null || true
server=
compare 3 unreachable run --target "$work/defects.yaml"

echo "== all agree"
