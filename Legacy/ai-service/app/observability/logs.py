"""Log lines on stderr, in the format operators know."""

from __future__ import annotations

import logging

LOG_FORMAT = "%(asctime)s - %(levelname)s - %(message)s"


def configure_logging() -> None:
    """Send INFO and above to stderr, unless the process already logs somewhere."""
    logging.basicConfig(level=logging.INFO, format=LOG_FORMAT)
