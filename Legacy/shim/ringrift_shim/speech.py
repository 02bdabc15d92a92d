"""What the node prints, without what the front has printed already.

The front builds a node of its own and prints the legacy's start lines for it; the hosted node, built later, would print
them again. Each line the front spoke is swallowed once here (numbers do not count: load and peers differ a little between
the two starts), all others pass: those are lines of what only this side does.
"""
from __future__ import annotations

import collections
import re
import sys
import threading

RECORD = re.compile(r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} - [A-Z]+ - ")
LINE = re.compile(r"[^\n]*\n|[^\n]+")
NUMBER = re.compile(r"\d+(\.\d+)?")


def template(line: str) -> str:
    """A line without its time stamp and numbers."""
    return NUMBER.sub("#", RECORD.sub("", line.rstrip("\n")))


class Spoken:
    """Lines still to be swallowed, shared by both streams."""

    def __init__(self, lines, quiet: bool):
        self.left = collections.Counter(template(line) for line in lines)
        self.quiet = quiet
        self.lock = threading.Lock()

    def swallows(self, line: str) -> bool:
        with self.lock:
            key = template(line)
            if self.left.get(key, 0) > 0:
                self.left[key] -= 1
                if not self.left[key]:
                    del self.left[key]
                return True
            return self.quiet

    @property
    def done(self) -> bool:
        return not self.quiet and not self.left


class FilteredStream:
    """A text stream that swallows, and that writes whole lines: the front writes to the same files, and `print` on an
    unbuffered stream writes a text and its newline one after the other. What does not end with one waits for it, or for
    a flush, per thread."""

    def __init__(self, stream, spoken: Spoken):
        self._stream, self._spoken = stream, spoken
        self._partial: dict[int, str] = {}
        self._lock = threading.Lock()

    def write(self, text):
        with self._lock:
            here = threading.get_ident()
            said = self._partial.pop(here, "") + text
            if said.endswith("\n"):
                self._say(said)
            elif said:
                self._partial[here] = said
        return len(text)

    def _say(self, lines):
        if not self._spoken.done:
            lines = "".join(line for line in LINE.findall(lines) if not self._spoken.swallows(line))
        if lines:
            self._stream.write(lines)
            self._stream.flush()

    def flush(self):
        with self._lock:
            rest = self._partial.pop(threading.get_ident(), "")
            if rest:
                self._say(rest)
            self._stream.flush()

    def writelines(self, lines):
        for line in lines:
            self.write(line)

    def release(self):
        with self._lock:
            self._spoken.quiet = False

    def __getattr__(self, name):
        return getattr(self._stream, name)


def install(lines, quiet: bool) -> tuple:
    """Put the filter before sys.stdout and sys.stderr; returns both."""
    if not lines and not quiet:
        return ()
    spoken = Spoken(lines, quiet)
    sys.stdout, sys.stderr = FilteredStream(sys.stdout, spoken), FilteredStream(sys.stderr, spoken)
    return sys.stdout, sys.stderr
