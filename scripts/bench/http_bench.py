#!/usr/bin/env python3
"""Start, memory and requests a second of the Swift node and of a legacy tree, side by side.

usage: http_bench.py BINARY BUNDLED_TREE VENV [LEGACY_ROOT LEGACY_VENV]

Sides: Swift (BINARY p2p, RINGRIFT_STANDBY=off, so without a legacy behind it), the bundled double and, when given, a real
tree, the two under their own interpreter. In a sealed namespace, loopback only. Every figure is taken twice, in turn with
the other sides; the second stands behind a slash (A/A).

start     process start to the first 200 of GET /health, polled every 2 ms; median of STARTS
peak      VmHWM after that answer, one GET /status and IDLE seconds; the largest of STARTS
requests  wrk -t1 -c16 -d{SECONDS}s against a node that knows 50 peers; req/s. Swift's peak after the load as well
"""
import os
import re
import shutil
import statistics
import subprocess
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from node import CannotRun, Node, get_json, private_copy, request, sealed  # noqa: E402

STARTS, IDLE, SECONDS, PEERS = 3, 1.0, 3, 50
ROUTES = ("/health", "/status", "/heartbeat")
SCRIPT = """
wrk.method = "POST"
wrk.headers["Content-Type"] = "application/json"
local bodies, turn = { %s }, 0
request = function()
    turn = turn %% #bodies + 1
    return wrk.format(nil, nil, nil, bodies[turn])
end
"""


def peer(number):
    return ('{"node_id": "peer-%03d", "host": "127.0.0.1", "port": %d, "scheme": "http", "role": "follower", '
            '"cpu_count": 64, "cpu_percent": 41.5, "memory_percent": 30.25, "disk_percent": 20.5, "gpu_percent": 97.0, '
            '"gpu_memory_percent": 55.5, "selfplay_jobs": 12, "training_jobs": 1, "has_gpu": true, '
            '"gpu_name": "NVIDIA GH200 480GB", "memory_gb": 525, "capabilities": ["selfplay", "training", "cmaes", '
            '"large_boards"], "version": "main@abc1234", "nat_blocked": true}' % (number, 9000 + number))


class Side:
    def __init__(self, name, kind, tree, work, binary=None, venv=None):
        self.name, self.kind, self.binary, self.venv = name, kind, binary, venv
        self.tree = private_copy(tree, work, name.replace(" ", "-"))
        self.figures = {}

    def node(self):
        shutil.rmtree(f"{self.tree}/logs", ignore_errors=True)  # every start finds an empty state directory
        return Node(self.kind, self.tree, self.binary, self.venv, "bench", log=f"/dev/shm/{self.kind}.log")

    def add(self, what, value):
        self.figures.setdefault(what, []).append(value)

    def start(self):
        times, peaks = [], []
        for _ in range(STARTS):
            node = self.node()
            try:
                times.append(node.wait_for_answer() * 1000)
                get_json("/status")
                time.sleep(IDLE)
                peaks.append(node.memory("VmHWM"))
            finally:
                node.kill()
        self.add("start to first /health, ms", statistics.median(times))
        self.add("peak memory after start, MiB", max(peaks))

    def load(self, script):
        node = self.node()
        try:
            node.wait_for_answer()
            time.sleep(3)  # its election is over
            for number in range(PEERS):
                status, body = request("POST", "/heartbeat", peer(number).encode())
                if status != 200:
                    raise AssertionError(f"POST /heartbeat: {status} {body[:200]!r}")
            if len(get_json("/status")["peers"]) != PEERS:
                raise AssertionError("not all peers are known")
            for route in ROUTES:
                self.add(f"{route}, requests/s", self.wrk(route, script))
            self.add("peak memory after that, MiB", node.memory("VmHWM"))
        finally:
            node.kill()

    def wrk(self, route, script):
        command = ["wrk", "-t1", "-c16", f"-d{SECONDS}s", "--timeout", "10s"]
        if route == "/heartbeat":
            command += ["-s", script]
        out = subprocess.run([*command, f"http://127.0.0.1:8770{route}"], capture_output=True, text=True).stdout
        bad = re.search(r"Non-2xx.*|Socket errors.*", out)
        if bad:
            print(f"bench: {self.name} {route}: {bad.group(0)}")
        found = re.search(r"Requests/sec:\s*([\d.]+)", out)
        return float(found.group(1)) if found else 0.0


def table(sides):
    names = [side.name for side in sides]
    print(f"{'figure (first / second)':30}" + "".join(f"{name:>21}" for name in names) + "  command")
    commands = {f"{route}, requests/s": f"wrk -t1 -c16 -d{SECONDS}s" + (" -s POST" if route == "/heartbeat" else "")
                for route in ROUTES}
    for what in sides[0].figures:
        cells = []
        for side in sides:
            values = side.figures.get(what, [])
            form = "{:.1f}" if max(values, default=0) < 1000 else "{:.0f}"
            cells.append(" / ".join(form.format(value) for value in values) or "-")
        print(f"{what:30}" + "".join(f"{cell:>21}" for cell in cells) + f"  {commands.get(what, 'p2p --node-id bench')}")


def main(work):
    binary, bundled, venv, *real = sys.argv[1:]
    sides = [Side("Swift", "swift", bundled, work, binary=os.path.abspath(binary)),
             Side("bundled", "python", bundled, work, venv=os.path.abspath(venv))]
    if len(real) == 2:
        sides.append(Side("real legacy", "python", real[0], work, venv=os.path.abspath(real[1])))
    for _ in range(2):
        for side in sides:
            side.start()
    if shutil.which("wrk"):
        script = f"{work}/heartbeat.lua"
        with open(script, "w") as file:
            file.write(SCRIPT % ", ".join(f"[==[{peer(number)}]==]" for number in range(PEERS)))
        for _ in range(2):
            for side in sides:
                side.load(script)
    else:
        print("bench: wrk is not installed (apt package wrk): no requests a second")
    table(sides)
    return 0


if __name__ == "__main__":
    if len(sys.argv) not in (4, 6):
        sys.exit(__doc__)
    sealed(main)
