"""The list of connections as a view: headings are passed over, Enter opens, the current row survives changes."""

from PySide6.QtCore import QModelIndex, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QAbstractItemView, QListView, QWidget

from keeperdb.connections.profile import ConnectionProfile
from keeperdb.gui.connection_delegate import ConnectionDelegate
from keeperdb.gui.connection_list import ConnectionListModel

_ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)


class ConnectionView(QListView):
    """Shows a `ConnectionListModel`. `opened(profile, with Ctrl)` follows Enter and a double click."""

    opened = Signal(object, bool)
    current_changed = Signal(object)

    def __init__(self, model: ConnectionListModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self._kept = ""
        self.setAccessibleName("Connections")
        self.setModel(model)
        self.setItemDelegate(ConnectionDelegate(self))
        self.setMouseTracking(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.verticalScrollBar().setSingleStep(26)
        model.modelAboutToBeReset.connect(self._keep_current)
        model.modelReset.connect(self._restore_current)

    @property
    def current_profile(self) -> ConnectionProfile | None:
        return self._model.profile_at(self.currentIndex().row())

    def select_profile(self, profile_id: str) -> bool:
        """Make a connection the current row; say whether it is shown."""
        row = self._model.row_of(profile_id)
        if row >= 0:
            self._go_to(row)
        return row >= 0

    def select_first(self) -> None:
        self._go_to(self._next_entry(0, 1))

    def move_current(self, rows: int) -> None:
        """Go up or down by connections."""
        step = 1 if rows > 0 else -1
        row = self.currentIndex().row()
        for _ in range(abs(rows)):
            following = self._next_entry(row + step, step)
            if following < 0:
                break
            row = following
        self._go_to(row)

    def set_density(self, density: str) -> None:
        delegate = self.itemDelegate()
        if isinstance(delegate, ConnectionDelegate):
            delegate.set_density(density)
            self.scheduleDelayedItemsLayout()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = event.key()
        moves = {
            Qt.Key.Key_Down: 1,
            Qt.Key.Key_Up: -1,
            Qt.Key.Key_PageDown: self._page(),
            Qt.Key.Key_PageUp: -self._page(),
            Qt.Key.Key_Home: -self._model.rowCount(),
            Qt.Key.Key_End: self._model.rowCount(),
        }
        if key in moves and not event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier:
            self.move_current(moves[Qt.Key(key)])
        elif key in _ENTER and (profile := self.current_profile) is not None:
            self.opened.emit(profile, bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier))
        else:
            event.ignore()  # the window searches for what is typed

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        profile = self._model.profile_at(self.indexAt(event.position().toPoint()).row())
        if profile is not None and event.button() == Qt.MouseButton.LeftButton:
            self.opened.emit(profile, bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier))

    def currentChanged(self, current: QModelIndex, previous: QModelIndex) -> None:  # type: ignore[override]
        super().currentChanged(current, previous)
        self.current_changed.emit(self._model.profile_at(current.row()))

    def _page(self) -> int:
        return max(1, self.viewport().height() // 60)

    def _next_entry(self, row: int, step: int) -> int:
        while 0 <= row < self._model.rowCount():
            if self._model.profile_at(row) is not None:
                return row
            row += step
        return -1

    def _go_to(self, row: int) -> None:
        if row < 0:
            return
        if self._next_entry(0, 1) == row:
            self.scrollToTop()
        self.setCurrentIndex(self._model.index(row))

    def _keep_current(self) -> None:
        profile = self.current_profile
        self._kept = profile.id if profile else self._kept

    def _restore_current(self) -> None:
        if not self.select_profile(self._kept):
            self.select_first()
