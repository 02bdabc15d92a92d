#!/bin/bash
# Run the shim's tests inside sealed namespaces (no network but the loopback, private shared-memory and lock folders).
# usage: Legacy/shim/tests/run.sh [unittest arguments]; SHIM_PYTHON (default /opt/venv/bin/python), SHIM_TREES (real and bundled)
set -eu
here=$(cd "$(dirname "$0")" && pwd)
export SHIM_PYTHON=${SHIM_PYTHON:-/opt/venv/bin/python}
export SHIM_TREES=${SHIM_TREES:-/opt/legacy/ai-service:$here/../../ai-service}
export PYTHONPATH="$here/..:$here"
user=(); [ "$(id -u)" = 0 ] || user=(--user --map-root-user)
exec unshare "${user[@]}" -n -m -p --fork --mount-proc --kill-child bash -c '
mount --make-rprivate /
ip link set lo up
for d in /tmp/ringrift_coordination /tmp/ringrift_coordinator /dev/shm; do mkdir -p "$d"; mount -t tmpfs none "$d"; done
here=$1; shift
cd "$here"
if [ $# = 0 ]; then set -- discover -p "test_*.py"; fi
exec "$SHIM_PYTHON" -m unittest "$@"' -- "$here" "$@"
