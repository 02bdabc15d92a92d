"""Labelled streams of bytes: block n of a label is SHA-256(seed "\\n" label "\\n" n), n counted from 0 in decimal digits.

Every draw begins with a fresh block and takes as many as it needs, so a value depends on how often its label was asked
before, and on nothing else. Sources/Effects/Deterministic computes the same.

    bytes(k)   the first k bytes of the blocks
    uuid       16 bytes, with the version (4) and variant bits of RFC 4122 set
    bits(k)    the bytes as a big-endian number, its highest k bits
    fraction   53 bits / 2**53
"""
from __future__ import annotations

import _thread
import hashlib
import os
import sys
import uuid

from .labels import LABELS


class Streams:
    """Draws under labels. `tree`: call sites in files below it are named by their path in it."""

    def __init__(self, seed: str, tree: str):
        self.seed, self._tree = seed, os.path.realpath(tree) + os.sep
        self._lock = _thread.allocate_lock()
        self._counts: dict[str, int] = {}
        self._names: dict = {}
        import random
        import secrets

        here = os.path.dirname(__file__)
        self._skipped = {module.__file__ for module in (uuid, random, secrets)} | {
            os.path.join(here, name) for name in ("streams.py", "draws.py")}

    def bytes(self, label: str, count: int) -> bytes:
        blocks = b""
        while True:
            with self._lock:
                number = self._counts.get(label, 0)
                self._counts[label] = number + 1
            blocks += hashlib.sha256(f"{self.seed}\n{label}\n{number}".encode()).digest()
            if len(blocks) >= count:
                return blocks[:count]

    def bits(self, label: str, count: int) -> int:
        size = (count + 7) // 8
        return int.from_bytes(self.bytes(label, size), "big") >> (8 * size - count)

    def fraction(self, label: str) -> float:
        return self.bits(label, 53) / (1 << 53)

    def uuid(self, label: str) -> uuid.UUID:
        return uuid.UUID(bytes=self.bytes(label, 16), version=4)

    def caller(self) -> str:
        """The label of the function that asks: the table's (labels.py), else its qualified name."""
        frame = sys._getframe(1)
        while frame.f_back is not None and frame.f_code.co_filename in self._skipped:
            frame = frame.f_back
        code = frame.f_code
        label = self._names.get(code)
        if label is None:
            label = self._names[code] = self._label(code.co_filename, frame.f_globals.get("__name__", ""), code.co_qualname)
        return label

    def _label(self, path: str, module: str, function: str) -> str:
        full = os.path.realpath(path)
        if full.startswith(self._tree):
            module = os.path.splitext(full[len(self._tree):])[0].replace(os.sep, ".")
        site = f"{module}.{function}"
        return LABELS.get(site, site)
