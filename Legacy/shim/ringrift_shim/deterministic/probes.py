"""Fixed answers about the machine (probes.json). What comes from /proc is not here: the sandbox binds those files.

    processors      logical processors
    host_name       text
    disk            {"fragment", "blocks", "free", "available"}: of every file system, blocks of `fragment` bytes
"""
from __future__ import annotations

import json
import os
import platform
import socket

from .sweep import replace


def read(path) -> dict:
    """The answers of the file. Raises OSError or ValueError."""
    answers = json.loads(path.read_text(encoding="utf-8"))
    for name in ("processors", "host_name", "disk"):
        if name not in answers:
            raise ValueError(f"probes.json: '{name}' is missing")
    return answers


def install(answers: dict) -> None:
    real, disk = os.statvfs, answers["disk"]

    def statvfs(path):
        fields = list(real(path))  # An error for a path that is not there is still the machine's.
        fields[0:5] = [disk["fragment"], disk["fragment"], disk["blocks"], disk["free"], disk["available"]]
        return os.statvfs_result(fields)

    replace(os, "statvfs", statvfs)
    replace(os, "cpu_count", lambda: answers["processors"])
    replace(socket, "gethostname", lambda: answers["host_name"])
    replace(platform, "node", lambda: answers["host_name"])
