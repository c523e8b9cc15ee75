"""What an answer over HTTP says: status and body for a command that was carried out, and for one that was not.

The bodies are those of Keeper Commander's service mode as its documentation shows them, with the further members of
Commander 18 beside them. The status comes from the kind of a failure, never from words in the data.
"""

from typing import Any

from keeperdb.commands.command import Output
from keeperdb.commands.empty_messages import message_for_nothing
from keeperdb.commands.encoding import compact
from keeperdb.commands.line import split_line
from keeperdb.commands.table import find
from keeperdb.errors import Cancelled, CommandError, CommandKind, KeeperDBError

STATUSES = {
    CommandKind.BAD_ARGUMENTS: 400,
    CommandKind.FORBIDDEN: 403,
    CommandKind.NOT_FOUND: 404,
    CommandKind.EXISTS: 409,
    CommandKind.THROTTLED: 429,
    CommandKind.VAULT_UNREACHABLE: 502,
    CommandKind.TIMEOUT: 504,
}
_QUOTING = frozenset("'\"\\")
_FAULT_OF_OURS = 500
_LONGEST_ERROR = 2000  # characters; some name what was asked for
_OUT_OF_TIME = "The command ran out of time."
_FAULT = "Something went wrong in KeeperDB. The log has the details."


def success(text: str, output: Output) -> tuple[int, dict[str, Any]]:
    """Status and body for the line `text`, of which the body holds no more than the command's name."""
    return 200, _body(text, output) | {"data": output.data}


def success_bytes(text: str, output: Output) -> tuple[int, bytes]:
    """As `success`, as the bytes of `encode`; an answer that is kept is not made again."""
    if output.kept_answers is None:
        status, body = success(text, output)
        return status, encode(body)
    word = first_word(text)
    if word not in output.kept_answers:
        output.kept_answers[word] = encode(success(text, output)[1])
    return 200, output.kept_answers[word]


def encode(body: object) -> bytes:
    """JSON as Commander sends it: sorted, compact, ASCII, with a newline at the end."""
    return compact(body) + b"\n"


def failure(text: str, error: Exception) -> tuple[int, dict[str, Any]]:
    """Status and body for an error of the line `text`. Neither the line nor an unknown error's text is repeated."""
    word = first_word(text)
    if isinstance(error, Cancelled):
        return STATUSES[CommandKind.TIMEOUT], _error(word, f"{word}: {_OUT_OF_TIME}")
    if isinstance(error, KeeperDBError) and not isinstance(error, CommandError):
        from keeperdb.commands.failures import as_command_error

        error = as_command_error(error, word)
    if not isinstance(error, CommandError):
        return _FAULT_OF_OURS, _error(word, f"{word}: {_FAULT}")
    message = error.message[:_LONGEST_ERROR]
    said = message if error.is_usage else f"{error.command or word}: {message}"
    body = _error(error.command or word, said)
    if error.hint:
        body["hint"] = error.hint[:_LONGEST_ERROR]
    if error.kind is CommandKind.THROTTLED:
        body["result_code"] = "throttled"
    if error.kind is CommandKind.EXISTS:
        body |= {"status": "warning", "message": said, "data": None}
    return STATUSES[error.kind], body


def first_word(text: str) -> str:
    """The name at the beginning of a line, if it is one of a command; else nothing."""
    word = text.strip(" \t").partition(" ")[0].partition("\t")[0]
    if not _QUOTING.isdisjoint(text):
        try:
            word = next(iter(split_line(text)), "")
        except CommandError:
            word = word.strip("'\"")
    return word if find(word) is not None else ""


def _body(text: str, output: Output) -> dict[str, Any]:
    word = first_word(text)
    body: dict[str, Any] = {"status": "success", "command": output.echo or word, "data": None}
    message = output.message
    if message is None and output.data is None:
        message = _lines(output.text) or message_for_nothing(word)
    if message is not None:
        body["message"] = message
    return body


def _lines(text: str) -> str | list[str]:
    """One line as text, several as a list, without blank ones and blanks around them, as Commander does."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[0] if len(lines) == 1 else lines


def _error(word: str, said: str) -> dict[str, Any]:
    return {"command": word, "error": said, "status": "error"}
