"""Choke points of the interpreter through which effects leave a worker, put under a Gate.

Refused: connections and datagrams to other machines (loopback too: the port there is the front's), name look-ups, new
processes that are not probes, signals to processes. A refusal is what a closed network or a missing permission looks like,
so the legacy's own error handling applies. Files and databases are not guarded here.
"""
from __future__ import annotations

import errno
import ipaddress
import os
import pathlib
import socket
import subprocess

# Programs the legacy only asks questions of; whoever is contained still needs their answers.
PROBES = {
    "nvidia-smi", "nvcc", "rocm-smi", "df", "du", "ps", "pgrep", "lscpu", "uname", "sysctl", "hostname", "free", "uptime",
    "wc", "which", "lsof", "ss", "ifconfig", "vm_stat", "system_profiler",
}
PROBE_VERBS = {
    "git": {"rev-parse", "log", "status", "describe", "branch", "rev-list", "diff", "config"},
    "tailscale": {"ip", "status", "version"},
    "ip": {"addr", "route", "-4", "-o"},
}


def is_probe(args) -> bool:
    """True when the command line only reads. args: what Popen got (a string is a shell line, never a probe)."""
    if isinstance(args, (str, bytes)) or not args:
        return False
    words = [os.fsdecode(a) for a in args]
    name = pathlib.PurePath(words[0]).name
    if name in PROBES:
        return True
    verbs = PROBE_VERBS.get(name)
    if verbs is None:
        return False
    skip = False
    for word in words[1:]:
        if skip:
            skip = False
        elif name == "git" and word in ("-C", "-c", "--git-dir", "--work-tree"):
            skip = True
        elif word in verbs:
            return True
        elif not word.startswith("-"):
            return False
    return False


class Guards:
    """Installs the guards; on_exec(argv) is called instead of replacing the process image."""

    def __init__(self, gate, on_exec):
        self.gate, self.on_exec = gate, on_exec
        self.pid = os.getpid()
        self.notify = os.environ.get("NOTIFY_SOCKET", "").replace("@", "\0", 1)

    def install(self) -> None:
        self._sockets()
        self._names()
        self._processes()
        self._exec()

    def _sockets(self):
        real = {name: getattr(socket.socket, name) for name in ("connect", "connect_ex", "sendto", "sendmsg")}
        guards = self

        def refused(sock, address):
            """None, or the errno with which this address is refused."""
            if sock.family == socket.AF_UNIX:
                return errno.ECONNREFUSED if guards.notify and address == guards.notify else None
            if sock.family not in (socket.AF_INET, socket.AF_INET6) or guards.gate.may("network"):
                return None
            return errno.ENETUNREACH

        def connect(self, address):
            number = None if self.type == socket.SOCK_DGRAM and self.family != socket.AF_UNIX else refused(self, address)
            if number is None:
                return real["connect"](self, address)
            if number == errno.ENETUNREACH:
                guards.gate.refuse("connect", address=str(address))
            raise OSError(number, os.strerror(number))

        def connect_ex(self, address):
            try:
                connect(self, address)
            except OSError as error:
                return error.errno or errno.EIO
            return 0

        def sendto(self, data, *rest):
            if refused(self, rest[-1]) is not None:
                if self.family != socket.AF_UNIX:
                    guards.gate.refuse("datagram", address=str(rest[-1]), size=len(data))
                return len(data)
            return real["sendto"](self, data, *rest)

        def sendmsg(self, buffers, ancdata=(), flags=0, address=None):
            if address is not None and refused(self, address) is not None:
                buffers = list(buffers)
                guards.gate.refuse("datagram", address=str(address), size=sum(map(len, buffers)))
                return sum(map(len, buffers))
            return real["sendmsg"](self, buffers, ancdata, flags, *([] if address is None else [address]))

        socket.socket.connect, socket.socket.connect_ex = connect, connect_ex
        socket.socket.sendto, socket.socket.sendmsg = sendto, sendmsg

    def _names(self):
        own = {"", "localhost", socket.gethostname()}

        def numeric(host):
            text = os.fsdecode(host) if isinstance(host, (bytes, bytearray)) else str(host or "")
            if text in own:
                return True
            try:
                ipaddress.ip_address(text.split("%")[0])
            except ValueError:
                return False
            return True

        def guarded(function):
            def lookup(host, *args, **kwargs):
                if not numeric(host) and not self.gate.may("network"):
                    self.gate.refuse("resolve", host=str(host))
                    raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")
                return function(host, *args, **kwargs)
            return lookup

        for name in ("getaddrinfo", "gethostbyname", "gethostbyname_ex"):
            setattr(socket, name, guarded(getattr(socket, name)))

    def _processes(self):
        guards, popen_init = self, subprocess.Popen.__init__

        def permit(args):
            if os.getpid() != guards.pid or guards.gate.may("spawn") or is_probe(args):
                return
            shown = args if isinstance(args, str) else [os.fsdecode(a) for a in args]
            guards.gate.refuse("spawn", argv=shown)
            raise PermissionError(errno.EPERM, "contained: no process is started", str(shown)[:200])

        def init(self, args, *rest, **named):
            permit(args)
            popen_init(self, args, *rest, **named)

        subprocess.Popen.__init__ = init
        system, kill, killpg = os.system, os.kill, os.killpg

        def guarded_system(command):
            permit(os.fsdecode(command))
            return system(command)

        def signalling(function):
            def send(target, number):
                if number and os.getpid() == guards.pid and not guards.gate.may("spawn"):
                    guards.gate.refuse("signal", target=int(target), signal=int(number))
                    return None
                return function(target, number)
            return send

        os.system, os.kill, os.killpg = guarded_system, signalling(kill), signalling(killpg)

    def _exec(self):
        for name in ("execv", "execve"):
            real = getattr(os, name)

            def replace(path, args, *rest, real=real):
                if os.getpid() != self.pid:
                    return real(path, args, *rest)
                self.on_exec([os.fsdecode(a) for a in args])
                raise AssertionError("on_exec returns only by raising")

            setattr(os, name, replace)
