"""What a request asks for: one command line that its key permits."""

from dataclasses import dataclass, field
from typing import Any

from keeperdb.commands.answers import first_word
from keeperdb.commands.line import split_line
from keeperdb.errors import CommandError
from keeperdb.service.access import Caller
from keeperdb.service.body import Lease
from keeperdb.service.replies import Refused

LONGEST = 4096  # characters of a command
_CONTROL = frozenset("\r\n\0")


@dataclass(frozen=True, slots=True)
class Call:
    """A command line, split, of a caller who may send it. The words may hold secrets."""

    caller: Caller
    words: tuple[str, ...] = field(repr=False)
    filedata: object | None = field(repr=False)
    lease: Lease = field(repr=False)

    @property
    def name(self) -> str:
        """The command's name, as it was typed."""
        return self.words[0]


def read_call(content: dict[str, Any], caller: Caller, lease: Lease) -> Call:
    """Checks the command's shape, then whether the key permits it. Raises `Refused`."""
    text = _text(content)
    words = _split(text)
    if words[0] not in caller.commands:
        raise Refused(403, "Not permitted to perform this function")
    filedata = content.get("filedata")
    return Call(caller, words, filedata if isinstance(filedata, dict | list) else None, lease)


def _text(content: dict[str, Any]) -> str:
    text = content.get("command")
    if text is None:
        raise Refused(400, 'Missing required field "command"')
    if not isinstance(text, str):
        raise Refused(400, "Command must be a string")
    if not text.strip():
        raise Refused(400, "Command must not be empty")
    if len(text) > LONGEST:
        raise Refused(400, "Command length exceeded")
    return text


def _split(text: str) -> tuple[str, ...]:
    """What is allowed is decided on the same words that are carried out, never on the text."""
    try:
        words = split_line(text)
        text.encode()  # half a surrogate pair is no character, and cannot be sent anywhere
    except UnicodeEncodeError:
        raise Refused(400, "Invalid command syntax") from None
    except CommandError as error:
        refused = Refused(400, error.message)
        if _CONTROL & set(text):
            refused.body["command"] = first_word(text.split()[0])
        raise refused from None
    if not words:
        raise Refused(400, "Command must not be empty")
    return tuple(words)
