"""Shape "worker": hosts the node of a legacy tree behind a private socket, with the seams the front needs."""
from __future__ import annotations

import asyncio
import concurrent.futures
import contextlib
import os
import pathlib
import sys
import threading
import time
import traceback

from . import process, speech
from .config import WorkerConfig
from .commands import Commands
from .control import ControlServer
from .gate import STARTUP, ContextExecutor, Gate, Scope
from .guards import Guards
from .loader import legacy_commit, load_program
from .loops import LoopSwitch
from .node import hosted_class
from .patrol import Children, Patrol
from .state import NodeState
from .steps import Steps
from .statedir import prepare
from .sync import StateSync
from .tables import loop_methods, tables


class Worker:
    """One hosted node. The event loop's thread owns node, loops and http; `on_loop` brings other threads there."""

    def __init__(self, config: WorkerConfig):
        self.config = config
        self.started_at = time.time()
        self.start_seconds: float | None = None
        self.ready = False
        self.node = self.module = self.state = self.sync = self.loop = self.main_task = self.executor = None
        self.state_dir = self.commit = None
        self.requests = {"served": 0, "contained": 0, "failed": 0}
        self.exec_requests: list[list[str]] = []
        self.in_flight = 0
        self.gate = Gate(config.contained)
        self.loops = LoopSwitch(list(loop_methods().values()), released=not config.contained,
                                crosses=lambda task: self.steps.crosses(task))
        self.signals = process.SignalSeam()
        self.http = None
        self.control = None
        self.steps = Steps(self)
        self._filters = ()
        self._tick = time.monotonic()
        self._stopping = False
        self._reading = {tuple(row) for row in tables()["reading_routes"]}

    # MARK: start

    def start(self) -> int:
        config = self.config
        process.watch_parent(config.parent_watch)
        self.signals.install()
        self._priority = process.StartPriority() if config.quiet_start else None
        if config.cwd:
            os.chdir(config.cwd)
        process.redirect_output(config.output, config.prefix)
        self._filters = speech.install(config.spoken, config.quiet_start)
        from .http_seam import HttpSeam

        self.http = HttpSeam(config.socket, config.access_log, self.around)
        if config.control:
            self.control = ControlServer(config.control, Commands(self).execute, self._client_gone)
            self.control.start()
        with Gate.within(STARTUP):
            self.commit = legacy_commit(config.tree)
        self.gate.on_intent = lambda intent: self.event("intent", **intent)
        Guards(self.gate, self.exec_requested).install()
        self.http.install()
        try:
            with Gate.within(STARTUP):
                self.module = load_program(config.script_path, config.argv, argv0=config.script)
            real_state_dir = self.module.STATE_DIR
            self.state_dir = prepare(real_state_dir, config.state_dir, config.seed_state)
            self.module.P2POrchestrator = hosted_class(self.module.P2POrchestrator, self)
            self.module.main()
            status = 0
        except SystemExit as leaving:
            status = leaving.code if isinstance(leaving.code, int) else 0 if leaving.code is None else 1
            self.event("exit", code=status)
        except (KeyboardInterrupt, asyncio.CancelledError):
            status = 0
        except BaseException as error:
            traceback.print_exc()
            self.event("failed", type=type(error).__name__, message=str(error))
            status = 1
        self._leave()
        return status

    @contextlib.contextmanager
    def private_state_dir(self):
        """STATE_DIR points to the private folder while the constructor opens its databases, and only then: log paths
        and command lines made from it later are the legacy's own. Every module that holds the name is shown the other value."""
        real = self.module.STATE_DIR
        holders = [m for m in [self.module, *sys.modules.values()] if getattr(m, "STATE_DIR", None) == real]
        for holder in holders:
            holder.STATE_DIR = self.state_dir
        try:
            yield
        finally:
            for holder in holders:
                holder.STATE_DIR = real

    def constructed(self, node) -> None:
        if self.config.state_dir is not None and self.state_dir not in pathlib.Path(node.db_path).parents:
            raise RuntimeError(f"the node opened {node.db_path}, which is not in the private folder {self.state_dir}")
        self.node, self.state = node, NodeState(node, self.module)
        self.sync = StateSync(self.state, self.control, self.config.patches, self.config.ack_timeout)
        self.sync.base = self.state.dump()

    def attach(self, loop, task) -> None:
        """Called on the loop, before the tree's own run()."""
        self.loop, self.main_task, self._loop_thread = loop, task, threading.get_ident()
        self.executor = ContextExecutor(max_workers=min(32, (os.cpu_count() or 1) + 4), thread_name_prefix="asyncio")
        loop.set_default_executor(self.executor)
        self._beat()
        self.patrol = Patrol(
            self.sync, lambda: self.in_flight or self.executor.busy, lambda: bool(self.loops.running),
            Children(lambda: "_check_local_stuck_jobs" not in self.steps.natives))
        self._own_tasks = [loop.create_task(self._announce()), loop.create_task(self.patrol.run())]

    async def _announce(self):
        await self.http.started.wait()
        self.ready, self.start_seconds = True, time.time() - self.started_at
        self.event("ready", start_s=self.start_seconds)

    def _beat(self):
        self._tick = time.monotonic()
        self.loop.call_later(0.1, self._beat)

    # MARK: the legacy's calls

    async def around(self, request, handler):
        """Every request: its scope, its patches, and what happens when its handler wants to end the process."""
        told = getattr(request, "ringrift", {})
        contained = told.get("x-ringrift-contain", "1" if self.config.requests == "contain" else "0") == "1"
        scope = Scope("request", effects=not contained, spawn=not contained, request=told.get("x-ringrift-request"))
        self.requests["contained" if contained else "served"] += 1
        self.in_flight += 1
        self.patrol.wake()
        try:
            with Gate.within(scope):
                try:
                    return await handler(request)
                except SystemExit as leaving:
                    self.event("exit", code=leaving.code, request=scope.request)
                    raise asyncio.CancelledError from None
                finally:
                    if not self._only_reads(request):
                        self.sync.flush_now("request")
        except Exception:
            self.requests["failed"] += 1
            raise
        finally:
            self.in_flight -= 1

    def _only_reads(self, request) -> bool:
        resource = getattr(getattr(request.match_info, "route", None), "resource", None)
        method = "GET" if request.method == "HEAD" else request.method
        return resource is None or (method, resource.canonical) in self._reading

    def save_state(self, own) -> None:
        """`_save_state`: the store writes, not this process. Where there can be no store (no control socket) and the
        node is released, the tree's own code writes its database."""
        attached = self.sync is not None and self.sync.attached()
        if self.sync is not None:
            self.sync.save()
        if not self.gate.contained and not attached and self.control is None:
            own()

    def exec_requested(self, argv) -> None:
        """`os.execv`: the front restarts what has to be restarted. The caller ends here, as it would have there."""
        self.exec_requests.append(argv)
        self.event("exec", argv=argv)
        raise asyncio.CancelledError("restart handed to the front")

    # MARK: the front's calls

    def switch(self, contained: bool, names) -> dict:
        """Contain or release: loops by name, or everything, which also switches background effects."""
        if names is None:
            self.gate.contained = contained
        return {"contained": self.gate.contained, "changed": self.loops.set(not contained, names)}

    def output_released(self) -> None:
        for stream in self._filters:
            stream.release()
        if self._priority is not None:
            self._priority.restore()

    def on_loop(self, function, timeout: float = float("inf")):
        """Run on the event loop's thread and wait: a patch that is given up would be lost, and the legacy blocks its loop
        for up to minutes. While that thread is parked in `_save_state` it is run here instead."""
        if self.loop is None or self.sync is None:
            raise RuntimeError("the node is not running yet")
        answer: concurrent.futures.Future = concurrent.futures.Future()
        claim = threading.Lock()

        def run():
            if not claim.acquire(blocking=False):
                return
            try:
                answer.set_result(function())
            except BaseException as error:
                answer.set_exception(error)

        self.loop.call_soon_threadsafe(run)
        deadline = time.monotonic() + timeout
        while True:
            try:
                return answer.result(timeout=0.02)
            except concurrent.futures.TimeoutError:
                if answer.done():
                    return answer.result()
                if self._loop_thread in self.sync.parked:
                    run()
                elif time.monotonic() > deadline and claim.acquire(blocking=False):
                    raise TimeoutError("the event loop is busy") from None

    def loop_silence(self) -> float | None:
        """Seconds since the event loop last turned; None before it runs."""
        return time.monotonic() - self._tick if self.loop is not None else None

    def shutdown(self, grace: float) -> None:
        self._stopping = True
        threading.Thread(target=self._end_anyway, args=(grace,), name="ringrift-shutdown", daemon=True).start()
        if self.loop is None:
            os._exit(0)
        self.loop.call_soon_threadsafe(self.main_task.cancel)

    def _end_anyway(self, grace):
        time.sleep(grace)
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
        os._exit(0)

    def event(self, name, **details) -> None:
        if self.control is not None:
            self.control.event(name, **details)

    def _client_gone(self, connection) -> None:
        if self.sync is not None and not self.sync.attached():
            self.sync.abandon()
            self.steps.abandon()

    def _leave(self):
        if self.control is not None:
            self.control.stop()
        with contextlib.suppress(OSError):
            os.unlink(self.config.socket)


def serve(config) -> int:
    """Host the node until `shutdown`, the parent's death or the node's own end; returns the exit status.

    config: a WorkerConfig or a mapping with its fields. Call it once, on the interpreter's main thread. The caller leaves
    the process afterwards without finalising an embedded interpreter.
    """
    return Worker(WorkerConfig.of(config)).start()
