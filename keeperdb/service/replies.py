"""What the service sends back: JSON bodies as Commander writes them, and the refusals with their texts."""

import json
from collections.abc import Mapping
from typing import Any

from starlette.responses import Response

JSON_TYPE = "application/json"
_SAFE_HEADERS = [(b"cache-control", b"no-store"), (b"x-content-type-options", b"nosniff")]
_ENCODER = json.JSONEncoder(separators=(",", ":"), sort_keys=True)


class Refused(Exception):  # noqa: N818 - an answer, not a fault
    """The request is answered with `status` and `error`; `members` stand beside them, `headers` above."""

    def __init__(self, status: int, error: str, *, headers: Mapping[str, str] | None = None, **members: Any) -> None:
        super().__init__(error)
        self.status = status
        self.body: dict[str, Any] = {"error": error, "status": "error", **members}
        self.headers = dict(headers or {})


def as_json(body: object) -> bytes:
    """Sorted members, compact, ASCII only, a newline at the end: the bytes that Flask's `jsonify` makes."""
    return _ENCODER.encode(body).encode("ascii") + b"\n"


def reply(status: int, body: bytes, headers: Mapping[str, str] | None = None, media_type: str = JSON_TYPE) -> Response:
    """An answer that no cache keeps and no browser takes for something else."""
    response = Response(body, status, headers, media_type)
    response.raw_headers += _SAFE_HEADERS
    return response


def refusal(refused: Refused) -> Response:
    """The answer that `refused` stands for."""
    return reply(refused.status, as_json(refused.body), refused.headers)
