"""How many requests are open at once, and how much and how slowly each may send its body."""

import asyncio
import time

from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from marquery.web import limits
from marquery.web.responses import refuse

_BUSY_SECONDS = 2


class Traffic:
    """ASGI middleware: answers 503, 413 or 408 in place of the application where there are too many
    requests, or where a body is too large or too slow, whether or not it said so before.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self._open = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer with a refusal, or pass on."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        if self._open >= limits.OPEN_REQUESTS:
            await _busy()(scope, receive, send)
            return
        self._open += 1
        try:
            await self._pass_on(scope, receive, send)
        finally:
            self._open -= 1

    async def _pass_on(self, scope: Scope, receive: Receive, send: Send) -> None:
        body = _Body(receive)
        started = False

        async def sender(message: Message) -> None:
            """What the application makes of a body that broke off is not sent."""
            nonlocal started
            if body.refusal is None or started:
                started = started or message["type"] == "http.response.start"
                await send(message)

        try:
            await self.app(scope, body.receive, sender)
        except _BrokenOffError:
            pass
        except Exception:
            if body.refusal is None or started:
                raise
        if body.refusal is not None and not started:
            await body.refusal(scope, receive, send)


class _BrokenOffError(Exception):
    """The body is not read to its end; ``_Body.refusal`` says why."""


class _Body:
    """The body of one request as it comes in."""

    def __init__(self, receive: Receive) -> None:
        self.refusal: Response | None = None
        self._receive = receive
        self._size = 0
        self._is_whole = False
        self._end = time.monotonic() + limits.BODY_SECONDS

    async def receive(self) -> Message:
        """The next piece; afterwards, and for as long as it takes, the end of the connection."""
        if self._is_whole:
            return await self._receive()
        if self.refusal is not None:
            raise _BrokenOffError
        patience = min(limits.BODY_PAUSE_SECONDS, self._end - time.monotonic())
        try:
            message = await asyncio.wait_for(self._receive(), max(patience, 0))
        except TimeoutError as error:
            self.refusal = _closing(408, "the request took too long to arrive; send it again")
            raise _BrokenOffError from error
        self._size += len(message.get("body", b""))
        self._is_whole = not message.get("more_body", False)
        if self._size > limits.BODY_BYTES:
            self.refusal = too_large()
            raise _BrokenOffError
        return message


def too_large() -> Response:
    """The refusal of a request that is larger than any may be."""
    return _closing(413, f"the request is over {limits.BODY_BYTES >> 20} MiB; send less at once")


def _busy() -> Response:
    text = f"the server has too many requests open; ask again in {_BUSY_SECONDS} s"
    answer = _closing(503, text)
    answer.headers["retry-after"] = str(_BUSY_SECONDS)
    return answer


def _closing(status: int, message: str) -> Response:
    """A refusal after which the connection ends, since the rest of the body may still come."""
    answer = refuse(status, message)
    answer.headers["connection"] = "close"
    return answer
