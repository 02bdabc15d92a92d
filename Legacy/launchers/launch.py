#!/usr/bin/env python3
"""Starts the P2P node: the legacy's own file when everything of it is on `legacy`, else the binary.

usage: launch.py p2p [the node's options]

What a unit file starts, so that a rollback needs nothing of ours: with RINGRIFT_ROLLBACK=1 (environment or flags file) or
every p2p subsystem on `legacy` the tree's scripts/p2p_orchestrator.py runs under plain Python, in place of this process;
neither the binary nor a library of it has to be there. Else `ringrift p2p` runs: RINGRIFT_BINARY, else the one of this
checkout or installation, else the one on the PATH. Exit 2 with the reason when what is asked for cannot be started: never
the other one in silence. Standard library only; the tree is found as the binary finds it (DESIGN section 4).
"""
import glob
import os
import shutil
import sys

sys.path.insert(0, os.path.dirname(os.path.realpath(__file__)))
sys.dont_write_bytecode = True
import flags  # noqa: E402

SCRIPTS = {"p2p": "scripts/p2p_orchestrator.py"}


class CannotStart(Exception):
    pass


def option(arguments, name):
    for index, argument in enumerate(arguments):
        if argument == name and index + 1 < len(arguments):
            return arguments[index + 1]
        if argument.startswith(name + "="):
            return argument[len(name) + 1:]
    return None


def working_tree(arguments, environment):
    """The directory the program works in."""
    if environment.get("RINGRIFT_AI_SERVICE"):
        return environment["RINGRIFT_AI_SERVICE"]
    path = option(arguments, "--ringrift-path")
    if path and os.path.isdir(f"{path}/ai-service"):
        return f"{path}/ai-service"
    if os.path.isdir("scripts"):
        return os.getcwd()
    raise CannotStart("no ai-service directory to work in: set RINGRIFT_AI_SERVICE, pass --ringrift-path, or start in a "
                      "directory that holds scripts/")


def legacy_tree(tree, environment, script):
    """Where the legacy's files are. The project's own double serves only when it is named."""
    def is_legacy(path):
        return os.path.isfile(f"{path}/{script}")

    def is_bundled(path):
        return os.path.exists(f"{path}/.ringrift-bundled")

    named = environment.get("RINGRIFT_LEGACY_ROOT", "")
    if is_legacy(tree) and (not is_bundled(tree) or named == "bundled"):
        return tree
    if named == "bundled":
        named = os.path.realpath(os.path.join(os.path.dirname(os.path.realpath(__file__)), "../ai-service"))
    if named and is_legacy(named):
        return named
    raise CannotStart(f"the legacy is asked for, but {tree} has no {script}, and RINGRIFT_LEGACY_ROOT names none")


def interpreter(legacy, environment):
    candidates = [f"{legacy}/venv/bin/python"]
    if environment.get("RINGRIFT_VENV"):
        candidates.append(environment["RINGRIFT_VENV"] + "/bin/python")
    return next((path for path in candidates if os.access(path, os.X_OK)), sys.executable)


def legacy_command(program, arguments, environment):
    """(program to execute, its arguments, its environment)."""
    legacy = os.path.abspath(legacy_tree(working_tree(arguments, environment), environment, SCRIPTS[program]))
    python = interpreter(legacy, environment)
    paths = [legacy, *filter(None, [environment.get("PYTHONPATH")])]
    return python, [python, f"{legacy}/{SCRIPTS[program]}", *arguments], {
        **environment, "PYTHONPATH": os.pathsep.join(paths)}


def binary(environment):
    named = environment.get("RINGRIFT_BINARY")
    if named:
        return named
    here = os.path.dirname(os.path.realpath(__file__))
    beside = [f"{here}/../../../bin/ringrift", *sorted(glob.glob(f"{here}/../../.build*/release/ringrift")),
              f"{here}/../../.build/debug/ringrift"]
    found = next((path for path in beside if os.access(path, os.X_OK)), None) or shutil.which("ringrift")
    if not found:
        raise CannotStart("no ringrift binary: RINGRIFT_BINARY names none, and none is here or on the PATH")
    return os.path.realpath(found)


def main(arguments, environment):
    if not arguments or arguments[0] not in SCRIPTS:
        print(__doc__.strip(), file=sys.stderr if arguments[:1] != ["--help"] else sys.stdout)
        return 0 if arguments[:1] == ["--help"] else 2
    program, rest = arguments[0], arguments[1:]
    sys.stdout.flush()
    try:
        if flags.is_pure(program, environment, working_tree(rest, environment)):
            path, command, variables = legacy_command(program, rest, environment)
        else:
            path = binary(environment)
            command, variables = [path, program, *rest], environment
        os.execve(path, command, variables)
    except CannotStart as error:
        print(f"launch: {error}", file=sys.stderr)
    except OSError as error:
        print(f"launch: cannot start {path}: {error.strerror}", file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], dict(os.environ)))
