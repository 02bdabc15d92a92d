#!/usr/bin/env python3
"""Does a leader stay leader, under the same lease, while p2p.leadership changes sides?

usage: lease.py [--binary FILE] [--tree DIR|bundled] [--venv DIR|--python FILE] [--flips 20] [--pause 6] [--short]

Twice: a node alone, and one of two voters with a fake one that grants leases and answers heartbeats. When it is leader and
has a lease, the flags file moves p2p.leadership to legacy and back. All the while /status, the state database and the
heartbeats that arrive at the fake are looked at: role and leader never change, the lease id stays, its expiry only grows
and is renewed on both sides. A line a check; last line `N passed, N failed`; exit 0 held, 1 broken, 2 could not run.
"""
import http.server
import json
import os
import shutil
import sys
import threading
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import common  # noqa: E402

FAKE, FAKE_PORT = "fake-voter", 9701


class Fake(http.server.BaseHTTPRequestHandler):
    """A voter: grants every lease and answers heartbeats with its record; keeps what it was sent."""

    heartbeats, leases, others = [], [], []

    def do_POST(self):
        data = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        try:
            body = json.loads(data)
        except ValueError:
            body = {}
        if self.path == "/heartbeat":
            self.heartbeats.append((time.time(), body))
            self.answer(200, {"node_id": FAKE, "host": "127.0.0.1", "port": FAKE_PORT, "scheme": "http",
                              "role": "follower", "leader_id": body.get("leader_id")})
        elif self.path == "/election/lease":
            self.leases.append((time.time(), body))
            self.answer(200, {"granted": True, "leader_id": body.get("leader_id"), "lease_id": body.get("lease_id"),
                              "lease_expires": time.time() + float(body.get("lease_duration") or 180),
                              "lease_ttl_seconds": float(body.get("lease_duration") or 180), "voter_id": FAKE,
                              "now": time.time()})
        else:
            self.others.append((time.time(), self.path, body))
            self.answer(200, {"response": "OK", "node_id": FAKE} if self.path == "/election" else {"accepted": True})

    def do_GET(self):
        if self.path == "/election/grant" and self.leases:
            last = self.leases[-1][1]
            self.answer(200, {"leader_id": last.get("leader_id"), "lease_id": last.get("lease_id"),
                              "lease_expires": self.leases[-1][0] + 180, "lease_ttl_seconds": 170, "voter_id": FAKE,
                              "now": time.time()})
        else:
            self.answer(404, {})

    def answer(self, status, value):
        data = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_):
        pass


class Watch:
    """Looks at the node four times a second; `problems` says what went back."""

    def __init__(self, front, voters):
        self.front, self.voters = front, voters
        self.problems, self.looks, self.leases = [], 0, {}
        self.identity = None
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def begin(self):
        self.identity = self.state()["leader_lease_id"]
        self._thread.start()

    def state(self):
        return dict(self.front.rows("state", "key")[0])

    def _run(self):
        expires = 0.0
        while not self._stopping.wait(0.25):
            self.looks += 1
            try:
                status, rows = common.get("/status"), self.state()
            except (AssertionError, OSError) as error:
                self.problems.append(f"{time.time():.2f} {error}")
                continue
            for what, seen, wanted in (
                    ("/status role", status["role"], "leader"), ("/status leader_id", status["leader_id"], common.NODE),
                    ("/status effective_leader_id", status["effective_leader_id"], common.NODE),
                    ("role", rows["role"], "leader"), ("leader_id", rows["leader_id"], common.NODE),
                    ("leader_lease_id", rows["leader_lease_id"], self.identity)):
                if seen != wanted:
                    self.problems.append(f"{time.time():.2f} {what}: {seen!r}")
            now = float(rows["leader_lease_expires"])
            if now < expires:
                self.problems.append(f"{time.time():.2f} lease until {expires}, then until {now}")
            if now > expires:
                self.leases[now] = self.side
            expires = max(expires, now)

    side = "swift"

    def end(self):
        self._stopping.set()
        self._thread.join(30)


def case(options, work, report, voters):
    name = "one of two voters" if voters else "alone"
    environment = {"RINGRIFT_P2P_VOTERS": f"{common.NODE},{FAKE}"} if voters else {}
    folder = f"{work}/{'v' if voters else 'a'}"
    os.makedirs(f"{folder}/logs")
    arguments = ["--peers", f"http://127.0.0.1:{FAKE_PORT}"] if voters else []
    front = common.Front(options, folder, environment=environment, arguments=arguments)
    watch = Watch(front, voters)
    try:
        front.start()
        common.until("the worker", lambda: "legacy worker ready" in front.cutover_log())
        common.until(f"leadership, {name}", lambda: common.get("/status")["role"] == "leader", 90)
        common.until("a saved lease", lambda: watch.state().get("leader_lease_id") and watch.state()["role"] == "leader", 60)
        begin = time.time()
        watch.begin()
        done, problems = 0, []
        for number in range(options.flips):
            before, mode = front.in_force(), "swift" if number % 2 else "legacy"
            front.flags(p2p_leadership=mode)
            try:
                common.until(f"flip {number}", lambda: front.in_force() > before, 30, 0.02)
            except AssertionError as error:
                problems.append(str(error))
                break
            watch.side = mode
            done += 1
            time.sleep(options.pause)
        watch.end()
        report.check(f"{name}: {done} of {options.flips} flips in force", done == options.flips, problems=problems)
        report.check(f"{name}: role, leader and lease id stay, expiry only grows", not watch.problems and watch.looks,
                     f"{watch.looks} looks, lease {watch.identity}, {len(watch.leases)} expiries", watch.problems)
        if not options.short:
            sides = set(list(watch.leases.values())[1:])
            report.check(f"{name}: renewed while either side serves", sides == {"legacy", "swift"},
                         ", ".join(f"{side} {list(watch.leases.values())[1:].count(side)}" for side in sorted(sides)))
        if voters:
            sent = [body for at, body in Fake.heartbeats if at > begin]
            wrong = [f"{body.get('role')!r} {body.get('leader_id')!r}" for body in sent
                     if body.get("role") != "leader" or body.get("leader_id", common.NODE) not in (common.NODE, None)]
            # Flips without a pause may end before the next round of heartbeats.
            report.check(f"{name}: leader in every heartbeat", not wrong and (sent or options.short), f"{len(sent)} heartbeats", wrong)
            asked = {body.get("lease_id") for at, body in Fake.leases if at > begin}
            report.check(f"{name}: asks for its own lease only", asked <= {watch.identity},
                         f"{sum(at > begin for at, _ in Fake.leases)} renewals", sorted(map(str, asked)))
        log = front.text()
        elections = log.count("Starting election")
        report.check(f"{name}: no further election", elections <= 1, f"{elections} in the log")
        status, took = front.stop()
        report.check(f"{name}: ends at SIGTERM", status == 0, f"status {status} after {took:.1f} s")
    except AssertionError as error:
        report.check(name, False, str(error))
    finally:
        front.stop(9)
        if options.keep:
            shutil.copytree(f"{folder}/logs", f"{options.keep}/{name.replace(' ', '-')}", dirs_exist_ok=True)
            shutil.copytree(f"{front.tree}/logs", f"{options.keep}/{name.replace(' ', '-')}", dirs_exist_ok=True)


def main(options, work):
    report = common.Report(f"lease: {options.flips} flips of p2p.leadership, {options.tree}")
    server = http.server.ThreadingHTTPServer(("127.0.0.1", FAKE_PORT), Fake)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    for voters in (False, True):
        case(options, work, report, voters)
    return report.end()


def more(parser):
    parser.add_argument("--flips", type=int, default=20)
    parser.add_argument("--pause", type=float, default=6.0, help="seconds between two flips")


if __name__ == "__main__":
    chosen = common.arguments(__doc__, more)
    if chosen.short:
        chosen.flips, chosen.pause = min(chosen.flips, 6), 0.3
    common.sealed(lambda work: main(chosen, work))
