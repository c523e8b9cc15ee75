"""What a statement would destroy: whole tables, other objects, or all of their rows."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from keeperdb.query.code import Piece, name_at, pieces, words
from keeperdb.query.conditions import is_always_true

_ANY = re.compile(r"delete|update|drop|truncate|replace", re.IGNORECASE)  # long texts without are done at once
_BODY = re.compile(r"\A(?P<tag>\$\w*\$)(?P<text>.*?)(?:(?P=tag))?\Z", re.DOTALL)
_STATEMENT_WORDS = {
    "SELECT",
    "INSERT",
    "DELETE",
    "UPDATE",
    "MERGE",
    "DROP",
    "TRUNCATE",
    "DECLARE",
    "EXEC",
    "IF",
    "BEGIN",
}
_AFTER_CONDITION = {"ORDER", "LIMIT", "RETURNING", "OPTION", "GROUP", "FETCH", "LOG"}
_NO_STATEMENT_AFTER = {"FOR", "ON", "KEY", "BEFORE", "AFTER", "OR", "OF", "DO", "GRANT", "REVOKE", "NO"}
_PROGRAMS = {"FUNCTION", "PROCEDURE", "PROC", "TRIGGER", "PACKAGE", "RULE", "EVENT", "TYPE", "POLICY"}
_KIND_ENDS = {"IF", "CONCURRENTLY", "OWNED"}
_ALL_CHANGED = re.compile(r"JOIN|USING|LIMIT|TOP|FROM")
_DROPPED_PARTS = {"COLUMN", "PARTITION", "SUBPARTITION"}
_KEPT_PARTS = {"CONSTRAINT", "DEFAULT", "NOT", "IDENTITY", "EXPRESSION", "PRIMARY", "FOREIGN", "CHECK", "INDEX", "KEY"}
_MODIFIERS = {"LOW_PRIORITY", "QUICK", "IGNORE", "ONLY", "FROM", "TABLE", "DELAYED", "CONCURRENT"}


@dataclass(frozen=True, slots=True)
class Operation:
    """Something that cannot be undone by looking at the statement again.

    `verb` and `names` make the sentence *Delete all rows of customer*; `start` and `end` are where it stands in the
    statement, in characters. `is_rows` tells that rows of the tables go or change, rather than other objects.
    """

    verb: str
    names: tuple[str, ...]
    start: int
    end: int
    is_rows: bool = True

    @property
    def in_words(self) -> str:
        return f"{self.verb} {', '.join(self.names)}".strip()


def find_dangers(statement: str, dialect: str) -> list[Operation]:
    """The operations of `statement` that a person should confirm, in order. Nothing of what is only explained."""
    if not _ANY.search(statement):
        return []
    found = _Scan(statement, dialect).operations()
    if "/*!" in statement or "/*M!" in statement:  # whether the server runs it depends on its version
        found += [each for each in _Scan(statement, dialect, run_comments=False).operations() if each not in found]
    return list({(each.verb, each.names): each for each in found}.values())


class _Scan:
    def __init__(self, statement: str, dialect: str, offset: int = 0, *, run_comments: bool = True) -> None:
        self._statement = statement
        self._dialect = dialect
        self._offset = offset
        self._code = pieces(statement, dialect, run_comments=run_comments)

    def operations(self) -> list[Operation]:
        code = self._code
        first = words(code, 0, 6)
        if not code or _is_program(first) or first[0] in ("GRANT", "REVOKE", "COMMENT") or is_only_explained(code):
            return []
        if first[0] == "DO" and self._dialect in ("postgres", "redshift"):
            return list(self._in_body())
        found: list[Operation] = []
        for index, piece in enumerate(code):
            look = _LOOKS.get(piece.word)
            operation = look(self, index) if look is not None and self._may_begin(index) else None
            if operation is not None:
                found.append(operation)
        return found

    def _in_body(self) -> Iterator[Operation]:
        for piece in self._code:
            match = _BODY.match(self._statement[piece.start : piece.end]) if piece.is_string else None
            if match is not None:
                yield from _Scan(match["text"], self._dialect, piece.start + match.start("text")).operations()

    def _may_begin(self, index: int) -> bool:
        """Whether the word at `index` is that of a statement and no name, privilege or clause."""
        before = self._code[index - 1] if index else None
        following = self._word(index + 1)
        if self._word(index) in ("DROP", "TRUNCATE") and self._in_alter(index):
            return True
        if before is not None and (before.word in _NO_STATEMENT_AFTER or before.text in (".", ",", "@")):
            return before.word == "DO" and following != "SET"
        return not (index + 1 < len(self._code) and self._code[index + 1].text in ("=", ".", ",", ")"))

    def _delete(self, index: int) -> Operation | None:
        if self._word(index + 1) in ("", "WHEN", "RETURNING") and not self._is_name(index + 1):
            return self._merge_branch(index, "Delete")
        return self._unrestricted(index, "Delete", stops=("FROM", "USING", "WHERE"))

    def _update(self, index: int) -> Operation | None:
        if self._word(index + 1) == "SET":
            return self._merge_branch(index, "Update")
        if self._word(index + 1) == "STATISTICS":
            return None
        return self._unrestricted(index, "Update", stops=("SET", "JOIN", "WHERE"))

    def _unrestricted(self, index: int, verb: str, stops: Sequence[str]) -> Operation | None:
        """The operation if it has no condition, or one that is true for all rows."""
        end = self._clause_end(index)
        depth = self._code[index].depth
        where = next((at for at in range(index, end) if self._is_at(at, depth, "WHERE")), None)
        if where is not None and not self._is_trivial(where, end):
            return None
        others = words([piece for piece in self._code[index + 2 : end] if piece.depth == depth])
        is_all = not any(_ALL_CHANGED.fullmatch(word) for word in others)
        names = self._names(index + 1, stops)
        return self._operation(
            f"{verb} all rows of" if is_all else f"{verb} rows, without a condition, of", names, index, end
        )

    def _is_trivial(self, where: int, end: int) -> bool:
        depth = self._code[where].depth
        stop = next(
            (at for at in range(where, end) if self._code[at].depth == depth and self._word(at) in _AFTER_CONDITION),
            end,
        )
        condition = self._code[where + 1 : stop]
        if not condition or condition[0].word == "CURRENT":
            return not condition
        text = self._statement[condition[0].start : condition[-1].end]
        return is_always_true(text, condition, self._dialect)

    def _merge_branch(self, index: int, verb: str) -> Operation | None:
        """`WHEN MATCHED THEN DELETE` of a MERGE whose condition is true for all rows, or of rows without a source."""
        merge = next((at for at in range(index, -1, -1) if self._word(at) == "MERGE"), None)
        if merge is None or self._word(index - 1) != "THEN":
            return None
        when = next(at for at in range(index, -1, -1) if self._word(at) == "WHEN" or at == merge)
        branch = words(self._code, when, index - when)
        if "AND" in branch:
            return None
        on = next((at for at in range(merge, when) if self._word(at) == "ON"), when)
        first = next((at for at in range(on, when) if self._word(at) == "WHEN"), when)
        code = self._code[on + 1 : first]
        is_all = bool(code) and is_always_true(self._statement[code[0].start : code[-1].end], code, self._dialect)
        if not is_all and branch[-4:-1] != ["BY", "SOURCE"] and "SOURCE" not in branch:
            return None
        start = merge + 2 if self._word(merge + 1) == "INTO" else merge + 1
        return self._operation(
            f"{verb} rows, without a condition, of", self._names(start, ("USING",)), merge, len(self._code)
        )

    def _drop(self, index: int) -> Operation | None:
        if self._in_alter(index):
            return self._drop_part(index)
        kind: list[str] = []
        at = index + 1
        while self._word(at) and len(kind) < 4 and self._word(at) not in _KIND_ENDS and not self._ends_kind(at):
            kind.append(self._word(at).lower())
            at += 1
        while self._word(at) in ("IF", "EXISTS", "CONCURRENTLY", "NOT", "ONLINE"):
            at += 1
        if self._word(at) == "OWNED":
            return self._operation(
                "Drop everything owned by", self._names(at + 2, ()), index, len(self._code), is_rows=False
            )
        names = self._names(at, ("CASCADE", "RESTRICT"))
        verb = " ".join(["Drop", *kind])
        is_rows = kind[-1:] == ["table"] or kind[:1] == ["materialized"]
        return self._operation(verb, names, index, self._statement_end(index), is_rows=is_rows)

    def _ends_kind(self, at: int) -> bool:
        """Whether the name begins at `at`: nothing follows, or what follows cannot be part of the kind."""
        following = self._code[at + 1] if at + 1 < len(self._code) else None
        return following is None or not following.is_name or following.word in ("CASCADE", "RESTRICT", "ON", "PURGE")

    def _drop_part(self, index: int) -> Operation | None:
        part = self._word(index + 1)
        if part in _KEPT_PARTS or (self._in_column_change(index) and part not in _DROPPED_PARTS):
            return None
        at = index + 2 if part in _DROPPED_PARTS else index + 1
        while self._word(at) in ("IF", "EXISTS"):
            at += 1
        table = self._altered()
        names = self._names(at, ()) or ("",)
        kind = part.lower() if part in _DROPPED_PARTS else "column"
        verb = f"Drop {kind} {', '.join(names)} of".replace("  ", " ")
        return self._operation(verb, (table,), index, self._statement_end(index), is_rows=False)

    def _truncate(self, index: int) -> Operation | None:
        if index + 1 < len(self._code) and self._code[index + 1].text == "(":
            return None  # the function that cuts off digits
        names = self._names(index + 1, ("RESTART", "CONTINUE", "CASCADE", "RESTRICT"))
        if self._in_alter(index):
            names = (self._altered(),)
        return self._operation("Delete all rows of", names, index, self._statement_end(index))

    def _create(self, index: int) -> Operation | None:
        """CREATE OR REPLACE TABLE, which drops the table that is there."""
        if words(self._code, index + 1, 2) != ["OR", "REPLACE"]:
            return None
        at = index + 3 + (self._word(index + 3) == "TEMPORARY")
        if self._word(at) != "TABLE":
            return None
        return self._operation("Drop and make anew table", self._names(at + 1, ()), index, self._statement_end(index))

    def _in_alter(self, index: int) -> bool:
        start = next((at + 1 for at in range(index - 1, -1, -1) if self._code[at].text == ";"), 0)
        return "ALTER" in words(self._code, start, index - start) and self._word(index - 1) != "THEN"

    def _in_column_change(self, index: int) -> bool:
        """`ALTER COLUMN c DROP …`, `MODIFY …`: no comma since the column's name."""
        begin = next((at for at in range(index - 1, -1, -1) if self._code[at].text in (",", ";")), -1)
        changes = [at for at in range(begin + 1, index) if self._word(at) in ("ALTER", "MODIFY", "CHANGE")]
        return len(changes) > (1 if begin < 0 or self._code[begin].text == ";" else 0)

    def _altered(self) -> str:
        """`ALTER TABLE IF EXISTS ONLY name`."""
        at = next(at for at, piece in enumerate(self._code) if piece.word == "ALTER") + 2
        while self._word(at) in ("IF", "EXISTS", "ONLY", "TABLE"):
            at += 1
        return name_at(self._code, at)[0]

    def _names(self, index: int, stops: Sequence[str]) -> tuple[str, ...]:
        """The names from `index` on, with commas between them; modifiers before them are passed over."""
        while self._word(index) in _MODIFIERS or self._word(index) in ("TOP", "OR"):
            index += 2 if self._word(index) == "OR" else 1  # UPDATE OR IGNORE
            while index < len(self._code) and (self._code[index].text.isdigit() or self._code[index].text in "()"):
                index += 1
        found: list[str] = []
        while index < len(self._code) and self._word(index) not in stops:
            name, index = name_at(self._code, index)
            if not name:
                break
            found.append(name)
            while (
                index < len(self._code)
                and self._code[index].text not in (",", ";", ")")
                and self._word(index) not in stops
            ):
                index += 1  # an alias, an argument list
            if index >= len(self._code) or self._code[index].text != ",":
                break
            index += 1
        return tuple(found)

    def _clause_end(self, index: int) -> int:
        """Where the DELETE or UPDATE at `index` ends: a semicolon, its closing bracket, or another statement."""
        depth = self._code[index].depth
        for at in range(index + 1, len(self._code)):
            piece = self._code[at]
            if piece.text == ";" or piece.depth < depth or (piece.text == ")" and piece.depth < depth):
                return at
            if piece.depth == depth and piece.word in _STATEMENT_WORDS and self._may_begin(at):
                return at
        return len(self._code)

    def _statement_end(self, index: int) -> int:
        return next((at for at in range(index, len(self._code)) if self._code[at].text == ";"), len(self._code))

    def _operation(self, verb: str, names: Sequence[str], index: int, end: int, *, is_rows: bool = True) -> Operation:
        start, stop = self._code[index].start, self._code[min(end, len(self._code)) - 1].end
        return Operation(verb, tuple(names), start + self._offset, stop + self._offset, is_rows)

    def _is_at(self, index: int, depth: int, word: str) -> bool:
        return self._code[index].depth == depth and self._code[index].word == word

    def _word(self, index: int) -> str:
        return self._code[index].word if 0 <= index < len(self._code) else ""

    def _is_name(self, index: int) -> bool:
        return index < len(self._code) and (self._code[index].is_name or self._code[index].text in ("#", "@"))


def is_only_explained(code: Sequence[Piece]) -> bool:
    """Whether the statement is an EXPLAIN that does not run what it explains."""
    first = words(code, 0, 1)
    if first not in (["EXPLAIN"], ["DESCRIBE"], ["DESC"]):
        return False
    for piece in code[1:]:
        if piece.word == "ANALYZE" or piece.word == "ANALYSE":
            return False
        if piece.word in _STATEMENT_WORDS or piece.word == "WITH":
            break
    return True


def _is_program(first: Sequence[str]) -> bool:
    """CREATE FUNCTION and the like: what is in it does not run now."""
    return first[0] in ("CREATE", "ALTER") and bool(_PROGRAMS.intersection(first[1:]))


_LOOKS: dict[str, Callable[[_Scan, int], Operation | None]] = {
    "DELETE": _Scan._delete,
    "UPDATE": _Scan._update,
    "DROP": _Scan._drop,
    "TRUNCATE": _Scan._truncate,
    "CREATE": _Scan._create,
}
