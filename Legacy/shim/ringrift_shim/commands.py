"""The commands of the control socket (see control.py for the form, worker.py for what they act on)."""
from __future__ import annotations

import os
import sys
import time

from . import PROTOCOL_VERSION
from .process import memory_kib
from .tables import attribute


class Commands:
    """One method a command: `cmd_` and the name with dots as underscores. Every one runs on a control thread."""

    def __init__(self, worker):
        self.worker = worker

    def execute(self, name, args, connection):
        method = getattr(self, "cmd_" + str(name).replace(".", "_"), None)
        if method is None:
            raise ValueError(f"unknown command: {name}")
        return method(args, connection)

    def cmd_hello(self, args, connection):
        worker = self.worker
        node = worker.node
        import aiohttp

        return {
            "protocol": PROTOCOL_VERSION, "pid": os.getpid(), "python": sys.version.split()[0],
            "executable": sys.executable, "aiohttp": aiohttp.__version__, "tree": worker.config.tree,
            "commit": worker.commit, "ready": worker.ready, "contained": worker.gate.contained,
            "node_id": getattr(node, "node_id", None), "bound": list(worker.http.bound),
            "socket": worker.config.socket, "state_dir": str(worker.state_dir) if worker.state_dir else None,
            "routes": worker.http.routes(), "dirty": worker.sync.dirty if worker.sync else False,
        }

    def cmd_ping(self, args, connection):
        return {"at": time.time(), "ready": self.worker.ready, "loop_silent_s": self.worker.loop_silence()}

    def cmd_subscribe(self, args, connection):
        connection.subscribed = bool(args.get("on", True))
        return {"subscribed": connection.subscribed, "dirty": self.worker.sync.dirty if self.worker.sync else False}

    def cmd_contain(self, args, connection):
        return self.worker.on_loop(lambda: self.worker.switch(True, args.get("loops")))

    def cmd_release(self, args, connection):
        """args: loops (all without it), background (effects of background work too, as without loops), start_time (unix
        seconds: the node's age is the front's), natives (the steps that the front does)."""
        def release():
            self._serve_natives(args)
            if args.get("start_time") is not None and hasattr(self.worker.node, "start_time"):
                self.worker.node.start_time = args["start_time"]
            if args.get("background"):
                self.worker.gate.contained = False
            self.worker.output_released()
            return self.worker.switch(False, args.get("loops"))

        return self.worker.on_loop(release)

    def cmd_begun(self, args, connection):
        """Answers when each released loop has run to its first pause. To be asked on a connection of its own: meanwhile
        loops save and ask for native steps."""
        self.worker.steps.first_pauses()
        return {}

    def cmd_serve(self, args, connection):
        """Another share of the work: args loops (those that run here; the others end between two rounds), natives (the
        steps that the front does), drop_caches. Answers when no loop runs any more that must not."""
        def share():
            self._serve_natives(args)
            if args.get("drop_caches"):
                self._state()[1].drop_caches()
            wanted = args.get("loops")
            if wanted is None:
                return []
            loops = self.worker.loops
            unwanted = [name for name in loops.wanted if name not in wanted]
            return loops.set(False, unwanted), loops.set(True, wanted), unwanted

        shared = self.worker.on_loop(share)
        if not shared:
            return {"ended": [], "begun": []}
        ended, begun, unwanted = shared
        while any(name in self.worker.loops.running for name in unwanted):
            time.sleep(0.01)
        return {"ended": ended, "begun": begun}

    def _serve_natives(self, args):
        if args.get("natives") is not None:
            self.worker.steps.natives = frozenset(args["natives"])

    def cmd_step(self, args, connection):
        """A step of a tick that the front drives: args method (a method of the node, or of what one of its attributes
        holds), args, kwargs. Answers when it is done, with its result where that has a JSON form."""
        return self.worker.steps.run(args["method"], args.get("args") or [], args.get("kwargs") or {})

    def cmd_views(self, args, connection):
        """What the node says of its parts: args views (name -> method or attribute, dots allowed). Each is {"value": v},
        {"error": text} when it raised, or left out when the tree has no such thing."""
        return self.worker.steps.views(args["views"])

    def cmd_answer(self, args, connection):
        """The result of a native step that the worker has asked for with an event `native`."""
        return {"taken": self.worker.steps.answer(int(args["seq"]), args.get("result"))}

    def cmd_state_get(self, args, connection):
        """args: names (optional list), rebase (default true for a full dump), busy (take it even while the event loop is
        blocked: then the node's own locks are the only protection)."""
        names = args.get("names")
        sync, state = self._state()

        def take():
            values = state.dump(set(names)) if names is not None else sync.snapshot(args.get("rebase", True))
            return {"attributes": values, "skipped": dict(state.skipped), "absent": self._absent(values, names),
                    "depths": {name: attribute(name)["depth"] for name in values if attribute(name)["depth"]}}

        return take() if args.get("busy") else self.worker.on_loop(take)

    def cmd_state_put(self, args, connection):
        """args: attributes (JSON forms; merge keeps unnamed records), or patch (three-way); drop_caches."""
        sync, state = self._state()

        def put():
            if "patch" in args:
                result = state.apply(args["patch"])
                sync.agree(args["patch"])
            else:
                values = args.get("attributes") or {}
                result = {"changed": state.put(values, merge=bool(args.get("merge"))), "conflicts": []}
                sync.rebase(list(values))
            if args.get("drop_caches"):
                result["dropped"] = state.drop_caches()
            return result

        return self.worker.on_loop(put)

    def cmd_state_opaque(self, args, connection):
        return self._state()[1].opaque()

    def cmd_ack(self, args, connection):
        return {"taken": self._state()[0].acknowledge(int(args["seq"]), args.get("patch"))}

    def cmd_intents(self, args, connection):
        """Effects that were refused, oldest first; clear forgets them."""
        gate = self.worker.gate
        listed = list(gate.intents)
        if args.get("clear"):
            gate.intents.clear()
        return {"refused": dict(gate.refused), "intents": listed}

    def cmd_stats(self, args, connection):
        worker = self.worker
        return {
            "uptime_s": time.time() - worker.started_at, "start_s": worker.start_seconds, "memory_kib": memory_kib(),
            "requests": dict(worker.requests), "in_flight": worker.in_flight, "contained": worker.gate.contained,
            "loops": worker.loops.report(), "refused": dict(worker.gate.refused),
            "sync": dict(worker.sync.counts) if worker.sync else {}, "dirty": worker.sync.dirty if worker.sync else False,
            "executor_busy": worker.executor.busy if worker.executor else 0, "loop_silent_s": worker.loop_silence(),
            "exec_requests": worker.exec_requests,
            "signals_wanted": {int(k): getattr(v, "__qualname__", str(v)) for k, v in worker.signals.requested.items()},
        }

    def cmd_shutdown(self, args, connection):
        """args: grace (seconds until the process ends whatever still runs, default 5)."""
        self.worker.shutdown(float(args.get("grace", 5.0)))
        return {"stopping": True}

    def _state(self):
        if self.worker.sync is None:
            raise RuntimeError("the node is not constructed yet")
        return self.worker.sync, self.worker.state

    @staticmethod
    def _absent(values, names):
        from .tables import tables

        return [name for name in (names if names is not None else tables()["attributes"]) if name not in values]
