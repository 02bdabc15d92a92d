#!/usr/bin/env bash
# Swift and the legacy take turns on one state directory, each ended by kill -9: peers, jobs, role and lease are kept.
# usage: scripts/handover.sh [BINARY [TREE [VENV]]] [--rounds N] [--keep DIR]
# Defaults: the debug build, the bundled legacy, .venv. About a minute. Last line `N passed, N failed`; exit 0, 1, 2.
set -euo pipefail
root=$(realpath "$(dirname "$0")/..")
places=()
while (($#)) && [[ $1 != -* ]]; do places+=("$1"); shift; done
binary=${places[0]:-$root/.build/debug/ringrift}
tree=${places[1]:-bundled}
venv=${places[2]:-${RINGRIFT_VENV:-$root/.venv}}
[ "$tree" = bundled ] && tree=$root/Legacy/ai-service
python=$venv/bin/python
[ -x "$python" ] || { echo "cannot run: $python is not there (make setup)" >&2; exit 2; }
PYTHONDONTWRITEBYTECODE=1 exec "$python" "$root/scripts/handover.py" "$binary" "$tree" "$venv" "$@"
