"""The look for a newer version: a plain file, read over https or from this machine, and nothing sent along."""

import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from keeperdb.errors import SettingsError, UnsupportedError
from keeperdb.task import Task
from keeperdb.workspace.updates import newer_version

Serve = Callable[[bytes], str]


@pytest.fixture
def requests_seen() -> list[dict[str, str]]:
    return []


@pytest.fixture
def serve(requests_seen: list[dict[str, str]]) -> Iterator[Serve]:
    """Serve some content at an address; `/moved` leads elsewhere."""
    content = {"body": b""}

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            requests_seen.append(dict(self.headers))
            self.send_response(302 if self.path == "/moved" else 200)
            if self.path == "/moved":
                self.send_header("Location", "http://127.0.0.1:1/")
            self.send_header("Content-Length", str(len(content["body"])))
            self.end_headers()
            self.wfile.write(content["body"])

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()

    def start(body: bytes) -> str:
        content["body"] = body
        return f"http://127.0.0.1:{server.server_address[1]}/version.txt"

    yield start
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.mark.parametrize(
    ("offered", "found"), [(b"1.10.0\n", "1.10.0"), (b"1.9.0", ""), (b"1.9", ""), (b" 2.0 \r\n", "2.0"), (b"1.8.9", "")]
)
def test_only_a_newer_version_is_news(serve: Serve, offered: bytes, found: str) -> None:
    assert newer_version(serve(offered), Task(), current="1.9.0") == found


@pytest.mark.parametrize("body", [b"", b"<html>1.2.3</html>", b"latest", b"9" * 500, b"\xff\xfe", b"1.2.3\n1.2.4"])
def test_what_is_no_version_is_an_error_that_shows_none_of_it(serve: Serve, body: bytes) -> None:
    with pytest.raises(UnsupportedError) as raised:
        newer_version(serve(body), Task())
    assert "html" not in str(raised.value)


@pytest.mark.parametrize(
    "address", ["", "http://example.com/v", "file:///etc/passwd", "ftp://x/v", "http://127.0.0.1.example.com/"]
)
def test_nothing_is_read_but_over_https(address: str) -> None:
    with pytest.raises(SettingsError):
        newer_version(address, Task())


def test_a_redirection_is_not_followed(serve: Serve) -> None:
    with pytest.raises(UnsupportedError):
        newer_version(serve(b"").replace("version.txt", "moved"), Task())


def test_nothing_about_the_person_is_sent(serve: Serve, requests_seen: list[dict[str, str]]) -> None:
    newer_version(serve(b"99.0"), Task())
    assert set(requests_seen[0]) <= {"Host", "User-Agent", "Accept", "Accept-Encoding", "Connection"}
    assert requests_seen[0]["User-Agent"] == "KeeperDB"
