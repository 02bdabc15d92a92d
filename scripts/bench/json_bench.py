#!/usr/bin/env python3
"""PythonSemantics against CPython's C `json`, both ways, on a recorded GET /status body and on one with 100 peers.

usage: json_bench.py JSON_BENCHMARK      (the release build of the package's json-benchmark)
       json_bench.py --side FILE...      (CPython's side: name, bytes, µs of loads, µs of dumps)

Both sides are run twice in turn; the figures of the second run stand behind a slash (A/A). CPU time of one thread, best of
seven batches.
"""
import json
import os
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
RECORDING = os.path.join(HERE, "../../parity/recordings/a/slice-membership.jsonl")


def bodies(folder):
    """Writes the two bodies: as the real legacy sent it, and with its peers repeated under new ids up to 100."""
    best = ""
    with open(RECORDING) as file:
        for line in file:
            step = json.loads(line)
            if step.get("request", {}).get("path") == "/status" and step["request"].get("method") == "GET":
                text = step["response"].get("text") or ""
                best = max(best, text, key=len)
    value = json.loads(best)
    records = list(value["peers"].values())
    value["peers"] = {f"node-{i:03}": {**records[i % len(records)], "node_id": f"node-{i:03}"} for i in range(100)}
    paths = []
    for name, text in ((f"recorded, {len(records)} peers", best), ("100 peers", json.dumps(value))):
        paths.append(os.path.join(folder, name))
        with open(paths[-1], "w") as file:
            file.write(text)
    return paths


def side(paths):
    """CPython's figures, in the form of json-benchmark."""
    for path in paths:
        with open(path, "rb") as file:
            body = file.read()
        value = json.loads(body.decode("utf-8"))
        calls = max(5, 10_000_000 // len(body))
        figures = []
        for call in (lambda: json.loads(body.decode("utf-8")), lambda: json.dumps(value).encode("utf-8")):
            best = float("inf")
            for _ in range(7):
                start = time.thread_time()
                for _ in range(calls):
                    call()
                best = min(best, (time.thread_time() - start) / calls)
            figures.append(best * 1e6)
        print(path, len(body), *figures, sep="\t")


def run(command):
    rows = {}
    for line in subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines():
        path, size, loads, dumps = line.split("\t")
        rows[path] = (int(size), float(loads), float(dumps))
    return rows


def table(binary):
    with tempfile.TemporaryDirectory() as folder:
        paths = bodies(folder)
        swift, python = [binary, *paths], [sys.executable, __file__, "--side", *paths]
        runs = [run(swift), run(python), run(swift), run(python)]
    print(f"{'JSON, µs a call (first / second run)':38} {'Swift':>17} {'CPython C json':>17}  CPython:Swift")
    slower = []
    for path in paths:
        size = runs[0][path][0]
        for index, way in ((1, "loads"), (2, "dumps")):
            s1, p1, s2, p2 = (rows[path][index] for rows in runs)
            ratio = (p1 + p2) / (s1 + s2)
            name = f"{way} {os.path.basename(path)} ({size} B)"
            print(f"  {name:36} {s1:7.1f} / {s2:7.1f} {p1:7.1f} / {p2:7.1f}  {ratio:.2f}")
            if ratio <= 1:
                slower.append(name)
    for name in slower:
        print(f"bench: not faster than CPython: {name}")
    return 1 if slower else 0


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    sys.exit(side(sys.argv[2:]) if sys.argv[1] == "--side" else table(sys.argv[1]))
