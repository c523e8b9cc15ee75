"""How one statement is broken into lines: clauses begin lines, what does not fit is one part to a line."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from keeperdb.engines.sql_text import TokenKind, tokens

_WIDTH = 88
_SHORT = 60  # a query that fits on a line so short is not broken
_UPPER = frozenset(
    re.findall(
        r"\w+",
        """
    ALL AND AS ASC BETWEEN BY CASE CONFLICT CREATE CROSS DELETE DESC DISTINCT DO ELSE END EXCEPT EXISTS FOR FROM FULL
    GROUP
    HAVING ILIKE IN INNER INSERT INTERSECT INTO IS JOIN LATERAL LEFT LIKE LIMIT NATURAL NOT NULL OFFSET ON OR ORDER
    OUTER OVER PARTITION RECURSIVE RETURNING RIGHT SELECT SET TABLE THEN UNION UPDATE USING VALUES WHEN WHERE WINDOW
    WITH
    """,
    )
)
_CLAUSES = frozenset(
    re.findall(
        r"\w+",
        """
    SELECT FROM WHERE GROUP HAVING ORDER LIMIT OFFSET FETCH WINDOW UNION INTERSECT EXCEPT VALUES SET RETURNING INSERT
    UPDATE DELETE WITH
    """,
    )
)
_JOINS = frozenset({"JOIN", "LEFT", "RIGHT", "FULL", "INNER", "CROSS", "NATURAL"})
_QUERIES = frozenset({"SELECT", "WITH", "VALUES", "INSERT", "UPDATE", "DELETE"})
_HEADS = {
    "GROUP": ("BY",),
    "ORDER": ("BY",),
    "INSERT": ("INTO",),
    "DELETE": ("FROM",),
    "SELECT": ("DISTINCT",),
    "UNION": ("ALL", "DISTINCT"),
    "WITH": ("RECURSIVE",),
}
_LOGIC = frozenset({"AND", "OR"})
_CALLED = _UPPER - {"LEFT", "RIGHT", "VALUES"}  # an opening bracket behind one of these has a space before it


@dataclass(slots=True)
class _Piece:
    """A token, or a bracket with what is in it; `has_space` tells whether space stood before it."""

    text: str
    word: str = ""
    has_space: bool = False
    is_comment: bool = False
    inside: "list[_Piece] | None" = None

    @property
    def ends_line(self) -> bool:
        return self.is_comment and self.text.startswith(("--", "#"))


@dataclass(slots=True)
class _Clause:
    head: list[_Piece] = field(default_factory=list)
    body: list[_Piece] = field(default_factory=list)

    @property
    def word(self) -> str:
        return self.head[0].word if self.head else ""


def lay_out(statement: str, dialect: str, indent: str) -> str:
    """The statement on lines anew."""
    return "\n".join(_Layout(indent).query(_read(statement, dialect), 0))


def _read(statement: str, dialect: str) -> list[_Piece]:
    """The tokens with the brackets nested."""
    levels: list[list[_Piece]] = [[]]
    has_space = False
    for token in tokens(statement, dialect):
        text = statement[token.start : token.end]
        if token.kind is TokenKind.SPACE:
            has_space = True
            continue
        signs = _apart(text) if token.kind is TokenKind.OTHER else [text]
        for sign in signs:
            piece = _Piece(sign, "", has_space, token.kind is TokenKind.COMMENT)
            has_space = False
            if token.kind is TokenKind.WORD:
                piece.word = sign.upper()
                follows_dot = bool(levels[-1]) and levels[-1][-1].text == "."
                if piece.word in _UPPER and not follows_dot and statement[token.end : token.end + 1] != ".":
                    piece.text = piece.word
                elif follows_dot:
                    piece.word = ""
            if sign == ")" and token.kind is TokenKind.OTHER and len(levels) > 1:
                levels.pop()
                continue
            levels[-1].append(piece)
            if sign == "(" and token.kind is TokenKind.OTHER:
                piece.inside = []
                levels.append(piece.inside)
    return levels[0]


def _apart(text: str) -> list[str]:
    """A run of signs with brackets, commas and dots by themselves; numbers stay whole."""
    if text[0].isdigit():
        return [text]
    pieces, run = [], ""
    for sign in text:
        if sign in "(),.":
            pieces += [run, sign] if run else [sign]
            run = ""
        else:
            run += sign
    return [*pieces, run] if run else pieces


class _Layout:
    def __init__(self, indent: str) -> None:
        self._indent = indent

    def query(self, pieces: list[_Piece], depth: int) -> list[str]:
        """The lines of a statement or a subquery."""
        flat = _flat(pieces)
        if flat is not None and len(flat) <= _SHORT and not _is_table(pieces):
            return [self._indent * depth + flat]
        lines: list[str] = []
        for clause in _clauses(pieces):
            lines += self._clause(clause, depth)
        return lines

    def _clause(self, clause: _Clause, depth: int) -> list[str]:
        flat = _flat([*clause.head, *clause.body])
        if flat is not None and self._fits(flat, depth) and not _has_query(clause.body) and not _is_table(clause.body):
            return [self._indent * depth + flat]
        head = _flat(clause.head) or ""
        if not clause.head or clause.word in _JOINS or clause.word in ("INSERT", "UPDATE", "DELETE"):
            return self._part([*clause.head, *clause.body], depth)
        parts = _parts(clause.body, _LOGIC if clause.word in ("WHERE", "HAVING") else frozenset())
        if len(parts) == 1 and _has_query(parts[0]):
            return self._part([*clause.head, *clause.body], depth)
        lines = [self._indent * depth + head]
        for part in parts:
            lines += self._part(part, depth + 1)
        return lines

    def _part(self, pieces: list[_Piece], depth: int) -> list[str]:
        """One part on a line, or broken at its brackets and comments where it does not fit."""
        flat = _flat(pieces)
        if flat is not None and self._fits(flat, depth) and not _has_query(pieces) and not _is_table(pieces):
            return [self._indent * depth + flat]
        lines: list[str] = []
        line: list[_Piece] = []
        fresh = True
        for index, piece in enumerate(pieces):
            if piece.inside is not None and self._is_broken(piece, pieces, depth):
                opening = _Piece("(", "", piece.has_space)
                lines.append(self._indent * depth + (_joined([*line, opening])))
                lines += self._inside(piece.inside, depth + 1)
                line = [_Piece(")", "", has_space=False)]
            elif piece.word in ("WHEN", "ELSE", "END") and _has_case(pieces) and line:
                lines.append(self._indent * (depth + (0 if fresh else 1)) + _joined(line))
                fresh = piece.word == "END"
                line = [piece]
            else:
                line.append(piece)
                if piece.ends_line:
                    lines.append(self._indent * depth + _joined(line))
                    line = []
            if index == len(pieces) - 1 and line:
                lines.append(self._indent * (depth if fresh else depth + 1) + _joined(line))
        return lines

    def _is_broken(self, piece: _Piece, pieces: Sequence[_Piece], depth: int) -> bool:
        inside = piece.inside or []
        flat = _flat([piece])
        is_long = flat is None or not self._fits(_flat(list(pieces)) or "x" * 200, depth)
        return bool(inside) and (_is_query(inside) or _is_table(pieces) or (is_long and len(flat or "x" * 50) > 40))

    def _inside(self, pieces: list[_Piece], depth: int) -> list[str]:
        if _is_query(pieces):
            return self.query(pieces, depth)
        lines: list[str] = []
        for part in _parts(pieces, _LOGIC):
            lines += self._part(part, depth)
        return lines

    def _fits(self, text: str, depth: int) -> bool:
        return len(self._indent) * depth + len(text) <= _WIDTH


def _clauses(pieces: list[_Piece]) -> list[_Clause]:
    """A level in clauses; comments before a clause's word are clauses of their own, so that they keep their line."""
    found: list[_Clause] = [_Clause()]
    previous = ""
    for index, piece in enumerate(pieces):
        current = found[-1]
        following = pieces[index + 1] if index + 1 < len(pieces) else None
        is_call = piece.word in ("LEFT", "RIGHT") and following is not None and following.inside is not None
        if not is_call and _starts_clause(piece.word, previous, current):
            found.append(_Clause([piece]))
        elif not current.body and piece.word in _HEADS.get(current.word, ()):
            current.head.append(piece)
        elif piece.is_comment and not current.head and not current.body:
            found[-1] = _Clause([], [piece])
            found.append(_Clause())
        else:
            current.body.append(piece)
        previous = piece.word
    return [each for each in found if each.head or each.body]


def _starts_clause(word: str, previous: str, current: _Clause) -> bool:
    if word in _JOINS:
        return previous not in _JOINS | {"OUTER"}
    if word == "FROM":
        return previous not in ("DELETE", "DISTINCT")
    if word in ("SET", "UPDATE", "DELETE"):
        return previous not in ("ON", "DO", "FOR", "THEN", "UPDATE") and not (
            word == "SET" and current.word in ("", "SET")
        )
    if word == "WITH":
        return previous == "" and not current.body
    if word in ("GROUP", "ORDER"):
        return previous != "WITHIN"
    return word in _CLAUSES


def _parts(pieces: list[_Piece], words: frozenset[str]) -> list[list[_Piece]]:
    """A body cut behind its commas, and before AND and OR where these are given; a comment stays with its part."""
    parts: list[list[_Piece]] = [[]]
    between = False
    for piece in pieces:
        is_logic = piece.word in words and not (between and piece.word == "AND")
        between = piece.word == "BETWEEN" or (between and piece.word != "AND")
        if parts[-1] and (is_logic or (_ends_part(parts[-1]) and not piece.ends_line)):
            parts.append([])
        parts[-1].append(piece)
    return [part for part in parts if part]


def _ends_part(part: Sequence[_Piece]) -> bool:
    last = part[-1]
    return last.text == "," or (last.ends_line and len(part) > 1 and part[-2].text == ",") or last.ends_line


def _is_query(pieces: Sequence[_Piece]) -> bool:
    first = next((piece for piece in pieces if not piece.is_comment), None)
    return first is not None and first.word in _QUERIES


def _has_query(pieces: Sequence[_Piece]) -> bool:
    """Whether a subquery that is worth lines of its own stands in it."""
    insides = [piece.inside for piece in pieces if piece.inside is not None]
    return any(_is_query(inside) or _has_query(inside) for inside in insides)


def _is_table(pieces: Sequence[_Piece]) -> bool:
    words = [piece.word for piece in pieces[:6]]
    return words[:1] == ["CREATE"] and "TABLE" in words and any((piece.inside or []) for piece in pieces)


def _has_case(pieces: Sequence[_Piece]) -> bool:
    return any(piece.word == "CASE" for piece in pieces)


def _flat(pieces: Sequence[_Piece]) -> str | None:
    """All on one line; None where a comment ends the line before the end."""
    if any(piece.ends_line for piece in pieces[:-1]) or any(
        piece.inside is not None and (_flat(piece.inside) is None or _ends_open(piece.inside)) for piece in pieces
    ):
        return None
    return _joined(pieces)


def _ends_open(pieces: Sequence[_Piece]) -> bool:
    return bool(pieces) and pieces[-1].ends_line


def _joined(pieces: Sequence[_Piece]) -> str:
    text = ""
    previous: _Piece | None = None
    for piece in pieces:
        if previous is not None and _needs_space(previous, piece):
            text += " "
        text += piece.text
        if piece.inside is not None:
            text += f"{_joined(piece.inside)})"
        previous = piece
    return text


def _needs_space(before: _Piece, piece: _Piece) -> bool:
    """Space stands where it stood, behind commas and around comments, and never inside a bracket's edge."""
    if piece.text == "," or piece.text == ")":
        return False
    if before.text == "," or piece.is_comment or before.is_comment:
        return True
    if before.text == "(" and before.inside is None:
        return False
    if piece.text == "(":
        return piece.has_space or before.word in _CALLED
    return piece.has_space or (before.inside is not None and bool(piece.word))
