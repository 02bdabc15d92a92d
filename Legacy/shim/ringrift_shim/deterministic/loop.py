"""Event loops: their selector follows the clock, and timers of the same moment run in the order in which they were made."""
from __future__ import annotations

import asyncio
import asyncio.events
import itertools

from .waits import VirtualEpoll


def install(channel) -> None:
    class VirtualLoop(asyncio.SelectorEventLoop):
        def run_forever(self):
            with channel.working():
                super().run_forever()

    class VirtualPolicy(asyncio.DefaultEventLoopPolicy):
        def new_event_loop(self):
            loop = VirtualLoop(VirtualEpoll())
            # A loop runs what is due before now + resolution. The clock stands still at the very moment of a timer, and
            # a nanosecond is lost in the sum with seconds since 1970: it would turn for ever without running it.
            loop._clock_resolution = 1e-6
            return loop

    asyncio.set_event_loop_policy(VirtualPolicy())
    _order_timers()


def _order_timers() -> None:
    """A heap of timers that compares moments only leaves it to its history which of two equal ones is first."""
    timer, numbers = asyncio.events.TimerHandle, itertools.count()
    initialise = timer.__init__

    class NumberedTimer(timer):
        __slots__ = ("_number",)

        def __init__(self, *arguments, **named):
            initialise(self, *arguments, **named)
            self._number = next(numbers)

        def __lt__(self, other):
            if not isinstance(other, NumberedTimer):
                return timer.__lt__(self, other)
            return (self._when, self._number) < (other._when, other._number)

        __hash__ = timer.__hash__

    asyncio.events.TimerHandle = NumberedTimer
    asyncio.TimerHandle = NumberedTimer
