#!/usr/bin/env python3
"""Is nothing lost and nothing refused while subsystems change sides under load?

usage: flips.py [--binary FILE] [--tree DIR|bundled] [--venv DIR|--python FILE] [--flips 200] [--short]

GETs of the three subsystems on several connections, and writers whose every request carries its own id: POST
/heartbeat (native) and POST /relay/heartbeat (the worker's; the bundled double has none), so that both sides write the same table at
once, and lease grants, whose route is flipped. Meanwhile
the flags file moves p2p.observability, p2p.leadership and p2p.scheduling between legacy and swift, one edit after the
other, each in force before the next. Then: no request failed, every id is once in /status, in the worker's node and in
the state database. A line a check; last line `N passed, N failed`; exit 0 held, 1 broken, 2 could not run.
"""
import os
import random
import re
import shutil
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import common  # noqa: E402

SUBSYSTEMS = ("p2p_observability", "p2p_leadership", "p2p_scheduling")
PATHS = ["/health", "/election/grant", "/status", "/health", "/election/grant"]
REAL_PATHS = ["/metrics", "/metrics/prometheus"]  # the double has no metrics


def main(options, work):
    report = common.Report(f"flips: {options.flips} flips under load, {options.tree}")
    front = common.Front(options, work)
    try:
        front.start()
        common.until("the worker", lambda: "legacy worker ready" in front.cutover_log())
        time.sleep(1)
        real = not common.is_double(options)
        load = common.Load(PATHS + (REAL_PATHS if real else []), connections=options.connections)
        writers = [
            common.Writer("native", "/heartbeat", lambda n, i: common.peer(n, i, 20000), options.pause),
            *([common.Writer("relayed", "/relay/heartbeat", lambda n, i: common.peer(n, i, 40000), options.pause)]
              if real else [])]
        grants = common.Writer("grant", "/election/lease", common.grant, options.pause)
        dice, modes, took = random.Random(4), dict.fromkeys(SUBSYSTEMS, "swift"), []
        problems = []
        for number in range(options.flips):
            name = dice.choice(SUBSYSTEMS)
            modes[name] = "swift" if modes[name] == "legacy" else "legacy"
            before, began = front.in_force(), time.perf_counter()
            front.flags(**modes)
            try:
                common.until(f"flip {number} {name}={modes[name]}", lambda: front.in_force() > before, 30, 0.02)
            except AssertionError as error:
                problems.append(str(error))
                break
            took.append(time.perf_counter() - began)
            time.sleep(dice.uniform(0, 0.4))
        time.sleep(1)
        sent = [name for writer in writers for name in writer.end()]
        granted = grants.end()
        seconds, failures = load.end()
        for writer in [*writers, grants]:
            failures += writer.failures
        asked = sum(map(len, seconds.values()))
        report.check(f"{len(took)} of {options.flips} flips in force", len(took) == options.flips,
                     f"median {common.percentile(took, .5):.2f} s, slowest {max(took):.2f} s", problems)
        report.check("no failed request", not failures, f"{asked} GETs, {len(sent) + len(granted)} writes, {len(failures)} failed", failures)
        once(report, front, sent)
        alarms = [line for line in front.cutover_log().splitlines()
                  if "alarm" in line or "not understood" in line or "did not" in line or "ended" in line]
        report.check("no alarm in the toolkit's log", not alarms, problems=alarms)
        # `All sync methods failed. Errors: []` is what the legacy says of a node without peers.
        wrong = [line for line in front.text().splitlines() if re.search(r"Traceback|\w(Error|Exception)\b", line)]
        report.check("no exception in the node's log", not wrong, problems=wrong)
        common.last_grant(report, front, grants)
        # A grant saves everything; a heartbeat is saved with the next round, as in the legacy.
        common.attempt("POST", "/election/lease", common.grant("end", 0))
        status, seconds_ = front.stop()
        report.check("ends at SIGTERM", status == 0, f"status {status} after {seconds_:.1f} s")
        rows, integrity = front.rows("peers", "node_id")
        found = [row[0] for row in rows]
        report.check("every id once in the database after the end", integrity == "ok" and sorted(found) == sorted(sent),
                     f"{len(found)} rows, integrity {integrity}", difference(sent, found))
    finally:
        front.stop(9)
        if options.keep:
            shutil.copytree(f"{work}/logs", options.keep, dirs_exist_ok=True)
            shutil.copytree(f"{front.tree}/logs", options.keep, dirs_exist_ok=True)
    return report.end()


def difference(sent, found):
    lost, more = sorted(set(sent) - set(found)), sorted(set(found) - set(sent))
    doubled = sorted({name for name in found if found.count(name) > 1}) if len(found) != len(set(found)) else []
    return ([f"lost: {lost[:6]} …({len(lost)})"] if lost else []) + (
        [f"not sent: {more[:6]} …({len(more)})"] if more else []) + ([f"twice: {doubled}"] if doubled else [])


def once(report, front, sent):
    """Every id once: in /status of the front, in the node of the worker."""
    shown = list(common.get("/status")["peers"])
    report.check("every id once in /status", sorted(shown) == sorted(sent), f"{len(shown)} of {len(sent)}",
                 difference(sent, shown))
    time.sleep(1)
    there = list(front.control("state.get", {"names": ["peers"]})["attributes"]["peers"])
    report.check("every id once in the worker's node", sorted(there) == sorted(sent), f"{len(there)} of {len(sent)}",
                 difference(sent, there))


def more(parser):
    parser.add_argument("--flips", type=int, default=200)
    parser.add_argument("--connections", type=int, default=4)
    parser.add_argument("--pause", type=float, default=0.2, help="seconds between two writes of one writer")


if __name__ == "__main__":
    chosen = common.arguments(__doc__, more)
    if chosen.short:
        chosen.flips, chosen.connections = min(chosen.flips, 12), 2
    common.sealed(lambda work: main(chosen, work))
