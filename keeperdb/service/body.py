"""Request bodies: read within limits of size and time, and decoded."""

import json
import re
from typing import Any

from keeperdb.service.passage import Passage
from keeperdb.service.replies import Refused

LARGEST = 28 * 1024 * 1024  # bytes of one body: as many files as one answer may hold, in base64, and the rest
_TOGETHER = 64 * 1024 * 1024  # bytes of all that are being read or wait to be carried out
_JSON_TYPE = re.compile(r"[^/;,\s]+/(?:[^;,\s]+\+)?json\s*(?:;|$)", re.IGNORECASE)


class ClientGone(Exception):  # noqa: N818 - not an error; nobody is left to be told
    """The client went away before its request was whole."""


class BodyBudget:
    """What the bodies of all requests take up together."""

    def __init__(self) -> None:
        self.taken = 0


class Lease:
    """One request's part of the budget, until it is released."""

    def __init__(self, budget: BodyBudget) -> None:
        self._budget = budget
        self._size = 0

    def add(self, size: int) -> None:
        """Take `size` bytes more. Raises `Refused`."""
        if self._size + size > LARGEST:
            raise too_large()
        if self._budget.taken + size > _TOGETHER:
            raise Refused(503, "Too many large requests at the same time. Please try again later.")
        self._budget.taken += size
        self._size += size

    def release(self) -> None:
        """May be called again."""
        self._budget.taken -= self._size
        self._size = 0


def too_large() -> Refused:
    return Refused(413, f"Request body exceeds the {LARGEST // 1024 // 1024} MiB limit")


async def read_body(passage: Passage, lease: Lease) -> bytes:
    """The whole body; the connection itself gives up on one that takes too long. Raises `Refused`, `ClientGone`."""
    length = passage.header("content-length")
    if length.isdigit() and int(length) > LARGEST:
        raise too_large()
    parts: list[bytes] = []
    while True:
        message = await passage.receive()
        if message["type"] == "http.disconnect":
            raise ClientGone
        part = message.get("body", b"")
        lease.add(len(part))
        parts.append(part)
        if not message.get("more_body", False):
            return b"".join(parts)


def decode(content_type: str, body: bytes) -> dict[str, Any]:
    """The object in a body. Raises `Refused` with Commander's texts, none of which repeats anything of the body."""
    if not _JSON_TYPE.match(content_type.strip()):
        raise Refused(400, "Content-Type must be application/json")
    try:
        content = json.loads(body.decode())
    except (ValueError, RecursionError):
        raise Refused(400, "Invalid JSON format") from None
    if not content:
        raise Refused(400, "Invalid or empty JSON")
    if not isinstance(content, dict):
        raise Refused(403, "Access denied")
    return content
