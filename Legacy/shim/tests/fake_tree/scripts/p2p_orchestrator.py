"""A miniature node with the seams of a legacy tree, for tests of the shim that need no real tree."""
import argparse
import asyncio
import dataclasses
import enum
import os
import pathlib
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time

from aiohttp import web

STATE_DIR = pathlib.Path(__file__).resolve().parent.parent / "logs" / "p2p_orchestrator"
STATE_DIR.mkdir(parents=True, exist_ok=True)


class NodeRole(str, enum.Enum):
    LEADER = "leader"
    FOLLOWER = "follower"


class JobType(str, enum.Enum):
    SELFPLAY = "selfplay"


@dataclasses.dataclass
class NodeInfo:
    node_id: str
    host: str
    port: int
    role: NodeRole = NodeRole.FOLLOWER
    cpu_percent: float = 0.0
    capabilities: list = dataclasses.field(default_factory=list)

    def to_dict(self):
        return {**dataclasses.asdict(self), "role": self.role.value, "load_score": 1.5}

    @classmethod
    def from_dict(cls, values):
        values = dict(values)
        values["role"] = NodeRole(values.get("role", "follower"))
        return cls(**{k: v for k, v in values.items() if k in cls.__dataclass_fields__})


@dataclasses.dataclass
class ClusterJob:
    job_id: str
    job_type: JobType
    pid: int = 0

    def to_dict(self):
        return {"job_id": self.job_id, "job_type": self.job_type.value, "pid": self.pid}

    @classmethod
    def from_dict(cls, values):
        return cls(**{**values, "job_type": JobType(values["job_type"])})


@dataclasses.dataclass
class TrainingJob:
    job_id: str
    done: bool = False


class P2POrchestrator:
    def __init__(self, node_id, port=8770):
        self.node_id, self.port, self.running = node_id, port, True
        self.role, self.leader_id = NodeRole.FOLLOWER, None
        self.peers, self.local_jobs, self.training_jobs = {}, {}, {}
        self.pending_relay_acks = set()
        self.peers_lock, self.jobs_lock = threading.RLock(), threading.RLock()
        self.self_info = NodeInfo(node_id, "127.0.0.1", port)
        self.db_path = STATE_DIR / f"{node_id}_state.db"
        self.beats = 0
        with sqlite3.connect(self.db_path) as db:
            db.execute("create table if not exists peers (node_id text primary key)")
            for (peer,) in db.execute("select node_id from peers"):
                self.peers[peer] = NodeInfo(peer, "10.0.0.1", 8770)

    def _save_state(self):
        with sqlite3.connect(self.db_path) as db:
            db.executemany("insert or replace into peers values (?)", [(p,) for p in self.peers])

    async def _heartbeat_loop(self):
        while self.running:
            self.beats += 1
            await asyncio.sleep(0.05)

    async def _bootstrap_from_known_peers(self):
        self.role = NodeRole.LEADER
        return True

    async def _start_election(self):
        self.role = NodeRole.LEADER

    def _maybe_adopt_leader_from_peers(self):
        return False

    async def about(self, request):
        return web.json_response({
            "remote": request.remote, "scheme": request.scheme, "host": request.host, "beats": self.beats,
            "private": [h for h in request.headers if h.lower().startswith("x-ringrift")],
            "main": __name__, "class": NodeInfo.__module__, "argv": sys.argv, "role": self.role.value,
            "peers": [p.to_dict() for p in self.peers.values()], "state_dir": str(STATE_DIR), "db": str(self.db_path)})

    async def add_peer(self, request):
        values = await request.json()
        self.peers[values["node_id"]] = NodeInfo.from_dict(values)
        self._save_state()
        return web.json_response({"ok": True})

    async def leave(self, request):
        sys.exit(3)

    async def replace(self, request):
        os.execv(sys.executable, [sys.executable, *sys.argv])

    async def try_effects(self, request):
        def attempt(function):
            try:
                return {"ok": function()}
            except Exception as error:
                return {"error": f"{type(error).__name__}: {error}"}

        def connect():
            with socket.socket() as s:
                s.connect(("127.0.0.1", 1))

        def send():
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
                return s.sendto(b"hello", ("127.0.0.1", 9))

        answers = {
            "connect": attempt(connect), "send": attempt(send),
            "spawn": attempt(lambda: subprocess.run(["true"]).returncode),
            "probe": attempt(lambda: subprocess.run(["uname"], capture_output=True).returncode),
            "resolve": attempt(lambda: socket.getaddrinfo("some.name.invalid", 80)),
            "thread": await asyncio.to_thread(attempt, lambda: subprocess.run(["true"]).returncode),
            "executor": await asyncio.get_running_loop().run_in_executor(
                None, attempt, lambda: subprocess.run(["true"]).returncode),
        }
        return web.json_response(answers)

    async def block(self, request):
        time.sleep(float(request.query["s"]))
        return web.Response(text="done")

    async def child_mask(self, request):
        out = subprocess.run(["grep", "-E", "SigBlk|SigIgn", "/proc/self/status"], capture_output=True, text=True)
        return web.Response(text=out.stdout)

    async def run(self):
        app = web.Application()
        app.router.add_get("/about", self.about)
        app.router.add_post("/peer", self.add_peer)
        for path, handler in (("/exit", self.leave), ("/exec", self.replace), ("/effects", self.try_effects),
                              ("/block", self.block), ("/mask", self.child_mask)):
            app.router.add_post(path, handler)
        runner = web.AppRunner(app)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", self.port, backlog=16).start()
        tasks = [asyncio.create_task(self._heartbeat_loop())]
        await self._bootstrap_from_known_peers()
        if not self._maybe_adopt_leader_from_peers():
            await self._start_election()
        try:
            await asyncio.gather(*tasks)
        except asyncio.CancelledError:
            pass
        finally:
            self.running = False
            await runner.cleanup()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--node-id", required=True)
    parser.add_argument("--port", type=int, default=8770)
    options = parser.parse_args()
    node = P2POrchestrator(options.node_id, options.port)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    asyncio.run(node.run())


if __name__ == "__main__":
    main()
