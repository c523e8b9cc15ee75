"""Asks where a result goes and how it is written."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

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
    QVBoxLayout,
    QWidget,
)

from keeperdb.data.export import AllRows, ExportFormat, ExportOptions, FetchedRows, export_result
from keeperdb.gui.notices import plain_label
from keeperdb.query.results import ResultSet
from keeperdb.query.session import Session
from keeperdb.settings import Settings, find_setting
from keeperdb.task import Task

_FORMATS = {
    ExportFormat.CSV: "CSV",
    ExportFormat.JSON: "JSON",
    ExportFormat.JSONL: "JSON, one object per line",
    ExportFormat.MARKDOWN: "Markdown",
}


@dataclass(frozen=True, slots=True)
class ExportChoice:
    """What the person chose. `may_replace`: the file was picked in a dialog that asked about replacing it."""

    path: Path
    format: ExportFormat = ExportFormat.CSV
    delimiter: str = ","
    has_header: bool = True
    all_rows: bool = True
    guards_formulas: bool = False
    may_replace: bool = False


class ExportDialog(QDialog):
    """`chosen(choice)` follows Export."""

    chosen = Signal(object)
    last_folder = Path.home()

    def __init__(
        self, result: ResultSet, settings: Settings, parent: QWidget | None = None, title: str = "result"
    ) -> None:
        """`title` is what the file is called unless the person says otherwise."""
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle("Export result")
        self.setMinimumWidth(520)
        self._picked = ""
        self.path = QLineEdit(str(ExportDialog.last_folder / f"{_file_name(title)}.csv"))
        self.path.setAccessibleName("File")
        self.format = _formats()
        self.format.currentIndexChanged.connect(lambda _: self._follow_format())
        self.delimiter = _delimiters(settings.text("results.csv_delimiter"))
        self.header = QCheckBox("First line with the column names")
        self.header.setChecked(True)
        self.guard = QCheckBox("Guard against spreadsheet formulas")
        self.guard.setToolTip("Puts an apostrophe before text that a spreadsheet would run; the file is then not exact")
        self.guard.setChecked(settings.is_on("results.csv_formula_guard"))
        self.all_rows = QRadioButton("All rows: the rest is fetched first")
        self.fetched_rows = QRadioButton(f"The {result.row_count:,} rows that were fetched")
        self.all_rows.setChecked(True)
        self._lay_out(result)
        self.path.selectAll()

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
        for widget in (self.delimiter, self.header, self.guard):
            widget.setEnabled(chosen is ExportFormat.CSV)

    def _browse(self) -> None:
        path, _ = QFileDialog.getSaveFileName(self, "Export result", self.path.text())
        if path:
            self._picked = path
            self.path.setText(path)

    def _lay_out(self, result: ResultSet) -> None:
        browse = QPushButton("Browse…")
        browse.setAutoDefault(False)
        browse.clicked.connect(self._browse)
        file_row = QHBoxLayout()
        file_row.addWidget(self.path, 1)
        file_row.addWidget(browse)
        form = QFormLayout()
        form.setSpacing(12)
        form.addRow("File", file_row)
        form.addRow("Format", self.format)
        form.addRow("Delimiter", self.delimiter)
        form.addRow("", self.header)
        form.addRow("", self.guard)
        self._add_rows_choice(form, result)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        export = buttons.addButton("Export", QDialogButtonBox.ButtonRole.AcceptRole)
        export.setDefault(True)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 24, 24, 16)
        layout.setSpacing(16)
        layout.addLayout(form)
        layout.addWidget(buttons)

    def _add_rows_choice(self, form: QFormLayout, result: ResultSet) -> None:
        """Which rows is a question only while there are more than were fetched."""
        if result.is_complete:
            return
        if result.is_open:
            form.addRow("Rows", self.all_rows)
            form.addRow("", self.fetched_rows)
        else:
            words = f"{result.row_count:,} fetched rows. To export all of them, run the statement again."
            form.addRow("Rows", plain_label(words, "warning", wrap=True))


def export_on(result: ResultSet, choice: ExportChoice) -> Callable[[Session, Task], int]:
    """An operation that writes `result` as `choice` says, and returns how many rows the file has."""

    def operation(_session: Session, task: Task) -> int:
        source = AllRows(result) if choice.all_rows and result.is_open else FetchedRows(result)
        options = ExportOptions(choice.delimiter, choice.has_header, choice.guards_formulas)
        return export_result(source, choice.path, choice.format, options, task, may_replace=choice.may_replace)

    return operation


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
