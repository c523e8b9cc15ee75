"""The one gate that every request passes: denied unless each check lets it through."""

import asyncio
import base64
import binascii
import logging
import time
import traceback
from collections.abc import Sequence
from datetime import UTC, datetime

from starlette.responses import Response
from starlette.routing import Match
from starlette.types import Receive, Scope, Send

from keeperdb.service.addresses import UNKNOWN
from keeperdb.service.body import ClientGone
from keeperdb.service.passage import NO_KEY, Door, Passage
from keeperdb.service.rate import RateLimits
from keeperdb.service.replies import Refused, refusal, reply
from keeperdb.service.request_log import RequestEntry, RequestLog
from keeperdb.service.rules import Rules

_SMALL = 65_536  # bytes of a refused body that are thrown away to keep the connection
_LEGACY = (b"x-api-legacy", b"true")
_FAULT = "Something went wrong in KeeperDB. The log has the details."
_BASIC = {"www-authenticate": 'Basic realm="KeeperDB service: the API key is the password", charset="UTF-8"'}

_log = logging.getLogger(__name__)


class Gate:
    """An ASGI application: checks, hands on, answers and notes. `rules` may be exchanged at any time."""

    def __init__(self, doors: Sequence[Door], rules: Rules, log: RequestLog) -> None:
        self.doors = doors
        self._plain = {door.path: door for door in doors if not door.route.param_convertors}
        self._others = tuple(door for door in doors if door.route.param_convertors)
        self.rules = rules
        self._log = log
        self._limits = RateLimits()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        begun = time.perf_counter()
        passage = Passage(self.rules, scope, receive)
        try:
            response = await self._answer(passage)
        except ClientGone:
            return
        self._note(passage, response.status_code, (time.perf_counter() - begun) * 1000)
        await response(scope, receive, send)

    async def _answer(self, passage: Passage) -> Response:
        try:
            response = await self._pass(passage)
        except Refused as refused:
            response = _refuse(passage, refused)
        except (ClientGone, asyncio.CancelledError):
            raise
        except Exception as error:  # noqa: BLE001 - ours; the caller is told so, and the log where it happened
            places = "".join(traceback.format_tb(error.__traceback__))
            _log.error("%s failed with %s:\n%s", passage.door and passage.door.path, type(error).__name__, places)
            response = refusal(Refused(500, _FAULT))
        if passage.door is not None and passage.door.is_legacy and response.status_code != 405:
            response.raw_headers.append(_LEGACY)
        return response

    async def _pass(self, passage: Passage) -> Response:
        """The checks in Commander's order: names, rate, address, key. Raises `Refused`."""
        rules = passage.rules
        passage.client = self._client_of(passage)
        rules.hosts.check(passage.headers.get("host", ()), passage.headers.get("origin", ()))
        door = passage.door = self._find(passage)
        if door is None or not door.is_public:
            if door is not None:
                self._limits.count(rules.rate, passage.client, door.path)
            if not rules.addresses.permits(passage.client):
                raise Refused(403, "IP is not allowed to call API service")
        if door is None:
            raise Refused(404, "Not found")
        if passage.method == "OPTIONS":
            return reply(200, b"", {"allow": door.allow})
        if passage.method not in door.methods:
            raise Refused(405, "Method not allowed", headers={"allow": door.allow})
        if not door.is_public:
            passage.caller = rules.keys.find(_presented(passage, door))
        return await door.endpoint(passage)

    @staticmethod
    def _client_of(passage: Passage) -> str:
        peer = passage.scope["client"]
        return passage.rules.proxies.client_of(peer[0] if peer else UNKNOWN, passage.headers.get("x-forwarded-for", ()))

    def _find(self, passage: Passage) -> Door | None:
        door = self._plain.get(passage.scope["path"])
        if door is None:
            for other in self._others:
                match, found = other.route.matches(passage.scope)
                if match is not Match.NONE:
                    door, passage.scope["path_params"] = other, found["path_params"]
        return door if door is None or passage.rules.has_queue or not door.needs_queue else None

    def _note(self, passage: Passage, status: int, milliseconds: float) -> None:
        self._log.add(
            RequestEntry(
                datetime.now(UTC),
                passage.client,
                passage.caller.fingerprint if passage.caller is not None else "",
                passage.method,
                passage.door.path if passage.door is not None else "",
                passage.command,
                status,
                milliseconds,
            )
        )


def _presented(passage: Passage, door: Door) -> str:
    """The key that came with the request. Raises `Refused`."""
    key = passage.header("api-key")
    if key or not door.is_page:
        return key
    scheme, _, credentials = passage.header("authorization").partition(" ")
    try:
        _, colon, password = base64.b64decode(credentials, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        colon = password = ""
    if scheme.lower() != "basic" or not colon:
        raise Refused(401, NO_KEY, headers=_BASIC)
    return password


def _refuse(passage: Passage, refused: Refused) -> Response:
    """What is left of a large body is not worth reading, so the connection ends with the answer."""
    length = passage.header("content-length")
    is_small = length.isdigit() and int(length) <= _SMALL
    has_body = bool(length) or passage.method in ("POST", "PUT", "PATCH")
    if has_body and not is_small:
        refused.headers["connection"] = "close"
    return refusal(refused)
