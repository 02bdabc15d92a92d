"""Steps that cross the border: the front has the worker run one of its own, the worker asks the front for one of its."""
from __future__ import annotations

import asyncio
import inspect
import itertools
import json
import threading
import time
import typing

from .gate import Gate, Scope

# A step of the front's tick is the node's own work: it may do what a released node may.
STEP = Scope("step", effects=True, spawn=True)
MISSING = object()


class Steps:
    """`run` and `views` are called on control threads, `ask` and `ask_now` on the event loop."""

    # What the front does before it says so: an election of two processes would be two elections.
    FIRST = frozenset({"_start_election", "_check_and_resolve_split_brain"})

    def __init__(self, worker):
        self.worker = worker
        self.natives = self.FIRST
        self._numbers = itertools.count(1)
        self._asked: dict[int, asyncio.Future | typing.Callable] = {}
        self._crossing: list[asyncio.Task | None] = []

    # MARK: the front asks

    def run(self, method: str, args: list, kwargs: dict):
        """Await node.method(*args, **kwargs) on the loop, send what it changed, return its result."""
        return self._wait(self._step(method, args, kwargs))

    def views(self, views: dict):
        return self._wait(self._views(views))

    def turns(self, count: int) -> None:
        """Let the event loop turn so many times."""
        async def turn():
            for _ in range(count):
                await asyncio.sleep(0)

        self._wait(turn())

    def first_pauses(self, seconds: float = 20.0) -> None:
        """Let every loop run to its first pause. That a step crosses the border is none: the legacy does it on the spot."""
        deadline = time.monotonic() + seconds
        self.turns(10)
        while (self._crossing or self.worker.loops.beginning()) and time.monotonic() < deadline:
            time.sleep(0.002)
            self.turns(10)

    def crosses(self, task) -> bool:
        return task in self._crossing

    def _wait(self, coroutine):
        loop = self.worker.loop
        if loop is None:
            coroutine.close()
            raise RuntimeError("the node is not running yet")
        return asyncio.run_coroutine_threadsafe(coroutine, loop).result()

    async def _step(self, method, args, kwargs):
        function = self._find(method)
        if function is MISSING or function is None:  # a tree without this part: nothing is done
            return None
        try:
            with Gate.within(STEP):
                result = function(*args, **kwargs)
                if inspect.isawaitable(result):
                    result = await result
        finally:
            await self.worker.sync.flush("step")
        return result if self._is_json(result) else None

    async def _views(self, views):
        shown = {}
        with Gate.within(STEP):
            for name, path in views.items():
                try:
                    value = self._find(path)
                    if value is MISSING:
                        continue
                    shown[name] = {"value": value() if callable(value) else value}
                    json.dumps(shown[name])
                except Exception as error:
                    shown[name] = {"error": str(error), "type": type(error).__name__}
        await self.worker.sync.flush("views")
        return shown

    def _find(self, path: str):
        """node.a.b; None on the way is the answer (a manager that could not be made), a missing one MISSING."""
        found = self.worker.node
        for name in path.split("."):
            if found is None:
                return None
            found = getattr(found, name, MISSING)
            if found is MISSING:
                return MISSING
        return found

    @staticmethod
    def _is_json(value) -> bool:
        try:
            json.dumps(value)
            return True
        except (TypeError, ValueError):
            return False

    # MARK: the worker asks

    async def ask(self, step: str):
        """Have the front do a step; None when it is gone."""
        task = asyncio.current_task()
        self._crossing.append(task)
        number = next(self._numbers)
        try:
            await self.worker.sync.flush("native")
            waiting = self._asked[number] = asyncio.get_running_loop().create_future()
            if not self.worker.control.event("native", seq=number, step=step):
                return None
            return await waiting
        finally:
            self._crossing.remove(task)
            self._asked.pop(number, None)

    def ask_now(self, step: str):
        """As `ask` for a method that is no coroutine: nothing else of the event loop runs meanwhile, but the control
        threads go on and may change the node."""
        self.worker.sync.flush_now("native")
        number = next(self._numbers)
        answered, results = threading.Event(), []
        self._asked[number] = lambda result: (results.append(result), answered.set())
        try:
            if not self.worker.control.event("native", seq=number, step=step):
                return None
            with self.worker.sync.parking():
                answered.wait()
            return results[0]
        finally:
            self._asked.pop(number, None)

    def answer(self, number: int, result) -> bool:
        waiting = self._asked.get(number)
        if waiting is None:
            return False
        if callable(waiting):
            waiting(result)
            return True

        def settle():
            if not waiting.done():
                waiting.set_result(result)

        self.worker.loop.call_soon_threadsafe(settle)
        return True

    def abandon(self) -> None:
        """The front is gone: nobody waits for an answer that cannot come."""
        for number in list(self._asked):
            self.answer(number, None)
