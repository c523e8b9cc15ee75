"""Laying out SQL anew: line breaks, indentation and the case of keywords change, and nothing else."""

from keeperdb.engines.sql_text import TokenKind, is_executable_comment, leading_words, tokens
from keeperdb.errors import QueryError
from keeperdb.query.format_sql_layout import lay_out
from keeperdb.query.statements import Statement, split

_LARGEST = 200_000  # characters of one statement
_ALONE = frozenset("(),.;[]{}")  # signs that mean the same whatever stands beside them
_PROGRAMS = {"FUNCTION", "PROCEDURE", "TRIGGER", "EVENT", "PACKAGE", "RULE"}


def format_script(script: str, dialect: str, indent: str = "    ") -> str:
    """`script` with every statement laid out; what stands between statements stays, and so do procedures.

    Raises:
        QueryError: a statement cannot be read, or would not be the same afterwards.
    """
    pieces: list[str] = []
    done = 0
    for statement in split(script, dialect):
        if statement.start < done:
            continue  # one that is run several times stands there once
        pieces += (script[done : statement.start], _format(statement, dialect, indent))
        done = statement.end
    pieces.append(script[done:])
    result = "".join(pieces)
    if significant(result, dialect) != significant(script, dialect):
        raise QueryError("This script would not be the same afterwards, so it is left as it is.")
    return result


def significant(text: str, dialect: str) -> list[str]:
    """What matters of a text: every token without space, words in small letters; comments word for word.

    Operators are as long as they are written, for `- -1` is not `--1`.
    """
    found: list[str] = []
    end = -1  # of the operator before, if the last token is one
    for token in tokens(text, dialect):
        piece = text[token.start : token.end]
        if token.kind is TokenKind.WORD:
            found.append(piece.lower())
        elif token.kind is TokenKind.OTHER and not piece[0].isdigit():
            for place, sign in enumerate(piece, token.start):
                if place == end and sign not in _ALONE:
                    found[-1] += sign
                else:
                    found.append(sign)
                end = -1 if sign in _ALONE else place + 1
        elif token.kind is not TokenKind.SPACE:
            found.append(piece.rstrip() if token.kind is TokenKind.COMMENT else piece)
    return found


def _format(statement: Statement, dialect: str, indent: str) -> str:
    text = statement.text
    words = leading_words(text, dialect, 6)
    is_program = words[:1] in (["CREATE"], ["ALTER"]) and bool(_PROGRAMS.intersection(words))
    runs_comment = any(is_executable_comment(text, token, dialect) for token in tokens(text, dialect))
    if is_program or runs_comment or words[:1] in (["DO"], ["BEGIN"], ["DECLARE"]) or len(text) > _LARGEST:
        return text
    if not _is_read(text, dialect):
        return text
    return lay_out(text, dialect, indent)


def _is_read(text: str, dialect: str) -> bool:
    """Whether the parser knows the statement; commands that it only passes on are left as they are."""
    import sqlglot  # takes 100 ms, and is needed only here
    from sqlglot import exp
    from sqlglot.errors import ParseError, TokenError

    try:
        trees = sqlglot.parse(text, read=dialect or None)
    except ParseError as error:
        places = error.errors
        line = f" near line {places[0]['line']} of the statement" if places and places[0].get("line") else ""
        raise QueryError(f"The SQL cannot be read{line}, so it is left as it is.", "Correct it first.") from error
    except (TokenError, RecursionError) as error:
        raise QueryError("The SQL cannot be read, so it is left as it is.", "Correct it first.") from error
    return bool(trees) and not any(isinstance(tree, exp.Command) for tree in trees)
