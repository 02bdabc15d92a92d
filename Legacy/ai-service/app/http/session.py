"""Client sessions for requests to other nodes."""

from __future__ import annotations

import aiohttp


def get_client_session(total: float) -> aiohttp.ClientSession:
    """A session whose requests take at most ``total`` seconds; use it as an async context manager."""
    return aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=total))
