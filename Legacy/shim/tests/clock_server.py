"""The harness's side of the virtual clock, for tests: the socket, and when everything is quiet."""
from __future__ import annotations

import json
import os
import pathlib
import socket
import threading
import time

START = 1768478400.0
PROBES = {"processors": 3, "host_name": "virtual-host",
          "disk": {"fragment": 4096, "blocks": 1000000, "free": 750000, "available": 700000}}


class Clock:
    """A directory with clock.sock, seed and probes.json; moves the time of the processes that connect."""

    def __init__(self, folder, seed="seed-1", start=START):
        self.folder, self.now, self.participants = pathlib.Path(folder), start, []
        (self.folder / "seed").write_text(seed)
        (self.folder / "probes.json").write_text(json.dumps(PROBES))
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(str(self.folder / "clock.sock"))
        self._listener.listen()
        self._lock = threading.Lock()
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            try:
                stream, _ = self._listener.accept()
            except OSError:
                return
            lines = stream.makefile("rb")
            assert lines.readline().startswith(b"hello 1 ")
            stream.sendall(f"now {self.now!r}\n".encode())
            with self._lock:
                self.participants.append((stream, lines))

    def turn(self, patience=2.0):
        """One waiter that is due wakes: True. Else the earliest moment anybody waits for, or None."""
        end = time.monotonic() + patience
        while (answer := self._turn(time.monotonic() > end)) == "busy":
            time.sleep(0.002)
        return answer

    def _turn(self, impatient):
        moments = []
        with self._lock:
            participants = list(self.participants)
        for participant in participants:
            try:
                participant[0].sendall(f"now {self.now!r}\n".encode())
                answer = participant[1].readline().split()
            except OSError:
                answer = []
            if not answer:
                self.participants.remove(participant)
                continue
            if answer == [b"woke"]:
                return True
            if answer[0] == b"busy" and not impatient:
                return "busy"
            if answer[1] != b"none":
                moments.append(float(answer[1]))
        return min(moments, default=None)

    def advance(self, seconds, pids):
        """Move by `seconds`, from one moment somebody waits for to the next."""
        end = self.now + seconds
        while True:
            wait_until_quiet(pids)
            moment = self.turn()
            if moment is True:
                continue
            if moment is None or moment > end:
                break
            self.now = moment
        self.now = end
        self.turn()

    def close(self):
        self._listener.close()
        for stream, lines in self.participants:
            lines.close()
            stream.close()


def wait_until_quiet(pids, bound=60.0):
    """Until no thread of these processes runs, and none has run between three looks."""
    end, seen, same = time.monotonic() + bound, None, 0
    while same < 3:
        if time.monotonic() > end:
            raise AssertionError("never quiet")
        looked = _look(pids)
        same = same + 1 if looked is not None and looked == seen else 0
        seen = looked
        time.sleep(0.002)


def _look(pids):
    counts = {}
    for pid in pids:
        for task in pathlib.Path(f"/proc/{pid}/task").glob("*"):
            try:
                state = (task / "stat").read_text().rsplit(")", 1)[1].split()[0]
                counts[task] = (task / "schedstat").read_text().split()[2]
            except OSError:
                continue
            if state not in "STZXI":
                return None
    return counts
