"""HTTP connections that end when nothing comes of them: uvicorn itself waits for ever."""

import asyncio

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

from marquery.web import limits


class PatientProtocol(H11Protocol):
    """uvicorn's protocol, with an end to each wait for a client.

    A connection is closed when the head of a request has not come whole after
    :data:`marquery.web.limits.HEAD_SECONDS`, counted from the connection or from the first byte
    that follows an answer; when the rest of a body that was answered already does not come in that
    time; and when a client takes in nothing of its answer for
    :data:`marquery.web.limits.ANSWER_PAUSE_SECONDS`.
    How long a body may take that the application waits for is up to
    :class:`marquery.web.traffic.Traffic`.
    """

    _reading: asyncio.TimerHandle | None = None
    _writing: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait for a request."""
        super().connection_made(transport)
        self._watch_reading()

    def data_received(self, data: bytes) -> None:
        """Take in a piece of a request."""
        super().data_received(data)
        self._watch_reading()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget all waits."""
        self._stop_reading()
        self._stop_writing()
        super().connection_lost(exc)

    def pause_writing(self) -> None:
        """Begin to wait for the client to take in what was sent."""
        super().pause_writing()
        self._stop_writing()
        self._writing = self.loop.call_later(limits.ANSWER_PAUSE_SECONDS, self.transport.abort)

    def resume_writing(self) -> None:
        """It did."""
        self._stop_writing()
        super().resume_writing()

    def on_response_complete(self) -> None:
        """What comes next may be the rest of a body."""
        super().on_response_complete()
        if self.conn.their_state is h11.SEND_BODY:
            self._watch_reading()

    def _watch_reading(self) -> None:
        """Wait from now on if the client has to send something that the application does not wait
        for; a wait that has begun goes on.
        """
        is_answered = self.cycle is None or self.cycle.response_complete
        if not is_answered or self.conn.their_state not in (h11.IDLE, h11.SEND_BODY):
            self._stop_reading()
        elif self._reading is None:
            self._reading = self.loop.call_later(limits.HEAD_SECONDS, self.transport.abort)

    def _stop_reading(self) -> None:
        if self._reading is not None:
            self._reading.cancel()
            self._reading = None

    def _stop_writing(self) -> None:
        if self._writing is not None:
            self._writing.cancel()
            self._writing = None
