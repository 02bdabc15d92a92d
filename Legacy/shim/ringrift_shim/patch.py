"""Three-way patches between two dumps, by field (DESIGN section 3).

A patch maps attribute names to nodes. A node is one of
  {"v": new, "b": old}   the value changed ("b" is left out when there was none)
  {"d": 1, "b": old}     the attribute, record or field is gone
  {"m": {key: node}}     something below changed; what is not named is untouched
How deep nodes go is the attribute's `depth` in tables.json: 0 the whole value, 1 fields of a record, 2 fields of records.
"""
from __future__ import annotations

ABSENT = object()
TAGS = {"$enum", "$map", "$tuple", "$set", "$path", "$bytes"}


def same(a, b) -> bool:
    """Equal in value and type: 1, 1.0 and true differ, NaN equals NaN, the order of keys does not matter."""
    if type(a) is not type(b):
        return False
    if isinstance(a, dict):
        return a.keys() == b.keys() and all(same(a[key], b[key]) for key in a)
    if isinstance(a, list):
        return len(a) == len(b) and all(map(same, a, b))
    return a == b or (a != a and b != b)


def _plain(value) -> bool:
    """A dictionary whose keys are records or fields (a tagged one is a single value, except a record)."""
    if not isinstance(value, dict):
        return False
    return next(iter(value), "") not in TAGS


def node_between(base, now, depth: int):
    """Node that leads from base to now, or None when they are the same."""
    if same(base, now):
        return None
    if depth > 0 and _plain(base) and _plain(now) and base.get("$record") == now.get("$record"):
        below = {}
        for key, value in now.items():
            node = {"v": value} if key not in base else node_between(base[key], value, depth - 1)
            if node is not None:
                below[key] = node
        for key in base:
            if key not in now:
                below[key] = {"d": 1, "b": base[key]}
        return {"m": below}
    return {"v": now, "b": base}


def between(base: dict, now: dict, depth_of) -> dict:
    """Patch base -> now over whole dumps; depth_of(attribute) says how deep."""
    nodes = {}
    for name, value in now.items():
        node = {"v": value} if name not in base else node_between(base[name], value, depth_of(name))
        if node is not None:
            nodes[name] = node
    for name in base:
        if name not in now:
            nodes[name] = {"d": 1, "b": base[name]}
    return nodes


def merge(current, node, conflicts: list, path: tuple = ()):
    """current with the node applied. The later writer wins; paths that both sides had changed are put into conflicts.
    A change inside something that the other side has removed is lost: half a record is no record. What is removed there and
    was changed here stays: whoever changed it knows better what goes on."""
    if "m" in node:
        if not isinstance(current, dict):
            conflicts.append(list(path))
            return current
        merged = dict(current)
        for key, below in node["m"].items():
            value = merge(merged.get(key, ABSENT), below, conflicts, path + (key,))
            if value is ABSENT:
                merged.pop(key, None)
            else:
                merged[key] = value
        return merged
    if "d" in node:
        if "b" in node and current is not ABSENT and not same(current, node["b"]):
            conflicts.append(list(path))
            return current
        return ABSENT
    if "b" in node and current is not ABSENT and not same(current, node["b"]) and not same(current, node["v"]):
        conflicts.append(list(path))
    return node["v"]


def applied(current: dict, patch: dict, conflicts: list) -> dict:
    """The attributes the patch touches, with their merged values (ABSENT = to be removed)."""
    return {name: merge(current.get(name, ABSENT), node, conflicts, (name,)) for name, node in patch.items()}
