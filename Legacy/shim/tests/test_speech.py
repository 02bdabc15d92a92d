"""What the node says reaches the front's own files in whole lines, and what the front has said is left out once."""
from __future__ import annotations

import threading
import unittest

from ringrift_shim.speech import FilteredStream, Spoken


class Writes(list):
    """A stream that remembers each write: one write is one line in a file that another process writes, too."""

    def write(self, text):
        self.append(text)

    def flush(self):
        pass


class SpeechTest(unittest.TestCase):
    def setUp(self):
        self.writes = Writes()
        self.stream = FilteredStream(self.writes, Spoken(["hello 5", "again"], False))

    def say(self, *words, **how):
        print(*words, file=self.stream, **how)

    def test_a_line_is_one_write(self):
        self.say("a", "b")
        self.say("c", end="")
        self.say("d")
        self.say("e\nf")
        self.assertEqual(self.writes, ["a b\n", "cd\n", "e\nf\n"])

    def test_a_flush_lets_an_unfinished_line_pass(self):
        self.say("Question? ", end="", flush=True)
        self.say("answer")
        self.assertEqual(self.writes, ["Question? ", "answer\n"])

    def test_threads_do_not_share_a_line(self):
        self.say("one ", end="")
        other = threading.Thread(target=lambda: self.say("two"))
        other.start()
        other.join()
        self.say("three")
        self.assertEqual(self.writes, ["two\n", "one three\n"])

    def test_each_spoken_line_is_left_out_once(self):
        for line in ("hello 7", "again", "hello 8", "again"):
            self.say(line)
        self.assertEqual(self.writes, ["hello 8\n", "again\n"])

    def test_a_quiet_start_ends_with_the_release(self):
        stream = FilteredStream(self.writes, Spoken([], True))
        print("start", file=stream)
        stream.release()
        print("work", file=stream)
        self.assertEqual(self.writes, ["work\n"])


if __name__ == "__main__":
    unittest.main()
