"""A worker over a whole tree answers like a node of that tree started directly. Trees: SHIM_TREES (a:b)."""
import gzip
import hashlib
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest

from support import PYTHON, Control, Direct, Worker, copy_tree, environment

LEGACY = ("--node-id", "n1", "--host", "127.0.0.1", "--port", "8770")
# A follower that may not be elected: then a node with its loops and one without them say the same.
VOTERS = {"RINGRIFT_P2P_VOTERS": "v1,v2,v3"}
PEER = {"node_id": "peer-1", "host": "10.9.8.7", "port": 8770, "role": "follower", "cpu_percent": 5, "memory_percent": 6.5,
        "capabilities": ["selfplay"], "version": "1.0.0", "reported_host": "", "selfplay_jobs": 0}
MEGABYTE = 1 << 20


def steps(routes):
    """(name, method, path, body, headers): broken and odd requests of every kind, then every GET route."""
    as_json = {"Content-Type": "application/json"}
    body = json.dumps(PEER).encode()
    yield from [
        ("health", "GET", "/health", None, {}),
        ("status", "GET", "/status", None, {}),
        ("head", "HEAD", "/health", None, {}),
        ("heartbeat", "POST", "/heartbeat", body, as_json),
        ("heartbeat gzip", "POST", "/heartbeat", gzip.compress(body, mtime=0), {**as_json, "Content-Encoding": "gzip"}),
        ("heartbeat bad gzip", "POST", "/heartbeat", b"\x1f\x8bnot gzip", {**as_json, "Content-Encoding": "gzip"}),
        ("heartbeat empty", "POST", "/heartbeat", b"", as_json),
        ("heartbeat truncated", "POST", "/heartbeat", body[:30], as_json),
        ("heartbeat list", "POST", "/heartbeat", b"[]", as_json),
        ("heartbeat not utf-8", "POST", "/heartbeat", b'{"a": "\xff"}', as_json),
        ("heartbeat latin", "POST", "/heartbeat", b'{"a": "\xff"}', {"Content-Type": "application/json; charset=latin-1"}),
        ("below 1 MiB", "POST", "/heartbeat", body + b" " * (MEGABYTE - 1 - len(body)), as_json),
        ("1 MiB", "POST", "/heartbeat", body + b" " * (MEGABYTE - len(body)), as_json),
        ("2 MiB", "POST", "/heartbeat", body + b" " * (2 * MEGABYTE - len(body)), as_json),
        ("413", "POST", "/api/jobs/submit", b"{" + b" " * MEGABYTE, as_json),
        ("not found", "GET", "/nowhere", None, {}),
        ("not found post", "POST", "/nowhere", b"{}", as_json),
        ("slash", "GET", "/health/", None, {}),
        ("wrong method", "POST", "/health", b"{}", as_json),
        ("wrong method get", "GET", "/heartbeat", None, {}),
        ("options", "OPTIONS", "/status", None, {}),
        ("delete", "DELETE", "/heartbeat", None, {}),
        ("lease", "POST", "/election/lease", b'{"leader_id": "v1", "lease_id": "L"}', as_json),
        ("coordinator", "POST", "/coordinator", b'{"leader_id": "v1"}', as_json),
        ("deep", "POST", "/heartbeat", b'{"a": ' + b"[" * 5000 + b"]" * 5000 + b"}", as_json),
        ("status later", "GET", "/status", None, {}),
    ]
    for method, path, _ in routes:
        if method == "GET" and "{" not in path:
            yield (f"GET {path}", "GET", path, None, {})


def observe(running, routes, forwarded):
    out = {}
    for name, method, path, body, headers in steps(routes):
        headers = {**headers, **({"X-Ringrift-Remote": "127.0.0.1"} if forwarded else {})}
        try:
            status, fields, data = running.http(method, path, body, headers, timeout=120)
            fields = [[k, v] for k, v in fields if k not in ("Date",)]
            try:
                data = json.loads(data)
            except ValueError:
                data = data.decode("utf-8", "replace")
            out[name] = {"status": status, "headers": fields, "body": data}
        except OSError as error:
            out[name] = {"error": type(error).__name__}
    return out


def differences(a, b, c, path=""):
    """Where c differs from what two direct runs agree on; where they differ themselves only the type is compared."""
    if isinstance(a, dict) and isinstance(b, dict) and isinstance(c, dict):
        for key in sorted(set(a) | set(b) | set(c)):
            if (key in a) == (key in b) != (key in c):
                yield f"{path}.{key}: {'missing' if key in a else 'extra'}"
            elif key in a and key in b and key in c:
                yield from differences(a[key], b[key], c[key], f"{path}.{key}")
    elif isinstance(a, list) and isinstance(b, list) and isinstance(c, list) and len(a) == len(b):
        if len(c) != len(a):
            yield f"{path}: {len(c)} items, not {len(a)}"
        else:
            for index, items in enumerate(zip(a, b, c)):
                yield from differences(*items, f"{path}[{index}]")
    elif a == b and type(a) is type(b):
        if (c != a or type(c) is not type(a)) and not volatile(path, a, c):
            yield f"{path}: {str(c)[:200]!r}, not {str(a)[:200]!r}"
    elif type(a) is type(b) and type(c) is not type(a) and not {type(a), type(c)} <= {int, float}:
        yield f"{path}: type {type(c).__name__}, not {type(a).__name__}"


# Where two direct runs may agree by chance: clocks and sampled resources, and the length of bodies that hold such figures.
VOLATILE = re.compile(r"(_at|_time|timestamp|uptime\w*|_age\w*|_heartbeat|_seen|_percent|cpu|memory|load_score|load_average"
                      r"|disk_\w+|_seconds|headers\[1\]\[1\])$")
# What only the loops do, which a contained worker does not run.
BY_LOOPS = {".GET /elo/sync/status.body.nodes_known": "the elo_sync loop's initialize() registers the node"}
excused = set()


def volatile(path, a, c):
    if path in BY_LOOPS or VOLATILE.search(path):
        excused.add(path)
        return True
    if isinstance(a, str) and re.sub(r"[\d.]+", "#", a) == re.sub(r"[\d.]+", "#", str(c)):
        excused.add(path + " (figures in text)")
        return True
    return False


def digest(folder):
    return {str(p.relative_to(folder)): hashlib.sha256(p.read_bytes()).hexdigest()
            for p in sorted(folder.rglob("*")) if p.is_file()}


def traffic():
    for line in pathlib.Path("/proc/net/dev").read_text().splitlines()[2:]:
        name, figures = line.split(":")
        if name.strip() == "lo":
            return int(figures.split()[9])


def rss_kib(pid):
    return int(re.search(r"VmRSS:\s+(\d+)", pathlib.Path(f"/proc/{pid}/status").read_text())[1])


class TreeTest:
    """Mixed into one TestCase a tree."""

    source: pathlib.Path

    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(tempfile.mkdtemp(prefix="shim-tree-"))
        cls.tree = cls.fresh()

    @classmethod
    def tearDownClass(cls):
        shutil.rmtree(cls.folder)

    @classmethod
    def fresh(cls):
        return copy_tree(cls.source, cls.folder / "ai-service")

    def worker(self, *more, env=None, **settings):
        worker = Worker(self.tree, *LEGACY, *more, env=env or environment(self.tree, **VOTERS), **settings)
        self.addCleanup(worker.__exit__)
        return worker

    def test_1_answers_like_a_direct_node(self):
        direct = []
        self.tree = self.fresh()
        worker = self.worker()
        routes = worker.control.ask("hello")["routes"]
        began = traffic()
        from_worker = observe(worker, routes, forwarded=True)
        print(f"\n{self.source}: worker up {worker.start_seconds:.2f} s, {rss_kib(worker.process.pid) // 1024} MiB,"
              f" {len(from_worker)} steps, bytes on lo {traffic() - began},"
              f" refused {worker.control.ask('stats')['refused']}")
        worker.__exit__()
        for _ in range(2):
            self.tree = self.fresh()
            with Direct(self.tree, *LEGACY, env=environment(self.tree, **VOTERS)) as node:
                direct.append(observe(node, routes, forwarded=False))
                print(f"{self.source}: direct up {node.start_seconds:.2f} s, {rss_kib(node.process.pid) // 1024} MiB")
        found = list(differences(direct[0], direct[1], from_worker))
        print("excused:", *sorted(excused), sep="\n  ")
        self.assertEqual(found, [], "\n" + "\n".join(found))
        self.assertEqual(from_worker["health"]["status"], 200)
        self.assertEqual(from_worker["wrong method"]["status"], 405)
        self.assertEqual(from_worker["not found"]["status"], 404)

    def test_2_state_put_shows_in_status(self):
        worker = self.worker()
        control = worker.control
        state = control.ask("state.get")
        self.assertEqual(state["skipped"], {})
        peer = {**state["attributes"]["self_info"], "node_id": "put-1", "host": "10.4.4.4", "cpu_percent": 12.5,
                "last_heartbeat": time.time()}
        control.ask("state.put", attributes={"peers": {"put-1": peer}, "leader_id": "put-1", "voter_grant_expires": 5.0})
        told = json.loads(worker.http("GET", "/status")[2])
        self.assertEqual(told["leader_id"], "put-1")
        self.assertEqual((told["peers"]["put-1"]["host"], told["peers"]["put-1"]["cpu_percent"]), ("10.4.4.4", 12.5))
        again = control.ask("state.get")["attributes"]
        self.assertEqual(again["peers"], {"put-1": peer})
        self.assertEqual(again["voter_grant_expires"], 5.0)
        everything = control.ask("state.get")["attributes"]
        self.assertEqual(control.ask("state.put", attributes=everything), {"changed": [], "conflicts": []})

    def test_3_contained_worker_leaves_files_and_network_alone(self):
        self.tree = self.fresh()
        quiet = environment(self.tree, RINGRIFT_P2P_VERBOSE="1")
        with Direct(self.tree, *LEGACY, "--peers", "127.0.0.1:9999", env=quiet) as node:
            node.http("POST", "/heartbeat", json.dumps(PEER), {"Content-Type": "application/json"})
            node.http("POST", "/election/lease", '{"leader_id": "n1", "lease_id": "L"}')  # saves the peers
            node.process.kill()  # what a crash leaves behind is the harder case
            node.process.wait()
        store = self.tree / "logs" / "p2p_orchestrator"
        before, sent = digest(store), traffic()
        self.assertTrue(any(name.endswith("n1_state.db") for name in before), before)
        others = digest(self.tree / "data")
        worker = self.worker("--peers", "127.0.0.1:9999", env=quiet)
        began = time.monotonic()
        worker.http("POST", "/heartbeat", json.dumps({**PEER, "node_id": "peer-2"}), {"Content-Type": "application/json"})
        worker.http("GET", "/status")
        time.sleep(max(0, 8 - (time.monotonic() - began)))
        stats = worker.control.ask("stats")
        self.assertEqual([n for n, row in stats["loops"].items() if row["started"]], [])
        self.assertEqual(traffic() - sent, 0)
        self.assertIn("peer-2", worker.control.ask("state.get")["attributes"]["peers"])
        self.assertIn("peer-1", worker.control.ask("state.get")["attributes"]["peers"])
        worker.__exit__()
        self.assertEqual(digest(store), before)
        after = digest(self.tree / "data")
        print(f"\n{self.source}: files a contained worker changed under data/:",
              sorted(n for n in after if after[n] != others.get(n)))

    def test_4_release_runs_the_node_and_saves_go_to_the_store(self):
        self.tree = self.fresh()
        worker = self.worker(env=environment(self.tree))
        control = worker.control
        control.acknowledge_all()
        control.ask("subscribe")
        self.assertEqual(control.ask("state.get")["attributes"]["role"], "follower")
        # As the front does: an acknowledgement never waits behind another command on the same connection.
        puts = Control(control.stream.getpeername())
        puts.ask("release")
        deadline = time.monotonic() + 30
        node, saved, elected = control.ask("hello")["node_id"], False, False
        while not (saved and elected):
            event = control.events.get(timeout=max(0.001, deadline - time.monotonic()))
            saved = saved or (event["event"] == "state" and event["reason"] == "save")
            if event["event"] == "native":
                # Elections are the store's side's: this is what one would leave behind.
                self.assertEqual(event["step"], "_start_election")
                puts.ask("state.put", patch={"role": {"v": "leader", "b": "follower"}, "leader_id": {"v": node}})
                control.ask("answer", seq=event["seq"], result=None)
                elected = True
        self.assertEqual(json.loads(worker.http("GET", "/status")[2])["role"], "leader")
        control.ask("contain")
        while any(row["running"] for row in control.ask("stats")["loops"].values()):
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.1)
        stats = control.ask("stats")
        self.assertEqual((stats["sync"]["timeouts"], stats["dirty"]), (0, False))
        self.assertEqual([p for p in (self.tree / "logs" / "p2p_orchestrator").glob("*.db")], [])

    def test_5_pure_is_the_program_itself(self):
        self.tree = self.fresh()
        for arguments in (["--help"], [], ["--node-id", "n1", "--port", "xx"], ["--node-id", "n1", "--require-auth"]):
            runs = []
            for command in (["-u", "scripts/p2p_orchestrator.py", *arguments],
                            ["-m", "ringrift_shim", "pure", "--tree", ".", "--", *arguments]):
                run = subprocess.run([PYTHON, *command], cwd=self.tree, env=environment(self.tree), capture_output=True,
                                     text=True, timeout=120)
                runs.append((run.returncode, run.stdout, run.stderr))
            self.assertEqual(runs[0], runs[1], arguments)
        endings = []
        for number in (signal.SIGTERM, signal.SIGINT):
            for command in (None, ["-m", "ringrift_shim", "pure", "--tree", ".", "--"]):
                self.tree = self.fresh()
                with Direct(self.tree, *LEGACY, env=environment(self.tree, **VOTERS), command=command) as node:
                    self.assertEqual(node.http("GET", "/health")[0], 200)
                    time.sleep(7)  # the tree swallows a signal that meets its start-up's catch-all blocks (01 section 2.2)
                    node.process.send_signal(number)
                    status = node.process.wait(30)
                    endings.append((status, [l for l in node.log.read_text().splitlines() if l.startswith("[P2P]")]))
            self.assertEqual(endings[-2], endings[-1])
            self.assertEqual(endings[-1][0], 0)
            self.assertIn("[P2P] Shutting down...", endings[-1][1])


def load_tests(loader, tests, pattern):
    suite = unittest.TestSuite()
    for path in filter(None, os.environ.get("SHIM_TREES", "").split(":")):
        source = pathlib.Path(path).resolve()
        if (source / "scripts" / "p2p_orchestrator.py").is_file():
            kind = type(f"TreeTest_{source.parent.name}", (TreeTest, unittest.TestCase), {"source": source})
            suite.addTests(loader.loadTestsFromTestCase(kind))
        else:
            print(f"test_tree: no tree at {path}", file=sys.stderr)
    return suite


if __name__ == "__main__":
    unittest.main()
