"""Runs inside a legacy interpreter: executes a tree's own program (`pure`) or hosts its node for a front (`worker`).

Standard library only, Python 3.11 or newer; aiohttp is imported from whatever the tree itself uses.
`serve(config)` and `run_pure(...)` are what the embedding calls; `python -m ringrift_shim` is the same without embedding.
"""

PROTOCOL_VERSION = 1

__all__ = ["PROTOCOL_VERSION", "run_pure", "serve"]


def serve(config):
    """Host the node of a legacy tree until told to stop; returns the exit status (see worker.serve)."""
    from .worker import serve as implementation

    return implementation(config)


def run_pure(tree, argv=(), script="scripts/p2p_orchestrator.py", unbuffered=True):
    """Run a legacy program as `python script …` would; returns the exit status (see pure.run)."""
    from .pure import run as implementation

    return implementation(tree, argv, script=script, unbuffered=unbuffered)
