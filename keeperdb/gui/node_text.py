"""What is said of a node of the schema tree: muted beside its name, and in its tooltip."""

from keeperdb.engines.base import Node, NodeKind
from keeperdb.gui.cell_text import one_line

_STEPS = ("bytes", "kB", "MB", "GB", "TB", "PB")
_LONGEST_COMMENT = 2_000  # characters in a tooltip


def beside(node: Node) -> str:
    """Type, rows, size and comment in one line; rows and size are estimates of the server."""
    parts = (node.detail, rows_and_size(node), node.comment)
    return " · ".join(one_line(part) for part in parts if part)


def about(node: Node) -> str:
    """Path, kind, estimates and the whole comment, in lines."""
    path = " · ".join(one_line(name) for name in node.path) or one_line(node.name)
    known = rows_and_size(node)
    lines = (
        path,
        f"{node.kind} {one_line(node.detail)}".strip(),
        f"{known}, as the server last estimated" if known else "",
        "\n".join(one_line(line, _LONGEST_COMMENT) for line in node.comment[:_LONGEST_COMMENT].splitlines()),
    )
    return "\n".join(line for line in lines if line)


def rows_and_size(node: Node) -> str:
    """`≈ 1.2 M rows, 34 MB`, or what of it is known."""
    rows = "" if node.row_estimate is None else f"{_number(node.row_estimate)} {_rows(node.row_estimate)}"
    parts = ", ".join(part for part in (rows, size(node.size_bytes)) if part)
    return f"≈ {parts}" if parts and node.kind is not NodeKind.GROUP else ""


def size(count: int | None) -> str:
    """Bytes with two or three digits; a kB is 1,024 of them, as servers count."""
    if count is None:
        return ""
    value, step = float(count), 0
    while value >= 1024 and step < len(_STEPS) - 1:
        value, step = value / 1024, step + 1
    return f"{_digits(value)} {_STEPS[step]}"


def _number(count: int) -> str:
    if count < 10_000:
        return f"{count:,}"
    for step, unit in ((10**9, "G"), (10**6, "M"), (10**3, "k")):
        if count >= step:
            return f"{_digits(count / step)} {unit}"
    return str(count)


def _digits(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0") if value < 10 else f"{value:,.0f}"


def _rows(count: int) -> str:
    return "row" if count == 1 else "rows"
