"""What the soak programs share: a front with its worker in a sealed namespace, load with figures, a line a check.

Standard library only. A program is `sealed(...)` (scripts/bench/node.py): loopback only, processes of its own, everything
in a folder that vanishes with it, however the run ends.
"""
import argparse
import array
import glob
import http.client
import json
import multiprocessing
import os
import random
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../bench"))
from node import PORT, CannotRun, private_copy, request, sealed  # noqa: E402, F401

NODE = "soak"


def arguments(description, more=None):
    """--binary, --tree (a path or `bundled`), --venv or --python, --short; exit 2 with a reason when one is missing."""
    root = os.path.realpath(os.path.join(os.path.dirname(os.path.abspath(__file__)), "../.."))
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", type=os.path.abspath, default=f"{root}/.build/debug/ringrift")
    parser.add_argument("--tree", default="bundled", help="an ai-service directory, or `bundled`")
    parser.add_argument("--venv", type=os.path.abspath, default=os.environ.get("RINGRIFT_VENV", f"{root}/.venv"))
    parser.add_argument("--python", help="an interpreter of a virtual environment, instead of --venv")
    parser.add_argument("--short", action="store_true", help="a minute, nothing timed")
    parser.add_argument("--keep", type=os.path.abspath, help="where logs and state go in the end")
    if more:
        more(parser)
    options = parser.parse_args()
    if options.python:
        options.venv = os.path.dirname(os.path.dirname(os.path.abspath(options.python)))
    options.tree = f"{root}/Legacy/ai-service" if options.tree == "bundled" else os.path.abspath(options.tree)
    for path in (options.binary, f"{options.venv}/bin/python"):
        if not os.access(path, os.X_OK):
            print(f"cannot run: {path} is not there (make build, make setup)", file=sys.stderr)
            sys.exit(2)
    return options


class Report:
    """One line a check, the total at the end."""

    def __init__(self, title):
        self.passed = self.failed = 0
        print(title)

    def check(self, name, holds, figures="", problems=()):
        if holds:
            self.passed += 1
        else:
            self.failed += 1
        print(f"  {'ok  ' if holds else 'FAIL'} {name}{': ' if figures else ''}{figures}")
        for problem in list(problems)[:8]:
            print(f"       {problem}"[:240])
        return holds

    def end(self):
        print(f"{self.passed} passed, {self.failed} failed")
        return 1 if self.failed else 0


def until(what, condition, seconds=60.0, poll=0.05):
    end = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise AssertionError(f"{what}: not within {seconds:.0f} s")
        time.sleep(poll)


def get(path, port=PORT, timeout=20.0):
    status, body = request("GET", path, port=port, timeout=timeout)
    if status != 200:
        raise AssertionError(f"GET {path}: {status} {body[:200]!r}")
    return json.loads(body)


def attempt(method, path, body=None, timeout=20.0):
    """(status, value); status 0 when there was no answer."""
    try:
        status, data = request(method, path, body, timeout=timeout)
    except (OSError, http.client.HTTPException) as error:
        return 0, f"{type(error).__name__}: {error}"
    try:
        return status, json.loads(data)
    except ValueError:
        return status, data[:200].decode("utf-8", "replace")


class Front:
    """`BINARY p2p` with a warm worker behind it, on a private copy of a tree."""

    def __init__(self, options, work, tree=None, environment=None, arguments=(), command=None, node_id=NODE):
        self.options, self.work = options, work
        self.tree = tree or private_copy(options.tree, work)
        self.temporary = f"{work}/t"
        os.makedirs(self.temporary, exist_ok=True)
        self.flags_file = f"{self.tree}/logs/cutover/flags.env"
        self.log = f"{work}/logs/node.log"
        self.database = f"{self.tree}/logs/p2p_orchestrator/{node_id}_state.db"
        environment_ = {k: v for k, v in os.environ.items() if not k.startswith(("RINGRIFT_", "PYTHON"))}
        environment_.update(
            RINGRIFT_AI_SERVICE=self.tree, RINGRIFT_VENV=options.venv, RINGRIFT_STANDBY="warm", TMPDIR=self.temporary,
            PYTHONUNBUFFERED="1", PYTHONDONTWRITEBYTECODE="1",
            # A leader may start a self-play job of its own at any moment; jobs here are those that the check starts.
            RINGRIFT_P2P_SPAWN_RATE_LIMIT="0")
        if os.path.exists(f"{self.tree}/.ringrift-bundled"):
            environment_["RINGRIFT_LEGACY_ROOT"] = "bundled"
        environment_.update(environment or {})
        self.environment = {k: v for k, v in environment_.items() if v is not None}
        self.command = (command or [options.binary, "p2p"]) + [
            "--node-id", node_id, "--host", "127.0.0.1", "--port", str(PORT), "--advertise-host", "127.0.0.1",
            "--ringrift-path", os.path.dirname(self.tree), *arguments]
        self.process = None

    def start(self, wait=True, **environment):
        with open(self.log, "ab") as file:
            self.began = time.perf_counter()
            self.process = subprocess.Popen(
                self.command, cwd=self.tree, env={**self.environment, **environment}, stdin=subprocess.DEVNULL,
                stdout=file, stderr=file)
        return self.wait_for_answer() if wait else None

    def wait_for_answer(self, seconds=90.0):
        """Seconds from the start of the process to the first answer of GET /health."""
        while time.perf_counter() - self.began < seconds:
            if attempt("GET", "/health", timeout=5)[0] == 200:
                return time.perf_counter() - self.began
            if self.process.poll() is not None:
                raise AssertionError(f"the node ended with {self.process.returncode}: {self.tail()}")
            time.sleep(0.01)
        raise AssertionError(f"no answer within {seconds} s: {self.tail()}")

    def stop(self, number=signal.SIGTERM, seconds=30):
        """Ends the node; (exit status, seconds it took)."""
        if self.process is None or self.process.poll() is not None:
            return (self.process.returncode if self.process else None), 0.0
        began = time.perf_counter()
        self.process.send_signal(number)
        try:
            return self.process.wait(seconds), time.perf_counter() - began
        except subprocess.TimeoutExpired:
            self.process.kill()
            return self.process.wait(), time.perf_counter() - began

    def tail(self, count=4):
        with open(self.log, "rb") as file:
            return " | ".join(file.read().decode("utf-8", "replace").splitlines()[-count:])

    def text(self):
        with open(self.log, encoding="utf-8", errors="replace") as file:
            return file.read()

    def cutover_log(self):
        try:
            with open(f"{self.tree}/logs/cutover/cutover.log", encoding="utf-8", errors="replace") as file:
                return file.read()
        except OSError:
            return ""

    # MARK: flags

    def flags(self, **modes):
        """Replaces the flags file: p2p_leadership="legacy" and so on."""
        os.makedirs(os.path.dirname(self.flags_file), exist_ok=True)
        with open(self.flags_file + ".new", "w") as file:
            file.writelines(f"RINGRIFT_IMPL_{name.upper()}={mode}\n" for name, mode in modes.items())
        os.replace(self.flags_file + ".new", self.flags_file)

    def settings(self):
        """The lines of the flags file that are no comments."""
        try:
            with open(self.flags_file) as file:
                return [line.strip() for line in file if line.strip() and not line.startswith("#")]
        except FileNotFoundError:
            return []

    def in_force(self):
        """How many changes are complete."""
        return self.cutover_log().count("in force: ")

    # MARK: worker

    def worker(self):
        """The worker's process id, or None: the child of the front that listens on the sockets."""
        for path in glob.glob("/proc/[0-9]*/stat"):
            try:
                with open(path) as file:
                    head, _, tail = file.read().rpartition(")")
                pid, fields = int(head.split("(")[0]), tail.split()
                if int(fields[1]) != self.process.pid or fields[0] == "Z":
                    continue
                with open(f"/proc/{pid}/cmdline", "rb") as file:
                    if b"legacy-worker" in file.read().split(b"\0"):
                        return pid
            except (OSError, ValueError):
                continue
        return None

    def control(self, command, arguments=None, timeout=30.0):
        """One command on the worker's control socket."""
        found = glob.glob(f"{self.temporary}/ringrift-worker-{self.process.pid}-*/control.sock")
        if not found:
            raise OSError("no control socket")
        with socket.socket(socket.AF_UNIX) as stream:
            stream.settimeout(timeout)
            stream.connect(max(found, key=os.path.getmtime))
            stream.sendall(json.dumps({"id": 1, "cmd": command, "args": arguments or {}}).encode() + b"\n")
            with stream.makefile("rb") as lines:
                answer = json.loads(lines.readline())
        if "error" in answer:
            raise AssertionError(f"{command}: {answer['error']}")
        return answer["result"]

    def worker_state(self):
        return self.control("state.get", {"rebase": False, "names": None} | {"rebase": False})["attributes"]

    # MARK: state

    def rows(self, table, order):
        """Rows of the living state database, and what `PRAGMA integrity_check` says."""
        living = sqlite3.connect(f"file:{self.database}?mode=ro", uri=True, timeout=20)
        try:
            return (living.execute(f"SELECT * FROM {table} ORDER BY {order}").fetchall(),
                    living.execute("PRAGMA integrity_check").fetchone()[0])
        finally:
            living.close()


# MARK: load

def percentile(values, part):
    values = sorted(values)
    return values[min(len(values) - 1, int(len(values) * part))] if values else float("nan")


class Load:
    """GETs on connections that stay open, from processes of their own, with the seconds of every answer.

    Each of `connections` asks its paths in turn and waits `pause` seconds in between, so that the load does not follow the
    speed of the node."""

    def __init__(self, paths, connections=4, pause=0.004, port=PORT):
        self.stopping = multiprocessing.Event()
        self.results = multiprocessing.SimpleQueue()
        self.processes = [
            multiprocessing.Process(
                target=_ask, args=(paths, seed, pause, port, self.stopping, self.results), daemon=True)
            for seed in range(connections)]
        for process in self.processes:
            process.start()

    def end(self):
        """(seconds by path, failures): a failure is (time, path, status or 0, text)."""
        self.stopping.set()
        seconds, failures = {}, []
        for _ in self.processes:
            part, failed = self.results.get()
            for path, values in part.items():
                seconds.setdefault(path, []).extend(values)
            failures += failed
        for process in self.processes:
            process.join(10)
        return seconds, failures


def _ask(paths, seed, pause, port, stopping, results):
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    dice, seconds, failures = random.Random(seed), {path: array.array("d") for path in paths}, []
    connection = None
    while not stopping.is_set():
        path = dice.choice(paths)
        began = time.perf_counter()
        try:
            if connection is None:
                connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
            connection.request("GET", path)
            answer = connection.getresponse()
            body = answer.read()
            if answer.status != 200:
                failures.append((time.time(), path, answer.status, body[:160].decode("utf-8", "replace")))
        except (OSError, http.client.HTTPException) as error:
            failures.append((time.time(), path, 0, f"{type(error).__name__}: {error}"))
            connection.close()
            connection = None
        seconds[path].append(time.perf_counter() - began)
        stopping.wait(pause * dice.uniform(0.5, 1.5))
    results.put(({path: list(values) for path, values in seconds.items()}, failures))


class Writer:
    """A thread whose every request carries its own id; `sent` in order, `failures` as in Load."""

    def __init__(self, prefix, path, make, pause=0.1, tolerated=()):
        self.prefix, self.path, self.make, self.pause, self.tolerated = prefix, path, make, pause, tolerated
        self.sent, self.refused, self.failures = [], [], []
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._write, daemon=True)
        self._thread.start()

    def _write(self):
        number = 0
        while not self._stopping.wait(self.pause):
            number += 1
            name = f"{self.prefix}-{number:05}"
            status, answer = attempt("POST", self.path, self.make(name, number), timeout=60)
            if status == 200:
                self.sent.append(name)
            elif status in self.tolerated:
                self.refused.append((name, answer))
            else:
                self.failures.append((time.time(), self.path, status, f"{name}: {answer}"))

    def end(self):
        self._stopping.set()
        self._thread.join(70)
        return self.sent


def grant(name, number):
    """A lease grant to the node itself: saved at once, and the last one stays."""
    return {"leader_id": NODE, "lease_id": name, "lease_duration": 120}


def last_grant(report, front, writer):
    """The last acknowledged lease grant, or a later one whose answer nobody has, is what the node and its database have."""
    possible = writer.sent[-1:] + [name for name, _ in writer.refused if not writer.sent or name > writer.sent[-1]]
    shown = get("/election/grant")["lease_id"]
    saved = dict(front.rows("state", "key")[0]).get("voter_grant_lease_id")
    report.check("the last acknowledged lease grant is there", shown in possible and saved == shown,
                 f"{len(writer.sent)} grants, shown {shown}, saved {saved}", [] if shown in possible else [str(possible)])


def is_double(options):
    """The bundled legacy serves fewer routes."""
    return os.path.exists(f"{options.tree}/.ringrift-bundled")


def peer(name, number, base=20000):
    """A heartbeat of a peer that nobody greets: it cannot be reached, as it says."""
    return {"node_id": name, "host": "127.0.0.1", "port": base + number, "scheme": "http", "role": "follower",
            "nat_blocked": True, "nat_blocked_since": time.time(), "memory_gb": number,
            # No leader gives it work.
            "cpu_percent": 99.5, "memory_percent": 99.5, "disk_percent": 99.5, "capabilities": []}
