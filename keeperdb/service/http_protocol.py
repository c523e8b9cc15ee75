"""HTTP connections that end by themselves: silent, slow, oversized and superfluous ones, each in its time."""

from enum import Enum, auto
from typing import Any

from uvicorn.config import Config
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol
from uvicorn.server import ServerState

from keeperdb.service.replies import Refused, as_json

LARGEST_HEAD = 65_536  # bytes of request line and headers
_STALLED = 30.0  # seconds in which a client takes nothing of its answer
_AT_ONCE = 20  # connections that make room together, so that the search for them costs little


class Stage(Enum):
    """What a connection is doing."""

    IDLE = auto()  # nothing of a request has come
    HEAD = auto()
    BODY = auto()
    BUSY = auto()  # a command is being carried out
    CLOSING = auto()


_LONGEST = {  # seconds; a command has its own limit, and clients keep idle connections for a minute
    Stage.IDLE: 65.0,
    Stage.HEAD: 10.0,
    Stage.BODY: 30.0,
    Stage.BUSY: float("inf"),
    Stage.CLOSING: 10.0,
}


class Connections(ServerState):
    """All open connections. When there are more than `most`, those that are silent for longest have to go."""

    def __init__(self, most: int) -> None:
        super().__init__()
        self.most = most

    def sweep(self, now: float) -> None:
        """End what is overdue at `now`, in the event loop's seconds."""
        for connection in list(self._all()):
            connection.end_if_overdue(now)

    def make_room(self) -> None:
        if len(self.connections) <= self.most:
            return
        silent = [each for each in self._all() if each.stage in (Stage.IDLE, Stage.HEAD)]
        for connection in sorted(silent, key=lambda each: each.since)[:_AT_ONCE]:
            connection.drop()

    def _all(self) -> "list[LimitedHttpProtocol]":
        return [each for each in self.connections if isinstance(each, LimitedHttpProtocol)]


class LimitedHttpProtocol(HttpToolsProtocol):
    """uvicorn's protocol, which by itself limits neither time nor size of what comes in."""

    def __init__(self, config: Config, server_state: Connections) -> None:
        super().__init__(config, server_state, {})
        self._all = server_state
        self._head = 0  # bytes
        self._stalled_at: float | None = None
        self._enter(Stage.IDLE)

    def _enter(self, stage: Stage) -> None:
        self.stage = stage
        self.since = self.loop.time()

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        self._all.make_room()

    def data_received(self, data: bytes) -> None:
        if self.stage is Stage.CLOSING:
            return
        if self.stage is Stage.IDLE:
            self._enter(Stage.HEAD)
            self._head = 0
        self._head += len(data)
        super().data_received(data)
        if self.stage is Stage.HEAD and self._head > LARGEST_HEAD:
            self.give_up(431, "Request header fields too large")

    def on_headers_complete(self) -> None:
        self._enter(Stage.BODY)
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        super().on_message_complete()
        if self.cycle.response_complete:
            self._enter(Stage.IDLE)  # it was refused before its body had come
        elif self.stage is Stage.BODY:
            self._enter(Stage.BUSY)

    def on_response_complete(self) -> None:
        """Without uvicorn's own timer for each pause between two requests; `sweep` ends those that last too long."""
        if self.transport.is_closing():
            self._enter(Stage.CLOSING)
            return
        self.flow.resume_reading()
        if self.pipeline:  # requests that came together
            self._enter(Stage.BODY if self.cycle.more_body else Stage.BUSY)
            self._start_asgi_task(*self.pipeline.pop())
        else:
            self._enter(Stage.IDLE)

    def shutdown(self) -> None:
        """The service stops: what is not a whole request yet is not waited for."""
        if self.stage is Stage.BODY:
            self.give_up(503, "The service is stopping")
        elif self.stage is Stage.BUSY:
            super().shutdown()
        else:
            self.drop()

    def send_400_response(self, msg: str) -> None:
        """What uvicorn says when it cannot make sense of a request, as JSON."""
        self.give_up(400, "Invalid HTTP request")

    def end_if_overdue(self, now: float) -> None:
        self._watch_reader(now)
        if now - self.since <= _LONGEST[self.stage]:
            return
        if self.stage in (Stage.HEAD, Stage.BODY):
            self.give_up(408, "Request was not complete in time")
        else:
            self.drop()

    def _watch_reader(self, now: float) -> None:
        if not self.flow.write_paused:
            self._stalled_at = None
        elif self._stalled_at is None:
            self._stalled_at = now
        elif now - self._stalled_at > _STALLED:
            self.transport.abort()

    def give_up(self, status: int, error: str) -> None:
        """Say why, if no answer has begun, and close."""
        if self.cycle is not None and not self.cycle.response_complete:
            if self.cycle.response_started:
                self.drop()
                return
            self.cycle.disconnected = True
            self.cycle.message_event.set()
        body = as_json(Refused(status, error).body)
        head = b"content-type: application/json\r\ncontent-length: %d\r\nconnection: close\r\n\r\n" % len(body)
        self.transport.write(STATUS_LINE[status] + head + body)
        self.transport.close()
        self._enter(Stage.CLOSING)

    def drop(self) -> None:
        """Close, without waiting for a client that takes nothing."""
        if self.stage is Stage.CLOSING or self.transport.get_write_buffer_size():
            self.transport.abort()
        else:
            self.transport.close()
            self._enter(Stage.CLOSING)
