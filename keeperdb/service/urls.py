"""Where the service is reached, and what says so."""

import shlex

from keeperdb.service.config import ServiceConfig

EVERY_INTERFACE = ("0.0.0.0", "::")  # noqa: S104 - compared with, not bound to
_SYNC, _ASYNC = "/api/v1/executecommand", "/api/v2/executecommand-async"


def base_url(config: ServiceConfig) -> str:
    """Scheme, host and port, as this machine reaches it."""
    scheme = "https" if config.tls is not None else "http"
    host = config.bind
    if host in EVERY_INTERFACE or host in ("127.0.0.1", "::1"):
        host = "localhost"
    elif ":" in host:
        host = f"[{host}]"
    return f"{scheme}://{host}:{config.port}"


def start_lines(url: str, *, is_async: bool) -> list[str]:
    """What a start says, in Commander's words."""
    if is_async:
        return [
            f"Commander Service (async) is starting on {url}{_ASYNC}",
            f"Legacy (sync) compatibility is available at {url}{_SYNC}",
        ]
    return [f"Commander Service starting on {url}{_SYNC}"]


def curl_line(url: str, key: str = "<your-api-key>", command: str = "tree") -> str:
    """A line for a POSIX shell that calls the service once."""
    words = [
        "curl",
        "--location",
        f"{url}{_SYNC}",
        "--header",
        "Content-Type: application/json",
        "--header",
        f"api-key: {key}",
        "--data",
        f'{{"command": "{command}"}}',
    ]
    return shlex.join(words)
