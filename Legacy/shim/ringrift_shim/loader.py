"""Load a legacy program as the module it is when run as a script, without running its main."""
from __future__ import annotations

import importlib.machinery
import os
import pathlib
import subprocess
import sys
import types

LOADING_NAME = "__ringrift_legacy__"


def load_program(script: pathlib.Path, argv: list[str], argv0: str | None = None) -> types.ModuleType:
    """Execute the program's module body; its `if __name__ == "__main__"` part does not run.

    Afterwards the module is `__main__` and so are its classes: error texts of the legacy carry that name
    (contract 02 section 1). sys.argv and sys.path are what `python scripts/p2p_orchestrator.py …` would set.
    The code object comes from the tree's __pycache__ when it is current, like an import's.
    """
    path = os.path.abspath(script)
    sys.argv[:] = [argv0 or str(script), *argv]
    sys.path.insert(0, os.path.dirname(path))
    code = importlib.machinery.SourceFileLoader(LOADING_NAME, path).get_code(LOADING_NAME)
    module = types.ModuleType(LOADING_NAME)
    module.__file__ = path
    module.__spec__ = None
    module.__builtins__ = __builtins__
    sys.modules[LOADING_NAME] = module
    try:
        exec(code, module.__dict__)
    finally:
        del sys.modules[LOADING_NAME]
    _become_main(module)
    return module


def _become_main(module: types.ModuleType) -> None:
    module.__name__ = "__main__"
    for value in list(vars(module).values()):
        if getattr(value, "__module__", None) == LOADING_NAME:
            value.__module__ = "__main__"
            if isinstance(value, type):
                for member in vars(value).values():
                    function = getattr(member, "__func__", member)
                    if isinstance(function, types.FunctionType) and function.__module__ == LOADING_NAME:
                        function.__module__ = "__main__"
    # The module that ran before stays alive: its frames are still on the stack.
    module.__dict__.setdefault("__ringrift_started_by__", sys.modules.get("__main__"))
    sys.modules["__main__"] = module


def legacy_commit(tree: str) -> str | None:
    """Commit of the tree when it is in a git work tree, else None. Asked once, with a deadline."""
    try:
        answer = subprocess.run(
            ["git", "-C", tree, "-c", f"safe.directory={tree}", "rev-parse", "HEAD"],
            capture_output=True, text=True, timeout=5, stdin=subprocess.DEVNULL)
    except (OSError, subprocess.SubprocessError):
        return None
    return answer.stdout.strip() or None if answer.returncode == 0 else None
