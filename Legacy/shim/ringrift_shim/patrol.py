"""Sends patches while the node works: work that outlives its request (tasks, threads) reaches the store too."""
from __future__ import annotations

import asyncio


class Patrol:
    """Flushes the sync periodically while a store is attached: every 50 ms while a request or an executor job runs,
    every 250 ms while loops run, every second otherwise, and once more right after work ended."""

    BUSY, LOOPS, IDLE = 0.05, 0.25, 1.0

    def __init__(self, sync, is_busy, loops_running):
        self.sync, self.is_busy, self.loops_running = sync, is_busy, loops_running
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
            await self.sync.flush("tick")
            if busy and not self.is_busy():
                await self.sync.flush("tick")
