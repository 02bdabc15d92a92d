"""Dump and apply the node's slices; which attributes they are and how they are written is in tables.json."""
from __future__ import annotations

import contextlib
import enum

from . import patch as patches
from .codec import Decoder, Unencodable, encode, encode_peer_like, key_text, key_value
from .patch import ABSENT, same
from .tables import attribute, carried, tables

LOCKS = ("peers_lock", "jobs_lock", "relay_lock")


class NodeState:
    """Access to the state of one node object of the tree."""

    def __init__(self, node, module):
        self.node, self.module = node, module
        self.decoder = Decoder(module)
        self.skipped: dict[str, str] = {}
        self.conflicts = 0

    @contextlib.contextmanager
    def locked(self, timeout: float = 1.0):
        """Holds the node's own locks as far as they can be had: a thread parked in `_save_state` may hold one of them
        while this runs for it, and then nobody else is writing."""
        held = []
        try:
            for name in LOCKS:
                lock = getattr(self.node, name, None)
                if lock is not None and lock.acquire(timeout=timeout):
                    held.append(lock)
            yield
        finally:
            for lock in reversed(held):
                lock.release()

    def dump(self, names=None) -> dict:
        """Attributes and their JSON forms. An attribute that has none is left out and named in `skipped`."""
        out = {}
        with self.locked():
            for name in carried(self.node):
                if names is not None and name not in names:
                    continue
                try:
                    out[name] = self._encode(attribute(name)["codec"], getattr(self.node, name))
                    self.skipped.pop(name, None)
                except (Unencodable, AttributeError) as reason:
                    self.skipped[name] = str(reason)
        return out

    def patch_since(self, base: dict, now: dict) -> dict:
        return patches.between(base, now, lambda name: (attribute(name) or {"depth": 0})["depth"])

    def put(self, values: dict, merge: bool = False) -> list[str]:
        """Set attributes from their JSON forms; merge keeps records of a map that are not named. Returns what changed."""
        unknown = sorted(name for name in values if attribute(name) is None)
        if unknown:
            raise ValueError(f"not carried: {', '.join(unknown)}")
        with self.locked():
            return [name for name, value in values.items() if self._put(name, value, merge)]

    def apply(self, patch: dict) -> dict:
        """Apply a three-way patch; returns the changed attributes and the paths both sides had changed."""
        with self.locked():
            conflicts: list = []
            values = patches.applied(self.dump(set(patch)), patch, conflicts)
            changed = self.put(values)
        self.conflicts += len(conflicts)
        return {"changed": changed, "conflicts": conflicts}

    def drop_caches(self) -> list[str]:
        """Forget answers computed earlier (caches are dropped at a switch); the legacy recreates them on use."""
        dropped = [name for name in tables()["caches"] if name in vars(self.node)]
        for name in dropped:
            delattr(self.node, name)
        return dropped

    def opaque(self) -> dict:
        """What is not carried and why: locks, managers and process-wide objects with the files they own."""
        present = vars(self.node)
        return {name: {**row, "present": name in present or row["kind"] == "process"}
                for name, row in tables()["opaque"].items()}

    def _encode(self, codec, value):
        if codec in ("node", "job") and value is not None:
            return encode_peer_like(value)
        if codec in ("node_map", "job_map"):
            return {key_text(key): encode_peer_like(item) for key, item in list(value.items())}
        if codec == "role":
            return value.value if isinstance(value, enum.Enum) else value
        return encode(value)

    def _decode(self, codec, value):
        if codec.startswith(("node", "job")) and value is not None:
            kind = self.module.NodeInfo if codec.startswith("node") else self.module.ClusterJob
            known = set(kind.__dataclass_fields__)
            made = kind.from_dict({key: item for key, item in value.items() if key in known})
            for key, item in value.items():
                if key not in known and not hasattr(made, key):
                    setattr(made, key, self.decoder.decode(item))
            return made
        if codec == "role":
            return self.module.NodeRole(value)
        return self.decoder.decode(value)

    def _put(self, name, value, merge) -> bool:
        row, present = attribute(name), name in vars(self.node)
        if value is ABSENT:
            if present:
                delattr(self.node, name)
            return present
        old = getattr(self.node, name, None)
        if present and row["codec"].endswith("_map"):
            return self._put_map(row["codec"], old, value, merge)
        if present and same(self._encode(row["codec"], old), value):
            return False
        if present and row["codec"] == "node" and old is not None and value is not None:
            return self._put_fields(row["codec"], old, value)
        if row["codec"].endswith("_map"):
            setattr(self.node, name, {key_value(key): self._decode(row["codec"], item) for key, item in value.items()})
            return True
        new = self._decode(row["codec"], value)
        if present and isinstance(old, dict) and isinstance(new, dict):
            self._put_plain_map(old, new, merge)
        else:
            setattr(self.node, name, new)
        return True

    def _put_map(self, codec, records, value, merge) -> bool:
        """Records keep their identity and untouched ones are not written, so that holders of a reference see the change."""
        changed = False
        for text, fields in value.items():
            key = key_value(text)
            if key in records:
                changed |= self._put_fields(codec, records[key], fields)
            else:
                records[key] = self._decode(codec, fields)
                changed = True
        if not merge:
            for key in [key for key in records if key_text(key) not in value]:
                del records[key]
                changed = True
        return changed

    def _put_fields(self, codec, record, fields) -> bool:
        base = self._encode(codec.removesuffix("_map"), record)
        touched = {key: item for key, item in fields.items() if key not in base or not same(base[key], item)}
        if not touched:
            return False
        made = self._decode(codec, {**base, **fields})
        for key in touched:
            if hasattr(made, key):
                setattr(record, key, getattr(made, key))
        return True

    @staticmethod
    def _put_plain_map(old, new, merge) -> None:
        for key, item in new.items():
            old[key] = item
        if not merge:
            for key in [key for key in old if key not in new]:
                del old[key]
