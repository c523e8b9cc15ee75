"""TCP keep-alive: a peer that went away without a word is noticed within a minute, while nothing is sent as well."""

import socket

SECONDS_IDLE, SECONDS_BETWEEN, PROBES = 30, 10, 3
_OPTIONS = {
    "TCP_KEEPIDLE": SECONDS_IDLE,
    "TCP_KEEPINTVL": SECONDS_BETWEEN,
    "TCP_KEEPCNT": PROBES,
    "TCP_USER_TIMEOUT": 30_000,  # milliseconds that what was sent may stay unacknowledged
}


def keep_alive(sock: socket.socket) -> None:
    """Turn it on for a connected TCP socket."""
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name, value in _OPTIONS.items():
        if hasattr(socket, name):  # not every platform has every one
            sock.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)
