#!/usr/bin/env python3
"""Is every combination of legacy, shadow and swift for the three first subsystems equal to the legacy?

usage: combinations.py [--binary FILE] [--tree DIR|bundled] [--venv DIR] [--recordings DIR] [--scenario NAME …] [--short]

`ringrift parity replay` of the scenarios of p2p.observability, p2p.leadership and p2p.scheduling, 27 times: each of the
three on legacy, shadow and swift (RINGRIFT_IMPL_P2P_… of the node; the rest of p2p stays on swift, and what is not native
is the worker's), two scenarios at once: a node on shadow is three processes. A real tree plays every step of the recordings of the real legacy, the bundled one those of the slice.
A line a combination; one that differs is told with the command that plays it again. Last line `N passed, N failed`; exit
0 all equal, 1 different, 2 could not run.
"""
import argparse
import itertools
import json
import os
import subprocess
import sys
import tempfile
import time

ROOT = os.path.realpath(os.path.join(os.path.dirname(os.path.abspath(__file__)), "../.."))
SUBSYSTEMS = ("observability", "leadership", "scheduling")
MODES = ("legacy", "shadow", "swift")
REAL = ["04-leadership", "06-jobs", "13-restart-observability"]
BUNDLED = ["slice-leadership", "slice-membership", "04-leadership"]
# Every mode of every subsystem, and each beside another one.
SHORT = [("legacy", "shadow", "swift"), ("shadow", "swift", "legacy"), ("swift", "legacy", "shadow")]


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", type=os.path.abspath, default=f"{ROOT}/.build/debug/ringrift")
    parser.add_argument("--tree", default="bundled", help="an ai-service directory, or `bundled`")
    parser.add_argument("--venv", type=os.path.abspath, default=os.environ.get("RINGRIFT_VENV", f"{ROOT}/.venv"))
    parser.add_argument("--recordings", type=os.path.abspath, help="a folder of recordings (default: parity/recordings)")
    parser.add_argument("--scenario", action="append", help="this one (again for more)")
    parser.add_argument("--keep", type=os.path.abspath, help="where the reports go")
    parser.add_argument("--short", action="store_true", help="three combinations in which every mode occurs everywhere")
    options = parser.parse_args()
    for path in (options.binary, f"{options.venv}/bin/python"):
        if not os.access(path, os.X_OK):
            print(f"cannot run: {path} is not there (make build, make setup)", file=sys.stderr)
            sys.exit(2)
    return options


def command(options, modes, report):
    real = options.tree != "bundled"
    line = [options.binary, "parity", "replay", "--tree", options.tree, "--quiet", "--json", report, "--jobs", "2",
            "--store", report + ".mismatches"]
    if real:
        line.append("--all")
    if options.recordings:
        line += ["--recordings", options.recordings]
    for name in options.scenario or (REAL if real else BUNDLED):
        line += ["--only", name]
    for subsystem, mode in zip(SUBSYSTEMS, modes):
        line += ["--env", f"RINGRIFT_IMPL_P2P_{subsystem.upper()}={mode}"]
    return line


def play(options, modes, folder):
    """(exit status, passed, failed, the harness's last words)."""
    report = os.path.join(folder, "-".join(modes) + ".json")
    done = subprocess.run(
        command(options, modes, report), cwd=ROOT, capture_output=True, text=True, stdin=subprocess.DEVNULL,
        env={**os.environ, "RINGRIFT_VENV": options.venv})
    with open(os.path.join(folder, "-".join(modes) + ".txt"), "w") as file:
        file.write(done.stdout + done.stderr)
    try:
        with open(report) as file:
            value = json.load(file)
        return done.returncode, value["passed"], value["failed"], done.stdout
    except (OSError, ValueError, KeyError):
        return done.returncode or 2, 0, 0, done.stdout + done.stderr


def main():
    options = arguments()
    combinations = SHORT if options.short else list(itertools.product(MODES, repeat=len(SUBSYSTEMS)))
    print(f"combinations: {len(combinations)} of {', '.join(SUBSYSTEMS)}, {options.tree}")
    passed = failed = 0
    with tempfile.TemporaryDirectory(prefix="ringrift-combinations-") as scratch:
        folder = options.keep or scratch
        os.makedirs(folder, exist_ok=True)
        for modes in combinations:
            began = time.monotonic()
            status, equal, different, text = play(options, modes, folder)
            if status == 2 or equal == 0:
                print(f"cannot run: {' '.join(modes)}: {text.strip().splitlines()[-1:] or status}", file=sys.stderr)
                return 2
            holds = status == 0 and not different
            passed, failed = passed + holds, failed + (not holds)
            print(f"  {'ok  ' if holds else 'FAIL'} {' '.join(f'{mode:<7}' for mode in modes)} {equal} equal, "
                  f"{different} different ({time.monotonic() - began:.0f} s)", flush=True)
            if not holds:
                for line in [line for line in text.splitlines() if "DIFFERS" in line or "/" in line][:12]:
                    print("       " + line.strip()[:100])
                print("       again: " + " ".join(command(options, modes, "report.json")))
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
