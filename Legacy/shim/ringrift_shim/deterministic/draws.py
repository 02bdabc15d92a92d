"""Random values: uuid, random, secrets and os.urandom draw from the stream of the function that asks."""
from __future__ import annotations

import os
import random
import uuid

from .streams import Streams
from .sweep import replace


def install(streams: Streams) -> None:
    def uuid4():
        return streams.uuid(streams.caller())

    def uuid1(node=None, clock_seq=None):
        return uuid.UUID(bytes=streams.bytes(streams.caller(), 16), version=1)

    def urandom(size):
        return streams.bytes(streams.caller(), size)

    replace(uuid, "uuid4", uuid4)
    replace(uuid, "uuid1", uuid1)
    # Also random._urandom, on which SystemRandom and so `secrets` stand.
    replace(os, "urandom", urandom)
    _install_random(streams)


def _install_random(streams: Streams) -> None:
    real, shared = random.Random, random._inst

    class UnseededByStream(real):
        """A generator of its own: seeded by its maker, else by the stream of the function that makes it."""

        def __init__(self, x=None):
            super().__init__(streams.bits(streams.caller(), 128) if x is None else x)

    class Labelled(real):
        """The generator behind random.random() and its like: every draw from its caller's stream, until seeded."""

        own = False

        def seed(self, a=None, version=2):
            self.own = a is not None
            super().seed(0 if a is None else a, version)

        def random(self):
            return super().random() if self.own else streams.fraction(streams.caller())

        def getrandbits(self, k):
            return super().getrandbits(k) if self.own or k <= 0 else streams.bits(streams.caller(), k)

    fresh = Labelled()
    for name, value in list(vars(random).items()):
        if getattr(value, "__self__", None) is shared:
            replace(random, name, getattr(fresh, name))
    random._inst = fresh
    UnseededByStream.__name__ = UnseededByStream.__qualname__ = "Random"
    UnseededByStream.__module__ = "random"
    replace(random, "Random", UnseededByStream)
