"""Load a legacy program as the module it is when run as a script, without running its main."""
from __future__ import annotations

import importlib.machinery
import os
import pathlib
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
    """Commit of the tree when it is in a git work tree, else None. Read from the files: the legacy starts no program here."""
    for folder in (pathlib.Path(tree), *pathlib.Path(tree).parents):
        git = folder / ".git"
        try:
            if git.is_file():  # a linked work tree
                git = folder / git.read_text().removeprefix("gitdir:").strip()
            head = (git / "HEAD").read_text().strip()
            if not head.startswith("ref:"):
                return head
            return _reference(git, head.removeprefix("ref:").strip())
        except OSError:
            continue
    return None


def _reference(git: pathlib.Path, name: str) -> str | None:
    common = git / "commondir"
    places = [git, git / common.read_text().strip()] if common.is_file() else [git]
    for place in places:
        if (place / name).is_file():
            return (place / name).read_text().strip()
        if (place / "packed-refs").is_file():
            for line in (place / "packed-refs").read_text().splitlines():
                if line.endswith(" " + name):
                    return line.split(" ")[0]
    return None
