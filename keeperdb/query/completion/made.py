"""What the statements of a script make or change: names that a catalogue, read before, cannot tell of."""

from collections.abc import Iterable
from dataclasses import dataclass

from keeperdb.engines.sql_text import leading_words, words
from keeperdb.query.code import name_at, pieces
from keeperdb.query.completion.scopes import bare, split_name

_HEAD = 4_000  # characters of a statement that are looked at
_MAKING = {
    "CREATE",
    "ALTER",
    "DROP",
    "RENAME",
    "DECLARE",
    "EXEC",
    "EXECUTE",
    "IMPORT",
    "CALL",
    "DO",
    "REFRESH",
    "COMMENT",
}
_MOVING = {"USE", "ATTACH", "DETACH"}  # what names mean is another from here on


@dataclass(frozen=True, slots=True)
class Made:
    """`names`, folded, of what is made or changed; `is_moved` if another schema may have become the default."""

    names: frozenset[str] = frozenset()
    is_moved: bool = False

    def __or__(self, other: "Made") -> "Made":
        return Made(self.names | other.names, self.is_moved or other.is_moved)


def changes_names(statement: str, dialect: str) -> bool:
    """Whether running `statement` may change which tables and columns there are, or which are meant by a name."""
    made = made_by([statement], dialect)
    return made.is_moved or bool(made.names)


def made_by(statements: Iterable[str], dialect: str) -> Made:
    """What `statements` make; rather too much than too little, since nothing is said of what is in it."""
    names: set[str] = set()
    is_moved = False
    for statement in statements:
        text = statement[:_HEAD]
        first = next(iter(leading_words(text, dialect, 1)), "")
        if first in _MAKING:
            names.update(bare(piece.text).casefold() for piece in pieces(text, dialect) if piece.is_name)
            is_moved = is_moved or (first == "ALTER" and "SCHEMA" in words(text, dialect))
        elif first in _MOVING or (first in ("SET", "SELECT", "RESET") and _moves(text, dialect)):
            is_moved = True
        elif first in ("SELECT", "WITH"):
            names.update(_selected_into(text, dialect))
    return Made(frozenset(names), is_moved)


def _moves(text: str, dialect: str) -> bool:
    lowered = text.casefold()
    return "search_path" in lowered or (" schema" in lowered and "SCHEMA" in leading_words(text, dialect, 3))


def _selected_into(text: str, dialect: str) -> Iterable[str]:
    if " into" not in text.casefold() and "\ninto" not in text.casefold():
        return
    code = pieces(text, dialect)
    for index, piece in enumerate(code):
        if piece.word == "INTO":
            start = index + 1
            while start < len(code) and code[start].word in ("TEMP", "TEMPORARY", "UNLOGGED", "TABLE"):
                start += 1
            name, _ = name_at(code, start)
            if name:
                yield bare(split_name(name)[-1]).casefold()
