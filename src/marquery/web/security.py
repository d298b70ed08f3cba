"""Who may talk to the server, and what a browser may do with answers."""

import hashlib
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass
from http.cookies import CookieError, SimpleCookie
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import RedirectResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from marquery.web import limits
from marquery.web.addresses import is_loopback
from marquery.web.responses import refuse
from marquery.web.traffic import too_large

COOKIE = "marquery"
_SAFE = ("GET", "HEAD", "OPTIONS")
_OPEN = ("/login", "/static/")
#: Nothing from elsewhere, nothing inline, never in a frame.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_KEPT = "public, max-age=31536000, immutable"
_HEADERS = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}


@dataclass(frozen=True)
class Access:
    """Rules of one server.

    Attributes:
        host: that it is bound to.
        token: to be shown by everyone; None on the own machine.
    """

    host: str
    token: str | None = None

    @property
    def session(self) -> str:
        """What the cookie holds: made from the token, which is not in it."""
        key = (self.token or "").encode()
        return hmac.new(key, b"marquery session", hashlib.sha256).hexdigest()

    def is_token(self, given: str) -> bool:
        """Whether it is the token, in a time that tells nothing."""
        return self.token is not None and hmac.compare_digest(given.encode(), self.token.encode())

    def admits(self, headers: Mapping[str, str]) -> bool:
        """Whether a request shows the token, as a bearer or by the session's cookie."""
        if self.token is None:
            return True
        scheme, _, given = headers.get("authorization", "").partition(" ")
        if scheme.lower() == "bearer" and self.is_token(given.strip()):
            return True
        try:
            cookie = SimpleCookie(headers.get("cookie", "")).get(COOKIE)
        except CookieError:
            return False
        return cookie is not None and hmac.compare_digest(
            cookie.value.encode(), self.session.encode()
        )

    def knows_host(self, host: str) -> bool:
        """Whether a request is addressed to this server by a name of its own.

        Without a token only names of the own machine are: another site whose name is made to point
        here (DNS rebinding) could read everything otherwise.
        """
        if self.token is not None:
            return True
        try:
            name = urlsplit(f"//{host}").hostname or ""
        except ValueError:  # such as brackets that are not closed
            return False
        return is_loopback(name) or name == self.host


class Guard:
    """ASGI middleware: refuses what the rules forbid before anything else is done with it."""

    def __init__(self, app: ASGIApp, access: Access) -> None:
        self.app = app
        self.access = access

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer with a refusal, or pass on."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        refusal = self._refusal(scope, headers)
        sender = _with_headers(send, _KEPT if _is_asset(scope) else "no-store")
        if refusal is not None:
            await refusal(scope, receive, sender)
            return
        await self.app(scope, receive, sender)

    def _refusal(self, scope: Scope, headers: Headers) -> ASGIApp | None:
        path, method = scope["path"], scope["method"]
        if not self.access.knows_host(headers.get("host", "")):
            return refuse(421, "this server is not known by that name; use the address it printed")
        if method not in _SAFE and not _same_origin(headers):
            return refuse(403, "the request comes from another site")
        length = headers.get("content-length", "0")
        if not re.fullmatch("[0-9]+", length):
            return refuse(400, "content-length is no number")
        if len(length) > limits.NUMBER_DIGITS or int(length) > limits.BODY_BYTES:
            return too_large()
        if self.access.admits(headers) or path.startswith(_OPEN):
            return None
        if method in _SAFE and "text/html" in headers.get("accept", ""):
            return RedirectResponse("/login", 303)
        return refuse(401, "give the token as: Authorization: Bearer TOKEN")


def _same_origin(headers: Headers) -> bool:
    """Whether a write comes from a page of this server, or from no page at all."""
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site in ("same-origin", "none")
    origin = headers.get("origin")
    try:
        return origin is None or urlsplit(origin).netloc == headers.get("host", "")
    except ValueError:
        return False


def _is_asset(scope: Scope) -> bool:
    """Whether a file is asked for by an address that changes with its content."""
    return bool(scope["path"].startswith("/static/") and scope["query_string"].startswith(b"v="))


def _with_headers(send: Send, keeping: str) -> Send:
    async def sender(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in _HEADERS.items():
                headers.setdefault(name, value)
            headers.setdefault("cache-control", keeping)
        await send(message)

    return sender
