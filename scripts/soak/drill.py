#!/usr/bin/env python3
"""Does a rollback of the running node take effect within 250 ms, under load, again and again?

usage: drill.py [--binary FILE] [--tree DIR|bundled] [--venv DIR|--python FILE] [--drills 5] [--short]

A node with a warm worker; `ringrift cutover drill` as often as asked for: every time 400 requests a second, the rollback, two
seconds on the legacy, the flags back. Its figures a line; then the log tells of it, and the flags file is as it was. Last
line `N passed, N failed`; exit 0 held, 1 broken, 2 could not run.
"""
import json
import os
import subprocess
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import common  # noqa: E402

BOUND = 250.0


def command(options, *words):
    return subprocess.run([options.binary, "cutover", *words, "--node", f"http://127.0.0.1:{common.PORT}"],
                          capture_output=True, text=True, timeout=120)


def main(options, work):
    report = common.Report(f"drill: {options.drills} rollbacks under load, {options.tree}")
    front = common.Front(options, work)
    try:
        front.start()
        common.until("the worker", lambda: "legacy worker ready" in front.cutover_log())
        for number in range(1, options.drills + 1):
            time.sleep(1.2)  # one drill at a time: the node tells for a second that there was one
            done = command(options, "drill", "--json")
            try:
                result = json.loads(done.stdout)
            except ValueError:
                report.check(f"drill {number}", False, f"status {done.returncode}", [done.stdout[-200:], done.stderr[-200:]])
                continue
            late = result.get("last_swift")
            if options.keep:
                os.makedirs(options.keep, exist_ok=True)
                with open(f"{options.keep}/drill-{number}.json", "w") as file:
                    file.write(done.stdout)
            report.check(
                f"drill {number}", done.returncode == 0 and (late is None or late <= BOUND),
                f"last Swift {late or 0:.0f} ms, first legacy {result.get('first_legacy') or 0:.0f} ms after the flip; "
                f"{result['requests']} requests, {result['failed']} failed, {result['lost']} lost, "
                f"{result['doubled']} doubled", result.get("problems", []))
        status = command(options, "status")
        wide = [line for line in status.stdout.splitlines() if len(line) > 80 and work not in line]
        report.check("status in 80 columns", status.returncode == 0 and not wide, problems=wide + [status.stderr] * bool(status.stderr))
        history = command(options, "history")
        left = [line for line in front.settings() if "=" in line]
        report.check("the flags file sets nothing, as before", not left and history.returncode == 0, problems=left)
        noted = front.cutover_log().count("swift -> legacy")
        report.check("the log tells of every one", noted >= options.drills, f"{noted} subsystems went to legacy")
        code, page = common.request("GET", "/cutover/metrics")
        report.check("metrics", code == 200 and b"ringrift_cutover" in page, f"{len(page)} bytes")
        code, page = common.request("GET", "/cutover")
        report.check("page", code == 200 and b"scheduling" in page, f"{len(page)} bytes")
        if options.keep:
            os.makedirs(options.keep, exist_ok=True)
            for name, text in (("status.txt", status.stdout), ("history.txt", history.stdout), ("page.html", page.decode())):
                with open(f"{options.keep}/{name}", "w") as file:
                    file.write(text)
        ended, seconds = front.stop()
        report.check("ends at SIGTERM", ended == 0, f"status {ended} after {seconds:.1f} s")
    finally:
        front.stop(9)
    return report.end()


def more(parser):
    parser.add_argument("--drills", type=int, default=5)


if __name__ == "__main__":
    chosen = common.arguments(__doc__, more)
    if chosen.short:
        chosen.drills = 1
    common.sealed(lambda work: main(chosen, work))
