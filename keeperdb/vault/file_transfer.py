"""Sends and fetches the encrypted contents of attached files, which lie at addresses that the vault names."""

import http.client
import secrets
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import SplitResult, urlsplit

from keeperdb.errors import VaultError, VaultReason
from keeperdb.task import Task
from keeperdb.vault.channel import Answer, Channel, Timeouts
from keeperdb.vault.endpoint import Server, split_host
from keeperdb.vault.failures import Refusal, bad_answer, failed, refused

LARGEST_FILE = 100 << 20  # bytes; a file is in memory as a whole, more than once
_OVERHEAD = 28  # bytes of nonce and tag


_Call = Callable[[Channel, str], Answer]


@dataclass(frozen=True, slots=True)
class FileUpload:
    """Where an announced file is to be sent, the form's fields that go with it, and its encrypted content."""

    url: str = field(repr=False)
    parameters: Mapping[str, str] = field(repr=False)
    success_status: int
    blob: bytes = field(repr=False)


def send_file(upload: FileUpload, server: Server, task: Task) -> None:
    """Post the content as a form (RFC 7578). Raises `VaultError`."""
    boundary = secrets.token_hex(16)
    headers = {"Content-Type": f"multipart/form-data; boundary={boundary}"}
    address = _address(upload.url, server)
    body = _form(upload, boundary)
    answer = _exchange(address, server, task, lambda channel, path: channel.post(path, headers, body, repeatable=False))
    if answer.status not in (upload.success_status, 200, 201, 204):
        raise refused(Refusal.from_answer(answer), address.netloc, is_bound=True)


def fetch_file(url: str, server: Server, task: Task) -> bytes:
    """The encrypted content. Raises `VaultError`."""
    address = _address(url, server)
    answer = _exchange(address, server, task, lambda channel, path: channel.get(path, LARGEST_FILE + _OVERHEAD))
    if answer.status != 200:
        raise refused(Refusal.from_answer(answer), address.netloc, is_bound=True)
    if len(answer.content) > LARGEST_FILE + _OVERHEAD:
        raise VaultError(
            VaultReason.OTHER,
            f"The file is larger than the {LARGEST_FILE >> 20} MB that are handled here.",
            "Download it in the vault.",
        )
    return answer.content


def _exchange(address: SplitResult, server: Server, task: Task, call: _Call) -> Answer:
    host = address.netloc
    path = f"{address.path or '/'}{'?' + address.query if address.query else ''}"
    with closing(Channel(host, _authority(host, server), Timeouts())) as channel:
        try:
            with task.interrupting(channel.interrupt):
                return call(channel, path)
        except (OSError, http.client.HTTPException) as error:
            raise failed(error, host) from error


def _address(url: str, server: Server) -> SplitResult:
    """Raises `VaultError` for an address that is not plain HTTPS: what the vault says is not trusted further."""
    try:
        address = urlsplit(url)
        split_host(address.netloc)
    except ValueError:
        address = SplitResult("", "", "", "", "")
    if address.scheme != "https" or not url.isascii() or not url.isprintable():
        raise bad_answer(server.host, "names an address for a file that cannot be used")
    return address


def _authority(host: str, server: Server) -> Path | None:
    """The authority of a server of one's own counts for that server alone."""
    return server.ca if host == server.host else None


def _form(upload: FileUpload, boundary: str) -> bytes:
    head = b"--" + boundary.encode() + b'\r\nContent-Disposition: form-data; name="'
    parts = [
        head + _quoted(name) + b'"\r\n\r\n' + value.encode() + b"\r\n" for name, value in upload.parameters.items()
    ]
    parts.append(head + b'file"; filename="file"\r\nContent-Type: application/octet-stream\r\n\r\n')
    parts += [upload.blob, b"\r\n--" + boundary.encode() + b"--\r\n"]
    return b"".join(parts)


def _quoted(name: str) -> bytes:
    """As browsers escape a field's name (HTML, multipart/form-data encoding algorithm)."""
    return name.replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A").encode()
