#!/usr/bin/env bash
# Installs what a fresh Debian 12 lacks: apt packages, and the virtual environment of the legacy side made with the
# interpreter that matches the libpython in use. Names what cannot be installed in one line. Idempotent and quiet.
set -euo pipefail
venv=${1:-.venv}
cd "$(dirname "$0")/.."

die() { echo "setup: $*" >&2; exit 2; }

command -v swift >/dev/null || die "no Swift toolchain on PATH (Swift 6.2 or newer is needed)"
command -v git >/dev/null || die "git is missing"

packages=(pkg-config libpython3-dev libsqlite3-dev zlib1g-dev python3 python3-venv iproute2 util-linux)
missing=()
for package in "${packages[@]}"; do
    dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'install ok installed' || missing+=("$package")
done
if ((${#missing[@]})); then
    echo "setup: installing ${missing[*]}"
    privilege=()
    if [ "$(id -u)" != 0 ]; then
        command -v sudo >/dev/null || die "missing packages, and neither root nor sudo to install them: ${missing[*]}"
        privilege=(sudo)
    fi
    log=$(mktemp)
    { "${privilege[@]}" apt-get update && "${privilege[@]}" env DEBIAN_FRONTEND=noninteractive \
        apt-get install -y --no-install-recommends "${missing[@]}"; } >"$log" 2>&1 ||
        { tail -n 5 "$log" >&2; die "apt-get could not install: ${missing[*]}"; }
    rm -f "$log"
fi

# The interpreter must be the one whose libpython is linked: `import` of compiled modules fails otherwise.
version=$(pkg-config --modversion python3-embed) || die "pkg-config does not know python3-embed (libpython3-dev)"
python=/usr/bin/python$version
[ -x "$python" ] || die "$python is missing although libpython $version is installed (apt package python3)"

stamp=$venv/.requirements
if ! cmp -s Legacy/requirements.txt "$stamp" || ! "$venv/bin/python" -c 'import aiohttp, yaml' 2>/dev/null; then
    echo "setup: virtual environment $venv (Python $version)"
    rm -rf "$venv"
    "$python" -m venv "$venv" || die "$python -m venv failed (apt package python3-venv)"
    "$venv/bin/python" -m pip install --quiet --disable-pip-version-check -r Legacy/requirements.txt ||
        die "pip could not install Legacy/requirements.txt (is the package index reachable?)"
    cp Legacy/requirements.txt "$stamp"
fi
