"""The legacy's own aiohttp server on a private unix socket, with the client's address given back by headers.

The front sends `X-Ringrift-Remote` (client address), optionally `X-Ringrift-Scheme` and `X-Ringrift-Host`,
`X-Ringrift-Request` (its id of the request), `X-Ringrift-Target` (the request's target where a URL cannot carry it) and `X-Ringrift-Contain` (1 = no effects outside this process, 0 = effects).
It must drop these names from what clients send. They are removed before the legacy sees the request, and the address is
in place before it: handlers, error lines and access lines (aiohttp's `%a`) show the client, which a middleware could not do.
"""
from __future__ import annotations

import asyncio
import functools
import os

from aiohttp import web
from aiohttp.web_log import AccessLogger
from multidict import CIMultiDict, CIMultiDictProxy
from yarl import URL

REMOTE, SCHEME, HOST = "X-Ringrift-Remote", "X-Ringrift-Scheme", "X-Ringrift-Host"
REQUEST_ID, CONTAIN, TARGET = "X-Ringrift-Request", "X-Ringrift-Contain", "X-Ringrift-Target"
# Exact names: the legacy has an X-RingRift-Auth header of its own.
PRIVATE = {name.lower() for name in (REMOTE, SCHEME, HOST, REQUEST_ID, CONTAIN, TARGET)}


def _url(target: str) -> URL:
    """The URL that aiohttp's parser makes of a request target."""
    path, _, rest = target.partition("#")
    path, _, query = path.partition("?")
    return URL.build(path=path, query_string=query, fragment=rest, encoded=True)


class ForwardedRequest(web.Request):
    """A request whose client is named by the front; `ringrift` keeps what the private headers said."""

    ATTRS = web.Request.ATTRS | frozenset(["ringrift"])

    def __init__(self, message, payload, protocol, payload_writer, task, loop, **settings):
        told = {name: message.headers[name] for name in PRIVATE if name in message.headers}
        if told:
            kept = CIMultiDict((k, v) for k, v in message.headers.items() if k.lower() not in PRIVATE)
            raw = tuple((k, v) for k, v in message.raw_headers if k.decode("latin-1").lower() not in PRIVATE)
            message = message._replace(headers=CIMultiDictProxy(kept), raw_headers=raw)
            if TARGET.lower() in told:
                message = message._replace(path=told[TARGET.lower()], url=_url(told[TARGET.lower()]))
        super().__init__(
            message, payload, protocol, payload_writer, task, loop,
            scheme=told.get(SCHEME.lower()), host=told.get(HOST.lower()), remote=told.get(REMOTE.lower()), **settings)
        self.ringrift = told


class ForwardedAccessLogger(AccessLogger):
    """Access lines of a worker when they are wanted here. ForwardedRequest already carries the client's address; a
    request without one (asked on the socket directly) is shown as 127.0.0.1 instead of an empty place."""

    @staticmethod
    def _format_a(request, response, time):
        return (request.remote if request is not None else None) or "127.0.0.1"


class HttpSeam:
    """Replaces aiohttp's TCPSite and AppRunner for the legacy that is about to run in this process.

    around(request, handler) is called for every request and awaits handler(request) itself.
    """

    def __init__(self, socket_path: str, access_log: bool, around):
        self.socket_path, self.access_log, self.around = socket_path, access_log, around
        self.app: web.Application | None = None
        self.bound: tuple[str | None, int | None] = (None, None)
        self.started = asyncio.Event()

    def install(self) -> None:
        seam = self

        class PrivateSite(web.UnixSite):
            """Takes the arguments of a TCPSite and listens on the private socket instead."""

            __slots__ = ()

            def __init__(self, runner, host=None, port=None, *, backlog=128, ssl_context=None, shutdown_timeout=60.0,
                         reuse_address=None, reuse_port=None):
                super().__init__(runner, seam.socket_path, backlog=backlog)
                seam.bound = (host, port)

            async def start(self):
                previous = os.umask(0o177)
                try:
                    await super().start()
                finally:
                    os.umask(previous)
                seam.started.set()

        class HostedRunner(web.AppRunner):
            __slots__ = ()

            def __init__(self, app, **settings):
                settings["access_log_class"] = ForwardedAccessLogger
                if not seam.access_log:
                    settings["access_log"] = None
                super().__init__(app, **settings)
                seam.app = app

            async def _make_server(self):
                server = await super()._make_server()
                server.request_factory = functools.partial(self._app._make_request, _cls=ForwardedRequest)
                server.request_handler = functools.partial(seam.around, handler=server.request_handler)
                return server

        web.TCPSite, web.AppRunner = PrivateSite, HostedRunner

    def routes(self) -> list[list[str]]:
        """[method, path, handler name] in order of registration; the HEAD twins of GET are left out."""
        if self.app is None:
            return []
        rows = []
        for route in self.app.router.routes():
            if route.method != "HEAD" and route.resource is not None:
                rows.append([route.method, route.resource.canonical, getattr(route.handler, "__name__", "?")])
        return rows
