"""Everything in Python that waits with a time-out: sleep, conditions (and so events, queues, futures), selectors, children."""
from __future__ import annotations

import _thread
import asyncio
import concurrent.futures.thread
import os
import selectors
import subprocess
import threading
import time
import types

from .sweep import replace

_real_sleep = time.sleep


class _VirtualSelect:
    """A selector whose time-out is a moment of the virtual clock: it blocks until a descriptor or the clock wakes it."""

    channel = None

    def select(self, timeout=None):
        if timeout is None:
            with self.channel.resting():
                return super().select(None)
        if timeout <= 0:
            return super().select(timeout)
        ready = super().select(0)
        if ready:
            return ready
        bell = os.eventfd(0, os.EFD_NONBLOCK | os.EFD_CLOEXEC)
        guard, open_ = _thread.allocate_lock(), [True]

        def ring():
            with guard:
                if open_[0]:
                    os.eventfd_write(bell, 1)

        # Registered for this wait only: callers look into get_map() to see whether anything is left.
        self.register(bell, selectors.EVENT_READ)
        entry = self.channel.at(self.channel.now + timeout, ring)
        try:
            with self.channel.resting():
                ready = super().select(None)
            return [(key, events) for key, events in ready if key.fd != bell]
        finally:
            self.channel.cancel(entry)
            self.unregister(bell)
            with guard:
                open_[0] = False
                os.close(bell)


class Blocked:
    """Waits that block an event loop take no virtual time, as computing takes none.

    A legacy that sleeps in a coroutine holds up everything else by accident: its timers would drift apart from those of a
    program that does not. A loop that waits for the time itself to pass gets its time after some rounds.
    """

    rounds = 200

    def __init__(self, channel):
        self._channel, self._moment, self._count = channel, None, 0

    def takes_no_time(self) -> bool:
        if asyncio._get_running_loop() is None:
            return False
        if self._moment != self._channel.now:
            self._moment, self._count = self._channel.now, 0
        self._count += 1
        return self._count <= self.rounds


class VirtualEpoll(_VirtualSelect, selectors.EpollSelector):
    """For event loops."""


class VirtualPoll(_VirtualSelect, selectors.PollSelector):
    """For subprocess.communicate."""


def install(channel) -> None:
    _VirtualSelect.channel = channel

    blocked = Blocked(channel)

    def sleep(seconds):
        if not isinstance(seconds, (int, float)) or not seconds > 0:
            return _real_sleep(seconds)
        if blocked.takes_no_time():
            return None
        return channel.sleep(float(seconds))

    replace(time, "sleep", sleep)
    _patch_conditions(channel)
    _patch_children(channel)
    _count_work(channel)


def _count_work(channel) -> None:
    """What runs on threads of executors is work."""
    item = concurrent.futures.thread._WorkItem
    run = item.run

    def counted(self):
        with channel.working():
            run(self)

    item.run = counted


def _patch_conditions(channel) -> None:
    untimed = threading.Condition.wait

    def wait(self, timeout=None):
        if timeout is None:
            with channel.resting():
                return untimed(self)
        if timeout <= 0:
            return untimed(self, timeout)
        if not self._is_owned():
            raise RuntimeError("cannot wait on un-acquired lock")
        turn = _thread.allocate_lock()
        turn.acquire()
        self._waiters.append(turn)
        saved = self._release_save()

        def ring():
            try:
                turn.release()
            except RuntimeError:
                pass  # Notified at the same moment.

        entry = channel.at(channel.now + timeout, ring)
        try:
            with channel.resting():
                turn.acquire()
        finally:
            channel.cancel(entry)
            self._acquire_restore(saved)
        # Who notifies takes the waiter out of the list; the clock leaves it in.
        try:
            self._waiters.remove(turn)
        except ValueError:
            return True
        return False

    threading.Condition.wait = wait


def _patch_children(channel) -> None:
    """Time-outs of children count virtual seconds; the child itself runs in real time and is waited for by its descriptor."""
    subprocess._time = lambda: channel.now
    subprocess._PopenSelector = VirtualPoll
    # What is left in subprocess asks its `time` for short real pauses only.
    subprocess.time = types.SimpleNamespace(sleep=_real_sleep, monotonic=lambda: channel.now, time=lambda: channel.now)
    until_end = subprocess.Popen._wait

    def remaining(self, end):
        # The clock stops at the very end, where a real one is past it: that is too late, too.
        return None if end is None else (end - channel.now if end > channel.now else -1.0)

    subprocess.Popen._remaining_time = remaining

    def wait(self, timeout):
        if timeout is None or self.poll() is not None:
            with channel.resting():
                return until_end(self, timeout)
        try:
            child = os.pidfd_open(self.pid)
        except ProcessLookupError:
            return until_end(self, None)  # Reaped by somebody else meanwhile.
        try:
            with VirtualPoll() as selector:
                selector.register(child, selectors.EVENT_READ)
                if not selector.select(timeout):
                    raise subprocess.TimeoutExpired(self.args, timeout)
        finally:
            os.close(child)
        return until_end(self, None)

    subprocess.Popen._wait = wait
