"""What a worker does to its own process before the legacy is loaded: parent death, signals, output."""
from __future__ import annotations

import ctypes
import io
import os
import signal
import sys
import threading
import time

PR_SET_PDEATHSIG = 1
OWNED_BY_FRONT = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def watch_parent(how: str, poll_seconds: float = 1.0) -> None:
    """End this process with its parent.

    The kernel's signal comes when the *thread* that started this process ends, so a parent that spawns from a
    short-lived thread must choose "poll"; polling works through blocked event loops too, because waiting releases the GIL.
    """
    parent = os.getppid()
    if how in ("both", "pdeathsig") and sys.platform == "linux":
        libc = ctypes.CDLL(None, use_errno=True)
        if libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0) != 0:
            raise OSError(ctypes.get_errno(), "prctl(PR_SET_PDEATHSIG)")
        if os.getppid() != parent:
            os._exit(1)
    if how in ("both", "poll"):
        def poll():
            while os.getppid() == parent:
                time.sleep(poll_seconds)
            os._exit(1)

        threading.Thread(target=poll, name="ringrift-parent", daemon=True).start()


class StartPriority:
    """Leaves the processor to others while a tree is imported, which takes seconds of it: a worker that follows a dead one
    starts beside a node that is serving. Only where the priority can be had back (root, or RLIMIT_NICE): what the node
    does later, and its children, run as they were started."""

    STEPS = 10

    def __init__(self):
        self.own = None
        own = os.getpriority(os.PRIO_PROCESS, 0)
        try:
            os.setpriority(os.PRIO_PROCESS, 0, own + 1)
            os.setpriority(os.PRIO_PROCESS, 0, own)
            os.setpriority(os.PRIO_PROCESS, 0, own + self.STEPS)
            self.own = own
        except OSError:
            pass

    def restore(self) -> None:
        """Priorities belong to threads: those that were started meanwhile have the lower one, too."""
        if self.own is None:
            return
        for thread in os.listdir("/proc/self/task"):
            try:
                os.setpriority(os.PRIO_PROCESS, int(thread), self.own)
            except OSError:
                pass
        self.own = None


class SignalSeam:
    """INT, TERM and HUP do nothing here and the legacy cannot install its own handlers for them.

    A handler that does nothing is used instead of SIG_IGN or a blocked mask: those two are inherited by children, and a
    selfplay process that ignores TERM could not be stopped. For the same reason a mask inherited from the embedding is
    opened again. Other signals pass through to the real function.
    """

    def __init__(self):
        self.requested: dict[int, object] = {}
        self._real = signal.signal

    def install(self) -> None:
        if threading.current_thread() is threading.main_thread():
            for number in OWNED_BY_FRONT:
                self._real(number, lambda *_: None)
        if hasattr(signal, "pthread_sigmask"):
            signal.pthread_sigmask(signal.SIG_UNBLOCK, OWNED_BY_FRONT)
        signal.signal = self._signal

    def _signal(self, number, handler):
        if number in OWNED_BY_FRONT:
            previous = self.requested.get(number, signal.SIG_DFL)
            self.requested[number] = handler
            return previous
        return self._real(number, handler)


class _PrefixedStream(io.TextIOBase):
    """Text stream that puts a prefix before each line."""

    def __init__(self, stream, prefix):
        self._stream, self._prefix, self._at_start = stream, prefix, True

    def write(self, text):
        for line in text.splitlines(keepends=True):
            self._stream.write((self._prefix if self._at_start else "") + line)
            self._at_start = line.endswith("\n")
        return len(text)

    def flush(self):
        self._stream.flush()

    def fileno(self):
        return self._stream.fileno()

    def writable(self):
        return True


def redirect_output(output: str, prefix: str = "") -> None:
    """Point file descriptors 1 and 2 where the configuration says; lines are written as they are printed."""
    sys.stdout.flush()
    sys.stderr.flush()
    if output == "stderr":
        os.dup2(2, 1)
    elif output != "inherit":
        path = os.devnull if output == "null" else output
        target = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
        os.dup2(target, 1)
        os.dup2(target, 2)
        os.close(target)
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(line_buffering=True)
    if prefix:
        sys.stdout = _PrefixedStream(sys.stdout, prefix)


def memory_kib() -> dict[str, int]:
    """VmRSS and VmHWM of this process in KiB (empty where /proc is missing)."""
    try:
        with open("/proc/self/status") as status:
            rows = (line.split(":", 1) for line in status if line.startswith(("VmRSS", "VmHWM")))
            return {key: int(value.split()[0]) for key, value in rows}
    except OSError:
        return {}
