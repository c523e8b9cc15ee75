"""The page Shortcuts of the settings: every action with its keys, which can be changed, and the presets."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QHBoxLayout,
    QHeaderView,
    QPushButton,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from keeperdb.gui.notices import plain_label
from keeperdb.gui.question import ask
from keeperdb.gui.search_field import SearchField
from keeperdb.gui.shortcut_dialog import ShortcutDialog
from keeperdb.gui.shortcut_presets import PRESETS
from keeperdb.gui.shortcuts import Shortcuts
from keeperdb.gui.shortcuts_model import ShortcutsModel

_WIDTHS = (240, 180, 120)
_HEIGHT = 380


class ShortcutsPage(QWidget):
    """Changes act at once, in every window."""

    def __init__(self, shortcuts: Shortcuts, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._shortcuts = shortcuts
        self.model = ShortcutsModel(shortcuts, self)
        self.preset = _preset_box()
        self.search = SearchField("Search actions and keys")
        self.table = self._make_table()
        self.said = plain_label("", "muted", wrap=True)
        self.said.setMinimumHeight(2 * self.said.fontMetrics().lineSpacing())
        self.change = QPushButton("Change keys…")
        self.reset = QPushButton("Reset")
        self.reset_all = QPushButton("Reset all")
        self._lay_out()
        self._connect()
        self.table.selectRow(0)
        self._show()

    def _connect(self) -> None:
        self.search.textChanged.connect(self._search)
        self.search.moved.connect(self._move)
        self.search.entered.connect(lambda _: self._change())
        self.table.activated.connect(self._change)
        self.table.selectionModel().currentRowChanged.connect(self._show)
        self.change.clicked.connect(self._change)
        self.reset.clicked.connect(self._reset)
        self.reset_all.clicked.connect(lambda: self._shortcuts.choose_preset(self._shortcuts.choice.preset))
        self.preset.activated.connect(lambda row: self._choose(self.preset.itemData(row)))
        self._shortcuts.changed.connect(self._show)

    def _show(self) -> None:
        spec = self.model.spec(self.table.currentIndex().row())
        changed = self._shortcuts.choice.changed
        self.preset.setCurrentIndex(self.preset.findData(self._shortcuts.choice.preset))
        self.change.setEnabled(spec is not None)
        self.reset.setEnabled(spec is not None and self._shortcuts.is_changed(spec.id))
        self.reset_all.setEnabled(bool(changed))
        if spec is None:
            self.said.setText("No action matches.")
        elif rivals := self.model.rivals(spec):
            self.said.setText(f"{spec.tip}. Its keys belong to {', '.join(rivals)} too: neither acts. Change one.")
        else:
            self.said.setText(f"{spec.tip}.")

    def _change(self) -> None:
        spec = self.model.spec(self.table.currentIndex().row())
        if spec is not None:
            dialog = ShortcutDialog(self._shortcuts, spec, self.window())
            dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
            dialog.open()

    def _reset(self) -> None:
        spec = self.model.spec(self.table.currentIndex().row())
        if spec is not None:
            self._shortcuts.reset(spec.id)

    def _choose(self, name: str) -> None:
        """Take a preset; own keys go with it, so they are asked about."""
        changed = len(self._shortcuts.choice.changed)
        if name == self._shortcuts.choice.preset:
            return
        if not changed:
            self._shortcuts.choose_preset(name)
            return
        words = (
            "The keys of 1 action that you changed"
            if changed == 1
            else f"The keys of {changed} actions that you changed"
        )
        ask(
            self.window(),
            f"Use the keys of {PRESETS[name].title}?",
            f"{words} are replaced too.",
            [("Replace keys", lambda: self._shortcuts.choose_preset(name))],
            keep="Keep",
            otherwise=self._show,
        )

    def _search(self, text: str) -> None:
        self.model.search(text)
        self.table.selectRow(0)
        self._show()

    def _move(self, rows: int) -> None:
        row = self.table.currentIndex().row() + rows
        self.table.selectRow(max(0, min(row, self.model.rowCount() - 1)))

    def _make_table(self) -> QTableView:
        table = QTableView()
        table.setModel(self.model)
        table.setAccessibleName("Actions and their keys")
        table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        table.setShowGrid(False)
        table.setTabKeyNavigation(False)
        table.setMinimumHeight(_HEIGHT)
        table.verticalHeader().hide()
        table.verticalHeader().setDefaultSectionSize(28)
        table.horizontalHeader().setHighlightSections(False)
        table.horizontalHeader().setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        table.horizontalHeader().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        for column, width in enumerate(_WIDTHS):
            table.setColumnWidth(column, width)
        return table

    def _lay_out(self) -> None:
        label = plain_label("Keys as in")
        label.setBuddy(self.preset)
        top = QHBoxLayout()
        top.setSpacing(8)
        top.addWidget(self.search, 1)
        top.addWidget(label)
        top.addWidget(self.preset)
        bottom = QHBoxLayout()
        bottom.setSpacing(8)
        for button in (self.change, self.reset):
            bottom.addWidget(button)
        bottom.addStretch()
        bottom.addWidget(self.reset_all)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addLayout(top)
        column.addWidget(self.table, 1)
        column.addWidget(self.said)
        column.addLayout(bottom)


def _preset_box() -> QComboBox:
    box = QComboBox()
    for preset in PRESETS.values():
        box.addItem(preset.title, preset.name)
    box.setAccessibleName("Keys as in")
    box.setToolTip("The keys of a client that you know")
    return box
