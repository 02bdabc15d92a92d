"""Shape "pure": run a tree's own program in this interpreter, nothing of ours in between."""
from __future__ import annotations

import atexit
import importlib.machinery
import io
import os
import signal
import sys
import threading
import traceback
import types


def run(tree: str, argv=(), script: str = "scripts/p2p_orchestrator.py", unbuffered: bool = True,
        argv0: str | None = None) -> int:
    """Execute `script` of `tree` as `python [-u] script argv…` would and return its exit status.

    argv0 is what sys.argv[0] shall say (default: the script as one would name it from the working directory).
    Meant for the main thread of a fresh interpreter; ends with what `python` does last (threads joined, exit functions run,
    streams flushed), so the caller may leave the process with the returned status without finalising the interpreter.
    """
    path = os.path.join(tree, script)
    if unbuffered:
        _unbuffer()
    _default_signals()
    started_in_tree = os.path.realpath(tree) == os.path.realpath(os.getcwd())
    sys.argv[:] = [argv0 or (script if started_in_tree else path), *map(str, argv)]
    absolute = os.path.abspath(path)
    sys.path.insert(0, os.path.dirname(os.path.realpath(absolute)))
    module = types.ModuleType("__main__")
    loader = importlib.machinery.SourceFileLoader("__main__", absolute)
    module.__dict__.update(
        __file__=absolute, __builtins__=sys.modules["builtins"], __cached__=None, __loader__=loader, __spec__=None)
    outer, sys.modules["__main__"] = sys.modules.get("__main__"), module
    try:
        with open(absolute, "rb") as source:
            code = compile(source.read(), absolute, "exec", dont_inherit=True)
        exec(code, module.__dict__)
        status = 0
    except SystemExit as leaving:
        status = _exit_status(leaving)
    except BaseException as error:
        _print_like_python(error)
        status = 130 if isinstance(error, KeyboardInterrupt) else 1
    finally:
        module.__dict__.setdefault("__ringrift_started_by__", outer)
    return _leave(status)


def _unbuffer() -> None:
    """Standard output as under `python -u`: every write reaches the descriptor at once."""
    for name, descriptor in (("stdout", 1), ("stderr", 2)):
        stream = getattr(sys, name)
        try:
            stream.flush()
            raw = io.FileIO(descriptor, "wb", closefd=False)
        except (OSError, ValueError, AttributeError):
            continue
        fresh = io.TextIOWrapper(raw, encoding=stream.encoding, errors=stream.errors, write_through=True)
        fresh.mode = "w"
        setattr(sys, name, fresh)
        setattr(sys, f"__{name}__", fresh)


def _default_signals() -> None:
    """What the interpreter sets when it installs its own handlers, which the embedding switches off."""
    if threading.current_thread() is not threading.main_thread():
        return
    if signal.getsignal(signal.SIGINT) == signal.SIG_DFL:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    for name in ("SIGPIPE", "SIGXFSZ"):
        if hasattr(signal, name) and signal.getsignal(getattr(signal, name)) == signal.SIG_DFL:
            signal.signal(getattr(signal, name), signal.SIG_IGN)


def _exit_status(leaving: SystemExit) -> int:
    code = leaving.code
    if code is None:
        return 0
    if isinstance(code, int):
        return code & 0xFF
    print(code, file=sys.stderr)
    return 1


def _print_like_python(error: BaseException) -> None:
    """Traceback from the program's own first frame on; ours is not part of it."""
    trace = error.__traceback__
    while trace is not None and trace.tb_frame.f_code.co_filename == __file__:
        trace = trace.tb_next
    sys.stdout.flush()
    traceback.print_exception(type(error), error, trace)


def _leave(status: int) -> int:
    threading._shutdown()
    atexit._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (OSError, ValueError):
            status = status or 120
    return status
