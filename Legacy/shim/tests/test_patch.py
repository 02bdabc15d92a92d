"""Three-way patches and value codec, without a tree."""
import collections
import dataclasses
import enum
import json
import math
import pathlib
import types
import unittest

from ringrift_shim import codec, guards, patch, tables

DEPTHS = {"peers": 2, "self_info": 1, "role": 0}


def between(base, now):
    return patch.between(base, now, lambda name: DEPTHS.get(name, 0))


class PatchTest(unittest.TestCase):
    def test_nodes(self):
        for base, now, expected in [
            ({"role": "a"}, {"role": "a"}, {}),
            ({"role": "a"}, {"role": "b"}, {"role": {"v": "b", "b": "a"}}),
            ({}, {"role": "b"}, {"role": {"v": "b"}}),
            ({"role": "b"}, {}, {"role": {"d": 1, "b": "b"}}),
            ({"n": 1}, {"n": 1.0}, {"n": {"v": 1.0, "b": 1}}),
            ({"n": True}, {"n": 1}, {"n": {"v": 1, "b": True}}),
            ({"n": math.nan}, {"n": math.nan}, {}),
            ({"peers": {"p": {"x": 1, "y": 2}}}, {"peers": {"p": {"x": 1, "y": 3}, "q": {"x": 4}}},
             {"peers": {"m": {"p": {"m": {"y": {"v": 3, "b": 2}}}, "q": {"v": {"x": 4}}}}}),
            ({"peers": {"p": {"x": {"deep": 1}}}}, {"peers": {"p": {"x": {"deep": 2}}}},
             {"peers": {"m": {"p": {"m": {"x": {"v": {"deep": 2}, "b": {"deep": 1}}}}}}}),
            ({"peers": {"p": {"x": 1}}}, {"peers": {}}, {"peers": {"m": {"p": {"d": 1, "b": {"x": 1}}}}}),
            ({"self_info": None}, {"self_info": {"x": 1}}, {"self_info": {"v": {"x": 1}, "b": None}}),
            ({"self_info": {"$set": [1]}}, {"self_info": {"$set": [2]}},
             {"self_info": {"v": {"$set": [2]}, "b": {"$set": [1]}}}),
        ]:
            with self.subTest(base=base, now=now):
                self.assertEqual(json.dumps(between(base, now), sort_keys=True), json.dumps(expected, sort_keys=True))

    def test_an_untouched_field_never_overwrites_a_newer_one(self):
        base = {"peers": {"p": {"x": 1, "y": 1}, "gone": {"x": 0}}}
        ours = {"peers": {"p": {"x": 2, "y": 1}}}
        theirs = {"peers": {"p": {"x": 1, "y": 7}, "gone": {"x": 0}, "new": {"x": 5}}}
        conflicts = []
        merged = patch.applied(theirs, between(base, ours), conflicts)
        self.assertEqual(merged, {"peers": {"p": {"x": 2, "y": 7}, "new": {"x": 5}}})
        self.assertEqual(conflicts, [])

    def test_conflicts_are_counted_and_the_later_writer_wins(self):
        conflicts = []
        node = between({"role": "a"}, {"role": "b"})
        self.assertEqual(patch.applied({"role": "c"}, node, conflicts), {"role": "b"})
        self.assertEqual(conflicts, [["role"]])
        conflicts.clear()
        self.assertEqual(patch.applied({"role": "b"}, node, conflicts), {"role": "b"})
        self.assertEqual(conflicts, [])


    def test_what_was_changed_here_is_not_removed_from_there(self):
        node = between({"jobs": {"j": {"s": "running"}}, "peers": {"p": {"x": 1}}}, {"jobs": {}, "peers": {}})
        for theirs, expected, places in [
            ({"peers": {"p": {"x": 1}}}, {"peers": {}}, []),
            ({"peers": {}}, {"peers": {}}, []),
            ({"peers": {"p": {"x": 2}}}, {"peers": {"p": {"x": 2}}}, [["peers", "p"]]),
        ]:
            conflicts = []
            self.assertEqual(patch.applied(theirs, {"peers": node["peers"]}, conflicts), expected)
            self.assertEqual(conflicts, places)


class Colour(enum.Enum):
    RED = "red"


@dataclasses.dataclass
class Job:
    name: str
    tags: set
    when: float = 0.5


class CodecTest(unittest.TestCase):
    def test_values_return_as_they_were(self):
        decoder = codec.Decoder(types.SimpleNamespace(Colour=Colour, Job=Job))
        for value in [None, True, 1, 1.0, 2**70, "é\ud800", [1, [2.5]], {"a": {"b": None}}, {("x", 2): 3}, {"$odd": 1},
                      (1, "a"), {"b", "a"}, Colour.RED, pathlib.Path("/x/y"), b"\x00\xff", Job("n", {"t"}), {"j": Job("n", set())}]:
            with self.subTest(value=value):
                text = json.dumps(codec.encode(value))
                back = decoder.decode(json.loads(text))
                self.assertEqual(back, value)
                self.assertIs(type(back), type(value))

    def test_what_has_no_form_is_refused(self):
        for value in [object(), collections.deque([1]), {"a": [open]}]:
            with self.assertRaises(codec.Unencodable):
                codec.encode(value)

    def test_record_with_fewer_fields_gets_defaults(self):
        decoder = codec.Decoder(types.SimpleNamespace(Job=Job))
        made = decoder.decode({"$record": "Job", "name": "n", "tags": {"$set": []}})
        self.assertEqual(made, Job("n", set(), 0.5))
        with self.assertRaisesRegex(ValueError, "Job without tags"):
            decoder.decode({"$record": "Job", "name": "n"})


class TablesTest(unittest.TestCase):
    def test_borders(self):
        self.assertEqual(len(tables.loop_methods()), 14)
        self.assertEqual(len(tables.tables()["state_keys"]), 10)
        for key in tables.tables()["state_keys"]:
            self.assertIsNotNone(tables.attribute(key), key)
        self.assertEqual(tables.attribute("_gpu_idle_since_n7")["subsystem"], "p2p.scheduling")
        for name in ("peers_lock", "node_id", "running", "elo_sync_manager", "_mcts_stats_cache"):
            self.assertIsNone(tables.attribute(name), name)


class ProbeTest(unittest.TestCase):
    def test_command_lines(self):
        for args, expected in [
            (["nvidia-smi", "--query-gpu=name"], True), (["/usr/bin/df", "-h"], True), (["tailscale", "ip", "-4"], True),
            (["git", "-C", "/x", "-c", "safe.directory=/x", "rev-parse", "HEAD"], True), (["git", "pull"], False),
            (["git", "-C", "/x", "reset", "--hard"], False), (["tailscale", "up"], False), (["python3", "x.py"], False),
            ("df", False), ([], False), (["git"], False),
        ]:
            with self.subTest(args=args):
                self.assertEqual(guards.is_probe(args), expected)


if __name__ == "__main__":
    unittest.main()
