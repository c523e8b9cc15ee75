"""What the service sends back: JSON bodies as Commander writes them, and the refusals with their texts."""

import json
from collections.abc import Mapping
from typing import Any

from starlette.responses import Response

JSON_TYPE = "application/json"
_SAFE_HEADERS = {"cache-control": "no-store", "x-content-type-options": "nosniff"}


class Refused(Exception):  # noqa: N818 - an answer, not a fault
    """The request is answered with `status` and `error`; `members` stand beside them, `headers` above."""

    def __init__(self, status: int, error: str, *, headers: Mapping[str, str] | None = None, **members: Any) -> None:
        super().__init__(error)
        self.status = status
        self.body: dict[str, Any] = {"error": error, "status": "error", **members}
        self.headers = dict(headers or {})


def as_json(body: object) -> bytes:
    """Sorted members, compact, ASCII only, a newline at the end: the bytes that Flask's `jsonify` makes."""
    return json.dumps(body, separators=(",", ":"), sort_keys=True).encode("ascii") + b"\n"


def reply(status: int, body: bytes, headers: Mapping[str, str] | None = None, media_type: str = JSON_TYPE) -> Response:
    """An answer that no cache keeps and no browser takes for something else."""
    return Response(body, status, {**_SAFE_HEADERS, **(headers or {})}, media_type)


def refusal(refused: Refused) -> Response:
    """The answer that `refused` stands for."""
    return reply(refused.status, as_json(refused.body), refused.headers)
