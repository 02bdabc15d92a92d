#!/usr/bin/env bash
# Figures, each with an A/A figure beside it: start, memory and requests a second of Swift and legacy, JSON against CPython.
# Builds with optimisation first (.build-release; ten minutes and more the first time), then at most five minutes.
# LEGACY_ROOT=DIR LEGACY_VENV=DIR: a real tree (an ai-service directory) and its virtual environment as a third side.
# BENCH_BINARY=FILE: measure this ringrift and leave out the build and the JSON part.
set -euo pipefail
root=$(realpath "$(dirname "$0")/..")
cd "$root"
venv=${RINGRIFT_VENV:-$root/.venv}
[ -x "$venv/bin/python" ] || { echo "cannot run: $venv/bin/python is not there (make setup)" >&2; exit 2; }
export PYTHONDONTWRITEBYTECODE=1
binary=${BENCH_BINARY:-}
if [ -z "$binary" ]; then
    for product in ringrift json-benchmark; do
        log=$(mktemp)
        nice -n 10 swift build -c release --scratch-path .build-release --product "$product" >"$log" 2>&1 ||
            { grep -m 5 'error:' "$log" >&2 || tail -n 5 "$log" >&2; echo "cannot run: the release build of $product failed ($log)" >&2; exit 2; }
        rm -f "$log"
    done
    binary=$root/.build-release/release/ringrift
fi

real=()
if [ -n "${LEGACY_ROOT:-}" ]; then
    [ -n "${LEGACY_VENV:-}" ] || { echo "cannot run: LEGACY_ROOT needs LEGACY_VENV" >&2; exit 2; }
    real=("$LEGACY_ROOT" "$LEGACY_VENV")
fi
echo "machine: $(nproc) cores, load $(cut -d' ' -f1-3 /proc/loadavg) at the start, $("$venv/bin/python" --version), ringrift $(realpath --relative-to="$root" "$binary")"
echo
status=0
timeout 280 "$venv/bin/python" scripts/bench/http_bench.py "$binary" Legacy/ai-service "$venv" "${real[@]}" || status=$?
if [ -z "${BENCH_BINARY:-}" ]; then
    echo
    timeout 120 "$venv/bin/python" scripts/bench/json_bench.py .build-release/release/json-benchmark || status=$?
fi
echo
echo "load at the end: $(cut -d' ' -f1-3 /proc/loadavg)"
exit $status
