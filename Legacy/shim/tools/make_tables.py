#!/usr/bin/env python3
"""Generate ringrift_shim/tables.json from the contract data (slices.json, steps.json, routes.json).

usage: make_tables.py CONTRACT_DATA_DIR [OUTPUT]

The shim runs inside a legacy interpreter and must not depend on where the contract lives, so the borders it needs
(which attributes are state, which loops exist, which routes change something) are kept beside it in one generated file.
"""
import json
import pathlib
import sys

# Attributes that are live but belong to the process that holds them, not to the node's state.
PROCESS_OWN = {"running": "tells this process's loops to stop"}
# How an attribute is written as JSON when its shape is more than plain JSON (see codec.py).
CODECS = {
    "peers": "node_map",
    "self_info": "node",
    "local_jobs": "job_map",
    "role": "role",
}
PATCH_DEPTH = {"scalar": 0, "list": 0, "set": 0, "record": 1, "record map": 2}


def attribute_rows(slices):
    for row in slices["attributes"]:
        name, kind = row["attribute"], row["kind"]
        if row["life"] != "live" or name in PROCESS_OWN or kind in ("lock", "manager"):
            continue
        cached = kind == "cache" or name.endswith("_cache_time")
        if cached:
            yield "cache", name, {"subsystem": row["subsystem"]}
        else:
            entry = {
                "subsystem": row["subsystem"],
                "codec": CODECS.get(name, "plain"),
                "depth": PATCH_DEPTH[kind],
                "created": row["created"],
            }
            yield "family" if "{" in name else "attribute", name, entry


def opaque_rows(slices):
    for row in slices["attributes"]:
        if row["kind"] in ("lock", "manager"):
            where = row["persisted"]
            files = [where["path"]] if where.get("where") == "file" else []
            yield row["attribute"], {"kind": row["kind"], "subsystem": row["subsystem"], "shape": row["shape"],
                                     "files": files}
    for row in slices["process_state"]:
        yield row["name"], {"kind": "process", "subsystem": row["subsystem"], "shape": row["keeps"],
                            "files": [] if row["persisted"] in ("memory", "-") else [row["persisted"]]}


def main():
    source = pathlib.Path(sys.argv[1])
    target = pathlib.Path(sys.argv[2]) if len(sys.argv) > 2 else (
        pathlib.Path(__file__).resolve().parent.parent / "ringrift_shim" / "tables.json")
    slices, steps, routes = (json.loads((source / f"{n}.json").read_text()) for n in ("slices", "steps", "routes"))
    tables = {"attribute": {}, "family": {}, "cache": {}}
    for group, name, entry in attribute_rows(slices):
        tables[group][name] = entry
    state_keys = next(t["keys"] for t in slices["tables"] if t["table"] == "state")
    out = {
        "generated_from": "contract data slices.json, steps.json, routes.json by Legacy/shim/tools/make_tables.py",
        "loops": [{"name": l["name"], "method": l["method"], "subsystem": l["subsystem"]}
                  for l in sorted((x for x in steps["loops"] if x["kind"] == "periodic"), key=lambda l: l["task_order"])],
        "state_keys": state_keys,
        "attributes": tables["attribute"],
        "families": {n[: n.index("{")]: e for n, e in tables["family"].items()},
        "caches": tables["cache"],
        "opaque": dict(opaque_rows(slices)),
        "process_own": PROCESS_OWN,
        "reading_routes": [[r["method"], r["path"]] for r in routes if not r["mutates"]],
    }
    target.write_text(json.dumps(out, indent=1) + "\n")
    print(target, len(out["attributes"]), "attributes", len(out["loops"]), "loops")


if __name__ == "__main__":
    main()
