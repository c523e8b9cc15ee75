"""Asks where a result goes and how it is written as CSV."""

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

from keeperdb.errors import ExportError
from keeperdb.gui.notices import plain_label
from keeperdb.gui.script_run import fetch_on
from keeperdb.query.results import ResultSet
from keeperdb.query.session import Session
from keeperdb.settings import Settings, find_setting
from keeperdb.task import Task


@dataclass(frozen=True, slots=True)
class ExportChoice:
    """What the person chose. `may_replace`: the file was picked in a dialog that asked about replacing it."""

    path: Path
    delimiter: str = ","
    has_header: bool = True
    all_rows: bool = True
    guards_formulas: bool = False
    may_replace: bool = False


class ExportDialog(QDialog):
    """`chosen(choice)` follows Export."""

    chosen = Signal(object)
    last_folder = Path.home()

    def __init__(self, result: ResultSet, settings: Settings, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle("Export result")
        self.setMinimumWidth(520)
        self._picked = ""
        self.path = QLineEdit(str(ExportDialog.last_folder / "result.csv"))
        self.path.setAccessibleName("File")
        self.delimiter = _delimiters(settings.text("results.csv_delimiter"))
        self.header = QCheckBox("First line with the column names")
        self.header.setChecked(True)
        self.guard = QCheckBox("Guard against spreadsheet formulas (the file is then no longer exact)")
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
            Path(path).expanduser(),
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

    def _browse(self) -> None:
        path, _ = QFileDialog.getSaveFileName(self, "Export result", self.path.text(), "CSV (*.csv);;All files (*)")
        if path:
            self._picked = path
            self.path.setText(path)

    def _lay_out(self, result: ResultSet) -> None:
        browse = QPushButton("Browse…")
        browse.clicked.connect(self._browse)
        file_row = QHBoxLayout()
        file_row.addWidget(self.path, 1)
        file_row.addWidget(browse)
        form = QFormLayout()
        form.setSpacing(12)
        form.addRow("File", file_row)
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

    def operation(session: Session, task: Task) -> int:
        if choice.path.exists() and not choice.may_replace:
            raise ExportError(f"{choice.path} exists already.", "Choose another name, or pick the file with Browse.")
        if choice.all_rows and result.is_open:
            fetch_on(result, None, lambda: False)(session, task)
        return write_csv(result, choice, task)

    return operation


def _delimiters(current: str) -> QComboBox:
    box = QComboBox()
    box.setAccessibleName("Delimiter")
    for value, words in find_setting("results.csv_delimiter").choices:
        box.addItem(words, value)
    box.setCurrentIndex(max(0, box.findData(current)))
    return box


def write_csv(result: ResultSet, choice: ExportChoice, task: Task) -> int:
    import csv

    part = choice.path.with_name(choice.path.name + ".part")
    try:
        with part.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, delimiter=choice.delimiter)
            columns = result.columns or ()
            if choice.has_header:
                writer.writerow([column.name for column in columns])
            for row in range(result.row_count):
                if row % 1000 == 0:
                    task.report(row, result.row_count, "Exporting")
                writer.writerow([result.text(row, column) for column in range(len(columns))])
        part.replace(choice.path)
    except OSError as error:
        raise ExportError(f"{choice.path} could not be written: {error.strerror}.", "Choose another place.") from error
    finally:
        part.unlink(missing_ok=True)
    return result.row_count
