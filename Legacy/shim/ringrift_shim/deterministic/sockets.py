"""Time-outs of blocking sockets. They live in C, so a socket that has one is made blocking and waits for readability here."""
from __future__ import annotations

import select
import selectors
import socket
import weakref

from .waits import Blocked, VirtualPoll

_timeouts: "weakref.WeakKeyDictionary[socket.socket, float]" = weakref.WeakKeyDictionary()


def install(channel) -> None:
    blocked = Blocked(channel)
    kind = socket.socket
    real_set, real_get, real_blocking = kind.settimeout, kind.gettimeout, kind.setblocking

    def settimeout(self, value):
        if value is None or not value > 0:
            _timeouts.pop(self, None)
            return real_set(self, value)
        real_set(self, None)
        _timeouts[self] = float(value)
        return None

    def setblocking(self, flag):
        _timeouts.pop(self, None)
        return real_blocking(self, flag)

    kind.settimeout, kind.setblocking = settimeout, setblocking
    kind.gettimeout = lambda self: _timeouts[self] if self in _timeouts else real_get(self)
    kind.timeout = property(kind.gettimeout)
    for name in ("recv", "recv_into", "recvfrom", "recvfrom_into", "recvmsg", "accept"):
        setattr(kind, name, _waiting(getattr(kind, name), blocked))


def _waiting(receive, blocked):
    def call(self, *arguments, **named):
        seconds = _timeouts.get(self)
        if seconds is not None and self.type == socket.SOCK_DGRAM and blocked.takes_no_time():
            # Who answers a datagram on the loopback answers at once.
            if not select.select([self], [], [], 0.02)[0]:
                raise TimeoutError("timed out")
        elif seconds is not None:
            with VirtualPoll() as selector:
                selector.register(self, selectors.EVENT_READ)
                if not selector.select(seconds):
                    raise TimeoutError("timed out")
        return receive(self, *arguments, **named)

    return call
