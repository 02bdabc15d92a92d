"""Signs of life for systemd; without NOTIFY_SOCKET nothing is sent."""

from __future__ import annotations

import os
import socket


def _notify(message: bytes) -> None:
    """Send one datagram to the supervisor; it is no reason to fail when that does not work."""
    address = os.environ.get("NOTIFY_SOCKET", "")
    if not address:
        return
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as supervisor:
            supervisor.connect("\0" + address[1:] if address.startswith("@") else address)
            supervisor.send(message)
    except OSError:
        pass


def systemd_notify_ready() -> None:
    """The server answers."""
    _notify(b"READY=1")


def systemd_notify_watchdog() -> None:
    """The heartbeat loop turns."""
    _notify(b"WATCHDOG=1")
