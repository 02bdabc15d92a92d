"""The control socket: newline-delimited JSON over a unix stream, served by threads of its own.

A request is {"id": n, "cmd": name, "args": {…}}; its answer {"id": n, "result": …} or
{"id": n, "error": {"type": class, "message": text}}. A request without an id gets no answer. Events are
{"event": name, …} and go to every connection that has sent `subscribe`. Threads, because the legacy blocks its event loop
for up to minutes, and a blocked `_save_state` waits here for its acknowledgement.
"""
from __future__ import annotations

import json
import os
import socket
import struct
import threading


def line(message: dict) -> bytes:
    return json.dumps(message, separators=(",", ":")).encode() + b"\n"


class Connection:
    """One client. Sending never blocks longer than the socket's time-out; a client that does not read is dropped."""

    SEND_SECONDS = 5

    def __init__(self, stream: socket.socket):
        self.stream = stream
        self.subscribed = False
        self.open = True
        self._sending = threading.Lock()
        stream.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, struct.pack("ll", self.SEND_SECONDS, 0))

    def send(self, data: bytes) -> bool:
        with self._sending:
            if not self.open:
                return False
            try:
                self.stream.sendall(data)
                return True
            except OSError:
                self.close()
                return False

    def close(self) -> None:
        self.open = False
        self.subscribed = False
        try:
            self.stream.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self.stream.close()


class ControlServer:
    """Listens on the control socket; execute(command, args, connection) answers, closed(connection) hears of an end."""

    def __init__(self, path: str, execute, closed):
        self.path, self.execute, self.closed = path, execute, closed
        self.connections: list[Connection] = []
        self._lock = threading.Lock()
        self._listener: socket.socket | None = None

    def start(self) -> None:
        if os.path.exists(self.path):
            os.unlink(self.path)
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        previous = os.umask(0o177)
        try:
            listener.bind(self.path)
        finally:
            os.umask(previous)
        listener.listen(128)
        self._listener = listener
        threading.Thread(target=self._accept, name="ringrift-control", daemon=True).start()

    def stop(self) -> None:
        if self._listener is not None:
            self._listener.close()
        if os.path.exists(self.path):
            os.unlink(self.path)

    def subscribers(self) -> list[Connection]:
        with self._lock:
            return [c for c in self.connections if c.subscribed]

    def event(self, name: str, **details) -> int:
        """Send an event to all subscribers; returns to how many."""
        listeners = self.subscribers()
        if not listeners:
            return 0
        data = line({"event": name, **details})
        return sum(connection.send(data) for connection in listeners)

    def _accept(self):
        while True:
            try:
                stream, _ = self._listener.accept()
            except OSError:
                return
            connection = Connection(stream)
            with self._lock:
                self.connections.append(connection)
            threading.Thread(target=self._serve, args=(connection,), name="ringrift-control-client", daemon=True).start()

    def _serve(self, connection: Connection):
        try:
            with connection.stream.makefile("rb") as lines:
                for raw in lines:
                    self._one(connection, raw)
        except (OSError, ValueError):
            pass
        finally:
            connection.close()
            with self._lock:
                self.connections.remove(connection)
            self.closed(connection)

    def _one(self, connection: Connection, raw: bytes):
        identifier = None
        try:
            message = json.loads(raw)
            if not isinstance(message, dict):
                raise TypeError("a request is an object")
            identifier = message.get("id")
            arguments = message.get("args") or {}
            answer = {"id": identifier, "result": self.execute(message.get("cmd"), arguments, connection)}
            data = line(answer)
        except Exception as error:  # the client's mistake or the node's: both are an answer, the connection lives on
            data = line({"id": identifier, "error": {"type": type(error).__name__, "message": str(error)}})
        if identifier is not None or b'"error"' in data[:24]:
            connection.send(data)
