"""The connection to the harness's clock.

A stream socket, one line each way, the harness asks:

    hello 1 PID NAME      the first line, from us
    now SECONDS           from the harness: the time is this; wake the first waiter that is due
    woke                  our answer: one was due and is awake
    next SECONDS|none     our answer: none was due, the earliest waits for this moment
    busy SECONDS|none     the same, but work is going on that waits for something real (a name server, say): ask again

One waiter a turn: the harness waits until everything is quiet again before it asks for the next, so that what is due
at the same moment runs in the order in which it was registered, whatever the scheduler does.
"""
from __future__ import annotations

import _thread
import contextlib
import heapq
import os
import socket

VERSION = 1


class Channel:
    """Now, and who waits for later. Thread-safe; blocking reads happen on a thread of its own."""

    def __init__(self, path: str, name: str):
        self._path, self._name = path, name
        # Plain locks of _thread: those of `threading` are patched (waits.py).
        self._lock = _thread.allocate_lock()
        self._waiting: list = []
        self._count = 0
        self._working: dict[int, bool] = {}
        self.now = 0.0
        self._connect()
        os.register_at_fork(after_in_child=self._after_fork)

    def at(self, moment: float, wake) -> list:
        """Call wake() once when the clock reaches `moment`; returns what `cancel` takes. wake() must not block."""
        with self._lock:
            self._count += 1
            entry = [moment, self._count, wake]
            heapq.heappush(self._waiting, entry)
            return entry

    def cancel(self, entry: list) -> None:
        with self._lock:
            entry[2] = None

    def sleep(self, seconds: float) -> None:
        """Block this thread until the clock has moved by `seconds`."""
        waiter = _thread.allocate_lock()
        waiter.acquire()
        entry = self.at(self.now + seconds, waiter.release)
        try:
            with self.resting():
                waiter.acquire()
        finally:
            self.cancel(entry)

    @contextlib.contextmanager
    def working(self):
        """This thread works: while it waits for anything but the clock, a lock or a child, the clock must not move."""
        thread = _thread.get_ident()
        outer = self._working.get(thread)
        self._working[thread] = True
        try:
            yield
        finally:
            if outer is None:
                self._working.pop(thread, None)

    @contextlib.contextmanager
    def resting(self):
        """Within `working`: this thread waits for the clock, or for somebody who works himself."""
        thread = _thread.get_ident()
        works = self._working.pop(thread, None)
        try:
            yield
        finally:
            if works is not None:
                self._working[thread] = True

    def _connect(self) -> None:
        stream = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        stream.connect(self._path)
        stream.sendall(f"hello {VERSION} {os.getpid()} {self._name}\n".encode())
        lines = stream.makefile("rb")
        self._follow(lines.readline())
        self._stream = stream
        _thread.start_new_thread(self._serve, (stream, lines))

    def _serve(self, stream, lines) -> None:
        for line in lines:
            answer = "woke\n"
            if not self._follow(line):
                with self._lock:
                    moment = repr(self._waiting[0][0]) if self._waiting else "none"
                answer = f"{'busy' if self._working else 'next'} {moment}\n"
            stream.sendall(answer.encode())

    def _follow(self, line: bytes) -> bool:
        """Take the time the harness says; True when a waiter was due."""
        word, _, value = line.decode().strip().partition(" ")
        if word != "now":
            raise ValueError(f"the clock said {line!r}")
        wake = None
        with self._lock:
            self.now = float(value)
            while self._waiting:
                moment, _, wake = self._waiting[0]
                if wake is not None and moment > self.now:
                    return False
                heapq.heappop(self._waiting)[2] = None
                if wake is not None:
                    break
            else:
                return False
        wake()
        return True

    def _after_fork(self) -> None:
        """A child has none of our threads: it follows the clock by a connection of its own, or not at all."""
        self._lock = _thread.allocate_lock()
        self._waiting = []
        self._working = {}
        try:
            self._stream.close()
            self._connect()
        except (OSError, ValueError):
            pass
