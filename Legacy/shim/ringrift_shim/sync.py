"""Sends the node's changes to the store: after requests, while they run, and whenever the legacy saves."""
from __future__ import annotations

import asyncio
import contextlib
import threading

from . import patch as patches
from .gate import Gate


class StateSync:
    """Keeps the last state both sides agreed on (`base`) and sends patches base -> now.

    A patch is an event `state` {seq, reason, patch[, request, scope]}; the client answers with command
    `ack` {seq[, patch]}, whose patch (what the store changed meanwhile) is applied before the waiting code goes on.
    """

    def __init__(self, state, control, enabled: bool, ack_timeout: float):
        self.state, self.control = state, control
        self.enabled, self.ack_timeout = enabled, ack_timeout
        self.base: dict | None = None
        self.dirty = False
        self.parked: set[int] = set()
        self.counts = {"saves": 0, "sent": 0, "acked": 0, "timeouts": 0, "conflicts": 0}
        self._seq = 0
        self._lock = threading.RLock()
        self._waiting: dict[int, tuple[threading.Event, list]] = {}

    def attached(self) -> bool:
        return self.enabled and self.control is not None and bool(self.control.subscribers())

    def snapshot(self, rebase: bool) -> dict:
        """Full dump; with rebase the next patches start from here."""
        with self._lock:
            now = self.state.dump()
            if rebase:
                self.base, self.dirty = now, False
            return now

    def agree(self, patch: dict) -> None:
        """The store's patch was just applied: its fields are agreed on. What this side changed beside them and has not
        sent yet stays a difference, which a new dump of the attributes would hide."""
        with self._lock:
            if self.base is None:
                return
            for name, value in patches.applied(self.base, patch, []).items():
                if value is patches.ABSENT:
                    self.base.pop(name, None)
                else:
                    self.base[name] = value

    def rebase(self, names) -> None:
        """These attributes were just set as a whole by the store: what they are now is agreed on."""
        with self._lock:
            if self.base is None:
                return
            now = self.state.dump(set(names))
            for name in names:
                if name in now:
                    self.base[name] = now[name]
                else:
                    self.base.pop(name, None)

    def save(self) -> None:
        """What `_save_state` does in a worker: send and wait. Called on any thread; blocks it until acknowledged."""
        self.counts["saves"] += 1
        if not self.attached():
            self.dirty = True
            return
        sent = self._send("save", always=True)
        if sent is None:
            return
        self._settle(sent, self._wait_parked(sent))

    async def flush(self, reason: str) -> None:
        """Send what changed, if anything did, and wait for the acknowledgement without blocking the loop."""
        if not self.attached():
            return
        sent = self._send(reason)
        if sent is None:
            return
        loop, acked = asyncio.get_running_loop(), asyncio.Event()
        sent[2].append(lambda _: loop.call_soon_threadsafe(acked.set))
        if not sent[1].is_set():
            try:
                await asyncio.wait_for(acked.wait(), self.ack_timeout)
            except asyncio.TimeoutError:
                pass
        self._settle(sent, sent[1].is_set())

    def flush_now(self, reason: str) -> None:
        """As `flush`, blocking: nothing else of the event loop runs between a handler's end and its answer, as in the
        legacy, where tasks that the handler has begun start after the answer is on its way."""
        if not self.attached():
            return
        sent = self._send(reason)
        if sent is not None:
            self._settle(sent, self._wait_parked(sent))

    def _wait_parked(self, sent) -> bool:
        with self.parking():
            return sent[1].wait(self.ack_timeout)

    @contextlib.contextmanager
    def parking(self):
        """This thread waits and touches nothing: others may work on the node in its place."""
        thread = threading.get_ident()
        self.parked.add(thread)
        try:
            yield
        finally:
            self.parked.discard(thread)

    def acknowledge(self, seq: int, patch: dict | None) -> bool:
        """The client has taken patch `seq` (and returns one of its own); False when nobody waits for it any more."""
        with self._lock:
            waiting = self._waiting.get(seq)
            if waiting is None:
                return False
            event, notes = waiting
            notes.insert(0, patch)
            event.set()
            for note in list(notes)[1:]:
                note(patch)
            return True

    def abandon(self) -> None:
        """The client is gone: nobody waits for an answer that cannot come."""
        with self._lock:
            for event, notes in self._waiting.values():
                event.set()
                for note in [n for n in notes if callable(n)]:
                    note(None)
            self.dirty = True

    def _send(self, reason: str, always: bool = False):
        with self._lock:
            now = self.state.dump()
            patch = self.state.patch_since(self.base or {}, now)
            if not patch and not always:
                return None
            self._seq += 1
            seq, scope = self._seq, Gate.scope()
            waiting = (threading.Event(), [])
            self._waiting[seq] = waiting
            details = {"seq": seq, "reason": reason, "patch": patch}
            if scope is not None:
                details["scope"] = scope.kind if scope.effects else f"contained {scope.kind}"
                if scope.request:
                    details["request"] = scope.request
            if not self.control.event("state", **details):
                del self._waiting[seq]
                self.dirty = True
                return None
            self.base = now
            self.counts["sent"] += 1
            return seq, waiting[0], waiting[1]

    def _settle(self, sent, done: bool) -> None:
        seq, _, notes = sent
        with self._lock:
            self._waiting.pop(seq, None)
            answered = bool(notes) and not callable(notes[0])
            if not done or not answered:
                self.counts["timeouts"] += 1
                self.dirty = True
                return
            self.counts["acked"] += 1
            back = notes[0]
        if back:
            self.counts["conflicts"] += len(self.state.apply(back)["conflicts"])
            self.agree(back)
