#!/usr/bin/env python3
"""Is a subsystem on shadow served by the old code as ever, whatever becomes of the candidate beside it?

usage: shadow.py [--binary FILE] [--tree DIR|bundled] [--venv DIR|--python FILE] [--seconds 20] [--short]

A node with p2p.observability, p2p.leadership and p2p.scheduling on shadow, the rest of p2p on legacy; GETs on two connections.
A quiet window: answers are compared and none differs. Windows on legacy and on shadow in turn (A/A beside A/B): the latency of
what is served. Then the candidate is killed with -9 again and again, and when it is compared again (the breaker waits) stopped with SIGSTOP: no request fails, and
what was not compared is counted with its reason. Last line `N passed, N failed`; exit 0, 1, 2.
"""
import glob
import os
import signal
import sys
import threading
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import common  # noqa: E402

SUBSYSTEMS = ("observability", "leadership", "scheduling")
PATHS = ["/health", "/election/grant", "/status"]
REAL_PATHS = ["/nodes/table", "/metrics/prometheus", "/api/jobs?local=1", "/trends/summary", "/data/quality", "/dashboard"]


def candidate():
    for path in glob.glob("/proc/[0-9]*/cmdline"):
        try:
            with open(path, "rb") as file:
                words = file.read().split(b"\0")
            with open(os.path.dirname(path) + "/stat") as file:
                state = file.read().rpartition(")")[2].split()[0]
        except OSError:
            continue
        if words[1:2] == [b"candidate"] and state != "Z":
            return int(path.split("/")[2])
    return None


def figures():
    """What /cutover/status says of the compared subsystems."""
    rows = common.get("/cutover/status")["subsystems"]
    return {row["subsystem"]: row["comparison"] for row in rows if row["comparison"].get("samples") is not None}


def total(found, key):
    return sum(figure.get(key) or 0 for figure in found.values())


def reasons(found):
    counts = {}
    for figure in found.values():
        for one in figure["not_compared"]:
            counts[one["reason"]] = counts.get(one["reason"], 0) + one["count"]
    return counts


class Torment(threading.Thread):
    """Signals the candidate every second."""

    def __init__(self, number):
        super().__init__(daemon=True)
        self.number, self.count, self.stopping = number, 0, threading.Event()
        self.start()

    def run(self):
        while not self.stopping.wait(1):
            pid = candidate()
            if pid:
                try:
                    os.kill(pid, self.number)
                    self.count += 1
                except ProcessLookupError:
                    pass

    def end(self):
        self.stopping.set()
        self.join(5)
        pid = candidate()
        if pid:
            try:
                os.kill(pid, signal.SIGCONT)
            except ProcessLookupError:
                pass


def window(seconds, paths, pause=0.03):
    """(seconds of all answers, failures)."""
    load = common.Load(paths, connections=2, pause=pause)
    time.sleep(seconds)
    by_path, failures = load.end()
    return [value for values in by_path.values() for value in values], failures


def flags(front, mode):
    before = front.in_force()
    front.flags(**{"p2p": "legacy"}, **({f"p2p_{name}": mode for name in SUBSYSTEMS} if mode != "legacy" else {}))
    common.until(f"{mode} in force", lambda: front.in_force() > before, 30)
    time.sleep(2)


def quiet(report, options, paths):
    """The first window, on a node at rest: everything is equal."""
    _, failures = window(options.seconds, paths)
    found = common.until("samples", lambda: total(figures(), "samples") >= 5 and figures(), 60)
    alike = not total(found, "mismatches")
    report.check("compared, none different", alike and not failures,
                 f"{total(found, 'samples')} compared, {total(found, 'races')} races, "
                 f"{total(found, 'mismatches')} mismatches, not compared {reasons(found)}", failures)


def calm(report, front, options, paths):
    """Latency of what is served, without and with a candidate."""
    seconds = {"legacy": [], "shadow": []}
    for mode in ("legacy", "shadow", "legacy", "shadow"):
        flags(front, mode)
        values, failures = window(options.seconds, paths)
        seconds[mode].append(common.percentile(values, .99) * 1000)
        report.check(f"{mode}: no failed request", not failures, f"{len(values)} GETs", failures)
    first, second = seconds["legacy"]
    beside = min(seconds["shadow"])
    report.check("p99 beside a candidate", beside <= 1.5 * max(first, second),
                 f"{seconds['shadow'][0]:.0f} / {seconds['shadow'][1]:.0f} ms; without {first:.0f} / {second:.0f} ms")


def torment(report, options, paths, number):
    before = reasons(figures())
    torment_ = Torment(number)
    values, failures = window(options.seconds * 2, paths)
    torment_.end()
    after = reasons(figures())
    new = {reason: count - before.get(reason, 0) for reason, count in after.items() if count > before.get(reason, 0)}
    lost = sum(new.get(reason, 0) for reason in ("candidate down", "timed out", "breaker open"))
    report.check(f"{signal.Signals(number).name} {torment_.count} times: no failed request", not failures and torment_.count,
                 f"{len(values)} GETs", failures)
    report.check(f"{signal.Signals(number).name}: counted with its reason", lost > 0, str(new))


def again(report):
    """The breaker gives a candidate another chance by itself."""
    before = total(figures(), "samples")

    def more_samples():
        common.attempt("GET", "/health")
        return total(figures(), "samples") > before

    try:
        common.until("compared again", more_samples, 120, 0.3)
        report.check("compared again", True)
    except AssertionError as error:
        report.check("compared again", False, str(error))


def main(options, work):
    report = common.Report(f"shadow: {', '.join(SUBSYSTEMS)}, {options.tree}")
    front = common.Front(
        options, work, environment={"RINGRIFT_SHADOW_RATE": "20", "RINGRIFT_SHADOW_DEADLINE": "5"})
    paths = PATHS + ([] if common.is_double(options) else REAL_PATHS)
    try:
        front.flags(p2p="legacy", **{f"p2p_{name}": "shadow" for name in SUBSYSTEMS}, p2p_resource="swift")
        front.start()
        common.until("the worker", lambda: "legacy worker ready" in front.cutover_log())
        common.until("the candidate", candidate)
        time.sleep(2 if options.short else 8)
        for number in range(10):
            common.attempt("POST", "/heartbeat", common.peer(f"peer-{number}", number))
        quiet(report, options, paths)
        if not options.short:
            calm(report, front, options, paths)
        torment(report, options, paths, signal.SIGKILL)
        again(report)
        if not options.short:
            torment(report, options, paths, signal.SIGSTOP)
            again(report)
        found = figures()
        report.check("none different in the end", not total(found, "mismatches"),
                     f"{total(found, 'samples')} compared, {total(found, 'races')} races")
        status, seconds = front.stop()
        time.sleep(1)
        report.check("ends at SIGTERM, no candidate left", status == 0 and candidate() is None,
                     f"status {status} after {seconds:.1f} s")
    finally:
        front.stop(9)
        if options.keep:
            os.makedirs(options.keep, exist_ok=True)
            with open(f"{options.keep}/cutover.log", "w") as file:
                file.write(front.cutover_log())
    return report.end()


def more(parser):
    parser.add_argument("--seconds", type=float, default=20, help="length of a window")


if __name__ == "__main__":
    chosen = common.arguments(__doc__, more)
    if chosen.short:
        chosen.seconds = min(chosen.seconds, 5)
    common.sealed(lambda work: main(chosen, work))
