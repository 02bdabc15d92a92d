"""Who may have effects: the switch of containment and the scope every piece of work runs in.

Work started by an HTTP request carries the request's scope (context variables follow tasks, and `ContextExecutor` makes
them follow threads); everything else is background and follows the worker's switch.
"""
from __future__ import annotations

import concurrent.futures
import contextlib
import contextvars
import dataclasses
import threading
import time


@dataclasses.dataclass(frozen=True)
class Scope:
    """One piece of work. effects: may it reach the network and start processes; request: the front's id for it."""

    kind: str
    effects: bool
    spawn: bool
    request: str | None = None


STARTUP = Scope("startup", effects=False, spawn=True)
_scope: contextvars.ContextVar[Scope | None] = contextvars.ContextVar("ringrift_scope", default=None)


class Gate:
    """Containment switch plus a bounded memory of what was refused."""

    LIMIT = 200

    def __init__(self, contained: bool):
        self.contained = contained
        self.intents: list[dict] = []
        self.refused: dict[str, int] = {}
        self.on_intent = None
        self._lock = threading.Lock()

    @staticmethod
    def scope() -> Scope | None:
        return _scope.get()

    @staticmethod
    @contextlib.contextmanager
    def within(scope: Scope):
        token = _scope.set(scope)
        try:
            yield scope
        finally:
            _scope.reset(token)

    def background(self) -> bool:
        """True for work of this worker's own accord while it is contained."""
        return self.contained and _scope.get() in (None, STARTUP)

    def may(self, what: str) -> bool:
        """what: "network" or "spawn"."""
        scope = _scope.get()
        if scope is None:
            return not self.contained
        if scope is STARTUP and not self.contained:
            return True
        return scope.spawn if what == "spawn" else scope.effects

    def refuse(self, kind: str, **details) -> None:
        """Remember an effect that was not performed."""
        scope = _scope.get()
        intent = {"kind": kind, "at": time.time(), "scope": scope.kind if scope else "background", **details}
        if scope and scope.request:
            intent["request"] = scope.request
        with self._lock:
            self.refused[kind] = self.refused.get(kind, 0) + 1
            self.intents.append(intent)
            del self.intents[: -self.LIMIT]
        if self.on_intent is not None:
            self.on_intent(intent)


class ContextExecutor(concurrent.futures.ThreadPoolExecutor):
    """Default executor of the event loop: a job runs in the context of the code that submitted it; counts busy jobs."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.busy = 0
        self._count = threading.Lock()

    def submit(self, fn, /, *args, **kwargs):
        context = contextvars.copy_context()
        with self._count:
            self.busy += 1
        try:
            future = super().submit(context.run, fn, *args, **kwargs)
        except BaseException:
            self._done()
            raise
        future.add_done_callback(self._done)
        return future

    def _done(self, _future=None):
        with self._count:
            self.busy -= 1
