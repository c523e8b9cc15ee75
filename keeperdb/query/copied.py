"""Rows that the server writes as CSV itself."""

from collections.abc import Iterator

from keeperdb.engines.base import CsvCopy, DriverConnection
from keeperdb.engines.blocks import Column
from keeperdb.task import Task


class CopiedRows:
    """The rows of one query as lines of CSV in UTF-8, without a header. Used on the session's lane."""

    def __init__(self, connection: DriverConnection, copy: CsvCopy) -> None:
        self._connection = connection
        self._copy = copy

    @property
    def columns(self) -> tuple[Column, ...]:
        return self._copy.columns

    def chunks(self, task: Task) -> Iterator[tuple[bytes, int]]:
        """Whole lines with their number of rows; may be called once.

        Raises `QueryError`, `ConnectError` or `Cancelled`. What is not read is given up.
        """
        try:
            while not self._copy.is_exhausted:
                self._connection.arm()
                with task.interrupting(self._connection.stopper(task.say)):
                    chunk = self._copy.read()
                yield chunk
        finally:
            self._copy.close()
