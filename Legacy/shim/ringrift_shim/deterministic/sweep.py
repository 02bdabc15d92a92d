"""Replaces a function in its module and in every module that took it by name before."""
from __future__ import annotations

import sys

# Work of the interpreter itself, which has to go on while the clock stands still.
REAL = {"threading", "_pytest", "faulthandler", "signal"}


def replace(module, name: str, fresh) -> None:
    """`module.name` becomes `fresh`, also where `from module import name` (under any name) ran already."""
    old = getattr(module, name)
    setattr(module, name, fresh)
    for holder in list(sys.modules.values()):
        holder_name = getattr(holder, "__name__", "")
        if holder_name in REAL or holder_name.startswith(__package__):
            continue
        for attribute, value in list(getattr(holder, "__dict__", {}).items()):
            if value is old and (holder is not module or attribute != name):
                setattr(holder, attribute, fresh)
