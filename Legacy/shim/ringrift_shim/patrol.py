"""Sends patches while the node works: work that outlives its request (tasks, threads) reaches the store too."""
from __future__ import annotations

import asyncio
import subprocess
import time


class Patrol:
    """Flushes the sync periodically while a store is attached: every 50 ms while a request or an executor job runs,
    every 250 ms while loops run, every second otherwise, and once more right after work ended."""

    BUSY, LOOPS, IDLE = 0.05, 0.25, 1.0

    def __init__(self, sync, is_busy, loops_running, children):
        self.sync, self.is_busy, self.loops_running, self.children = sync, is_busy, loops_running, children
        self._woken = asyncio.Event()

    def wake(self) -> None:
        """Work begins: do not sleep on."""
        self._woken.set()

    async def run(self) -> None:
        while True:
            busy = self.is_busy()
            if busy:
                await asyncio.sleep(self.BUSY)
            else:
                self._woken.clear()
                try:
                    await asyncio.wait_for(self._woken.wait(), self.LOOPS if self.loops_running() else self.IDLE)
                    continue
                except asyncio.TimeoutError:
                    pass
            self.children.collect()
            await self.sync.flush("tick")
            if busy and not self.is_busy():
                await self.sync.flush("tick")


class Children:
    """Collects ended jobs. The legacy does so whenever it starts another process, which it does to count the jobs; a
    worker whose front counts them starts none for hours, and its ended jobs would stay zombies."""

    # Seconds: the front's processes are gone at once, and the legacy's at the latest with its heartbeat round.
    OF_THE_FRONT, OF_THE_LEGACY = 1.0, 15.0

    def __init__(self, schedules):
        """schedules: whether the steps that look after jobs are this process's own."""
        self._schedules, self._last = schedules, time.monotonic()

    def collect(self) -> None:
        now = time.monotonic()
        if now - self._last < (self.OF_THE_LEGACY if self._schedules() else self.OF_THE_FRONT):
            return
        self._last = now
        # What Popen itself does first; it touches only children whose Popen object is gone.
        getattr(subprocess, "_cleanup", lambda: None)()
