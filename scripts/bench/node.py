"""What the handover, the benchmarks and the soak test share: a sealed namespace, a node in it, its HTTP and its memory.

Standard library only, plus `unshare` and `mount` (util-linux) and `ip` (iproute2).
"""
import ctypes
import http.client
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time

PORT = 8770
SEALED = "RINGRIFT_SEALED_WORK"
# Programs of a legacy tree that look at the world outside; in the sandbox they only fail.
STUBS = "ssh scp rsync tailscale vastai aws sudo systemctl nvidia-smi".split()


class CannotRun(Exception):
    """Something that is missing here; exit status 2."""


def sealed(main):
    """Runs `main(work)` in namespaces of its own (network with loopback only, processes, mounts) and exits with its
    status. `work` is an empty tmpfs that vanishes with everything else, however the run ends."""
    work = os.environ.pop(SEALED, None)
    if work is None:
        sys.exit(_outside())
    try:
        _furnish(work)
        status = main(work)
    except CannotRun as error:
        print(f"cannot run: {error}", file=sys.stderr)
        status = 2
    except KeyboardInterrupt:
        status = 130
    sys.stdout.flush()
    os._exit(status)  # the end of process 1 ends everything in the namespace


def _outside():
    flags = ["-n", "-m", "-p", "--fork", "--mount-proc", "--kill-child"]
    if os.geteuid() != 0:
        flags = ["-U", "-r", *flags]
    if not shutil.which("unshare") or subprocess.run(["unshare", *flags, "true"], capture_output=True).returncode:
        print("cannot run: namespaces are not allowed here (unshare -n -m -p)", file=sys.stderr)
        return 2
    work = tempfile.mkdtemp(prefix="ringrift-sealed-", dir="/var/tmp")
    libc = ctypes.CDLL(None)
    try:
        command = ["unshare", *flags, sys.executable, os.path.abspath(sys.argv[0]), *sys.argv[1:]]
        child = subprocess.Popen(
            command, env={**os.environ, SEALED: work, "PYTHONUNBUFFERED": "1"},
            preexec_fn=lambda: libc.prctl(1, signal.SIGKILL))  # PR_SET_PDEATHSIG: never left behind
        while True:
            try:
                return child.wait()
            except KeyboardInterrupt:
                continue
    finally:
        try:
            os.rmdir(work)  # empty: the tmpfs was mounted inside only
        except OSError:
            pass


def _furnish(work):
    def run(*command):
        if subprocess.run(command, stderr=subprocess.DEVNULL).returncode:
            raise CannotRun(" ".join(command) + " failed")

    run("mount", "--make-rprivate", "/")
    run("ip", "link", "set", "lo", "up")
    for folder in (work, "/tmp/ringrift_coordination", "/tmp/ringrift_coordinator", "/dev/shm"):
        os.makedirs(folder, exist_ok=True)
        run("mount", "-t", "tmpfs", "none", folder)
    for folder in ("bin", "home", "logs"):
        os.makedirs(f"{work}/{folder}")
    for name in STUBS:
        with open(f"{work}/bin/{name}", "w") as file:
            file.write("#!/bin/sh\nexit 1\n")
        os.chmod(f"{work}/bin/{name}", 0o755)
    os.environ["HOME"] = f"{work}/home"
    os.environ["PATH"] = f"{work}/bin:{os.environ.get('PATH', '/usr/bin:/bin')}"


def private_copy(tree, work, name="ringrift"):
    """A copy of an ai-service tree without the state of earlier runs; returns its path."""
    if not os.path.isfile(f"{tree}/scripts/p2p_orchestrator.py"):
        raise CannotRun(f"{tree} has no scripts/p2p_orchestrator.py")
    copy = f"{work}/{name}/ai-service"
    shutil.copytree(tree, copy, symlinks=True, ignore=shutil.ignore_patterns(".git", "__pycache__"))
    for left in ("logs", "data/coordination", "data/coordination.db"):
        path = f"{copy}/{left}"
        if os.path.isdir(path):
            shutil.rmtree(path)
        elif os.path.exists(path):
            os.remove(path)
    return copy


def request(method, path, body=None, headers=None, timeout=20.0, port=PORT):
    """One request on a connection of its own: (status, bytes)."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=timeout)
    try:
        data = None if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()
        connection.request(method, path, data, {"Content-Type": "application/json", **(headers or {})})
        response = connection.getresponse()
        return response.status, response.read()
    finally:
        connection.close()


def get_json(path):
    status, body = request("GET", path)
    if status != 200:
        raise AssertionError(f"GET {path}: {status} {body[:200]!r}")
    return json.loads(body)


class Node:
    """A node process. Kinds: `swift` and `legacy` (the binary, without and with RINGRIFT_IMPL=legacy) and `python`
    (the tree under its own interpreter, as it is run today)."""

    def __init__(self, kind, tree, binary=None, venv=None, node_id="handover", arguments=(), log=None):
        options = ["--node-id", node_id, "--host", "127.0.0.1", "--port", str(PORT), "--advertise-host", "127.0.0.1",
                   "--ringrift-path", os.path.dirname(tree), *arguments]
        environment = {k: v for k, v in os.environ.items() if not k.startswith(("RINGRIFT_", "PYTHON"))}
        environment.update(RINGRIFT_AI_SERVICE=tree, PYTHONUNBUFFERED="1", PYTHONDONTWRITEBYTECODE="1")
        # A real leader may start a self-play job of its own at any moment; jobs here are those that the check put there.
        environment["RINGRIFT_P2P_SPAWN_RATE_LIMIT"] = "0"
        if kind == "python":
            command = [f"{venv}/bin/python", "-u", "scripts/p2p_orchestrator.py", *options]
            environment["PYTHONPATH"] = tree
        else:
            command = [binary, "p2p", *options]
            if kind == "swift":
                environment["RINGRIFT_STANDBY"] = "off"
            else:
                environment.update(RINGRIFT_IMPL="legacy", RINGRIFT_VENV=venv)
                if os.path.exists(f"{tree}/.ringrift-bundled"):
                    environment["RINGRIFT_LEGACY_ROOT"] = tree  # the bundled double serves only when it is named
        self.kind = kind
        self.log = log or os.devnull
        with open(self.log, "ab") as file:
            self.started = time.time()
            self._clock = time.perf_counter()
            self.process = subprocess.Popen(
                command, cwd=tree, env=environment, stdin=subprocess.DEVNULL, stdout=file, stderr=file)

    def wait_for_answer(self, seconds=60.0, poll=0.002):
        """Polls GET /health; returns the seconds from the start of the process to the first answer."""
        while time.perf_counter() - self._clock < seconds:
            try:
                if request("GET", "/health", timeout=5)[0] == 200:
                    return time.perf_counter() - self._clock
            except (OSError, http.client.HTTPException):
                pass
            if self.process.poll() is not None:
                raise AssertionError(f"the {self.kind} node ended with {self.process.returncode}: {self.tail()}")
            time.sleep(poll)
        raise AssertionError(f"the {self.kind} node does not answer within {seconds} s: {self.tail()}")

    def tail(self):
        with open(self.log, "rb") as file:
            return " | ".join(file.read().decode("utf-8", "replace").splitlines()[-4:])

    def hosts_python(self):
        """Whether the process has an interpreter in it."""
        with open(f"/proc/{self.process.pid}/maps") as file:
            return "libpython" in file.read()

    def memory(self, field):
        """`VmHWM` (peak) or `VmRSS` (now) in MiB."""
        with open(f"/proc/{self.process.pid}/status") as file:
            for line in file:
                if line.startswith(field + ":"):
                    return int(line.split()[1]) / 1024
        return 0.0

    def kill(self):
        self.process.kill()
        return self.process.wait()
