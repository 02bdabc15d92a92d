"""Settings of a worker: one value, made from the dictionary the embedding passes or from the command line."""
from __future__ import annotations

import dataclasses
import os
import pathlib

SCRIPT = "scripts/p2p_orchestrator.py"


class ConfigError(ValueError):
    """A setting is missing or has a value that is not allowed."""


@dataclasses.dataclass
class WorkerConfig:
    """What a worker needs to know before it starts.

    tree           ai-service folder of the legacy (holds scripts/)
    socket         unix path of the HTTP socket; made with mode 600, an old one is replaced
    control        unix path of the control socket, or None for no control
    argv           options of the p2p program
    contained      start with background loops stopped and background effects refused
    state_dir      private folder used instead of the tree's STATE_DIR; "" = a new one under TMPDIR, removed at the end;
                   None = the tree's own folder (only right when nobody else owns the node's state database)
    seed_state     copy the node's databases of the tree into state_dir first (SQLite's backup API)
    cwd            working directory, None = leave it
    output         where stdout and stderr go: "stderr" (stdout joins stderr), "inherit", "null" or a file to append to
    prefix         text before every line printed to stdout, "" = none
    access_log     print aiohttp's access lines here (the front prints them otherwise)
    requests       effects of HTTP requests that carry no X-Ringrift-Contain header: "serve" or "contain"
    patches        send a state patch after every request and every 50 ms while one runs, when a client subscribed
    spoken         lines of the start that the front has printed itself: each is swallowed here once
    probed         what the front has found out already, by the method that the node's constructor would ask (programs are
                   started once): their answers while it is constructed
    quiet_start    print nothing before the release (a worker that is started again says nothing new)
    ack_timeout    seconds `_save_state` waits for the acknowledgement of a patch
    parent_watch   "both", "pdeathsig", "poll" or "none": how the worker notices that its parent died
    """

    tree: str
    socket: str
    control: str | None = None
    argv: list[str] = dataclasses.field(default_factory=list)
    contained: bool = True
    state_dir: str | None = ""
    seed_state: bool = True
    cwd: str | None = None
    output: str = "stderr"
    prefix: str = ""
    access_log: bool = False
    requests: str = "serve"
    patches: bool = True
    ack_timeout: float = 5.0
    parent_watch: str = "both"
    script: str = SCRIPT
    spoken: list[str] = dataclasses.field(default_factory=list)
    quiet_start: bool = False
    probed: dict = dataclasses.field(default_factory=dict)

    def __post_init__(self):
        for name in ("tree", "socket"):
            if not getattr(self, name):
                raise ConfigError(f"{name} is required")
        if self.requests not in ("serve", "contain"):
            raise ConfigError(f"requests must be serve or contain, not {self.requests!r}")
        if self.parent_watch not in ("both", "pdeathsig", "poll", "none"):
            raise ConfigError(f"parent_watch must be both, pdeathsig, poll or none, not {self.parent_watch!r}")
        self.tree = os.path.abspath(self.tree)
        self.socket = os.path.abspath(self.socket)
        self.control = os.path.abspath(self.control) if self.control else None
        self.argv = [str(a) for a in self.argv]
        if not self.script_path.is_file():
            raise ConfigError(f"no legacy program at {self.script_path}")

    @property
    def script_path(self) -> pathlib.Path:
        return pathlib.Path(self.tree) / self.script

    @classmethod
    def of(cls, values) -> "WorkerConfig":
        """From a mapping (JSON object); unknown keys are refused so that a typo is noticed."""
        if isinstance(values, cls):
            return values
        known = {f.name for f in dataclasses.fields(cls)}
        unknown = sorted(set(values) - known)
        if unknown:
            raise ConfigError(f"unknown settings: {', '.join(unknown)}")
        return cls(**values)
