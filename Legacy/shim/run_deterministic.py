"""Runs a program of the working directory on the virtual clock: run_deterministic.py [--script FILE] [--] ARGUMENTS.

A script instead of `python -m ringrift_shim deterministic` where the program's environment must not name our folder.
"""
import os
import sys

from ringrift_shim.deterministic import run
import ringrift_shim.pure  # noqa: F401 - while our folder is on the path

arguments = sys.argv[1:]
script = "scripts/p2p_orchestrator.py"
if arguments[:1] == ["--script"]:
    script, arguments = arguments[1], arguments[2:]
if arguments[:1] == ["--"]:
    arguments = arguments[1:]
sys.path.pop(0)
sys.exit(run(os.getcwd(), arguments, script=script))
