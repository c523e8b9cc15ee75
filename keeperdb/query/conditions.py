"""Whether a condition lets every row through, such as `true` or `1=1`."""

import logging
from collections.abc import Sequence
from typing import TYPE_CHECKING

from keeperdb.query.code import Piece

if TYPE_CHECKING:
    from sqlglot.expressions import Expr

_CONSTANTS = {"TRUE", "FALSE", "NULL", "NOT", "AND", "OR", "IS", "IN", "LIKE", "BETWEEN", "XOR", "UNKNOWN"}

_LONGEST = 2_000  # characters that are looked into; simplifying takes long, and nobody means “all” by that much text

logging.getLogger("sqlglot").setLevel(logging.ERROR)  # it warns of what it cannot read, with the text


def is_always_true(condition: str, code: Sequence[Piece], dialect: str) -> bool:
    """Whether `condition`, whose tokens are `code`, holds for every row as far as one can see.

    A condition without any name in it is the same for all rows, and counts as true unless it is known to be false.
    What cannot be read restricts.
    """
    has_names = any(piece.is_name and piece.word not in _CONSTANTS for piece in code)
    if has_names and len(condition) > _LONGEST:
        return False
    from sqlglot import exp, parse_one  # takes a third of a second to import
    from sqlglot.errors import SqlglotError
    from sqlglot.optimizer.simplify import simplify

    try:
        tree = simplify(parse_one(f"SELECT 1 WHERE {condition}", dialect=dialect).args["where"].this)
    except (SqlglotError, RecursionError, KeyError, AttributeError):
        return not has_names
    if not has_names:
        return bool(tree != exp.false())
    return _holds(tree)


def _holds(condition: "Expr") -> bool:
    from sqlglot import exp

    condition = condition.unnest()
    if isinstance(condition, exp.Or):
        return _are_opposites(condition) or any(_holds(side) for side in (condition.left, condition.right))
    if isinstance(condition, exp.And):
        return all(_holds(side) for side in (condition.left, condition.right))
    if isinstance(condition, (exp.EQ, exp.LTE, exp.GTE, exp.NullSafeEQ)):
        return bool(condition.left == condition.right)
    if isinstance(condition, exp.Like):
        return bool(condition.expression.is_string and set(condition.expression.this) == {"%"})
    if isinstance(condition, exp.Exists):
        return not condition.find(exp.From)
    return condition == exp.true() or (bool(condition.is_number) and condition.to_py() != 0)


def _are_opposites(condition: "Expr") -> bool:
    """`a IS NULL OR a IS NOT NULL`, `a OR NOT a`."""
    left, right = (str(side.sql()) for side in condition.iter_expressions())
    return left != right and left.replace("NOT ", "") == right.replace("NOT ", "")
