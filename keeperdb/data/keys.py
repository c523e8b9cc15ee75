"""Which columns name a row of a table: its primary key, a unique one, or what a person chooses and is checked."""

from collections.abc import Sequence

from keeperdb.data.edit_dialects import dialect_of
from keeperdb.data.edit_sql import Sql
from keeperdb.errors import KeeperDBError
from keeperdb.query.session import Session
from keeperdb.query.table_shape import KeyKind, TableKey, TableShape
from keeperdb.task import Task

NO_KEY = (
    "The table has neither a primary key nor a unique key without NULL, so no row can be told from another for sure. "
    "Row numbers of the server, such as ctid or rowid, can be given to another row at any time. "
    "Choose columns that name a row; they are counted first."
)


def best_key(shape: TableShape) -> TableKey | None:
    """The primary key, else the shortest unique key; None if there is none."""
    unique = sorted(shape.keys, key=lambda key: (key.kind is not KeyKind.PRIMARY, len(key.columns)))
    return unique[0] if unique else None


def choosable(shape: TableShape) -> list[str]:
    """The columns that a virtual key may be made of; never the server's own row numbers."""
    return [column.name for column in shape.columns]


def verify_virtual_key(session: Session, shape: TableShape, columns: Sequence[str], task: Task) -> TableKey:
    """A virtual key of `columns`, after the server has counted. Raises `KeeperDBError` if rows share their values.

    It may stop being unique later: each write still has to touch exactly one row.
    """
    unknown = [name for name in columns if name not in shape.by_name]
    if unknown or not columns:
        raise KeeperDBError("A key needs at least one column of the table.", "Choose columns that name a row together.")
    dialect = dialect_of(session.engine)
    names = ", ".join(dialect.column(shape.by_name[name]) for name in columns)
    groups = Sql.of(f"SELECT {names} FROM {dialect.table(shape)} GROUP BY {names} HAVING COUNT(*) > 1")  # noqa: S608
    result = session.execute(dialect.first_rows(groups, 1).bound()[0], task, confirmed=True)[-1]
    if result.fetch(1, task):
        shared = ", ".join(f"{name} = {result.text(0, n) or 'NULL'}"[:60] for n, name in enumerate(columns))
        raise KeeperDBError(
            f"{', '.join(columns)} is no key of {shape.name}: several rows have {shared}.",
            "Choose more columns, or give the table a primary key.",
        )
    return TableKey(KeyKind.VIRTUAL, tuple(columns))
