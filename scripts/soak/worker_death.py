#!/usr/bin/env python3
"""Does a worker that dies or stops cost nobody anything but its own routes?

usage: worker_death.py [--binary FILE] [--tree DIR|bundled] [--venv DIR|--python FILE] [--rounds 50] [--short]

Native GETs on several connections and two writers: POST /heartbeat (native), and POST /relay/heartbeat or lease grants (the
worker's). A calm window before and one after (A/A: the answers grow with every write), between them the worker is
killed with -9 or stopped with SIGSTOP in turn; a stopped one goes on after a while, every third is killed instead. Every
round: the worker's route answers 503 with a JSON reason within BOUND seconds, then 200 again; a worker that went on is the
same process; a new one has what the front has. In the end: no native request failed, p99 of every native route within
1.5 times of the larger A/A figure (not with --short), every acknowledged write in /status, in the worker and in the database once.
Last line `N passed, N failed`; exit 0 held, 1 broken, 2 could not run.
"""
import os
import shutil
import signal
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import common  # noqa: E402

NATIVE = ["/health", "/election/grant", "/status"]
LEGACY = "/relay/peers"
# The double has no relay: there the lease routes are put on the legacy.
DOUBLE_NATIVE, DOUBLE_LEGACY = ["/health", "/status"], "/election/grant"
# Seconds after which a request to a worker that gives no sign of life is refused (WorkerProxy), and what a busy machine adds.
BOUND, MARGIN = 5.0, 3.0
# Seconds after which a worker's next death counts as a first one (LegacyWorker.Backoff).
HEALTHY = 10.0
# Length of a calm window in seconds.
WINDOW = 20.0


class Deaths:
    def __init__(self, options, front, report):
        self.options, self.front, self.report = options, front, report
        self.problems, self.refused, self.back, self.lives = [], [], [], []

    def problem(self, number, text):
        self.problems.append(f"round {number}: {text}")

    def is_back(self):
        return common.attempt("GET", self.options.legacy, timeout=30)[0] == 200

    def expect_refusal(self, number, what):
        began = time.perf_counter()
        status, answer = common.attempt("GET", self.options.legacy, timeout=60)
        took = time.perf_counter() - began
        self.refused.append(took)
        good = status == 503 and isinstance(answer, dict) and answer.get("error") and answer.get("reason")
        if not good:
            self.problem(number, f"{what}: {status} {str(answer)[:120]} after {took:.1f} s")
        elif took > BOUND + MARGIN:
            self.problem(number, f"{what}: refused after {took:.1f} s only")

    def round(self, number):
        pid = common.until("a worker", self.front.worker)
        kind = "kill" if number % 2 else "stop, kill" if number % 6 == 0 else "stop"
        began = time.perf_counter()
        os.kill(pid, signal.SIGKILL if kind == "kill" else signal.SIGSTOP)
        self.expect_refusal(number, kind)
        if kind == "stop":
            os.kill(pid, signal.SIGCONT)
        elif kind == "stop, kill":
            os.kill(pid, signal.SIGKILL)
        common.until(f"round {number}: the worker's routes after {kind}", self.is_back, 90)
        self.back.append(time.perf_counter() - began)
        if (self.front.worker() == pid) != (kind == "stop"):
            self.problem(number, f"{kind}: worker {pid}, then {self.front.worker()}")
        self.compare(number)
        if kind != "stop":
            self.lives.append(time.monotonic())

    def compare(self, number):
        """The node of the worker has the records of the front, value by value; writers go on, so the front is asked
        before and after."""
        before = common.get("/status")["peers"]
        time.sleep(0.6)  # what nobody waits for is told every 250 ms
        there = self.front.control("state.get", {"names": ["peers"]})["attributes"]["peers"]
        after = common.get("/status")["peers"]
        for name, record in before.items():
            for key in ("host", "port", "memory_gb", "nat_blocked", "last_heartbeat", "relay_via"):
                seen = there.get(name, {}).get(key)
                if seen not in (record.get(key), after.get(name, {}).get(key)):
                    self.problem(number, f"{name}.{key}: {record.get(key)!r} in /status, {seen!r} in the worker")
                    return


def window(seconds, options):
    load = common.Load(options.native, options.connections)
    time.sleep(seconds)
    return load.end()


def main(options, work):
    report = common.Report(f"worker_death: {options.rounds} deaths and stops under load, {options.tree}")
    front = common.Front(options, work)
    double = common.is_double(options)
    options.native, options.legacy = (DOUBLE_NATIVE, DOUBLE_LEGACY) if double else (NATIVE, LEGACY)
    try:
        if double:
            front.flags(p2p_leadership="legacy")
        front.start()
        common.until("the worker", lambda: "legacy worker ready" in front.cutover_log())
        time.sleep(1)
        writers = [
            common.Writer("native", "/heartbeat", lambda n, i: common.peer(n, i, 20000), options.pause),
            common.Writer("grant", "/election/lease", common.grant, options.pause, {503}) if double else
            common.Writer("relayed", "/relay/heartbeat", lambda n, i: common.peer(n, i, 40000), options.pause, {503})]
        calm = [] if options.short else [window(WINDOW, options)]
        load = common.Load(options.native, options.connections)
        deaths = Deaths(options, front, report)
        for number in range(1, options.rounds + 1):
            try:
                deaths.round(number)
            except (AssertionError, OSError) as error:
                deaths.problem(number, str(error))
                break
            # A worker that lived for a while starts again soon: the next death comes when it has.
            if deaths.lives and number % 2 == 0 and not options.short:
                time.sleep(max(0, HEALTHY + 0.5 - (time.monotonic() - deaths.lives[-1])))
            else:
                time.sleep(0.5)
        seconds, failures = load.end()
        if not options.short:
            calm.append(window(WINDOW, options))
        sent = [name for writer in writers for name in writer.end() if writer.prefix != "grant"]
        importance(report, front)
        judge(report, front, deaths, calm, seconds, failures, writers, sent, options)
    finally:
        front.stop(9)
        if options.keep:
            shutil.copytree(f"{work}/logs", options.keep, dirs_exist_ok=True)
            shutil.copytree(f"{front.tree}/logs", options.keep, dirs_exist_ok=True)
    return report.end()


def niceness(pid):
    return {os.getpriority(os.PRIO_PROCESS, int(thread)) for thread in os.listdir(f"/proc/{pid}/task")}


def importance(report, front):
    """A worker that starts again gives way while it imports the tree, and not a moment longer."""
    own = os.getpriority(os.PRIO_PROCESS, front.process.pid)
    try:
        # A child has the priority of the thread that starts it, which is a little above the node's on a pool of Dispatch.
        common.until("priority", lambda: max(niceness(front.worker())) <= own, 10)
    except AssertionError:
        pass
    seen = niceness(front.worker())
    report.check("the last worker is no less important than the node", max(seen) <= own, f"nice {sorted(seen)}, node {own}")


def judge(report, front, deaths, calm, seconds, failures, writers, sent, options):
    report.check(f"{len(deaths.back)} of {options.rounds} rounds: 503 with a reason, back, state equal",
                 len(deaths.back) == options.rounds and not deaths.problems,
                 f"refused after at most {max(deaths.refused, default=0):.2f} s, back after median "
                 f"{common.percentile(deaths.back, .5):.1f} s, slowest {max(deaths.back, default=0):.1f} s", deaths.problems)
    for window_ in calm:
        failures += window_[1]
    failures += writers[0].failures + writers[1].failures
    report.check("no failed native request", not failures,
                 f"{sum(map(len, seconds.values()))} GETs, {len(writers[0].sent)} + {len(writers[1].sent)} writes, {len(writers[1].refused)} of the worker's "
                 "refused", failures)
    for path in options.native:
        now = common.percentile(seconds[path], .99) * 1000
        slowest = max(seconds[path]) * 1000
        if not calm:
            continue
        pair = [common.percentile(part[0][path], .99) * 1000 for part in calm]
        report.check(f"p99 of {path}", now <= 1.5 * max(pair),
                     f"{now:.1f} ms; A/A {pair[0]:.1f} / {pair[1]:.1f} ms; slowest {slowest:.0f} ms")
    unknown = {name for name, _ in writers[1].refused}
    shown = list(common.get("/status")["peers"])
    time.sleep(1)
    there = list(front.control("state.get", {"names": ["peers"]})["attributes"]["peers"])
    if writers[1].prefix == "grant":
        common.last_grant(report, front, writers[1])
    common.attempt("POST", "/election/lease", common.grant("end", 0))
    rows, integrity = front.rows("peers", "node_id")
    for where, found in (("/status", shown), ("the worker", there), ("the database", [row[0] for row in rows])):
        lost, more = sorted(set(sent) - set(found)), sorted(set(found) - set(sent) - unknown)
        report.check(f"every acknowledged write once in {where}",
                     not lost and not more and len(found) == len(set(found)) and integrity == "ok",
                     f"{len(found)} records", [f"lost {lost[:8]}"] * bool(lost) + [f"not sent {more[:8]}"] * bool(more))
    status, took = front.stop()
    report.check("ends at SIGTERM, nothing left", status == 0 and not os.listdir(front.temporary),
                 f"status {status} after {took:.1f} s, left {os.listdir(front.temporary)}")


def more(parser):
    parser.add_argument("--rounds", type=int, default=50)
    parser.add_argument("--connections", type=int, default=3)
    parser.add_argument("--pause", type=float, default=0.4, help="seconds between two writes of one writer")


if __name__ == "__main__":
    chosen = common.arguments(__doc__, more)
    if chosen.short:
        chosen.rounds, chosen.connections = min(chosen.rounds, 4), 2
    common.sealed(lambda work: main(chosen, work))
