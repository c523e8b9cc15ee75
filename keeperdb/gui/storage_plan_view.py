"""What a sync would do, as a list: in the vault, on this machine, and what a person should know."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt
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
    """The preview of a sync, with the way to do it; where it waits for an answer, the answers. `act` is the sync."""

    def __init__(self, plan: StoragePlan, parent: QWidget | None, act: Callable[[], object]) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.resize(*_SIZE)
        self._act = act
        question = plan.question
        self.setWindowTitle("Preview of the sync" if question is None else "Deletions to confirm")
        self.view = PlanView(plan.lines)
        self.go = QPushButton("Sync now" if question is None else _deletion_button(question))
        self.keep = QPushButton("Close" if question is None else "Delete nothing")
        self._lay_out(plan)
        self.go.clicked.connect(self._go)
        self.keep.clicked.connect(self.reject)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and self.view.search.text():
            self.view.search.clear()
        else:
            super().keyPressEvent(event)

    def _go(self) -> None:
        self.accept()
        self._act()

    def _lay_out(self, plan: StoragePlan) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 24, 24, 16)
        column.setSpacing(12)
        column.addWidget(plain_label(_title(plan), "title", wrap=True, selectable=True))
        if plan.question is not None:
            hint = "Where this is not what was meant, keep them, and look at what happened to the vault's folder first."
            column.addWidget(plain_label(hint, wrap=True, selectable=True))
        if plan.lines:
            column.addWidget(self.view, 1)
        else:
            self.resize(440, 160)
        column.addLayout(self._buttons(plan))

    def _buttons(self, plan: StoragePlan) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addStretch()
        row.addWidget(self.keep)
        row.addWidget(self.go)
        self.go.setVisible(not plan.is_empty)
        is_safe = plan.question is None and not plan.is_empty
        self.go.setAutoDefault(False)
        if not is_safe and plan.question is not None:
            self.go.setProperty("role", "danger")
        default = self.go if is_safe else self.keep
        default.setDefault(True)
        default.setFocus()
        return row


def _deletion_button(question: DeletionQuestion) -> str:
    return f"Delete {count(len(question.in_vault) + len(question.here), 'connection')}"


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
