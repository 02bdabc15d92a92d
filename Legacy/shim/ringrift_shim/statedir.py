"""A private copy of the node's own databases, so that a worker's constructor never touches the store's files."""
from __future__ import annotations

import atexit
import os
import pathlib
import shutil
import sqlite3
import tempfile
import urllib.parse


def prepare(real: pathlib.Path, private: str | None, seed: bool) -> pathlib.Path:
    """Folder the node shall use as its STATE_DIR while it is constructed.

    private: a folder, "" for a new one that is removed at the end (a kill -9 leaves it: a front names one of its own), None for the real one. With seed, every database of the
    real folder is copied there with SQLite's backup API: what a plain read would miss in a write-ahead log is included.
    """
    if private is None:
        return real
    if private == "":
        folder = pathlib.Path(tempfile.mkdtemp(prefix="ringrift-worker-"))
        atexit.register(_remove, folder, os.getpid())
    else:
        folder = pathlib.Path(private).absolute()
        folder.mkdir(parents=True, exist_ok=True)
    if seed and real.is_dir():
        for database in sorted(real.glob("*.db")):
            copy_database(database, folder / database.name)
    return folder


def copy_database(source: pathlib.Path, target: pathlib.Path) -> None:
    """Snapshot of a live database; the source is opened read-only and an older target is replaced."""
    for suffix in ("", "-wal", "-shm", "-journal"):
        pathlib.Path(f"{target}{suffix}").unlink(missing_ok=True)
    uri = "file:" + urllib.parse.quote(str(source.resolve())) + "?mode=ro"
    reading = sqlite3.connect(uri, uri=True, timeout=10.0)
    try:
        writing = sqlite3.connect(target)
        try:
            reading.backup(writing)
        finally:
            writing.close()
    finally:
        reading.close()


def _remove(folder: pathlib.Path, pid: int) -> None:
    if os.getpid() == pid:
        shutil.rmtree(folder, ignore_errors=True)
