"""The tree's P2POrchestrator with the worker's seams: a subclass made at run time over the tree's own class."""
from __future__ import annotations

import asyncio
import functools
import inspect

from . import gate as gates
from .tables import loop_methods


# Steps that the front may do in place of the tree's method, with what counts as the answer when it is gone. Which of them
# it does at the moment is in `Steps.natives`, sent with `release` and at every switch.
CROSSING = {
    "_start_election": None, "_check_and_resolve_split_brain": False,
    "_enable_partition_local_election": False, "_restore_original_voters": False, "_manage_dynamic_voters": False,
    "_check_leader_health": True, "_renew_leader_lease": None,
    "_check_local_stuck_jobs": 0, "_local_resource_cleanup": None, "_manage_local_jobs_decentralized": 0,
    "_local_gpu_auto_scale": 0, "_manage_cluster_jobs": None, "_check_cluster_balance": {},
    "_check_and_kill_stuck_jobs": 0, "_auto_scale_gpu_utilization": 0, "_cleanup_local_disk": None,
}


def hosted_class(base: type, host) -> type:
    """Subclass of `base` under the same name. `host` is the Worker: its gate, loops and sync decide what runs.

    Replaced: the periodic loops, `_save_state`, the three start-up steps of run() that speak to peers (while contained),
    the steps of CROSSING (the front does those it serves while it is attached), and the constructor and run() around which the worker learns of the object and its event loop. All else is the tree's.
    """
    members = {"__module__": base.__module__, "__qualname__": base.__qualname__, "__doc__": base.__doc__}

    def __init__(self, *args, **kwargs):
        with gates.Gate.within(gates.STARTUP), host.private_state_dir():
            known = [name for name in host.config.probed if hasattr(base, name)]
            for name in known:
                setattr(self, name, functools.partial(_known, host.config.probed[name]))
            base.__init__(self, *args, **kwargs)
            for name in known:
                delattr(self, name)
        host.constructed(self)

    async def run(self):
        gates._scope.set(None)
        host.attach(asyncio.get_running_loop(), asyncio.current_task())
        return await base.run(self)

    def _save_state(self):
        host.save_state(lambda: base._save_state(self))

    members.update(__init__=__init__, run=run, _save_state=_save_state)
    for method, name in loop_methods().items():
        if hasattr(base, method):
            members[method] = _loop(base, method, name, host)
    if hasattr(base, "_bootstrap_from_known_peers"):
        members["_bootstrap_from_known_peers"] = _async_step(base, "_bootstrap_from_known_peers", host, contained=False)
    for method in CROSSING:
        if hasattr(base, method):
            members[method] = _crossing_step(base, method, host)
    if hasattr(base, "_maybe_adopt_leader_from_peers"):
        def _maybe_adopt_leader_from_peers(self):
            # True = "there is nothing left to do", so run() starts no election of its own.
            at_start = host.control is not None and _current_task() is host.main_task
            return True if host.gate.background() or at_start else base._maybe_adopt_leader_from_peers(self)

        members["_maybe_adopt_leader_from_peers"] = _maybe_adopt_leader_from_peers
    return type(base.__name__, (base,), members)


def _loop(base, method, name, host):
    real = getattr(base, method)

    async def loop(self):
        await host.loops.host(name, lambda: real(self))

    loop.__name__ = method
    return loop


def _known(value, *_args, **_kwargs):
    return value


def _current_task():
    try:
        return asyncio.current_task()
    except RuntimeError:
        return None


def _crossing_step(base, method, host):
    real, absent = getattr(base, method), CROSSING[method]

    def of_the_front():
        """Whether the tree's own method has to stay out of it."""
        return method in host.steps.natives and (
            host.sync.attached() or host.gate.background() or host.control is not None)

    if inspect.iscoroutinefunction(real):
        async def step(self, *args, **kwargs):
            if not of_the_front():
                return await real(self, *args, **kwargs)
            answer = await host.steps.ask(method) if host.sync.attached() else None
            return absent if answer is None else _told(answer)
    else:
        def step(self, *args, **kwargs):
            if not of_the_front():
                return real(self, *args, **kwargs)
            answer = host.steps.ask_now(method) if host.sync.attached() else None
            return absent if answer is None else _told(answer)

    step.__name__ = method
    return step


def _told(answer):
    """The front's answer; what it raised is raised where the loop asked, so that it ends the round as there."""
    if isinstance(answer, dict) and "$exception" in answer:
        raise RuntimeError(answer["$exception"])
    return answer


def _async_step(base, method, host, contained):
    real = getattr(base, method)

    async def step(self, *args, **kwargs):
        if host.gate.background():
            return contained
        return await real(self, *args, **kwargs)

    step.__name__ = method
    return step
