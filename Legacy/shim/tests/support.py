"""Starting workers and direct nodes, speaking HTTP over a unix socket and the control protocol."""
from __future__ import annotations

import http.client
import json
import os
import pathlib
import queue
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time

SHIM = pathlib.Path(__file__).resolve().parent.parent
FAKE = pathlib.Path(__file__).resolve().parent / "fake_tree"
PYTHON = os.environ.get("SHIM_PYTHON", sys.executable)
DEADLINE = 60.0


class UnixConnection(http.client.HTTPConnection):
    """http.client over a unix socket; the Host header is the node's."""

    def __init__(self, path, timeout=60):
        super().__init__("127.0.0.1:8770", timeout=timeout)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self.path)


class Control:
    """Client of the control socket; events are collected in a queue."""

    def __init__(self, path):
        self.stream = socket.socket(socket.AF_UNIX)
        self.stream.connect(path)
        self.events: queue.Queue = queue.Queue()
        self._answers: dict[int, queue.Queue] = {}
        self._next = 0
        self.on_state = None
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self):
        for raw in self.stream.makefile("rb"):
            message = json.loads(raw)
            if "event" in message:
                if message["event"] == "state" and self.on_state is not None:
                    self.on_state(message)
                self.events.put(message)
            else:
                self._answers[message["id"]].put(message)

    def send(self, cmd, identifier=None, **args):
        self.stream.sendall(json.dumps({"id": identifier, "cmd": cmd, "args": args}).encode() + b"\n")

    def ask(self, cmd, **args):
        self._next += 1
        answer = self._answers[self._next] = queue.Queue()
        self.send(cmd, self._next, **args)
        message = answer.get(timeout=DEADLINE)
        if "error" in message:
            raise RuntimeError(f"{message['error']['type']}: {message['error']['message']}")
        return message["result"]

    def event(self, name, timeout=DEADLINE):
        deadline = time.monotonic() + timeout
        while True:
            message = self.events.get(timeout=max(0.001, deadline - time.monotonic()))
            if message["event"] == name:
                return message

    def acknowledge_all(self):
        self.on_state = lambda event: self.send("ack", seq=event["seq"])

    def close(self):
        try:
            self.stream.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self.stream.close()


def environment(tree, **extra):
    env = {k: v for k, v in os.environ.items() if not k.startswith("RINGRIFT_")}
    env.update(PYTHONUNBUFFERED="1", PYTHONPATH=f"{SHIM}:{tree}", HOME=str(tree), **{
        f"RINGRIFT_P2P_DISK_{n}_THRESHOLD": "99" for n in ("CRITICAL", "WARNING", "CLEANUP")},
        RINGRIFT_MAX_DISK_PERCENT="99")
    env.update(extra)
    return env


def copy_tree(source, target):
    """A throw-away copy without what earlier runs left behind."""
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(source, target, symlinks=True)
    shutil.rmtree(pathlib.Path(target) / "logs" / "p2p_orchestrator", ignore_errors=True)
    return pathlib.Path(target)


class Running:
    """A process with HTTP, ended with its block."""

    def __init__(self, process, connect, log):
        self.process, self.connect, self.log = process, connect, log

    def http(self, method, path, body=None, headers=None, timeout=60):
        connection = self.connect(timeout)
        try:
            connection.request(method, path, body, headers or {})
            answer = connection.getresponse()
            return answer.status, answer.getheaders(), answer.read()
        finally:
            connection.close()

    def wait_for_http(self):
        deadline = time.monotonic() + DEADLINE
        while True:
            connection = self.connect(5)
            try:
                connection.connect()
                return self
            except OSError:
                if self.process.poll() is not None or time.monotonic() > deadline:
                    raise AssertionError(f"did not start: {self.process.poll()}\n{self.log.read_text()[-3000:]}")
                time.sleep(0.02)
            finally:
                connection.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()


class Worker(Running):
    def __init__(self, tree, *legacy, env=None, before_exec=None, **settings):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="shim-test-"))
        self.socket, self.control_path = str(self.folder / "http"), str(self.folder / "control")
        log = self.folder / "log"
        values = {"tree": str(tree), "socket": self.socket, "control": self.control_path, "output": "inherit", **settings}
        began = time.monotonic()
        with open(log, "wb") as output:
            process = subprocess.Popen(
                [PYTHON, "-m", "ringrift_shim", "worker", "--config", json.dumps(values), "--", *legacy],
                cwd=tree, env=env or environment(tree), stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT,
                preexec_fn=before_exec)
        super().__init__(process, lambda timeout: UnixConnection(self.socket, timeout), log)
        self.wait_for_http()
        self.start_seconds = time.monotonic() - began
        self.control = Control(self.control_path)

    def __exit__(self, *_):
        super().__exit__()
        self.control.close()
        shutil.rmtree(self.folder, ignore_errors=True)


class Direct(Running):
    """The tree's own program, started as an operator starts it."""

    def __init__(self, tree, *legacy, env=None, port=8770, command=None):
        log = pathlib.Path(tempfile.mkstemp(prefix="shim-direct-")[1])
        began = time.monotonic()
        with open(log, "wb") as output:
            process = subprocess.Popen(
                [PYTHON, *(command or ["-u", "scripts/p2p_orchestrator.py"]), *legacy], cwd=tree,
                env=env or environment(tree), stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT)
        super().__init__(process, lambda timeout: http.client.HTTPConnection("127.0.0.1", port, timeout=timeout), log)
        self.wait_for_http()
        self.start_seconds = time.monotonic() - began
