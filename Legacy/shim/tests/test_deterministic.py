"""The virtual clock and the labelled streams: the function against fixed vectors, waits of every kind, and two equal runs."""
import os
import pathlib
import shutil
import subprocess
import tempfile
import textwrap
import threading
import time
import unittest

import clock_server
from clock_server import START, Clock
from ringrift_shim.deterministic import probes
from ringrift_shim.deterministic.streams import Streams
from support import PYTHON, SHIM

FIRST = "29740070194c284ca4cb5bb2c1e175ea202626e9e81e2fa61b437a019a758a40"


class StreamTest(unittest.TestCase):
    """Vectors made with sha256sum and openssl; Tests/EffectsTests/LabelledStreamsTests.swift holds the same."""

    def test_vectors(self):
        streams = Streams("seed-1", "/")
        self.assertEqual(streams.uuid("leader_lease").hex, "09d30abac4b4436886caadad38887a80")
        self.assertEqual(streams.uuid("leader_lease").hex, "cd98292a15124de8b148f47b907e062b")
        self.assertEqual(streams.bytes("other", 40).hex(), FIRST + "4a38fb73e8f4d066")
        self.assertEqual(Streams("seed-1", "/").fraction("other"), (0x29740070194C28 >> 3) / 2**53)
        self.assertEqual(Streams("seed-1", "/").bits("other", 4), 0x2)
        self.assertNotEqual(Streams("seed-2", "/").uuid("leader_lease").hex, "09d30abac4b4436886caadad38887a80")

    def test_probes_are_complete(self):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder, "probes.json")
            path.write_text('{"processors": 1}')
            with self.assertRaisesRegex(ValueError, "'host_name' is missing"):
                probes.read(path)


PROGRAM = """
    import asyncio, datetime, os, queue, random, secrets, shutil, socket, subprocess, sys, threading, time, uuid

    START = float(sys.argv[1])

    def say(*words):
        print(f"{time.time() - START:.3f}", *words, flush=True)

    def thread(name, seconds):
        time.sleep(seconds)
        say(name)

    async def timer(name, seconds):
        await asyncio.sleep(seconds)
        say(name)

    async def blocked():
        await asyncio.sleep(3)
        time.sleep(100)  # Blocks the loop: takes no time.
        say("blocked")
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as quiet:
            quiet.bind(("127.0.0.1", 0))
            quiet.settimeout(50)
            try:
                quiet.recv(10)
            except TimeoutError as error:
                say("datagram", error)

    def waits():
        say("event", threading.Event().wait(1.5))
        condition = threading.Condition()
        with condition:
            say("condition", condition.wait_for(lambda: False, 0.125))
        try:
            queue.Queue().get(timeout=0.25)
        except queue.Empty:
            say("queue")
        left, right = socket.socketpair()
        left.settimeout(0.5)
        try:
            left.recv(1)
        except TimeoutError as error:
            say("socket", error, left.gettimeout())
        right.sendall(b"x")
        say("received", left.recv(1))
        try:
            subprocess.run(["sleep", "600"], timeout=4, capture_output=True)
        except subprocess.TimeoutExpired as error:
            say("child", error.timeout)
        say("quick", subprocess.run(["echo", "hi"], timeout=4, capture_output=True).stdout)

    async def main():
        loop = asyncio.get_running_loop()
        say("loop", loop.time() == time.time() == time.monotonic() == time.perf_counter())
        say(datetime.datetime.now(datetime.timezone.utc).isoformat(), datetime.date.today(), time.strftime("%H:%M"))
        say(isinstance(datetime.datetime.fromtimestamp(0), datetime.datetime), os.cpu_count(), socket.gethostname())
        say(shutil.disk_usage("/").used, uuid.uuid4().hex, random.random(), random.choice("abc"), secrets.token_hex(4))
        say(random.Random().random(), random.Random(5).random(), os.urandom(3).hex())
        threading.Thread(target=thread, args=("thread", 2)).start()
        try:
            async with asyncio.timeout(0.5):
                await asyncio.Event().wait()
        except TimeoutError:
            say("timeout")
        await asyncio.gather(timer("b", 2), timer("a", 2), timer("c", 0.125), blocked(), asyncio.to_thread(waits))
        say("end")

    asyncio.run(main())
"""


class ProgramTest(unittest.TestCase):
    def play(self, seed="seed-1", seconds=20.0, step=None):
        """Lines of the program, moved by `seconds` in pieces of `step`."""
        folder = tempfile.mkdtemp(prefix="det-")
        self.addCleanup(shutil.rmtree, folder, True)
        program = pathlib.Path(folder, "program.py")
        program.write_text(textwrap.dedent(PROGRAM))
        clock = Clock(folder, seed)
        self.addCleanup(clock.close)
        process = subprocess.Popen(
            [PYTHON, "-u", str(SHIM / "run_deterministic.py"), "--script", "program.py", "--", repr(START)], cwd=folder,
            env=dict(os.environ, RINGRIFT_DETERMINISTIC=folder, PYTHONHASHSEED="0", TZ="UTC"), stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True)
        try:
            while not clock.participants:
                self.assertIsNone(process.poll(), process.stdout.read() if process.poll() is not None else "")
                time.sleep(0.01)
            began = time.monotonic()
            done = 0.0
            while done < seconds:
                clock.advance(step or seconds, [process.pid])
                done += step or seconds
            self.real = time.monotonic() - began
            output = process.communicate(timeout=20)[0]
            self.assertEqual(process.returncode, 0, output)
            return output.splitlines()
        finally:
            process.kill()
            process.wait()

    def test_everything_waits_for_the_clock_and_two_runs_are_equal(self):
        lines = self.play()
        self.assertLess(self.real, 15)
        self.assertEqual(lines[:3], [
            "0.000 loop True", "0.000 2026-01-15T12:00:00+00:00 2026-01-15 12:00", "0.000 True 3 virtual-host"])
        self.assertEqual(lines[5:], [
            "0.500 timeout", "0.625 c", "2.000 thread", "2.000 event False", "2.125 condition False", "2.375 queue",
            "2.500 b", "2.500 a", "2.875 socket timed out 0.5", "2.875 received b'x'", "3.500 blocked",
            "3.500 datagram timed out", "6.875 child 4", "6.875 quick b'hi\\n'", "6.875 end"])
        self.assertIn(" 1024000000 ", lines[3])
        # Pieces of time change nothing, a seed changes the random values and nothing else.
        self.assertEqual(self.play(step=0.4), lines)
        other = self.play(seed="seed-2")
        self.assertNotEqual(other[3:5], lines[3:5])
        self.assertEqual(other[:3] + other[5:], lines[:3] + lines[5:])
        self.assertIn(repr(__import__("random").Random(5).random()), lines[4])

    def test_without_a_clock_the_program_is_not_started(self):
        for value, reason in (("", "names no directory"), (tempfile.gettempdir(), "No such file")):
            answer = subprocess.run(
                [PYTHON, str(SHIM / "run_deterministic.py"), "--script", "x.py"], capture_output=True, text=True,
                env=dict(os.environ, RINGRIFT_DETERMINISTIC=value))
            self.assertEqual(answer.returncode, 2)
            self.assertRegex(answer.stderr, f"^ringrift_shim: .*{reason}")
            self.assertEqual(answer.stderr.count("\n"), 1)


if __name__ == "__main__":
    unittest.main()
