"""The Messages tab: what every statement did, what the server remarked, and errors; plain text that can be copied."""

from datetime import datetime

from PySide6.QtWidgets import QPlainTextEdit, QWidget

from keeperdb.errors import KeeperDBError
from keeperdb.gui.cell_text import elide_middle, one_line
from keeperdb.gui.strips import seconds_in_words
from keeperdb.gui.theme import mono_font
from keeperdb.gui.tokens import SMALL
from keeperdb.query.results import ResultSet
from keeperdb.query.statements import Statement

_MOST_LINES = 10_000
_STATEMENT_CHARACTERS = 160


class Messages(QPlainTextEdit):
    """Lines in the order in which things happened; the oldest go when there are too many."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setReadOnly(True)
        self.setFrameShape(QPlainTextEdit.Shape.NoFrame)
        self.setMaximumBlockCount(_MOST_LINES)
        self.setFont(mono_font(SMALL))
        self.setAccessibleName("Messages")
        self.setProperty("role", "pane")
        self.setPlaceholderText("What statements did, and what the server remarked, is listed here.")

    def add(self, text: str) -> None:
        """Add a line with the time of day."""
        now = datetime.now().astimezone()
        self.appendPlainText(f"{now:%H:%M:%S}  {text}")

    def add_statement(self, statement: Statement) -> None:
        """Say which statement is run."""
        self.add(elide_middle(one_line(" ".join(statement.text.split())), _STATEMENT_CHARACTERS))

    def add_result(self, result: ResultSet) -> None:
        """Say what a statement gave, with its notices."""
        for notice in result.notices:
            self.appendPlainText(f"          {one_line(notice, 2_000)}")
        self.appendPlainText(f"          {summary(result)}")

    def add_error(self, error: KeeperDBError) -> None:
        self.appendPlainText(f"          Error: {error}")


def summary(result: ResultSet) -> str:
    """Rows and time of a result in words."""
    return f"{rows_in_words(result)} · {times_in_words(result)}"


def rows_in_words(result: ResultSet) -> str:
    """How many rows; a plus where there are, or may be, more than were fetched."""
    if result.columns is None:
        if result.rows_affected is None or result.rows_affected < 0:
            return "Done"
        return f"{_rows(result.rows_affected)} affected"
    if result.is_complete:
        return _rows(result.row_count)
    return f"{result.row_count:,}+ rows"


def times_in_words(result: ResultSet) -> str:
    """Time to execute, and to fetch where rows were fetched."""
    execute = seconds_in_words(result.execute_seconds)
    if result.columns is None:
        return execute
    return f"{execute} + {seconds_in_words(result.fetch_seconds)}"


def _rows(count: int) -> str:
    return "1 row" if count == 1 else f"{count:,} rows"
