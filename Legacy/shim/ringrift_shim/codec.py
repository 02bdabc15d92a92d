"""Values of the node's attributes as JSON and back; ints, floats, bools and strings keep their type.

Plain JSON stays plain. What JSON has no form for is an object whose first key starts with `$`:
`{"$set": […]}`, `{"$tuple": […]}`, `{"$map": [[key, value], …]}` (keys that are no strings), `{"$enum": name, "value": v}`, `{"$path": s}`,
`{"$bytes": hex}`; a record of the tree is `{"$record": class name, field: value, …}`.
"""
from __future__ import annotations

import dataclasses
import enum
import json
import os
import pathlib
import sys


class Unencodable(TypeError):
    """A value has no JSON form here (a lock, a connection, a manager)."""


def encode(value):
    """JSON form of a value."""
    if value is None or type(value) in (bool, int, float, str):
        return value
    if isinstance(value, enum.Enum):
        return {"$enum": type(value).__name__, "value": value.value}
    if isinstance(value, dict):
        if all(type(key) is str and not key.startswith("$") for key in value):
            return {key: encode(item) for key, item in list(value.items())}
        return {"$map": [[encode(key), encode(item)] for key, item in list(value.items())]}
    if isinstance(value, list):
        return [encode(item) for item in list(value)]
    if isinstance(value, tuple):
        return {"$tuple": [encode(item) for item in value]}
    if isinstance(value, (set, frozenset)):
        return {"$set": sorted((encode(item) for item in list(value)), key=repr)}
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {"$record": type(value).__name__, **record_fields(value)}
    if isinstance(value, pathlib.PurePath):
        return {"$path": str(value)}
    if isinstance(value, (bytes, bytearray)):
        return {"$bytes": bytes(value).hex()}
    if isinstance(value, (bool, int, float, str)):
        base = next(t for t in (bool, int, float, str) if isinstance(value, t))
        return base(value)
    raise Unencodable(f"{type(value).__module__}.{type(value).__qualname__}")


def key_text(key) -> str:
    """Key of a record map as the key of a JSON object: a string as it is, `$` and JSON text for anything else (and for a
    string that begins with `$`), so that 7 and "7" stay two keys."""
    return key if type(key) is str and not key.startswith("$") else "$" + json.dumps(encode(key))


def key_value(text: str):
    """The key that key_text wrote."""
    return json.loads(text[1:]) if text.startswith("$") else text


def record_fields(record) -> dict:
    """Fields of a tree's record, then attributes somebody hung onto this instance."""
    return {name: encode(value) for name, value in list(vars(record).items())}


class Decoder:
    """Back to the tree's own types: records and enums are looked up by name in its module."""

    def __init__(self, module):
        self.module = module

    def decode(self, value):
        if isinstance(value, list):
            return [self.decode(item) for item in value]
        if not isinstance(value, dict):
            return value
        tag = next(iter(value), "")
        if tag == "$record":
            return self.record(self._type(value[tag]), {k: v for k, v in value.items() if k != tag})
        if tag == "$enum":
            return self._type(value[tag])(value["value"])
        if tag == "$map":
            return {self.decode(key): self.decode(item) for key, item in value[tag]}
        if tag == "$tuple":
            return tuple(self.decode(item) for item in value[tag])
        if tag == "$set":
            return {self.decode(item) for item in value[tag]}
        if tag == "$path":
            return pathlib.Path(value[tag])
        if tag == "$bytes":
            return bytes.fromhex(value[tag])
        return {key: self.decode(item) for key, item in value.items()}

    def record(self, kind, fields: dict):
        """An instance with these fields; missing ones get the record's defaults."""
        made = kind.__new__(kind)
        for field in dataclasses.fields(kind):
            if field.name in fields:
                continue
            if field.default is not dataclasses.MISSING:
                setattr(made, field.name, field.default)
            elif field.default_factory is not dataclasses.MISSING:
                setattr(made, field.name, field.default_factory())
            else:
                raise ValueError(f"{kind.__name__} without {field.name}")
        for name, item in fields.items():
            setattr(made, name, self.decode(item))
        return made

    def _type(self, name):
        found = getattr(self.module, name, None)
        if found is None:  # a tree that keeps its records in modules of their own
            root = os.path.dirname(os.path.dirname(getattr(self.module, "__file__", None) or "")) or None
            inside = (m for m in list(sys.modules.values())
                      if root and str(getattr(m, "__file__", None) or "").startswith(root + os.sep))
            found = next((getattr(m, name) for m in inside if hasattr(m, name)), None)
        if not isinstance(found, type):
            raise ValueError(f"the tree has no class {name}")
        return found


def encode_peer_like(record) -> dict:
    """A NodeInfo or ClusterJob the way its to_dict writes it, enum fields as their bare value, without the derived keys
    (they follow from the fields and the clock); attributes somebody hung onto the instance come last."""
    return {name: value.value if isinstance(value, enum.Enum) else encode(value)
            for name, value in list(vars(record).items())}
