"""The shared token: asked of callers, shown to peers (contract page 01, section 3.2)."""

from __future__ import annotations

import hmac
from collections.abc import Awaitable, Callable

from aiohttp import web

from app.state.runtime import NodeState

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
OPEN_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
_BEARER = "bearer "


def presented_token(request: web.Request) -> str:
    """The token of a request: the bearer value, or else our own header."""
    authorization = request.headers.get("Authorization", "")
    bearer = authorization[len(_BEARER):].strip() if authorization.lower().startswith(_BEARER) else ""
    return bearer or request.headers.get("X-RingRift-Auth", "").strip()


def unauthorized() -> web.Response:
    """The refusal every protected route gives."""
    return web.json_response({"error": "unauthorized"}, status=401)


class AuthMixin(NodeState):
    """Who may change something here."""

    def _auth_headers(self) -> dict[str, str]:
        """Headers that prove to a peer that we belong to its cluster."""
        return {"Authorization": f"Bearer {self.auth_token}"} if self.auth_token else {}

    def _is_request_authorized(self, request: web.Request) -> bool:
        """Whether a request carries the token; a token with non-ASCII characters raises TypeError."""
        if not self.auth_token:
            return True
        token = presented_token(request)
        return bool(token) and hmac.compare_digest(token, self.auth_token)

    def _auth_middleware(self) -> Callable[[web.Request, Handler], Awaitable[web.StreamResponse]]:
        """Refuses requests that would change something and lack the token, before any routing."""

        @web.middleware
        async def require_token(request: web.Request, handler: Handler) -> web.StreamResponse:
            if self.auth_token and request.method not in OPEN_METHODS and not self._is_request_authorized(request):
                return unauthorized()
            return await handler(request)

        return require_token
