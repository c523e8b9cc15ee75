"""One request on its way through the gate, and the doors that it may lead to."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Receive, Scope

from keeperdb.service.access import Caller
from keeperdb.service.replies import Refused
from keeperdb.service.rules import Rules

NO_KEY = "Please provide a valid api key"
_WANTED = {
    name.encode(): name
    for name in ("host", "origin", "api-key", "authorization", "x-forwarded-for", "content-type", "content-length")
}


@dataclass(slots=True)
class Passage:
    """`rules` are those of the moment when the request came. `command` is filled in once it is known to be one."""

    rules: Rules
    scope: Scope = field(repr=False)
    receive: Receive = field(repr=False)
    headers: dict[str, list[str]] = field(init=False, repr=False)
    client: str = ""
    door: "Door | None" = None
    caller: Caller | None = None
    command: str = ""

    def __post_init__(self) -> None:
        self.headers = {}
        for raw, value in self.scope["headers"]:
            name = _WANTED.get(raw)
            if name is not None:
                self.headers.setdefault(name, []).append(value.decode("latin-1"))

    @property
    def method(self) -> str:
        method: str = self.scope["method"]
        return method

    @property
    def key(self) -> Caller:
        """Who calls. Before the gate has found out it is nobody, who is refused."""
        if self.caller is None:
            raise Refused(401, NO_KEY)
        return self.caller

    def header(self, name: str) -> str:
        """The value of a header that is there once; else nothing."""
        values = self.headers.get(name, ())
        return values[0] if len(values) == 1 else ""


Endpoint = Callable[[Passage], Awaitable[Response]]


@dataclass(frozen=True, slots=True)
class Door:
    """A route, and what the gate makes of it.

    `is_public`: open without a key, a limit or a list. `is_legacy`: its answers say so in a header. `is_page`: a
    browser may send the key as the password of Basic authentication. `needs_queue`: not there without the queue.
    """

    route: Route
    endpoint: Endpoint
    is_public: bool = False
    is_legacy: bool = False
    is_page: bool = False
    needs_queue: bool = False

    @property
    def path(self) -> str:
        return self.route.path

    @property
    def methods(self) -> frozenset[str]:
        return frozenset({*(self.route.methods or ()), "OPTIONS"})

    @property
    def allow(self) -> str:
        return ", ".join(sorted(self.methods))


def door(path: str, endpoint: Endpoint, method: str, **marks: bool) -> Door:
    """A door for one path and method; HEAD goes with GET."""

    async def never(_: object) -> Response:
        raise AssertionError(path)  # the gate calls `endpoint` itself

    return Door(Route(path, never, methods=[method]), endpoint, **marks)
