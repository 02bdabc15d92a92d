#!/usr/bin/env python3
"""Are jobs that one side started seen, stopped and reaped when the other side serves p2p.scheduling?

usage: jobs.py [--binary FILE] [--tree DIR|bundled] [--python FILE] [--keep DIR]

A node on a private copy of the tree in a sealed namespace, once with the rest of p2p on legacy, once on swift. In both
directions: one side starts jobs through the route, the flags file gives p2p.scheduling to the other one; there the jobs are
in the list, are children of who started them, are stopped, killed and cancelled; an end by itself is noticed; a job
survives a switch and the way back; no process stays a zombie. Jobs are a `sleep` under the name of the legacy's program.
A line a check, last line `N passed, N failed`; exit 0 held, 1 broken, 2 could not run.
"""
import argparse
import glob
import http.client
import json
import os
import shutil
import signal
import subprocess
import sys
import time

ROOT = os.path.realpath(os.path.join(os.path.dirname(os.path.abspath(__file__)), "../.."))
sys.path.insert(0, f"{ROOT}/scripts/bench")
from node import PORT, CannotRun, private_copy, request, sealed  # noqa: E402

OTHER = {"swift": "legacy", "legacy": "swift"}
# Stands for the interpreter of a job: the command line looks as it would, and it ends at SIGTERM.
STUB = "#!/bin/bash\n[ \"$1\" = -c ] && exit 1\nexec -a \"python3 $*\" sleep 600\n"
# The worker collects ended children when the legacy would (every second while scheduling is native, else 15 s).
REAPED = 25.0


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", type=os.path.abspath, default=f"{ROOT}/.build/debug/ringrift")
    parser.add_argument("--tree", default="bundled", help="an ai-service directory, or `bundled`")
    parser.add_argument("--python", type=os.path.abspath, default=f"{ROOT}/.venv/bin/python",
                        help="an interpreter of a virtual environment")
    parser.add_argument("--keep", type=os.path.abspath, help="where logs go in the end")
    options = parser.parse_args()
    options.tree = f"{ROOT}/Legacy/ai-service" if options.tree == "bundled" else os.path.abspath(options.tree)
    for path in (options.binary, options.python):
        if not os.access(path, os.X_OK):
            print(f"cannot run: {path} is not there (make build, make setup)", file=sys.stderr)
            sys.exit(2)
    return options


class Report:
    """One line a check."""

    def __init__(self):
        self.passed = self.failed = 0

    def check(self, name, problem):
        """problem: what is wrong, empty when nothing is."""
        if problem:
            self.failed += 1
        else:
            self.passed += 1
        print(f"  {'FAIL' if problem else 'ok  '} {name}{': ' + str(problem)[:300] if problem else ''}")


def until(condition, seconds=30.0):
    """Waits for an empty problem; the last one when it does not come."""
    end = time.monotonic() + seconds
    while True:
        problem = condition()
        if not problem or time.monotonic() > end:
            return problem
        time.sleep(0.2)


def ask(method, path, body=None):
    """(status, value); status 0 when there was no answer."""
    try:
        status, data = request(method, path, body, timeout=60)
        return status, json.loads(data)
    except (OSError, ValueError, http.client.HTTPException) as error:
        return 0, f"{type(error).__name__}: {error}"


def process(pid):
    """(state, parent) of a process; (None, None) when there is none."""
    try:
        with open(f"/proc/{pid}/stat") as file:
            fields = file.read().rpartition(")")[2].split()
    except OSError:
        return None, None
    return fields[0], int(fields[1])


class Node:
    """`BINARY p2p` with a warm worker, scheduling and the rest of p2p by the flags file."""

    def __init__(self, options, work, rest):
        self.rest = rest
        # Of the real and the bundled tree, one copy a node: what the one before left is not looked at here.
        self.tree = private_copy(options.tree, work, f"rest-{rest}")
        self.flags, self.log = f"{work}/flags-{rest}.env", f"{work}/logs/{rest}.log"
        self.write("swift")
        environment = {k: v for k, v in os.environ.items() if not k.startswith(("RINGRIFT_", "PYTHON"))}
        environment.update(
            RINGRIFT_AI_SERVICE=self.tree, RINGRIFT_VENV=os.path.dirname(os.path.dirname(options.python)),
            RINGRIFT_IMPL_FILE=self.flags, PYTHONUNBUFFERED="1", PYTHONDONTWRITEBYTECODE="1",
            # A busy machine refuses jobs, and the check starts more of them in a minute than a node may.
            RINGRIFT_P2P_LOAD_AVG_MAX_MULT="1000", RINGRIFT_P2P_SPAWN_RATE_LIMIT="1000")
        if os.path.exists(f"{self.tree}/.ringrift-bundled"):
            environment["RINGRIFT_LEGACY_ROOT"] = self.tree
        fixed = os.path.join(os.path.dirname(options.binary), "libCFixedLoad.so")
        if os.path.exists(fixed):
            environment["LD_PRELOAD"] = fixed  # the load average of the file instead of the kernel's
        with open(self.log, "ab") as file:
            self.process = subprocess.Popen(
                [options.binary, "p2p", "--node-id", "jobs", "--host", "127.0.0.1", "--port", str(PORT),
                 "--advertise-host", "127.0.0.1", "--ringrift-path", os.path.dirname(self.tree)],
                cwd=self.tree, env=environment, stdin=subprocess.DEVNULL, stdout=file, stderr=file)

    def write(self, scheduling):
        with open(self.flags + ".new", "w") as file:
            file.write(f"RINGRIFT_IMPL_P2P={self.rest}\nRINGRIFT_IMPL_P2P_SCHEDULING={scheduling}\n")
        os.rename(self.flags + ".new", self.flags)

    def cutover_log(self):
        try:
            with open(f"{self.tree}/logs/cutover/cutover.log") as file:
                return file.read()
        except OSError:
            return ""

    def wait(self):
        def problem():
            if self.process.poll() is not None:
                return f"the node ended with {self.process.returncode}"
            return "" if ask("GET", "/health")[0] == 200 and "legacy worker ready" in self.cutover_log() else "no answer"

        return until(problem, 120)

    def switch(self, scheduling):
        """Gives p2p.scheduling to a side and waits until that is in force."""
        before = len(self.cutover_log())
        self.write(scheduling)
        wanted = f"p2p.scheduling={scheduling}"
        return until(lambda: "" if any(
            line.split(" in force: ", 1)[-1:] and "in force:" in line and wanted in line
            for line in self.cutover_log()[before:].splitlines()) else f"{wanted} is not in force")

    def worker(self):
        for path in glob.glob("/proc/[0-9]*/cmdline"):
            try:
                with open(path, "rb") as file:
                    words = file.read().split(b"\0")
            except OSError:
                continue
            pid = int(path.split("/")[2])
            if b"legacy-worker" in words and process(pid)[1] == self.process.pid:
                return pid
        return None

    def side(self, name):
        return self.process.pid if name == "swift" else self.worker()

    def zombies(self):
        """Ended children of the front and the worker that nobody has collected."""
        parents, found = {self.process.pid, self.worker()}, []
        for path in glob.glob("/proc/[0-9]*/stat"):
            pid = path.split("/")[2]
            state, parent = process(pid)
            if state == "Z" and parent in parents:
                found.append(f"{pid} of {'front' if parent == self.process.pid else 'worker'}")
        return ", ".join(found)

    def stop(self):
        self.process.terminate()
        try:
            return self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            return "no end at SIGTERM"


def listed(job):
    """The record of the job in GET /api/jobs, or None."""
    status, answer = ask("GET", "/api/jobs?local=1&limit=1000")
    if status != 200:
        return None
    return next((row for row in answer.get("jobs", []) if row.get("job_id") == job), None)


def start(job):
    """(pid, problem) of a new job. A safeguard that looks at the machine may refuse it for a while."""
    answer = None
    for _ in range(3):
        status, answer = ask("POST", "/start_job", {
            "job_type": "selfplay", "board_type": "square8", "num_players": 2, "engine_mode": "descent-only",
            "job_id": job})
        if status == 200:
            return answer["job"]["pid"], ""
        time.sleep(1)
    return None, f"{status} {answer}"


def gone(pid):
    """Ended, and collected by its parent."""
    return until(lambda: "" if process(pid)[0] is None else f"process {pid} is there: {process(pid)}", REAPED)


class Direction:
    """Jobs of one side under the other one."""

    KINDS = ["stopped", "killed", "cancelled", "ended", "kept"]

    def __init__(self, node, starter, report):
        self.node, self.starter, self.other, self.report = node, starter, OTHER[starter], report
        self.name = f"rest {node.rest}, started by {starter}"
        self.pids = {}

    def job(self, kind):
        return f"{kind}-{self.starter}"

    def check(self, what, problem):
        self.report.check(f"{self.name}: {what}", problem)

    def run(self):
        self.check(f"scheduling on {self.starter}", self.node.switch(self.starter) if self.starter == "legacy" else "")
        problems = [self.begin(kind) for kind in self.KINDS]
        self.check("jobs are started as its children", "; ".join(filter(None, problems)))
        if any(problems):
            return
        self.check(f"{self.other} takes over", self.node.switch(self.other))
        self.check("all are in the list, running", "; ".join(filter(None, map(self.seen, self.KINDS))))
        self.stop()
        self.kill()
        self.cancel()
        self.end()
        self.keep()
        self.check("no zombie is left", until(self.node.zombies, REAPED))

    def begin(self, kind):
        pid, problem = start(self.job(kind))
        if problem:
            return problem
        self.pids[kind] = pid
        state, parent = process(pid)
        expected = self.node.side(self.starter)
        return "" if state and state != "Z" and parent == expected else f"{kind} {pid}: {state} of {parent}, not {expected}"

    def seen(self, kind, status="running"):
        row = listed(self.job(kind))
        if row is None:
            return f"{kind}: not listed"
        if row.get("status") != status or row.get("pid", self.pids[kind]) != self.pids[kind]:
            return f"{kind}: {row}"
        code, answer = ask("GET", f"/api/jobs/{self.job(kind)}")
        return "" if code == 200 and answer["job"]["status"] == status else f"{kind}: {code} {answer}"

    def stop(self):
        status, answer = ask("POST", "/stop_job", {"job_id": self.job("stopped")})
        self.check(f"stopped by {self.other}", "" if (status, answer) == (200, {"success": True}) else f"{status} {answer}")
        self.check("stopped: shown so, process gone", self.seen("stopped", "stopped") or gone(self.pids["stopped"]))

    def kill(self):
        status, answer = ask("POST", "/job/kill", {"job_id": self.job("killed"), "reason": "check"})
        good = status == 200 and answer.get("killed") == 1
        self.check(f"killed by {self.other}", "" if good else f"{status} {answer}")
        self.check("killed: shown so, process gone", self.seen("killed", "killed") or gone(self.pids["killed"]))

    def cancel(self):
        """Only a leader cancels, and a node alone leads itself after a while."""
        leads = until(lambda: "" if ask("GET", "/status")[1].get("role") == "leader" else "no leader", 60)
        status, answer = (0, leads) if leads else ask("POST", f"/api/jobs/{self.job('cancelled')}/cancel")
        self.check(f"cancelled by {self.other}", "" if status == 200 and answer.get("success") else f"{status} {answer}")
        self.check("cancelled: shown so, process gone", self.seen("cancelled", "stopped") or gone(self.pids["cancelled"]))

    def end(self):
        """The job ends without anybody's doing: it leaves the list, as in the legacy."""
        os.kill(self.pids["ended"], signal.SIGTERM)
        self.check("an end by itself: process collected", gone(self.pids["ended"]))

        def problem():
            ask("GET", "/health")  # whoever shows the jobs counts them first
            return f"still listed: {listed(self.job('ended'))}" if listed(self.job("ended")) else ""

        self.check(f"an end by itself is noticed by {self.other}", until(problem, REAPED))

    def keep(self):
        """Over there and back it stays its starter's."""
        state, parent = process(self.pids["kept"])
        expected = self.node.side(self.starter)
        good = state in ("S", "R") and parent == expected
        self.check("one that nobody stopped stays its starter's", "" if good else f"{state} of {parent}, not {expected}")
        self.check(f"{self.starter} takes it back", self.node.switch(self.starter) or self.seen("kept"))
        status, answer = ask("POST", "/stop_job", {"job_id": self.job("kept")})
        self.check(f"stopped by {self.starter} after all",
                   (f"{status} {answer}" if status != 200 else "") or gone(self.pids["kept"]))


def quiet(work):
    """A machine that has nothing to do: a busy one refuses jobs."""
    for name, text in (("stat", "cpu  100 0 100 100000 0 0 0 0 0 0\n"), ("loadavg", "0.10 0.10 0.10 1/100 1\n")):
        with open(f"{work}/{name}", "w") as file:
            file.write(text)
        if subprocess.run(["mount", "--bind", f"{work}/{name}", f"/proc/{name}"]).returncode:
            raise CannotRun(f"/proc/{name} cannot be replaced")


def main(options, work):
    with open(f"{work}/bin/python3", "w") as file:
        file.write(STUB)
    os.chmod(f"{work}/bin/python3", 0o755)
    quiet(work)
    print(f"jobs: started by one side, served by the other; {options.tree}")
    report = Report()
    for rest in ("legacy", "swift"):
        node = Node(options, work, rest)
        try:
            problem = node.wait()
            if problem:
                raise CannotRun(f"{problem}: {open(node.log).read()[-300:]}")
            for starter in ("swift", "legacy"):
                Direction(node, starter, report).run()
        finally:
            status = node.stop()
            if options.keep:
                shutil.copytree(f"{work}/logs", options.keep, dirs_exist_ok=True)
                shutil.copytree(f"{node.tree}/logs", f"{options.keep}/rest-{rest}", dirs_exist_ok=True)
        report.check(f"rest {rest}: SIGTERM ends the node", "" if status == 0 else f"status {status}")
    print(f"{report.passed} passed, {report.failed} failed")
    return 1 if report.failed else 0


if __name__ == "__main__":
    parsed = arguments()
    sealed(lambda work: main(parsed, work))
