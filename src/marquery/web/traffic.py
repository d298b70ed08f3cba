"""How many requests are open at once, and how much and how slowly each may send its body."""

import asyncio
import time

from starlette.datastructures import Headers
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
        self.refusal: ASGIApp | None = None
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
            said = "the request took too long to arrive; send it again"
            self.refusal = LastAnswer(408, said, is_sent=True)
            raise _BrokenOffError from error
        self._size += len(message.get("body", b""))
        self._is_whole = not message.get("more_body", False)
        if self._size > limits.BODY_BYTES:
            self.refusal = too_large(is_sent=self._is_whole)
            raise _BrokenOffError
        return message


class LastAnswer:
    """ASGI application: a refusal after which the connection ends.

    What the client still sends is let pass for a while: a connection that is closed while it sends
    is reset, and the answer is lost.

    Args:
        status: of HTTP.
        message: one sentence: what is wrong and what to do.
        retry_after: seconds; None: not said.
        is_sent: whether nothing more comes, or nothing is waited for.
    """

    def __init__(
        self, status: int, message: str, retry_after: int | None = None, is_sent: bool = False
    ) -> None:
        self._answer = refuse(status, message)
        self._answer.headers["connection"] = "close"
        if retry_after is not None:
            self._answer.headers["retry-after"] = str(retry_after)
        self._is_sent = is_sent

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, then take in the rest."""

        async def sender(message: Message) -> None:
            """The last piece of the answer comes after the rest of the body."""
            await send({**message, "more_body": True} if "body" in message else message)

        await self._answer(scope, receive, sender)
        # Who asks before sending (``Expect: 100-continue``) has its answer and sends nothing.
        if not self._is_sent and "expect" not in Headers(scope=scope):
            await _let_pass(receive)
        await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _let_pass(receive: Receive) -> None:
    left = limits.PASSED_BYTES
    end = time.monotonic() + limits.PASSED_SECONDS
    while left > 0:
        try:
            message = await asyncio.wait_for(receive(), max(end - time.monotonic(), 0))
        except TimeoutError:
            return
        left -= len(message.get("body", b""))
        if not message.get("more_body", False):
            return


def too_large(is_sent: bool = False) -> LastAnswer:
    """The refusal of a request that is larger than any may be."""
    said = f"the request is over {limits.BODY_BYTES >> 20} MiB; send less at once"
    return LastAnswer(413, said, is_sent=is_sent)


def _busy() -> LastAnswer:
    said = f"the server has too many requests open; ask again in {_BUSY_SECONDS} s"
    return LastAnswer(503, said, retry_after=_BUSY_SECONDS)
