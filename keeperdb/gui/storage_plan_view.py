"""What a sync would do, as a list: in the vault, on this machine, and what a person should know."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QDialog, QHBoxLayout, QPushButton, QTreeWidgetItem, QVBoxLayout, QWidget

from keeperdb.gui.cell_text import one_line
from keeperdb.gui.connection_delegate import plain_tooltip
from keeperdb.gui.filtered_tree import FilteredTree
from keeperdb.gui.icons import icon
from keeperdb.gui.notices import plain_label
from keeperdb.gui.storage_words import KIND_ICONS, KIND_WORDS
from keeperdb.gui.words import count
from keeperdb.vault.storage_model import ChangeKind, DeletionQuestion, PlanLine, StoragePlan

_SIZE = (760, 520)
_ORDER = [ChangeKind.DELETE, ChangeKind.REMOVE, ChangeKind.NOTE, ChangeKind.WRITE, ChangeKind.SAVE]

_HINT = "What was deleted on one side can be brought back from the other. Until you decide, nothing is deleted."


class PlanView(QWidget):
    """Lines with what happens, where, and to what; a search over them. Deletions come first."""

    def __init__(self, lines: Sequence[PlanLine] = ()) -> None:
        super().__init__()
        self.tree = FilteredTree("Changes", ["Change", "Where", "What"], [110, 140], "change")
        self.search = self.tree.search
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        for widget in (self.search, self.tree, self.tree.nothing):
            layout.addWidget(widget)
        layout.setStretch(1, 1)
        self.show_lines(lines)

    def show_lines(self, lines: Sequence[PlanLine]) -> None:
        self.tree.show_items([_item(line) for line in sorted(lines, key=lambda line: _ORDER.index(line.kind))])


class PlanDialog(QDialog):
    """The preview of a sync, with the way to do it. Where it waits for an answer about deletions, with the answers.

    `accepted_all()` asks for the sync, with the deletions; `kept_all()` for what was deleted to be brought back.
    """

    accepted_all = Signal()
    kept_all = Signal()

    def __init__(self, plan: StoragePlan, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.resize(*_SIZE)
        question = plan.question
        self.setWindowTitle("Preview of the sync" if question is None else "Deletions to confirm")
        self.view = PlanView(plan.lines)
        self.close_button = QPushButton("Close" if question is None else "Decide later")
        self.keep = QPushButton("Bring them back" if question is None else f"Bring back {_amount(question)}")
        self.go = QPushButton("Sync now" if question is None else f"Delete {_amount(question)}")
        self.keep.setVisible(question is not None)
        self.go.setVisible(not plan.is_empty)
        self._lay_out(plan)
        self.close_button.clicked.connect(self.reject)
        self.keep.clicked.connect(self.accept)
        self.keep.clicked.connect(self.kept_all)
        self.go.clicked.connect(self.accept)
        self.go.clicked.connect(self.accepted_all)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and self.view.search.text():
            self.view.search.clear()
        else:
            super().keyPressEvent(event)

    def _lay_out(self, plan: StoragePlan) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 24, 24, 16)
        column.setSpacing(12)
        column.addWidget(plain_label(_title(plan), "title", wrap=True, selectable=True))
        if plan.question is not None:
            column.addWidget(plain_label(_HINT, wrap=True, selectable=True))
        if plan.lines:
            column.addWidget(self.view, 1)
        else:
            self.resize(440, 160)
        column.addLayout(self._buttons(plan))

    def _buttons(self, plan: StoragePlan) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(8)
        if plan.question is not None:
            self.go.setProperty("role", "danger")
            row.addWidget(self.go)
        row.addStretch()
        row.addWidget(self.close_button)
        row.addWidget(self.keep if plan.question is not None else self.go)
        for button in (self.go, self.keep, self.close_button):
            button.setAutoDefault(False)
        is_harmless = plan.question is None and not plan.is_empty
        default = self.go if is_harmless else self.close_button
        default.setProperty("role", "primary")
        default.setDefault(True)
        default.setFocus()
        return row


def _amount(question: DeletionQuestion) -> str:
    return count(len(question.in_vault) + len(question.here), "connection")


def _title(plan: StoragePlan) -> str:
    if plan.question is not None:
        return plan.question.text
    if plan.is_empty:
        return "Everything is up to date." if not plan.lines else "The sync would change nothing."
    changes = sum(line.kind is not ChangeKind.NOTE for line in plan.lines)
    return f"The sync would make {count(changes, 'change')}."


def _item(line: PlanLine) -> QTreeWidgetItem:
    where, what = KIND_WORDS[line.kind]
    item = QTreeWidgetItem([what, where, one_line(line.text)])
    item.setIcon(0, icon(*KIND_ICONS[line.kind]))
    item.setToolTip(2, plain_tooltip(line.text))
    return item
