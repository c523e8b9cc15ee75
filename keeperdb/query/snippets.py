"""Snippets: texts by an abbreviation, with places to fill in, kept in a file that can be shared."""

import json
import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from keeperdb.errors import SettingsError, StoreError
from keeperdb.paths import locked, set_aside, write_atomically

_VERSION = 1
_STOP = re.compile(r"\$(?:\{(?P<number>\d+)(?::(?P<text>[^{}$]*))?\}|(?P<bare>\d+)|(?P<dollar>\$))")
_ABBREVIATION = re.compile(r"\w{1,40}")
_LONGEST = 100_000
_MOST_BYTES = 10_000_000  # of a shared file


@dataclass(frozen=True, slots=True)
class Snippet:
    """`text` has tab stops: `${1:table}` is filled in first, `$0` is where the caret ends, `$$` is a dollar sign."""

    abbreviation: str
    text: str
    description: str = ""


@dataclass(frozen=True, slots=True)
class Expansion:
    """The text without its signs, and the ranges to fill in, in the order of their numbers; those of one number are
    filled in together. The last one is where the caret ends."""

    text: str
    stops: tuple[tuple[tuple[int, int], ...], ...]


BUILT_IN: tuple[Snippet, ...] = (
    Snippet("sel", "SELECT ${2:*}\nFROM ${1:table}\nWHERE ${3:condition};$0", "SELECT with a condition"),
    Snippet("selc", "SELECT count(*)\nFROM ${1:table};$0", "Count the rows"),
    Snippet(
        "seld",
        "SELECT ${2:column}, count(*)\nFROM ${1:table}\nGROUP BY ${2:column}\nORDER BY 2 DESC;$0",
        "Count by value",
    ),
    Snippet("ins", "INSERT INTO ${1:table} (${2:columns})\nVALUES (${3:values});$0", "INSERT"),
    Snippet(
        "upd", "UPDATE ${1:table}\nSET ${2:column} = ${3:value}\nWHERE ${4:condition};$0", "UPDATE with a condition"
    ),
    Snippet("del", "DELETE FROM ${1:table}\nWHERE ${2:condition};$0", "DELETE with a condition"),
    Snippet("cte", "WITH ${1:name} AS (\n    ${2:SELECT 1}\n)\nSELECT *\nFROM ${1:name};$0", "A query with a name"),
    Snippet("case", "CASE WHEN ${1:condition} THEN ${2:value} ELSE ${3:other} END$0", "A choice"),
    Snippet("crt", "CREATE TABLE ${1:name} (\n    ${2:id} ${3:integer} PRIMARY KEY\n);$0", "CREATE TABLE"),
    Snippet("idx", "CREATE INDEX ${3:name} ON ${1:table} (${2:column});$0", "CREATE INDEX"),
    Snippet("tx", "BEGIN;\n${1:statement};\nCOMMIT;$0", "A transaction"),
)


class SnippetFile:
    """The person's own snippets; one with the abbreviation of a built-in one takes its place. All of it blocks."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def all(self) -> list[Snippet]:
        """Own and built-in ones by abbreviation. Raises `StoreError`; a damaged file is set aside."""
        found = {snippet.abbreviation: snippet for snippet in (*BUILT_IN, *self.own())}
        return sorted(found.values(), key=lambda snippet: snippet.abbreviation)

    def own(self) -> list[Snippet]:
        try:
            content = self._path.read_bytes()
        except FileNotFoundError:
            return []
        except OSError as error:
            raise StoreError(f"{self._path} could not be read: {error.strerror}.", "Check its permissions.") from error
        try:
            return [Snippet(**each) for each in json.loads(content)["snippets"] if _is_snippet(each)]
        except (ValueError, KeyError, TypeError, RecursionError):
            set_aside(self._path, content)
            return []

    def shared(self) -> list[Snippet]:
        """The snippets of a file that somebody else wrote; it is never changed. Raises `StoreError`."""
        try:
            with self._path.open("rb") as file:
                content = file.read(_MOST_BYTES + 1)
        except OSError as error:
            raise StoreError(f"{self._path} could not be read: {error.strerror}.", "Check its permissions.") from error
        try:
            if len(content) > _MOST_BYTES:
                raise ValueError
            return [Snippet(**each) for each in json.loads(content)["snippets"] if _is_snippet(each)]
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            raise StoreError(
                f"{self._path} is no file of snippets.", "Choose a file that was written by Export."
            ) from error

    def save(self, snippets: Sequence[Snippet]) -> None:
        """Replace the person's own snippets. Raises `SettingsError` for an abbreviation that is none, `StoreError`."""
        for snippet in snippets:
            if not _ABBREVIATION.fullmatch(snippet.abbreviation):
                raise SettingsError(
                    f"“{snippet.abbreviation[:40]}” cannot be an abbreviation.", "Use up to 40 letters, digits and _."
                )
        document = {"version": _VERSION, "snippets": [asdict(snippet) for snippet in snippets]}
        with locked(self._path):
            write_atomically(self._path, json.dumps(document, indent=2, ensure_ascii=False).encode())


def is_abbreviation(text: str) -> bool:
    """Whether a snippet may be called so."""
    return bool(_ABBREVIATION.fullmatch(text))


def expand(text: str) -> Expansion:
    """Take the signs out of a snippet. A stop that repeats a number without a text gets that of the first one."""
    texts: dict[int, str] = {}
    for match in _STOP.finditer(text):
        if match["number"] and match["text"] is not None:
            texts.setdefault(int(match["number"]), match["text"])
    result, last = "", 0
    stops: dict[int, list[tuple[int, int]]] = {}
    for match in _STOP.finditer(text):
        result += text[last : match.start()]
        last = match.end()
        if match["dollar"]:
            result += "$"
            continue
        number = int(match["number"] or match["bare"])
        filled = texts.get(number, "") if match["text"] is None else match["text"]
        stops.setdefault(number, []).append((len(result), len(result) + len(filled)))
        result += filled
    result += text[last:]
    end = stops.pop(0, [(len(result), len(result))])
    ordered = [tuple(stops[number]) for number in sorted(stops)]
    return Expansion(result, (*ordered, tuple(end)))


def _is_snippet(document: object) -> bool:
    return (
        isinstance(document, dict)
        and set(document) <= {"abbreviation", "text", "description"}
        and all(isinstance(value, str) and len(value) <= _LONGEST for value in document.values())
        and bool(_ABBREVIATION.fullmatch(document.get("abbreviation", "")))
        and "text" in document
    )
