#!/usr/bin/env python3
"""How long does a rollback by restart take, and does the legacy find everything that Swift wrote?

usage: rollback.py [--binary FILE] [--tree DIR|bundled] [--venv DIR|--python FILE] [--writes 10000] [--short]

A Swift node with a warm worker takes random writes (heartbeats of peers with values of every JSON kind, lease grants,
announcements), each acknowledged. It is stopped with SIGTERM and the same state is started
 1. through Legacy/launchers/launch.py with RINGRIFT_ROLLBACK=1, the binary and its libraries gone: plain Python;
 2. by the binary with RINGRIFT_ROLLBACK=1: the legacy in the embedded interpreter;
 3. by the binary again: Swift.
Every one: seconds to the first answer, PRAGMA integrity_check, every row of the database as it was, every record in
/status value by value, and the database again after it has saved. Last line `N passed, N failed`; exit 0, 1, 2.
"""
import json
import os
import random
import shutil
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.dirname(HERE)]
import common  # noqa: E402
import handover  # noqa: E402

LAUNCHER = os.path.join(HERE, "../../Legacy/launchers/launch.py")
PEERS = 60
# Seconds within which a node must answer; a promise of ours for the toolkit, the legacy's own start is in it.
BOUND = 60.0


def value(dice, depth=0):
    """A JSON value of any kind."""
    plain = [None, True, False, 0, -1, 2**53, 2**70, 0.1, -0.0, 1e16, 1e-7, 5e-324, "", "text", "ü Δ 🦀", "\x7f\u2028'\"\\"]
    if depth < 2 and dice.random() < 0.2:
        return ([value(dice, depth + 1) for _ in range(dice.randrange(4))] if dice.random() < 0.5
                else {f"k{n}": value(dice, depth + 1) for n in range(dice.randrange(4))})
    return dice.choice([*plain, dice.random(), dice.randrange(10**6), f"t{dice.randrange(10**6)}"])


def heartbeat(dice):
    number = dice.randrange(PEERS)
    body = common.peer(f"peer-{number:02} ü" if number % 7 == 0 else f"peer-{number:02}", number)
    body.update({
        "version": value(dice), "gpu_name": dice.choice(["", "H100", "A10 ü", "NVIDIA GH200 480GB"]),
        "cpu_percent": dice.choice([12, 99.5, 0, 33.25]), "memory_gb": dice.randrange(2048),
        "selfplay_jobs": dice.randrange(9), "training_jobs": dice.randrange(3), "has_gpu": dice.random() < 0.5,
        "capabilities": [value(dice) for _ in range(dice.randrange(3))], "oom_events": dice.randrange(5)})
    return "/heartbeat", body


def write(dice, sent):
    """One write: (path, body)."""
    kind = dice.random()
    if kind < 0.9:
        return heartbeat(dice)
    if kind < 0.99:
        return "/election/lease", {**common.grant(f"lease-{sent:05}", sent), "lease_duration": dice.randrange(100, 900)}
    return "/coordinator", {"leader_id": f"peer-{dice.randrange(PEERS):02}"}


class Rollback:
    def __init__(self, options, work, report):
        self.options, self.work, self.report = options, work, report
        self.front = common.Front(options, work)

    def snapshot(self, alive=False):
        return handover.Snapshot(self.front.database, f"{self.work}/snapshot", alive=alive)

    def fill(self):
        """Swift takes the writes; its rows after the end."""
        front, dice, refused = self.front, random.Random(4), []
        front.start()
        common.until("the worker", lambda: "legacy worker ready" in front.cutover_log())
        began = time.perf_counter()
        for sent in range(self.options.writes):
            path, body = write(dice, sent)
            status, answer = common.attempt("POST", path, body)
            if status != 200:
                refused.append(f"{path} {status} {answer}")
        took = time.perf_counter() - began
        self.report.check(f"{self.options.writes} random writes under Swift", not refused, f"{took:.1f} s", refused)
        # A grant saves everything; a heartbeat is saved with the next round, as in the legacy.
        common.attempt("POST", "/election/lease", common.grant("last", 0))
        status, seconds = front.stop()
        self.report.check("ends at SIGTERM", status == 0, f"status {status} after {seconds:.1f} s")
        return self.snapshot()

    def turn(self, name, before, command, **environment):
        """Starts what `command` starts on the state `before`; its rows after the end."""
        front = self.front
        front.command = command + front.command[len(front.command) - len(self.tail()):]
        seconds = front.start(**environment)
        self.report.check(f"{name}: first answer", seconds < BOUND, f"{seconds:.2f} s after its start")
        turn = handover.Round()
        status = common.get("/status")
        turn.that(f"{name}: integrity_check {before.integrity}", before.integrity == "ok")
        # What /status works out at every look (leader_eligible and such) is not part of a record.
        shown = {key: {name: found for name, found in record.items() if name in before.peers.get(key, record)}
                 for key, record in status["peers"].items()}
        turn.peers("/status", before.peers, shown)
        grant = common.get("/election/grant")
        turn.same("/election/grant lease", before.state.get("voter_grant_lease_id"), grant["lease_id"])
        turn.same("/election/grant leader", before.state.get("voter_grant_leader_id"), grant["leader_id"])
        common.attempt("POST", "/election/lease", common.grant("last", 0))
        program = self.program()
        ended, took = front.stop()
        after = self.snapshot()
        turn.that(f"integrity_check afterwards: {after.integrity}", after.integrity == "ok")
        turn.peers("rows of peers afterwards", before.peers, after.peers)
        for table in ("jobs", "metrics_history", "ab_tests", "ab_test_games"):
            turn.same(f"rows of {table} afterwards", sorted(map(list, before.rows[table].values())),
                      sorted(map(list, after.rows[table].values())))
        turn.same("schema", sorted(before.rows["sqlite_master"].values()), sorted(after.rows["sqlite_master"].values()))
        self.report.check(f"{name}: every row and record as it was", not turn.problems,
                          f"{turn.checks} comparisons", turn.problems)
        self.report.check(f"{name}: ends at SIGTERM", ended == 0, f"status {ended} after {took:.1f} s, was {program}")
        return after, program

    def program(self):
        """What really runs: the name of the program's file."""
        return os.path.basename(os.readlink(f"/proc/{self.front.process.pid}/exe"))

    def tail(self):
        """The node's options in the command line."""
        return self.front.command[self.front.command.index("--node-id"):]


class Hidden:
    """Hides the folders of the libraries that the binary is linked with, in this mount namespace only."""

    def __init__(self, binary):
        listed = subprocess.run(["ldd", binary], capture_output=True, text=True, check=True).stdout
        paths = [line.split("=>")[1].split()[0] for line in listed.splitlines() if "=> /" in line]
        self.folders = sorted({os.path.dirname(path) for path in paths if "swift" in os.path.basename(path).lower()})
        # The embedding library lies beside the binary and is looked for there.
        self.beside = os.path.dirname(binary)

    def __enter__(self):
        for folder in [*self.folders, self.beside]:
            subprocess.run(["mount", "-t", "tmpfs", "none", folder], check=True)
        return self

    def __exit__(self, *_):
        for folder in [self.beside, *reversed(self.folders)]:
            subprocess.run(["umount", "-l", folder], check=True)


def main(options, work):
    report = common.Report(f"rollback: {options.writes} writes, then a restart on the legacy and back, {options.tree}")
    rollback = Rollback(options, work, report)
    try:
        rows = rollback.fill()
        bare = shutil.copy(options.binary, f"{work}/ringrift-bare")
        launched = [f"{options.venv}/bin/python", "-B", LAUNCHER, "p2p"]
        with Hidden(options.binary):
            report.check("the binary cannot start any more", gone(bare) and gone(options.binary))
            rows, program = rollback.turn("plain Python", rows, launched, RINGRIFT_ROLLBACK="1", RINGRIFT_BINARY=bare)
            report.check("plain Python: nothing of ours runs", program.startswith("python"), program)
        rows, _ = rollback.turn("embedded Python", rows, [options.binary, "p2p"], RINGRIFT_ROLLBACK="1")
        rows, program = rollback.turn("Swift again", rows, launched, RINGRIFT_BINARY=options.binary)
        report.check("Swift again: the launcher gives way to the binary", program == "ringrift", program)
    finally:
        rollback.front.stop(9)
        if options.keep:
            shutil.copytree(f"{work}/logs", options.keep, dirs_exist_ok=True)
    return report.end()


def gone(binary):
    """Whether a copy of the binary, outside its folder, cannot be started."""
    try:
        return subprocess.run([binary, "--version"], capture_output=True, timeout=30).returncode != 0
    except OSError:
        return True


def more(parser):
    parser.add_argument("--writes", type=int, default=10_000)


if __name__ == "__main__":
    chosen = common.arguments(__doc__, more)
    if chosen.short:
        chosen.writes = min(chosen.writes, 1_000)
    common.sealed(lambda work: main(chosen, work))
