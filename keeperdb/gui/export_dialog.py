"""Asks where a result goes and how it is written."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QRadioButton,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from keeperdb.data.export import (
    AllRows,
    ExportFormat,
    ExportOptions,
    FetchedRows,
    RowSource,
    SqlOptions,
    export_result,
    export_statement,
)
from keeperdb.errors import ExportError
from keeperdb.gui.cell_text import elide_middle, one_line
from keeperdb.gui.notices import plain_label
from keeperdb.query.results import ResultSet
from keeperdb.query.safety import check
from keeperdb.query.session import Session
from keeperdb.query.shown_rows import ShownRows
from keeperdb.settings import Settings, find_setting
from keeperdb.task import Task

_FORMATS = {
    ExportFormat.CSV: "CSV",
    ExportFormat.TSV: "Text with tabs",
    ExportFormat.XLSX: "Excel workbook",
    ExportFormat.JSON: "JSON",
    ExportFormat.JSONL: "JSON, one object per line",
    ExportFormat.SQL: "SQL INSERT statements",
    ExportFormat.MARKDOWN: "Markdown",
    ExportFormat.HTML: "HTML",
    ExportFormat.PARQUET: "Parquet",
}
_OPTIONS = {  # the names of the fields that a format has
    ExportFormat.CSV: {"delimiter", "header", "guard", "bom"},
    ExportFormat.TSV: {"header", "guard", "bom"},
    ExportFormat.XLSX: {"header"},
    ExportFormat.SQL: {"table", "rows_per_insert"},
}
_TABLE, _ROWS_PER_INSERT, _MOST_ROWS_PER_INSERT = "result", 100, 1000


@dataclass(frozen=True, slots=True)
class ExportChoice:
    """What the person chose. `may_replace`: the file was picked in a dialog that asked about replacing it."""

    path: Path
    format: ExportFormat = ExportFormat.CSV
    delimiter: str = ","
    has_header: bool = True
    all_rows: bool = True
    guards_formulas: bool = False
    has_bom: bool = False
    table: str = _TABLE
    rows_per_insert: int = _ROWS_PER_INSERT
    null_text: str = "NULL"
    shown: ShownRows | None = None  # write these rows, as the grid shows them
    runs_again: bool = False  # write what the statement returns when it is run a second time
    may_replace: bool = False


class ExportDialog(QDialog):
    """`chosen(choice)` follows Export."""

    chosen = Signal(object)
    last_folder = Path.home()

    def __init__(
        self,
        result: ResultSet | None,
        settings: Settings,
        parent: QWidget | None = None,
        title: str = "result",
        shown: ShownRows | None = None,
    ) -> None:
        """`title` is what the file is called unless the person says otherwise; `result` is None for a whole table.

        `shown` are the rows of the grid where they differ from the result: sorted, filtered, or in another time zone.
        """
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle("Export result" if result is not None else f"Export {_short(title)}")
        self.setMinimumWidth(520)
        self._picked = ""
        self._null_text = settings.text("results.null_text")
        self.path = QLineEdit(str(ExportDialog.last_folder / f"{_file_name(title)}.csv"))
        self.path.setAccessibleName("File")
        self.format = _formats()
        self._make_options(settings, title)
        self.all_rows = QRadioButton("All rows: the rest is fetched first")
        self.run_again = QRadioButton("All rows: the statement is run again")
        self.fetched_rows = QRadioButton(f"The {0 if result is None else result.row_count:,} rows that were fetched")
        self._shown = shown
        self.shown_rows = QRadioButton(f"The {0 if shown is None else len(shown):,} rows as they are shown now")
        (self.all_rows if shown is None else self.shown_rows).setChecked(True)
        self._form = QFormLayout()
        self._lay_out(result)
        self.format.currentIndexChanged.connect(lambda _: self._follow_format())
        self._show_options()
        self.path.selectAll()

    def _make_options(self, settings: Settings, title: str) -> None:
        self.delimiter = _delimiters(settings.text("results.csv_delimiter"))
        self.header = QCheckBox("First line with the column names")
        self.header.setChecked(True)
        self.guard = QCheckBox("Guard against spreadsheet formulas")
        self.guard.setToolTip("Puts an apostrophe before text that a spreadsheet would run; the file is then not exact")
        self.guard.setChecked(settings.is_on("results.csv_formula_guard"))
        self.bom = QCheckBox("Byte order mark, by which Excel knows UTF-8")
        self.table = QLineEdit(_table_name(title))
        self.table.setAccessibleName("Table")
        self.rows_per_insert = QSpinBox()
        self.rows_per_insert.setAccessibleName("Rows per INSERT")
        self.rows_per_insert.setRange(1, _MOST_ROWS_PER_INSERT)
        self.rows_per_insert.setValue(_ROWS_PER_INSERT)

    def choice(self) -> ExportChoice:
        """What is chosen now."""
        path = self.path.text().strip()
        return ExportChoice(
            ExportDialog.last_folder / Path(path).expanduser(),
            ExportFormat(self.format.currentData()),
            str(self.delimiter.currentData()),
            self.header.isChecked(),
            self.all_rows.isChecked(),
            self.guard.isChecked(),
            self.bom.isChecked(),
            self.table.text().strip() or _TABLE,
            self.rows_per_insert.value(),
            self._null_text,
            self._shown if self.shown_rows.isChecked() else None,
            self.run_again.isChecked(),
            may_replace=path == self._picked,
        )

    def accept(self) -> None:
        if not self.path.text().strip():
            self.path.setFocus()
            return
        choice = self.choice()
        ExportDialog.last_folder = choice.path.parent
        super().accept()
        self.chosen.emit(choice)

    def _follow_format(self) -> None:
        """The name's ending, and which options there are."""
        chosen = ExportFormat(self.format.currentData())
        self.path.setText(str(Path(self.path.text()).with_suffix(f".{chosen.value}")))
        self._show_options()

    def _show_options(self) -> None:
        shown = _OPTIONS.get(ExportFormat(self.format.currentData()), set())
        for name in set().union(*_OPTIONS.values()):
            self._form.setRowVisible(getattr(self, name), name in shown)
        self.adjustSize()

    def _browse(self) -> None:
        path, _ = QFileDialog.getSaveFileName(self, "Export result", self.path.text())
        if path:
            self._picked = path
            self.path.setText(path)

    def _lay_out(self, result: ResultSet | None) -> None:
        browse = QPushButton("Browse…")
        browse.setAutoDefault(False)
        browse.clicked.connect(self._browse)
        file_row = QHBoxLayout()
        file_row.addWidget(self.path, 1)
        file_row.addWidget(browse)
        form = self._form
        form.setSpacing(12)
        form.addRow("File", file_row)
        form.addRow("Format", self.format)
        form.addRow("Delimiter", self.delimiter)
        form.addRow("Table", self.table)
        form.addRow("Rows per INSERT", self.rows_per_insert)
        for box in (self.header, self.guard, self.bom):
            form.addRow("", box)
        self._add_rows_choice(form, result)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel, self)
        export = buttons.addButton("Export", QDialogButtonBox.ButtonRole.AcceptRole)
        export.setDefault(True)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 24, 24, 16)
        layout.setSpacing(16)
        layout.addLayout(form)
        layout.addWidget(buttons)

    def _add_rows_choice(self, form: QFormLayout, result: ResultSet | None) -> None:
        """Which rows is a question only while there are more than were fetched."""
        if result is None:
            return
        if self._shown is not None:
            form.addRow("Rows", self.shown_rows)
            if not result.is_open:
                form.addRow("", self.fetched_rows)
        if result.is_complete:
            return
        if result.is_open:
            form.addRow("" if self._shown is not None else "Rows", self.all_rows)
            form.addRow("", self.fetched_rows)
        else:
            self._add_running_again(form)

    def _add_running_again(self, form: QFormLayout) -> None:
        """The rest of the result was given up: the server is to be asked anew."""
        if self._shown is None:
            form.addRow("Rows", self.fetched_rows)
            self.fetched_rows.setChecked(True)
        form.addRow("", self.run_again)
        words = "The rest was not kept. Rows that changed meanwhile are written as they are then."
        form.addRow("", plain_label(words, "muted", wrap=True))


def export_on(result: ResultSet, choice: ExportChoice, notices: list[str]) -> Callable[[Session, Task], int]:
    """An operation that writes `result` as `choice` says, and returns how many rows the file has.

    `notices` gets a sentence for everything that the format could not hold.
    """

    def operation(session: Session, task: Task) -> int:
        if choice.runs_again:
            return _run_again(result, choice, notices, session, task)
        source: RowSource = AllRows(result) if choice.all_rows and result.is_open else FetchedRows(result)
        if choice.shown is not None:
            source = choice.shown
        return export_result(
            source,
            choice.path,
            choice.format,
            _options(choice, session),
            task,
            may_replace=choice.may_replace,
            notices=notices,
        )

    return operation


def _run_again(result: ResultSet, choice: ExportChoice, notices: list[str], session: Session, task: Task) -> int:
    """Raises `ExportError` for a statement that may change something."""
    text = result.statement.text
    verdict = check(text, session.engine.dialect)
    if verdict.is_change or verdict.operations:
        raise ExportError(
            "The statement changes data, so it is not run a second time.", "Export the rows that were fetched."
        )
    return _export_statement(text, choice, notices, session, task, result.parameters)


def table_export_on(path: tuple[str, ...], choice: ExportChoice, notices: list[str]) -> Callable[[Session, Task], int]:
    """An operation that writes all rows of a table or view, and returns how many; `notices` as for `export_on`."""

    def operation(session: Session, task: Task) -> int:
        return _export_statement(session.engine.select_all(path), choice, notices, session, task)

    return operation


def _export_statement(
    statement: str,
    choice: ExportChoice,
    notices: list[str],
    session: Session,
    task: Task,
    parameters: Mapping[str, Any] | None = None,
) -> int:
    return export_statement(
        session,
        statement,
        choice.path,
        choice.format,
        _options(choice, session),
        task,
        parameters=parameters,
        may_replace=choice.may_replace,
        notices=notices,
    )


def _options(choice: ExportChoice, session: Session) -> ExportOptions:
    engine = session.engine
    return ExportOptions(
        choice.delimiter,
        choice.has_header,
        choice.guards_formulas,
        choice.has_bom,
        choice.null_text,
        choice.path.stem,
        SqlOptions(tuple(choice.table.split(".")), engine.dialect, engine.quote, choice.rows_per_insert),
    )


def _short(title: str) -> str:
    return elide_middle(one_line(title), 60)


def _table_name(title: str) -> str:
    """`title` as the name of a table."""
    return re.sub(r"\W+", "_", title).strip("_") or _TABLE


def _file_name(title: str) -> str:
    """`title` without what a file name cannot have everywhere."""
    return re.sub(r"[^\w() -]+", "_", title).strip(" _")[:80] or "result"


def _formats() -> QComboBox:
    box = QComboBox()
    box.setAccessibleName("Format")
    for value, words in _FORMATS.items():
        box.addItem(words, value.value)
    return box


def _delimiters(current: str) -> QComboBox:
    box = QComboBox()
    box.setAccessibleName("Delimiter")
    for value, words in find_setting("results.csv_delimiter").choices:
        box.addItem(words, value)
    box.setCurrentIndex(max(0, box.findData(current)))
    return box
