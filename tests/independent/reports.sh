#!/usr/bin/env bash
# Reads the reports of clean, failing, killed and attacked runs with tools that share no code with this project, each by the
# published schema of its format. Needs python3 with venv, node with npm, and both package indexes. See README.md here.
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
for name in ("junitparser", "lxml", "haralyzer", "webfuzzing-commons", "markdown-it-py", "jsonschema"):
    print(f"  {name} {version(name)}")'
mkdir "$work/npm"
cp tests/independent/reports/package.json "$work/npm"
npm install --prefix "$work/npm" --no-audit --no-fund --no-package-lock --ignore-scripts --loglevel=error >"$work/npm.txt" \
    || { cat "$work/npm.txt" >&2; exit 1; }
for name in @microsoft/sarif-multitool har-schema; do
    echo "  $name $(node -p 'require(process.argv[1]).version' "$work/npm/node_modules/$name/package.json") (npm)"
done

# D1C names a program that is there already.
d1c="${D1C:-}"
if [ -z "$d1c" ]; then
    cargo build --quiet
    d1c="${CARGO_TARGET_DIR:-target}/debug/d1c"
fi
formats=html,junit,markdown,har,ndjson,sarif,wfc,github

# Draws all formats of a record, and lets the strangers read them.
check() {
    "$d1c" report "$work/$1" --format "$formats" --out "$work/$1" >/dev/null 2>"$work/said.txt" \
        || { cat "$work/said.txt" >&2; exit 1; }
    "$python" tests/independent/reports/check.py "$work/npm/node_modules" "$@" "$work/$1"
}

# Runs d1c into a folder of its own, and wants this exit code.
run() {
    local want="$1" name="$2" got=0
    shift 2
    echo "  d1c $* (exit $want expected)"
    "$d1c" "$@" --quiet --report-dir "$work/$name" >"$work/$name.txt" 2>&1 || got=$?
    [ "$got" = "$want" ] || { cat "$work/$name.txt" >&2; echo "exit $got, expected $want" >&2; exit 1; }
}

# Waits for a line of a server that gives its address.
address() {
    for _ in $(seq 100); do
        grep -q 'listening on' "$1" && break
        sleep 0.1
    done
    sed -n 's/^listening on //p' "$1"
}

echo "== a clean run"
run 0 clean run getCard:: registerCard --cases 1 --exchanges all
check clean

echo "== a failing run"
"$d1c" sandbox --role issuer --defect issuer-token-without-type --defect issuer-consumer-short-language >"$work/sandbox.txt" &
server=$!
url="$(address "$work/sandbox.txt")"
[ -n "$url" ] || { echo "the sandbox did not start" >&2; exit 1; }
sed -e "s#http://127.0.0.1:8182#$url#" -e "s#{file:\.\./\.\./#{file:$PWD/#" examples/targets/sandbox-issuer.yaml \
    >"$work/defects.yaml"
run 1 failing run --target "$work/defects.yaml" --cases 1 --format "$formats"
check failing
kill "$server"
wait "$server" 2>/dev/null || true
server=

echo "== a killed run"
"$d1c" run --cases 60 --no-snapshots --quiet --report-dir "$work/killed" >/dev/null 2>&1 &
server=$!
for _ in $(seq 300); do
    grep -q '"verdict": "passed"' "$work/killed/run.json" 2>/dev/null && break
    sleep 0.1
done
kill -KILL "$server"
wait "$server" 2>/dev/null || true
server=
check killed interrupted

echo "== a server that sends markup, commands and control sequences"
"$python" -u tests/independent/reports/hostile.py >"$work/hostile.txt" &
server=$!
url="$(address "$work/hostile.txt")"
[ -n "$url" ] || { echo "the server did not start" >&2; exit 1; }
run 1 hostile run --spec tests/independent/reports/hostile.yaml --base-url "$url" --cases 1
check hostile hostile
kill "$server"
wait "$server" 2>/dev/null || true
server=

echo "== all agree"
