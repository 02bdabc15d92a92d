#!/usr/bin/env python3
"""Does a node keep peers, jobs, role and lease when Swift and the legacy take turns on one state directory?

usage: handover.py BINARY TREE VENV [--rounds N] [--keep DIR] [--spoil peers|jobs|state]

A private copy of TREE (an ai-service directory) in a sealed namespace; `BINARY p2p` (RINGRIFT_STANDBY=off) and the same
command with RINGRIFT_IMPL=legacy in turn. Every round starts a node on what the one before left, compares GET /status,
GET /election/grant and the rows of the state database with what they were, waits until the node has saved, adds a peer,
changes the lease and is ended by kill -9 while lease grants are being written. Contract 01 sections 4.8, 4.10, 6 and
quirks 2 and 10. In the end each finds its lease expired and must win an election. A line a round;
last line `N passed, N failed`; exit 0, 1 or 2 (could not run).
--spoil removes a row before round 3: the comparison must notice. --keep: where logs and state go in the end.
"""
import argparse
import http.server
import json
import os
import shutil
import sqlite3
import subprocess
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "bench"))
from node import Node, get_json, private_copy, request, sealed  # noqa: E402

ME = "handover"
ANSWERS, REFUSES, PAIR = "a-answers", "b-refuses", ("conflict-1", "conflict-2")
ANSWERING_PORT, CLOSED_PORT = 9701, 9702
# What a greeting (heartbeat round) may change in the record of a peer that can be greeted. All others stay as they are.
GREETED = {
    ANSWERS: {"last_heartbeat"},
    REFUSES: {"consecutive_failures", "last_failure_time", "nat_blocked", "nat_blocked_since", "relay_via",
              "leader_eligible"},
}
# Rounds in front of which the node is down for longer than LEADER_LEASE_RENEW_INTERVAL: the next one must renew at once.
DOWN, PAUSE = (4, 7), 16.0
# What a sitting leader changes by itself: it renews its lease, with the lease id it had.
RENEWED = {"leader_lease_expires", "last_lease_renewal"}

# Worked out when a record is written (contract 03 section 2.1); a seeded row does not have them yet.
DERIVED = ("load_score", "gpu_power_score", "cpu_power_score", "is_cpu_only_node", "is_cuda_gpu_node")


def text(value):
    """Type-exact: 1, 1.0, true and "1" are four values; NaN is itself."""
    return json.dumps(value, sort_keys=True)


def record(node_id, port=9700, **values):
    """Ports differ: alive nodes that share an address are not greeted and not eligible."""
    return {"node_id": node_id, "host": "127.0.0.1", "port": port, "scheme": "http", "role": "follower", **values}


def odd_peers(now):
    """Peers whose values are of every kind that JSON knows; blocked, so that no heartbeat round greets them."""
    blocked = {"nat_blocked": True, "nat_blocked_since": now}
    return [
        record("knoten-ü-Δ-🦀", "8771", cpu_percent=12, memory_percent=12.0, gpu_name="H100 \ud800 \x7f", **blocked),
        record("caf\u00e9", 9711, capabilities=["selfplay", 1, None, {"a": [1.0]}], version=None, memory_gb=2**70,
               **blocked),
        record("cafe\u0301", 9712, last_probe=3, disk_percent=-0.0, last_oom_time=1e16, gpu_memory_percent=float("nan"),
               **blocked),
        record("  spaces and 'quotes'  ", 9713, gpu_percent=1e-7, selfplay_jobs=2.5, has_gpu=1, cpu_count=True,
               **blocked),
        record("failed", 9714, consecutive_failures=3, last_failure_time=now + 0.123456789, **blocked),
        record("candidate", 9715, role="candidate", retired=False, oom_events=7, reported_host="h", reported_port=1,
               **blocked),
    ]


def retired_record(now):
    """All fields, as they are saved; it failed just now, so it is not tried again for an hour."""
    figures = dict.fromkeys(("cpu_percent", "memory_percent", "disk_percent", "gpu_percent", "gpu_memory_percent"), 1.5)
    return {
        **record("retired", 9704, last_heartbeat=1000.5), "cpu_count": 16, **figures,
        "selfplay_jobs": 0, "training_jobs": 0,
        "has_gpu": False, "gpu_name": "", "memory_gb": 64, "capabilities": ["selfplay"], "version": "main@abc1234",
        "reported_host": "127.0.0.1", "reported_port": 8770, "consecutive_failures": 3, "last_failure_time": now,
        "disk_cleanup_needed": True, "oom_events": 2, "last_oom_time": 5.25, "nat_blocked": True,
        "nat_blocked_since": now, "last_nat_probe": 0.0, "relay_via": "x", "retired": True, "retired_at": now - 60.25}


def seeds(node_id, now, pid):
    """Rows an operator would miss: jobs of three kinds, a retired peer, a key of a later version, figures."""
    return [
        ("INSERT INTO peers VALUES (?,?,?,?,?)",
         ("retired", "127.0.0.1", 9704, 1000.5, json.dumps(retired_record(now)))),
        ("INSERT INTO jobs VALUES (?,?,?,?,?,?,?,?,?)",
         ("lebt", "training", node_id, "square8", 2, "mixed", pid, now - 5.5, "running")),
        ("INSERT INTO jobs VALUES (?,?,?,?,?,?,?,?,?)",
         ("lives-too", "data_export", node_id, "hexagonal", 4, "ü", pid, now, "running")),
        ("INSERT INTO jobs VALUES (?,?,?,?,?,?,?,?,?)",
         ("dead", "selfplay", node_id, "square19", 3, "mcts", 3999999, 1700000000.5, "running")),
        ("INSERT INTO jobs VALUES (?,?,?,?,?,?,?,?,?)",
         ("stopped", "selfplay", node_id, "square8", 2, "mixed", 12, 1700000002.5, "stopped")),
        ("INSERT INTO state VALUES (?,?)", ("key_of_a_later_version", "kept")),
        ("INSERT INTO metrics_history (timestamp, metric_type, value) VALUES (?,?,?)", (now, "validation_rate", 90.5)),
        ("INSERT INTO ab_tests (test_id, name, board_type, num_players, model_a, model_b, created_at) "
         "VALUES (?,?,?,?,?,?,?)", ("t", "n", "square8", 2, "a", "b", now)),
    ]


class AnsweringPeer(http.server.BaseHTTPRequestHandler):
    """A peer that answers heartbeats with its record and knows no other route."""

    def do_POST(self):
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        good = self.path == "/heartbeat"
        body = json.dumps(record(ANSWERS, port=ANSWERING_PORT, cpu_percent=3.5)).encode() if good else b"{}"
        self.send_response(200 if good else 404)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        self.send_error(404)

    def log_message(self, *_):
        pass


class Snapshot:
    """The rows of a state database, read from a copy. Of a node that is dead the files themselves are copied, so that a
    journal left by kill -9 stays for the next node; of one that lives SQLite makes the copy, between two of its writes."""

    TABLES = {"peers": "rowid", "jobs": "job_id", "state": "key", "metrics_history": "id", "ab_tests": "test_id",
              "ab_test_games": "id", "sqlite_master": "name"}

    def __init__(self, path, scratch, alive):
        shutil.rmtree(scratch, ignore_errors=True)
        os.makedirs(scratch)
        copy = f"{scratch}/state.db"
        for suffix in () if alive else ("", "-journal"):
            if os.path.exists(path + suffix):
                shutil.copy(path + suffix, copy + suffix)
        self.hot_journal = os.path.exists(copy + "-journal") and os.path.getsize(copy + "-journal") > 0
        database = sqlite3.connect(copy)
        if alive:
            living = sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=10)
            living.backup(database)
            living.close()
        self.integrity = database.execute("PRAGMA integrity_check").fetchone()[0]
        columns = {"sqlite_master": "name, sql"}
        self.rows = {
            table: {row[0]: row for row in
                    database.execute(f"SELECT {columns.get(table, '*')} FROM {table} ORDER BY {order}")}
            for table, order in self.TABLES.items()}
        database.close()
        self.state = {key: row[1] for key, row in self.rows["state"].items()}
        self.peers = {key: json.loads(row[4]) for key, row in self.rows["peers"].items()}


class Round:
    """The comparisons of one round; `problems` says what is different."""

    def __init__(self):
        self.checks = 0
        self.problems = []

    def same(self, what, before, after):
        self.checks += 1
        if text(before) != text(after):
            self.problems.append(f"{what}: {text(before)[:160]} → {text(after)[:160]}")

    def that(self, what, holds):
        self.checks += 1
        if not holds:
            self.problems.append(what)

    def peers(self, where, before, after, complete=True):
        """Records by id, in order, value by value; a greeted peer's figures may only have grown."""
        self.same(f"{where}: ids and their order", list(before), [key for key in after if key in before])
        if complete:
            self.same(f"{where}: no others", sorted(before), sorted(after))
        for key in (key for key in before if key in after):
            free = GREETED.get(key, set())
            names = [name for name in after[key] if name in before[key] or name not in DERIVED]
            self.same(f"{where}: {key!r}, keys", list(before[key]), names)
            for name, value in before[key].items():
                if name not in free:
                    self.same(f"{where}: {key!r}.{name}", value, after[key].get(name))
                elif name in ("last_heartbeat", "last_failure_time", "consecutive_failures"):
                    self.that(f"{where}: {key!r}.{name} went back", after[key].get(name) >= value)

    def answers(self, before, after, grant_before, grant_after):
        for key in ("node_id", "role", "leader_id", "effective_leader_id", "leaders_reported", "voter_node_ids",
                    "voter_quorum_size", "voters_alive", "voter_quorum_ok", "local_jobs"):
            self.same(f"/status {key}", before[key], after[key])
        self.same("/status local_jobs, order", list(before["local_jobs"]), list(after["local_jobs"]))
        self.peers("/status peers", before["peers"], after["peers"])
        self.grant("/election/grant", before["voter_node_ids"], grant_before, grant_after)

    def grant(self, where, voters, before, after):
        """A leader that is a voter renews its own grant, under the id of its lease."""
        self.same(f"{where}: leader", before["leader_id"], after["leader_id"])
        if voters and after["lease_id"] != before["lease_id"]:
            self.that(f"{where}: renewed, but shorter", after["lease_expires"] > time.time())
        else:
            self.same(f"{where}: lease id", before["lease_id"], after["lease_id"])
            self.that(f"{where}: expiry {before['lease_expires']} → {after['lease_expires']}",
                      after["lease_expires"] == before["lease_expires"]
                      or (voters and after["lease_expires"] > before["lease_expires"]))

    def rows(self, before, after):
        """No row is lost, none is changed but by a greeting or a renewal."""
        self.same("integrity_check", "ok", after.integrity)
        for table in Snapshot.TABLES:
            if table in ("peers", "state"):
                continue
            self.same(f"rows of {table}", before.rows[table], after.rows[table])
        self.peers("info_json", before.peers, after.peers)
        for key, row in before.rows["peers"].items():
            now = after.rows["peers"].get(key)
            if now is not None and key not in GREETED:
                self.same(f"columns of peer {key!r}", row[:4], now[:4])
        voters = before.state.get("voter_node_ids", "[]") != "[]"
        free = RENEWED | ({"voter_grant_lease_id", "voter_grant_expires"} if voters else set())
        self.same("keys of state", sorted(before.state), sorted(after.state))
        for key, value in before.state.items():
            if key == "voter_config_source" and value == "learned":
                value = "state"  # contract 01 section 6.2: what is loaded has this source
            if key not in free:
                self.same(f"state {key}", value, after.state.get(key))
            elif key != "voter_grant_lease_id":
                self.that(f"state {key}: {value} → {after.state.get(key)}", float(after.state[key]) >= float(value))


class Storm:
    """Lease grants one after the other until the node is gone: kill -9 meets a node that is writing."""

    def __init__(self, number):
        self.number = number
        self.sent = self.acknowledged = 0
        self.thread = threading.Thread(target=self.blow, daemon=True)
        self.thread.start()

    def blow(self):
        try:
            while self.sent < 5000:
                self.sent += 1
                if grant_lease(f"storm-{self.number}-{self.sent}"):
                    self.acknowledged = self.sent
        except OSError:
            pass
        except Exception:  # an answer cut off by the kill
            pass

    def outcome(self, round_, state):
        """What was acknowledged is on the disk; at most the one grant under way may be there beyond it."""
        self.thread.join(10)
        name, _, number = state.get("voter_grant_lease_id", "").rpartition("-")
        good = name == f"storm-{self.number}" and self.acknowledged <= int(number) <= self.sent
        round_.that(f"granted up to {self.acknowledged} of {self.sent}, on disk {name}-{number}", good)


def grant_lease(lease_id, duration=120):
    """By and to this node; shorter than what the leader gives itself when it renews, so that a renewal shows."""
    status, body = request("POST", "/election/lease",
                           {"leader_id": ME, "lease_id": lease_id, "lease_duration": duration})
    return status == 200 and json.loads(body)["granted"]


def heartbeat(peer):
    status, body = request("POST", "/heartbeat", peer)
    if status != 200:
        raise AssertionError(f"POST /heartbeat {peer['node_id']!r}: {status} {body[:200]!r}")


def until(what, condition, seconds=45):
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise AssertionError(f"{what}: not within {seconds} s")
        time.sleep(0.05)


class Handover:
    def __init__(self, options, work):
        self.options, self.work = options, work
        self.tree = private_copy(options.tree, work)
        self.database = f"{self.tree}/logs/p2p_orchestrator/{ME}_state.db"
        self.status = self.grant = self.snapshot = None
        self.storms = 0

    def node(self, kind, name):
        return Node(kind, self.tree, self.options.binary, self.options.venv, ME, log=f"{self.work}/logs/{name}.log")

    def read(self, alive=False):
        return Snapshot(self.database, f"{self.work}/copy", alive)

    def prepare(self):
        """A node from nothing makes the schema; then the seeds."""
        node = self.node("swift", "00-swift")
        node.wait_for_answer()
        until("leadership of the first node, saved", lambda: self.read(alive=True).state.get("role") == "leader")
        node.kill()
        sleeper = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(3600)"])
        database = sqlite3.connect(self.database)
        for statement, values in seeds(ME, time.time(), sleeper.pid):
            database.execute(statement, values)
        database.commit()
        database.close()
        self.snapshot = self.read()

    def spoil(self, table):
        key = {"peers": "node_id = 'café'", "jobs": "job_id = 'lebt'", "state": "key = 'leader_lease_id'"}[table]
        database = sqlite3.connect(self.database)
        database.execute(f"DELETE FROM {table} WHERE {key}")
        database.commit()
        database.close()

    def change(self, number, node):
        """More for the next one to keep. A lease grant saves everything."""
        if number == 1:
            for peer in odd_peers(time.time()):
                heartbeat(peer)
            heartbeat(record(ANSWERS, port=ANSWERING_PORT, cpu_percent=3.5))
        heartbeat(record(REFUSES, port=CLOSED_PORT, cpu_percent=float(number)))
        for key in PAIR:  # one address, two ids: neither is greeted while both are alive
            heartbeat(record(key, port=9703, memory_gb=number))
        heartbeat(record(f"added-{number}-by-{node.kind}", 9800 + number, nat_blocked=True,
                         nat_blocked_since=time.time(), disk_percent=number / 3))
        if number == 4:  # from here on the node has voters, and as a voter it holds its own lease
            heartbeat({**record(ANSWERS, port=ANSWERING_PORT, cpu_percent=3.5), "voter_node_ids": [ME]})
        if not grant_lease(f"calm-{number}"):
            raise AssertionError("the lease was not granted")

    def round(self, number, kind):
        round_ = Round()
        if number in DOWN:
            time.sleep(PAUSE)
        node = self.node(kind, f"{number:02}-{kind}")
        try:
            took = node.wait_for_answer()
            round_.same("an interpreter in the process", kind == "legacy", node.hosts_python())
            status, grant = get_json("/status"), get_json("/election/grant")
            if self.status:
                round_.answers(self.status, status, self.grant, grant)
            else:
                self.start(round_, status)
            self.wait_for_save(node, round_)
            if number in DOWN:
                expires, renewed = (float(self.read(alive=True).state[key]) for key in sorted(RENEWED, reverse=True))
                round_.that(f"lease until {expires}, renewed {renewed}: not renewed at the start",
                            renewed > node.started and abs(expires - renewed - 180) < 5)
            round_.same("role, leader once it has saved", ["leader", ME],
                        [get_json("/status")[key] for key in ("role", "leader_id")])
            self.change(number, node)
            before = get_json("/status")
            storm = Storm(number)
            until("lease grants", lambda: storm.acknowledged >= 3)
            time.sleep(0.11)
            node.kill()
            self.snapshot, self.status = self.read(), before
            storm.outcome(round_, self.snapshot.state)
            round_.peers("saved peers", {k: v for k, v in before["peers"].items()},
                         self.with_flags(before["peers"], self.snapshot.peers))
            self.grant = {"leader_id": self.snapshot.state["voter_grant_leader_id"],
                          "lease_id": self.snapshot.state["voter_grant_lease_id"],
                          "lease_expires": float(self.snapshot.state["voter_grant_expires"])}
            with open(node.log, encoding="utf-8", errors="replace") as file:
                log = file.read()
            for line in ("Starting election", "I am now the leader", "Failed to save", "Failed to load", "database is"):
                round_.that(f"the log says {line!r}", line not in log)
        except (AssertionError, OSError, ValueError, KeyError, sqlite3.Error) as error:
            round_.problems.append(f"{type(error).__name__}: {error}")
            took = 0.0
        finally:
            node.kill()
        return round_, took

    def expired(self, kind):
        """A node that was down for longer than its lease gives it up and runs for office: a new lease, all else kept."""
        round_ = Round()
        database = sqlite3.connect(self.database)
        database.execute("UPDATE state SET value = ? WHERE key = 'leader_lease_expires'", (repr(time.time() - 1),))
        database.commit()
        database.close()
        before, node = self.read(), self.node(kind, f"expired-{kind}")
        try:
            took = node.wait_for_answer()
            old = before.state["leader_lease_id"]
            until("a new lease", lambda: self.read(alive=True).state["leader_lease_id"] not in ("", old))
            node.kill()
            after = self.read()
            round_.same("integrity_check", "ok", after.integrity)
            round_.same("role, leader", ["leader", ME], [after.state["role"], after.state["leader_id"]])
            round_.same("jobs", before.rows["jobs"], after.rows["jobs"])
            round_.same("ids of peers", sorted(before.peers), sorted(after.peers))
            with open(node.log, encoding="utf-8", errors="replace") as file:
                log = file.read()
            for line in ("Clearing stale/expired leader lease", "Starting election", "I am now the leader"):
                round_.that(f"the log does not say {line!r}", line in log)
            self.snapshot = after
        except (AssertionError, OSError, ValueError, KeyError, sqlite3.Error) as error:
            round_.problems.append(f"{type(error).__name__}: {error}")
            took = 0.0
        finally:
            node.kill()
        return round_, took

    @staticmethod
    def with_flags(answered, saved):
        """Saved records have no cluster flags; those of the answer are put in their place."""
        flags = ("endpoint_conflict", "leader_eligible")
        return {key: {**value, **{f: answered[key][f] for f in flags if key in answered and f in answered[key]}}
                for key, value in saved.items()}

    def start(self, round_, status):
        """The first round: what `prepare` left."""
        round_.same("role, leader", ["leader", ME], [status["role"], status["leader_id"]])
        round_.same("jobs", ["lebt", "lives-too"], sorted(status["local_jobs"]))
        round_.same("peers", ["retired"], list(status["peers"]))

    def wait_for_save(self, node, round_):
        """The end of the first heartbeat round: the answering peer's row is newer than the start. Then the rows are
        compared with those the last node left."""
        before = self.snapshot
        if ANSWERS in before.peers:
            until("the save of the first heartbeat round",
                  lambda: self.read(alive=True).peers[ANSWERS]["last_heartbeat"] > node.started)
        round_.rows(before, self.read(alive=True))

    def main(self):
        threading.Thread(
            target=http.server.ThreadingHTTPServer(("127.0.0.1", ANSWERING_PORT), AnsweringPeer).serve_forever,
            daemon=True).start()
        what = "bundled double" if os.path.exists(f"{self.options.tree}/.ringrift-bundled") else "real tree"
        print(f"handover: {what} {self.options.tree}, {self.options.rounds} rounds on one state directory, "
              "each ended by kill -9")
        self.prepare()
        failed = 0
        for number in range(1, self.options.rounds + 1):
            if number == 3 and self.options.spoil:
                self.spoil(self.options.spoil)
            kind = "swift" if number % 2 else "legacy"
            failed += self.say(f"round {number:2} {kind:6}", *self.round(number, kind))
        for kind in ("legacy", "swift"):
            failed += self.say(f"lease over {kind:6}", *self.expired(kind))
        if self.options.keep:
            shutil.copytree(f"{self.work}/logs", self.options.keep, dirs_exist_ok=True)
            shutil.copy(self.database, self.options.keep)
        print(f"{self.options.rounds + 2 - failed} passed, {failed} failed")
        return 1 if failed else 0

    def say(self, name, round_, took):
        state, rows = self.snapshot.state, self.snapshot.rows
        print(f"  {'FAIL' if round_.problems else 'ok  '} {name:17} first answer {took:5.2f} s, {round_.checks:4} checks; "
              f"left {len(rows['peers']):2} peers, {len(rows['jobs'])} jobs, {state.get('role')}, "
              f"lease {state.get('leader_lease_id')}, grant {state.get('voter_grant_lease_id')}"
              f"{', hot journal' if self.snapshot.hot_journal else ''}")
        for problem in round_.problems[:12]:
            print(f"       {problem}")
        return bool(round_.problems)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("binary", type=os.path.abspath)
    parser.add_argument("tree", type=os.path.abspath)
    parser.add_argument("venv", type=os.path.abspath)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--keep", type=os.path.abspath)
    parser.add_argument("--spoil", choices=["peers", "jobs", "state"])
    arguments = parser.parse_args()
    for path in (arguments.binary, f"{arguments.venv}/bin/python"):
        if not os.access(path, os.X_OK):
            print(f"cannot run: {path} is not there (make build, make setup)", file=sys.stderr)
            sys.exit(2)
    sealed(lambda work: Handover(arguments, work).main())
