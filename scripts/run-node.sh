#!/usr/bin/env bash
# One node on 127.0.0.1:8770 with the bundled legacy as its tree, in a network of its own, so that nothing it does can
# reach another machine. Ctrl-C ends it.
set -euo pipefail
binary=$(realpath "$1")
root=$(realpath "$(dirname "$0")/..")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/ringrift"
cp -r "$root/Legacy/ai-service" "$work/ringrift/"

flags=(-n -m -p --fork --mount-proc --kill-child)
[ "$(id -u)" = 0 ] || flags=(-U -r "${flags[@]}")
unshare "${flags[@]}" true 2>/dev/null || {
    echo "run: namespaces are not allowed here; start it yourself: RINGRIFT_AI_SERVICE=DIR $binary p2p --node-id NAME" >&2
    exit 2
}
enter="nsenter -t \$(pgrep -n -f 'ringrift p2p --node-id demo') -n"
[ "$(id -u)" = 0 ] || enter="$enter -U --preserve-credentials"
echo "run: in another terminal: $enter curl -s 127.0.0.1:8770/health"
export RINGRIFT_AI_SERVICE="$work/ringrift/ai-service" RINGRIFT_LEGACY_ROOT=bundled PYTHONUNBUFFERED=1
unshare "${flags[@]}" bash -c '
    mount --make-rprivate / && ip link set lo up
    exec "$0" p2p --node-id demo --host 127.0.0.1 --advertise-host 127.0.0.1 --ringrift-path "$1"' \
    "$binary" "$work/ringrift" || status=$?
exit "${status:-0}"
