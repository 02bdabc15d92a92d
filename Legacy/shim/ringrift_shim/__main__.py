"""python -m ringrift_shim pure|deterministic|worker … -- legacy options"""
from __future__ import annotations

import argparse
import json
import sys

from . import run_pure, serve
from .config import ConfigError


def parser() -> argparse.ArgumentParser:
    top = argparse.ArgumentParser(prog="ringrift_shim", description="Run or host a legacy tree in this interpreter.")
    commands = top.add_subparsers(dest="command", required=True)
    pure = commands.add_parser("pure", help="run the tree's own program")
    pure.add_argument("--tree", required=True)
    pure.add_argument("--script", default="scripts/p2p_orchestrator.py")
    pure.add_argument("--buffered", action="store_true", help="stdout as without python -u")
    deterministic = commands.add_parser("deterministic", help="run it on the virtual clock of RINGRIFT_DETERMINISTIC")
    deterministic.add_argument("--tree", required=True)
    deterministic.add_argument("--script", default="scripts/p2p_orchestrator.py")
    worker = commands.add_parser("worker", help="host the tree's node for a front")
    worker.add_argument("--config", help="JSON object with any of the settings (config.py); options override it")
    worker.add_argument("--tree")
    worker.add_argument("--socket", help="unix path of the HTTP socket")
    worker.add_argument("--control", help="unix path of the control socket")
    worker.add_argument("--released", dest="contained", action="store_false", default=None)
    worker.add_argument("--state-dir", help="private folder for the node's databases (default: a temporary one)")
    worker.add_argument("--own-state", action="store_true", help="use the tree's own state folder")
    worker.add_argument("--no-seed", dest="seed_state", action="store_false", default=None)
    worker.add_argument("--cwd")
    worker.add_argument("--output", help="stderr, inherit, null or a file")
    worker.add_argument("--prefix")
    worker.add_argument("--access-log", action="store_true", default=None)
    worker.add_argument("--requests", choices=("serve", "contain"))
    worker.add_argument("--parent-watch", choices=("both", "pdeathsig", "poll", "none"))
    return top


def main(arguments=None) -> int:
    arguments = list(sys.argv[1:] if arguments is None else arguments)
    split = arguments.index("--") if "--" in arguments else len(arguments)
    options, legacy = parser().parse_args(arguments[:split]), arguments[split + 1:]
    if options.command == "pure":
        return run_pure(options.tree, legacy, script=options.script, unbuffered=not options.buffered)
    if options.command == "deterministic":
        from .deterministic import run

        return run(options.tree, legacy, script=options.script)
    try:
        values = json.loads(options.config) if options.config else {}
        given = {k: v for k, v in vars(options).items() if k not in ("command", "config", "own_state") and v is not None}
        values.update(given)
        if options.own_state:
            values["state_dir"] = None
        if legacy:
            values["argv"] = legacy
        for name in ("tree", "socket"):
            values.setdefault(name, "")
        return serve(values)
    except (ConfigError, ValueError) as error:
        print(f"ringrift_shim: {error}", file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())
