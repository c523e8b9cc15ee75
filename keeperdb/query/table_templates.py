"""Statements on one table to be filled in: INSERT, UPDATE and DELETE with a marker for each value."""

from collections.abc import Sequence

from keeperdb.engines.base import Engine
from keeperdb.query.table_shape import KeyKind, ShapeColumn, TableShape, qualified


def insert_template(engine: Engine, shape: TableShape) -> str:
    """An INSERT of every column that the server does not fill itself."""
    columns = [each for each in shape.columns if not each.is_generated and not each.is_auto] or list(shape.columns)
    names = ", ".join(engine.quote(each.name) for each in columns)
    values = ", ".join(_marker(each) for each in columns)
    return f"INSERT INTO {qualified(engine, shape.path)} ({names})\nVALUES ({values});\n"


def update_template(engine: Engine, shape: TableShape) -> str:
    """An UPDATE of one row by its key; without a key the condition names every column."""
    key = _key(shape)
    columns = [each for each in shape.columns if each.name not in key and not each.is_generated]
    values = ",\n    ".join(f"{engine.quote(each.name)} = {_marker(each)}" for each in columns or shape.columns)
    return f"UPDATE {qualified(engine, shape.path)}\nSET {values}\n{_condition(engine, shape, key)}"


def delete_template(engine: Engine, shape: TableShape) -> str:
    """A DELETE of one row by its key; without a key the condition names every column."""
    condition = _condition(engine, shape, _key(shape))
    return f"DELETE FROM {qualified(engine, shape.path)}\n{condition}"  # noqa: S608 - names are quoted


def _condition(engine: Engine, shape: TableShape, key: Sequence[str]) -> str:
    columns = [each for each in shape.columns if each.name in key] or list(shape.columns)
    terms = "\n  AND ".join(f"{engine.quote(each.name)} = {_marker(each)}" for each in columns)
    return f"WHERE {terms};\n"


def _key(shape: TableShape) -> tuple[str, ...]:
    keys = sorted(shape.keys, key=lambda key: key.kind is not KeyKind.PRIMARY)
    return keys[0].columns if keys else ()


def _marker(column: ShapeColumn) -> str:
    """A parameter, which is asked for when the statement runs."""
    name = "".join(sign if sign.isascii() and (sign.isalnum() or sign == "_") else "_" for sign in column.name)
    return f":{name}" if name[:1].isalpha() else f":p_{name}"
