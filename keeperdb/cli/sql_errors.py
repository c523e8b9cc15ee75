"""Where in a script the server found fault, for a person."""

from keeperdb.cli.output import safe, width
from keeperdb.errors import QueryError
from keeperdb.query.statements import Statement

_WIDEST = 100  # columns of the line that is shown


def explain(error: QueryError, script: str, statement: Statement) -> str:
    """The server's message, its code, and the line it is about with a mark below the place."""
    code = f" ({error.code})" if error.code else ""
    lines = [f"Error: {error.message}{code}"]
    lines += [f"  {text}" for text in (error.detail, error.hint) if text]
    position = statement.start + min(error.position or 0, len(statement.text))
    before = script[:position]
    line, column = before.count("\n") + 1, position - (before.rfind("\n") + 1)
    text = script.split("\n")[line - 1].rstrip("\r")
    if error.position is None:
        lines.append(f"  in the statement at line {line}: {_shortened(text)}")
        return "\n".join(lines)
    label = f"  line {line}, column {column + 1}: "
    start = max(0, column - _WIDEST // 2)
    lines.append(label + _shortened(text[start:]))
    lines.append(" " * (width(label) + width(safe(text[start:column]))) + "^")
    return "\n".join(lines)


def _shortened(text: str) -> str:
    shown = safe(text)
    return shown if len(shown) <= _WIDEST else shown[: _WIDEST - 1] + "…"
