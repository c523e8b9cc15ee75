"""HTTPS on loopback for the demo vault: connections, requests, answers, and breaking them on purpose."""

import socket
import ssl
import struct
import sys
import threading
import time
from collections.abc import Callable
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from keeperdb.demo import wire
from keeperdb.demo.access import SignedRequest
from keeperdb.demo.faults import STRIKES_BEFORE, Fault, FaultKind, Faults
from keeperdb.demo.journal import Journal, JournalEntry
from keeperdb.demo.protocol import new_key, seal, to_json
from keeperdb.demo.service import Answer, VaultService
from keeperdb.errors import StoreError

HOST = "127.0.0.1"
_API = "/api/rest/sm/v1/"
_IDLE_SECONDS = 30.0
_LARGEST_BODY = 256 * 1024 * 1024
_LONGEST_LINE = 1024
_SLOW_PIECES = 10
_PROXY_PAGE = b"<html><head><title>Bad gateway</title></head><body><h1>Bad gateway</h1></body></html>"


class VaultServer(ThreadingHTTPServer):
    """Serves one vault; each connection has its own thread."""

    daemon_threads = False  # so that closing the server waits for them
    request_queue_size = 128

    def __init__(
        self,
        port: int,
        certificate: Path,
        service: VaultService,
        journal: Journal,
        faults: Faults,
        latency: Callable[[], float],
    ) -> None:
        """Raises `OSError` if the port cannot be had."""
        self.service = service
        self.journal = journal
        self.faults = faults
        self.latency = latency
        self.failures: list[BaseException] = []
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.load_cert_chain(certificate)
        self._connections: dict[socket.socket, int] = {}
        self._connections_lock = threading.Lock()
        self._connection_count = 0
        super().__init__((HOST, port), _Handler)

    @property
    def port(self) -> int:
        return int(self.server_address[1])

    @property
    def base_url(self) -> str:
        return f"https://{HOST}:{self.port}"

    def server_bind(self) -> None:
        """As `TCPServer` does it: looking up the host's name, as `HTTPServer` does, takes time and is not needed."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.socket.bind(self.server_address)
        self.server_address = self.socket.getsockname()
        self.server_name, self.server_port = HOST, self.port

    def get_request(self) -> tuple[socket.socket, object]:
        """The handshake is left to the connection's thread: a silent client must not stop the others."""
        plain, address = self.socket.accept()
        plain.settimeout(_IDLE_SECONDS)
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            plain.getpeername()  # raises if the client is gone: CPython 3.11 would leak the socket
            secured = self._context.wrap_socket(plain, server_side=True, do_handshake_on_connect=False)
        except OSError:
            plain.close()
            raise
        with self._connections_lock:
            self._connection_count += 1
            self._connections[secured] = self._connection_count
        return secured, address

    def connection_number(self, connection: socket.socket) -> int:
        with self._connections_lock:
            return self._connections.get(connection, 0)

    def shutdown_request(self, request: socket.socket | tuple[bytes, socket.socket]) -> None:
        if isinstance(request, socket.socket):
            with self._connections_lock:
                self._connections.pop(request, None)
            request.close()

    def disconnect_all(self) -> None:
        """Wake every connection's thread from reading; it then ends."""
        with self._connections_lock:
            connections = list(self._connections)
        for connection in connections:
            try:
                socket.socket.shutdown(connection, socket.SHUT_RDWR)
            except OSError:
                continue  # the client was faster

    def handle_error(self, request: object, client_address: object) -> None:
        """Clients that go away are part of the day; anything else is kept for the owner of the server."""
        error = sys.exc_info()[1]
        if error is not None and not isinstance(error, OSError):
            self.failures.append(error)


class _Handler(BaseHTTPRequestHandler):
    """One connection with its requests."""

    protocol_version = "HTTP/1.1"
    server_version = "DemoVault"
    sys_version = ""
    timeout = _IDLE_SECONDS
    server: VaultServer
    connection: ssl.SSLSocket

    def setup(self) -> None:
        self.request.do_handshake()
        super().setup()

    def do_POST(self) -> None:
        path = urlsplit(self.path).path
        try:
            body = self._read_body()
        except ValueError:
            self.send_error(HTTPStatus.BAD_REQUEST)
            return
        if path == "/upload":
            self.close_connection = True  # or the JavaScript SDK, which never reads the answer, would wait for its end
            content_type = self.headers.get("Content-Type", "")
            self._serve("upload", lambda entry: self.server.service.upload(content_type, body))
        elif path.startswith(_API):
            verb = path.removeprefix(_API)
            self._serve(verb, lambda entry: self._call(verb, body, entry))
        else:
            self._serve("unknown", self._unknown)

    def do_GET(self) -> None:
        address = urlsplit(self.path)
        ticket = parse_qs(address.query).get("ticket", [""])[0]
        uid = address.path.removeprefix("/files/")
        if address.path.startswith("/files/"):
            self._serve("download", lambda entry: self.server.service.download(uid, ticket))
        else:
            self._serve("unknown", self._unknown)

    def _read_body(self) -> bytes:
        """Raises `ValueError` if the body's length is malformed or too great."""
        if self.headers.get("Transfer-Encoding", "").lower() == "chunked":
            return b"".join(iter(self._read_chunk, b""))
        return self.rfile.read(_length(self.headers.get("Content-Length") or "0", 10))

    def _read_chunk(self) -> bytes:
        """One chunk of a body of unknown length (RFC 9112, 7.1); empty at its end."""
        chunk = self.rfile.read(_length(self.rfile.readline(_LONGEST_LINE).decode("latin-1").partition(";")[0], 16))
        self.rfile.readline(_LONGEST_LINE)
        return chunk

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is the base class's
        """Nothing on standard error: the journal has it all."""

    def _call(self, verb: str, body: bytes, entry: JournalEntry) -> Answer:
        headers = {name.lower(): value for name, value in self.headers.items()}
        request = SignedRequest.from_headers(verb, headers, body, entry.address)
        return self.server.service.answer(request, self.server.base_url, entry)

    def _unknown(self, entry: JournalEntry) -> Answer:
        raise wire.WireError("not_found", "No such path", status=404)

    def _serve(self, verb: str, produce: Callable[[JournalEntry], Answer]) -> None:
        started = time.monotonic()
        connection = self.server.connection_number(self.connection)
        entry = JournalEntry(verb, str(self.client_address[0]), connection=connection)
        self.server.journal.add(entry)
        if self.server.latency() and not self.server.faults.pause(self.server.latency()):
            self.close_connection = True
            return
        fault = self.server.faults.take(verb)
        entry.fault = fault.kind if fault else ""
        if fault and fault.kind is FaultKind.LATE and not self.server.faults.hang():
            self.close_connection = True
            return
        is_before = fault is not None and fault.kind in STRIKES_BEFORE
        answer = self._failed(fault, entry) if fault and is_before else self._produced(produce, entry)
        entry.seconds = time.monotonic() - started
        self._deliver(answer, fault)

    def _produced(self, produce: Callable[[JournalEntry], Answer], entry: JournalEntry) -> Answer:
        try:
            answer = produce(entry)
            entry.status = answer.status
        except wire.WireError as error:
            return self._refusal(error, entry)
        except StoreError as error:
            return self._refusal(wire.WireError("internal_error", error.message, status=500), entry)
        return answer

    def _refusal(self, error: wire.WireError, entry: JournalEntry) -> Answer:
        entry.status, entry.error = error.status, f"{error.code}: {error.message}"
        url = f"{self.server.base_url}{urlsplit(self.path).path}"
        document = error.document(url, self.command, self.headers.get("User-Agent", ""))
        return Answer(error.status, to_json(document), "application/json")

    def _failed(self, fault: Fault, entry: JournalEntry) -> Answer | None:
        """The answer of a fault that strikes before anything is done; None where there is none."""
        if fault.kind in (FaultKind.RESET, FaultKind.HANG):
            return None
        if fault.kind is FaultKind.STATUS:
            entry.status = fault.status
            return Answer(fault.status, _PROXY_PAGE, "text/html")
        return self._refusal(fault.wire_error(), entry)

    def _deliver(self, answer: Answer | None, fault: Fault | None) -> None:
        kind = fault.kind if fault else None
        if answer is None or kind in (FaultKind.LOST, FaultKind.LATE):
            self._disconnect(kind)
            return
        body = _spoiled(answer, kind)
        self.send_response(answer.status)
        self.send_header("Content-Type", answer.content_type)
        self.send_header("Content-Length", str(len(body)))
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        if kind is FaultKind.TRUNCATED:
            self.wfile.write(body[: len(body) // 2])
            self.close_connection = True
        elif kind is FaultKind.SLOW and fault:
            self._write_slowly(body, fault.seconds)
        else:
            self.wfile.write(body)

    def _disconnect(self, kind: FaultKind | None) -> None:
        if kind is FaultKind.HANG:
            self.server.faults.hang()
        if kind is FaultKind.RESET:
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close_connection = True

    def _write_slowly(self, body: bytes, seconds: float) -> None:
        size = max(1, -(-len(body) // _SLOW_PIECES))
        for start in range(0, len(body), size):
            self.server.faults.pause(seconds / _SLOW_PIECES)
            self.wfile.write(body[start : start + size])


def _length(text: str, base: int) -> int:
    length = int(text, base)
    if not 0 <= length <= _LARGEST_BODY:
        raise ValueError("too long")
    return length


def _spoiled(answer: Answer, kind: FaultKind | None) -> bytes:
    if kind is FaultKind.EMPTY:
        return b""
    if kind is FaultKind.GARBAGE:
        return new_key() * 4
    if kind is FaultKind.NOT_JSON and answer.transmission_key:
        return seal(b"<html>not JSON</html>", answer.transmission_key)
    return answer.body
