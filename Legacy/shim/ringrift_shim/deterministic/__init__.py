"""A legacy program on a virtual clock, with labelled streams of random values and fixed answers about the machine.

The harness that moves the clock names a directory in RINGRIFT_DETERMINISTIC:

    clock.sock    where the clock is (channel.py: the protocol)
    seed          text, the root of every stream (streams.py: the function)
    probes.json   what the machine is said to be (probes.py: the keys)

`install()` patches the standard library of this interpreter before the program is loaded. Time stands still until the
harness moves it; a sleep, a timer and a time-out of Python code end when the clock reaches their moment. What is left real:
threads joined and locks acquired with a time-out, connecting and sending on a blocking socket, waits inside SQLite, and
children, which are not on the virtual clock.
"""
from __future__ import annotations

import os
import pathlib

VARIABLE = "RINGRIFT_DETERMINISTIC"

__all__ = ["VARIABLE", "Unavailable", "install", "installed", "run"]

_channel = None


class Unavailable(Exception):
    """The directory does not hold what a deterministic run needs."""


def installed():
    """The channel to the harness's clock, or None while time is real."""
    return _channel


def install(directory: str | None = None, tree: str | None = None, name: str = "legacy"):
    """Patch this interpreter; once. `tree` gives call sites their names (streams.py). Returns the channel.

    Raises Unavailable with one line of reason.
    """
    global _channel
    if _channel is not None:
        return _channel
    named = directory or os.environ.get(VARIABLE, "")
    folder = pathlib.Path(named)
    if not named or not folder.is_dir():
        raise Unavailable(f"{VARIABLE} names no directory: '{named}'")
    from . import clocks, draws, loop, probes, sockets, streams, waits
    from .channel import Channel

    try:
        seed = (folder / "seed").read_text(encoding="utf-8").strip()
        answers = probes.read(folder / "probes.json")
        channel = Channel(str(folder / "clock.sock"), name)
    except (OSError, ValueError) as error:
        raise Unavailable(f"{folder}: {error}") from error
    waits.install(channel)
    sockets.install(channel)
    clocks.install(channel)
    loop.install(channel)
    draws.install(streams.Streams(seed, tree or os.getcwd()))
    probes.install(answers)
    _channel = channel
    return channel


def run(tree: str, argv=(), script: str = "scripts/p2p_orchestrator.py") -> int:
    """Run a program as `pure` does, after `install()`; returns the exit status, 2 when there is no clock to follow."""
    import sys

    from .. import pure

    try:
        install(tree=tree, name=os.path.splitext(os.path.basename(script))[0])
    except Unavailable as error:
        print(f"ringrift_shim: {error}", file=sys.stderr)
        return 2
    return pure.run(tree, argv, script=script)
