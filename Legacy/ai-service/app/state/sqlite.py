"""One short-lived SQLite connection for each piece of work."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def connection(path: Path, timeout: float = 5.0) -> Iterator[sqlite3.Connection]:
    """A connection that commits when the block ends well, rolls back when it does not, and is closed either way."""
    database = sqlite3.connect(path, timeout=timeout)
    try:
        with database:
            yield database
    finally:
        database.close()


def create_schema(path: Path, statements: Iterable[str], timeout: float = 5.0) -> None:
    """Create what is missing in ``path``; the folder is created too."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with connection(path, timeout) as database:
        for statement in statements:
            database.execute(statement)
