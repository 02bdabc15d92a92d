"""Who a node is: version, checkout, advertised port, token (contract page 01, sections 2.6 and 4.2)."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from app.config import settings
from app.config.paths import find_ringrift_path
from app.state.runtime import NodeState

GIT_TIMEOUT = 3


class IdentityMixin(NodeState):
    """Answers that depend on the command line, the environment and the checkout only."""

    def _detect_ringrift_path(self) -> str:
        """The checkout to use when none is named on the command line."""
        return find_ringrift_path()

    def _detect_build_version(self) -> str:
        """``branch@commit`` of the checkout, the commit alone, or ``unknown``; an environment value wins."""
        named = os.environ.get("RINGRIFT_BUILD_VERSION", "").strip()
        if named:
            return named
        commit = self._git_output("rev-parse", "--short", "HEAD")
        branch = self._git_output("rev-parse", "--abbrev-ref", "HEAD")
        if commit and branch:
            return f"{branch}@{commit}"
        return commit or "unknown"

    def _git_output(self, *args: str) -> str:
        """Output of a git command in the checkout, or nothing when it fails."""
        argv = ["git", "-c", f"safe.directory={self._git_safe_directory}", *args]
        try:
            done = subprocess.run(argv, cwd=self.ringrift_path, capture_output=True, text=True, timeout=GIT_TIMEOUT)
        except Exception:
            return ""
        return done.stdout.strip() if done.returncode == 0 else ""

    def _infer_advertise_port(self) -> int:
        """The port peers should use, from the environment or else the listening port."""
        for name in ("RINGRIFT_ADVERTISE_PORT", f"VAST_TCP_PORT_{self.port}"):
            try:
                return int(os.environ.get(name, "").strip())
            except ValueError:
                continue
        return self.port

    def _resolve_auth_token(self, option: str | None) -> str:
        """The shared token: option, then environment, then the file named in the environment."""
        token = (option or "").strip() or os.environ.get(settings.AUTH_TOKEN_ENV, "").strip()
        path = os.environ.get(settings.AUTH_TOKEN_FILE_ENV, "").strip()
        if token or not path:
            return token
        try:
            return Path(path).read_text().strip()
        except Exception as error:
            print(f"[P2P] Auth: failed to read {settings.AUTH_TOKEN_FILE_ENV}={path}: {error}")
            return ""
