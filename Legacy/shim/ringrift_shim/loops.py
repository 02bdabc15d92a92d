"""Background loops of the node behind one switch: stopped while contained, the legacy's own coroutines while released."""
from __future__ import annotations

import asyncio
import time

SLEEP_CODE = asyncio.sleep.__code__


def between_rounds(task: asyncio.Task) -> bool:
    """True when the loop's own frame waits in asyncio.sleep, so that no step is cut in the middle."""
    waiting = getattr(task.get_coro(), "cr_await", None)
    return getattr(waiting, "cr_code", None) is SLEEP_CODE


class LoopSwitch:
    """Runs each named loop only while it is wanted. All methods belong to the event loop's thread."""

    def __init__(self, names, released: bool, crosses=lambda task: False):
        """crosses: whether the task has asked the front for a step and waits for it."""
        self.crosses = crosses
        self.wanted: dict[str, bool] = {name: released for name in names}
        self.running: dict[str, asyncio.Task] = {}
        self.started: dict[str, int] = {name: 0 for name in names}
        self.ended: dict[str, str] = {}
        self._changed: dict[str, asyncio.Event] = {}
        self._order = asyncio.Lock()
        # A round of heartbeats to peers that do not answer takes long; a step is not cut if it can be helped.
        self.grace = 15.0
        # How long the next loop waits for the step that the one before has asked for.
        self.patience = 2.0

    def set(self, released: bool, names=None) -> list[str]:
        """Want (or no longer want) these loops; returns the names that changed."""
        chosen = list(self.wanted) if names is None else list(names)
        unknown = [name for name in chosen if name not in self.wanted]
        if unknown:
            raise ValueError(f"unknown loops: {', '.join(unknown)}; known: {', '.join(self.wanted)}")
        changed = [name for name in chosen if self.wanted[name] != released]
        for name in changed:
            self.wanted[name] = released
            if name in self._changed:
                self._changed[name].set()
        return changed

    async def host(self, name: str, make) -> None:
        """Stands in for the legacy's loop: starts make() when wanted, ends it when no longer wanted.

        A loop that ends by itself stays ended until it is contained and released again (what it decided once at start is
        decided anew at a switch). Its exception passes on, as the legacy's gather would pass it on.
        """
        change = self._changed.setdefault(name, asyncio.Event())
        while True:
            change.clear()
            if not self.wanted[name] or name in self.ended:
                if not self.wanted[name]:
                    self.ended.pop(name, None)
                await change.wait()
                continue
            task = None
            try:
                async with self._order:
                    if not self.wanted[name]:
                        continue
                    task = asyncio.get_running_loop().create_task(make(), name=f"ringrift-{name}")
                    self.running[name] = task
                    self.started[name] += 1
                    await self._first_pause(task)
                await self._until_unwanted(name, task, change)
            finally:
                self.running.pop(name, None)
                if task is not None and not task.done():
                    task.cancel()

    async def _first_pause(self, task):
        """In the legacy a loop runs to its first pause before the next one begins. A step that the front does is none, and
        what the next loops do at once (imports, files) would keep its answer waiting."""
        deadline = time.monotonic() + self.patience
        await asyncio.sleep(0)
        while self.crosses(task) and time.monotonic() < deadline:
            await asyncio.sleep(0.001)

    def beginning(self) -> bool:
        """Whether a wanted loop has not begun yet."""
        return any(self.wanted[name] and name not in self.running and name not in self.ended for name in self._changed)

    async def _until_unwanted(self, name, task, change):
        while self.wanted[name]:
            change.clear()
            waiter = asyncio.ensure_future(change.wait())
            try:
                await asyncio.wait({task, waiter}, return_when=asyncio.FIRST_COMPLETED)
            finally:
                waiter.cancel()
            if task.done():
                if not task.cancelled():
                    task.result()
                self.ended[name] = "cancelled" if task.cancelled() else "returned"
                return
        deadline = time.monotonic() + self.grace
        while not task.done() and not between_rounds(task) and time.monotonic() < deadline:
            await asyncio.sleep(0.02)
        task.cancel()
        await asyncio.wait({task})

    def report(self) -> dict:
        return {name: {"wanted": self.wanted[name], "running": name in self.running, "started": self.started[name],
                       **({"ended": self.ended[name]} if name in self.ended else {})}
                for name in self.wanted}
