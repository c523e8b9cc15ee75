"""`filedata`: files that come with a request instead of from the machine's disk."""

import base64
import binascii
import json
from typing import TypeGuard

from keeperdb.errors import CommandError, CommandKind

FILEDATA = "FILEDATA"
MOST_AT_ONCE = 20 << 20  # bytes of files that one request or answer over the network holds, before base64
_OWN_NAME = "filedata.json"
_LONGEST_NAME = 200  # characters
_MOST = 20  # files


def files_in(filedata: object) -> list[tuple[str, bytes]]:
    """Names and contents: of `{"name": ..., "base64": ... or "text": ...}`, or of a list of those.

    Anything else is itself the content, as Commander hands it on: indented JSON. Raises `CommandError`.
    """
    entries = filedata if isinstance(filedata, list) else [filedata]
    files = [each for each in entries if _is_file(each)]
    if files and len(files) == len(entries) <= _MOST:
        return [_file(each) for each in files]
    return [(_OWN_NAME, json.dumps(filedata, indent=2).encode())]


def _is_file(entry: object) -> TypeGuard[dict[str, str]]:
    return (
        isinstance(entry, dict)
        and isinstance(entry.get("name"), str)
        and any(isinstance(entry.get(name), str) for name in ("base64", "text"))
    )


def _file(entry: dict[str, str]) -> tuple[str, bytes]:
    name = entry["name"].strip()
    if not name or len(name) > _LONGEST_NAME or not name.isprintable() or "/" in name or "\\" in name:
        raise _refused("The name of a file in filedata cannot be used.")
    if "base64" not in entry:
        return name, entry["text"].encode()
    try:
        return name, base64.b64decode(entry["base64"], validate=True)
    except (binascii.Error, ValueError):
        raise _refused(f'The content of "{name}" in filedata is not base64.') from None


def _refused(message: str) -> CommandError:
    return CommandError(CommandKind.BAD_ARGUMENTS, message)
