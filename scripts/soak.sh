#!/usr/bin/env bash
# Long and timed checks, not part of CI: the embedding at full size (64 tasks x 10,000 calls), a thousand replacements of
# the flags file, twenty handovers between Swift and legacy, two minutes of mixed valid and broken requests; 200 mode
# switches, 50 deaths of the worker and a leader's lease across switches, all under load; jobs across switches; 10,000 writes and
# a rollback by restart; the 27 combinations of modes. About an hour after the build.
# SOAK_TREE=DIR: from the switches on with that legacy instead of the bundled one (then RINGRIFT_VENV is its environment).
# SOAK_BINARY=FILE: this ringrift instead of the debug build.
# SOAK_SKIP="bridge flags handover load flips worker_death lease drill jobs rollback shadow combinations": leave parts out.
set -uo pipefail
root=$(realpath "$(dirname "$0")/..")
cd "$root"
export RINGRIFT_VENV=${RINGRIFT_VENV:-$root/.venv} PYTHONDONTWRITEBYTECODE=1
python=$RINGRIFT_VENV/bin/python
[ -x "$python" ] || { echo "cannot run: $python is not there (make setup)" >&2; exit 2; }
binary=${SOAK_BINARY:-$root/.build/debug/ringrift}
passed=0 failed=0
log=$(mktemp)
trap 'rm -f "$log"' EXIT

wanted() { [[ " ${SOAK_SKIP:-} " != *" $1 "* ]]; }

build() {
    swift build "$@" >"$log" 2>&1 && return
    grep -m 5 'error:' "$log" >&2 || tail -n 5 "$log" >&2
    echo "cannot run: swift build $* failed" >&2
    exit 2
}

verdict() { # NAME STATUS SECONDS
    if (($2 == 0)); then passed=$((passed + 1)); else failed=$((failed + 1)); fi
    printf '%s %s (%d s)\n\n' "$([ "$2" = 0 ] && echo 'ok  ' || echo FAIL)" "$1" "$3"
}

echo "machine: $(nproc) cores, load $(cut -d' ' -f1-3 /proc/loadavg) at the start"
if [ -z "${SOAK_BINARY:-}" ]; then build --product ringrift; fi

if wanted bridge; then
    build --product CPythonEmbed
    build --build-tests
    for run in first second; do # A/A
        start=$SECONDS
        RINGRIFT_SOAK=1 RINGRIFT_REQUIRE_PYTHON=1 swift test --skip-build --no-parallel --filter PythonBridgeTests >"$log" 2>&1
        status=$?
        grep -E '✘|recorded an issue' "$log" | head -n 10
        grep -oE 'Test (callsNeitherDeadlockNorLeak\(\) (passed|failed)|run with).*' "$log" | sed 's/^/  /'
        grep -q 'Test callsNeitherDeadlockNorLeak() passed' "$log" || status=1 # a filter that matches nothing also ends with 0
        verdict "bridge, 64 x 10,000 calls, $run run" "$status" $((SECONDS - start))
    done
fi

if wanted flags; then
    build --build-tests
    start=$SECONDS
    RINGRIFT_SOAK=1 swift test --skip-build --no-parallel --filter FlagReplacementTests >"$log" 2>&1
    status=$?
    grep -E '✘|recorded an issue' "$log" | head -n 10
    grep -E '^flags: ' "$log" | sed 's/^/  /'
    grep -q '^flags: 1000 replacements' "$log" || status=1
    verdict "flags file, 1,000 random replacements" "$status" $((SECONDS - start))
fi

if wanted handover; then
    start=$SECONDS
    scripts/handover.sh "$binary" bundled "$RINGRIFT_VENV" --rounds 20
    verdict "handover, 20 rounds" $? $((SECONDS - start))
fi

if wanted load; then
    start=$SECONDS
    "$python" scripts/bench/load.py "$binary" Legacy/ai-service --seconds 120
    verdict "load, 120 s" $? $((SECONDS - start))
fi

for check in flips worker_death lease drill rollback shadow combinations; do
    wanted "$check" || continue
    start=$SECONDS
    "$python" -B scripts/soak/$check.py --binary "$binary" --tree "${SOAK_TREE:-bundled}" --venv "$RINGRIFT_VENV"
    verdict "$check" $? $((SECONDS - start))
done

if wanted jobs; then
    start=$SECONDS
    "$python" -B scripts/soak/jobs.py --binary "$binary" --tree "${SOAK_TREE:-bundled}" --python "$python"
    verdict "jobs" $? $((SECONDS - start))
fi

echo "load at the end: $(cut -d' ' -f1-3 /proc/loadavg)"
echo "$passed passed, $failed failed"
((failed == 0))
