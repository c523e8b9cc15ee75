"""Servers to be measured, each in a process of its own: the service, and a bare one that does next to nothing.

`python -m benchmarks.service_process service ENDPOINT SERVER_KEY CA_FILE TOKEN FOLDER`, or `bare`: prints the port, and
ends with its input.
"""

import sys
from pathlib import Path

from keeperdb.service.config import ApiKey, ServiceConfig

KEY = "b" * 43 + "="
_RATE = "100000000/minute"


def serve(endpoint: str, server_key: str, ca_file: str, token: str, folder: str) -> None:
    """The service of a vault that was read, as `service-start` runs it."""
    from keeperdb.commands.vault_state import VaultState
    from keeperdb.keychain import SessionKeychain
    from keeperdb.keychain.secret import Secret
    from keeperdb.paths import Paths
    from keeperdb.service.server import Service
    from keeperdb.task import Task
    from keeperdb.vault.endpoint import VaultEndpoint
    from keeperdb.workspace import Workspace

    key_id, _, key = server_key.partition(":")
    where = VaultEndpoint(endpoint, key_id, key, Path(ca_file))
    workspace = Workspace(Paths.under(Path(folder)), endpoint=where, keychain=SessionKeychain())
    workspace.load(Task())
    state = VaultState(workspace, workspace.vaults.attach("Benchmark", token, Task()).id)
    state.refresh(Task())
    key_for_all = ApiKey(Secret(KEY), ("whoami", "ls", "get"))
    service = Service(ServiceConfig(0, rate_limit=_RATE, keys=(key_for_all,)), state)
    service.start()
    print(service.port, flush=True)
    sys.stdin.read()
    service.stop()


def serve_bare() -> None:
    """Starlette and uvicorn with a limiter and a comparison of the key, and a fixed answer."""
    import hmac
    import socket
    import threading

    import uvicorn
    from limits import parse
    from limits.storage import MemoryStorage
    from limits.strategies import FixedWindowRateLimiter
    from starlette.applications import Starlette
    from starlette.requests import Request
    from starlette.responses import JSONResponse
    from starlette.routing import Route

    limiter, limit = FixedWindowRateLimiter(MemoryStorage()), parse(_RATE)

    async def answer(request: Request) -> JSONResponse:
        limiter.hit(limit, request.client.host if request.client else "", "execute")
        if not hmac.compare_digest(request.headers.get("api-key", ""), KEY):
            return JSONResponse({"status": "error"}, 401)
        await request.json()
        return JSONResponse({"command": "whoami", "data": {"user": "x" * 200}, "status": "success"})

    app = Starlette(routes=[Route("/api/v1/executecommand", answer, methods=["POST"])])
    listener = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(app, log_config=None, access_log=False)
    threading.Thread(target=uvicorn.Server(config).run, args=([listener],), daemon=True).start()
    print(listener.getsockname()[1], flush=True)
    sys.stdin.read()


if __name__ == "__main__":
    if sys.argv[1] == "bare":
        serve_bare()
    else:
        serve(*sys.argv[2:])
