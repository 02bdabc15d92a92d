"""Replaces a function in its module and in every module that took it by name before."""
from __future__ import annotations

import sys


def replace(module, name: str, fresh) -> None:
    """`module.name` becomes `fresh`, also where `from module import name` (under any name) ran already."""
    old = getattr(module, name)
    setattr(module, name, fresh)
    for holder in list(sys.modules.values()):
        if getattr(holder, "__name__", "").startswith(__package__):
            continue  # What we kept of the real one.
        for attribute, value in list(getattr(holder, "__dict__", {}).items()):
            if value is old and (holder is not module or attribute != name):
                setattr(holder, attribute, fresh)
