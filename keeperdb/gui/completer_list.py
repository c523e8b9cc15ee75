"""The list of proposals under the caret: its rows, and the popup that shows them without taking the focus."""

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter
from PySide6.QtWidgets import QFrame, QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QVBoxLayout, QWidget

from keeperdb.gui.cell_text import one_line
from keeperdb.gui.elided_label import ElidedLabel
from keeperdb.gui.fuzzy import Needle, spans
from keeperdb.gui.icons import icon
from keeperdb.gui.theme import font, mono_font
from keeperdb.gui.tokens import BODY, SMALL, color
from keeperdb.query.completion.propose import Proposal, ProposalKind
from keeperdb.query.snippets import expand

ROWS = 10  # that are seen at once
_ROW_HEIGHT = 24
_WIDTH = (300, 640)  # pixels, at least and at most
_ICON, _GAP, _SIDE = 16, 8, 8
_MOST = 160  # characters of a label
_MIDDLE = Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine
_NO_INDEX = QModelIndex()
_ICONS = {
    ProposalKind.JOIN: "link",
    ProposalKind.COLUMN: "column",
    ProposalKind.ALIAS: "alias",
    ProposalKind.TABLE: "table",
    ProposalKind.VIEW: "view",
    ProposalKind.SCHEMA: "schema",
    ProposalKind.CTE: "list",
    ProposalKind.STAR: "list",
    ProposalKind.FUNCTION: "function",
    ProposalKind.SNIPPET: "snippet",
    ProposalKind.KEYWORD: "keyword",
}

Index = QModelIndex | QPersistentModelIndex


class ProposalModel(QAbstractListModel):
    """The proposals, and what was typed of them."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.proposals: Sequence[Proposal] = ()
        self.typed = ""

    def show_proposals(self, proposals: Sequence[Proposal], typed: str) -> None:
        """Show these instead of those before."""
        self.beginResetModel()
        self.proposals, self.typed = proposals, typed
        self.endResetModel()

    def rowCount(self, parent: Index = _NO_INDEX) -> int:
        return 0 if parent.isValid() else len(self.proposals)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        proposal = self.proposals[index.row()]
        if role == Qt.ItemDataRole.UserRole:
            return proposal
        if role == Qt.ItemDataRole.DisplayRole:
            return one_line(proposal.label, _MOST)
        if role == Qt.ItemDataRole.AccessibleTextRole:
            parts = (one_line(proposal.label, _MOST), proposal.kind.value, one_line(proposal.detail))
            return ", ".join(part for part in parts if part)
        return None


class CompleterPopup(QFrame):
    """A window of its own that never has the focus; below the list a line about the proposal that is selected."""

    def __init__(self, owner: QWidget) -> None:
        super().__init__(owner, Qt.WindowType.ToolTip | Qt.WindowType.FramelessWindowHint)
        self.setAttribute(Qt.WidgetAttribute.WA_ShowWithoutActivating)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setProperty("role", "popup")
        self.setAccessibleName("Completion")
        self.model = ProposalModel(self)
        self.list = _List(self.model, self)
        self.about = ElidedLabel("About the proposal")
        self.about.setProperty("role", "muted")
        below = QVBoxLayout()
        below.setContentsMargins(_SIDE, 3, _SIDE, 4)
        below.addWidget(self.about)
        self._column = column = QVBoxLayout(self)
        column.setContentsMargins(1, 1, 1, 1)
        column.setSpacing(0)
        column.addWidget(self.list)
        column.addLayout(below)
        self.list.selectionModel().currentChanged.connect(self._tell)

    @property
    def current(self) -> Proposal | None:
        """The proposal that is selected."""
        row = self.list.currentIndex().row()
        return self.model.proposals[row] if 0 <= row < len(self.model.proposals) else None

    def show_proposals(
        self, proposals: Sequence[Proposal], typed: str, keep: Proposal | None = None, *, selects: bool = True
    ) -> None:
        """Show `proposals`; the first is selected if `selects`, or `keep` if it is among them."""
        self.model.show_proposals(proposals, typed)
        row = next((row for row, each in enumerate(proposals) if each == keep), 0 if selects else -1)
        if row >= 0:
            self.list.setCurrentIndex(self.model.index(row, 0))
        self._tell()

    def move_current(self, rows: int) -> None:
        """Move by some rows; one row up from the first is the last, and back."""
        count, row = self.model.rowCount(), self.list.currentIndex().row()
        if count:
            row = -1 if row < 0 < rows else max(row, 0)
            target = (row + rows) % count if abs(rows) == 1 else max(0, min(row + rows, count - 1))
            self.list.setCurrentIndex(self.model.index(target, 0))

    def place(self, caret: QRect) -> None:
        """Stand below `caret`, a place on the screen, or above it where there is no room."""
        rows = min(ROWS, self.model.rowCount())
        self.list.setFixedHeight(rows * _ROW_HEIGHT)
        self._column.invalidate()
        size = QSize(self.list.wanted_width(), self._column.sizeHint().height())
        screen = self.screen().availableGeometry()
        left = max(screen.left(), min(caret.left() - _ICON - _GAP - _SIDE, screen.right() - size.width()))
        top = caret.bottom() + 3
        if top + size.height() > screen.bottom():
            top = max(screen.top(), caret.top() - 3 - size.height())
        self.setGeometry(left, top, size.width(), size.height())

    def _tell(self) -> None:
        proposal = self.current
        self.about.setText("" if proposal is None else about(proposal))


def about(proposal: Proposal) -> str:
    """What is inserted, where the label does not say it, or what the proposal is."""
    written = expand(proposal.text).text if proposal.kind is ProposalKind.SNIPPET else proposal.text
    text = one_line(" ".join(written.split()))
    if proposal.kind is ProposalKind.FUNCTION:
        return f"{proposal.label}{proposal.detail}"
    if proposal.kind is ProposalKind.SNIPPET:
        return text
    words = [one_line(proposal.detail)] if proposal.detail else [proposal.kind.value.capitalize()]
    return " — ".join([*words, *([f"inserts {text}"] if text != proposal.label else [])])


class _List(QListView):
    """Shows the rows; the focus stays in the editor."""

    def __init__(self, model: ProposalModel, parent: QWidget) -> None:
        super().__init__(parent)
        self._metrics = QFontMetrics(mono_font(BODY)), QFontMetrics(font(SMALL))
        self.setModel(model)
        self._model = model
        self.setItemDelegate(_RowDelegate(self))
        self.setUniformItemSizes(True)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setMouseTracking(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setProperty("role", "pane")
        self.setAccessibleName("Proposals")
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)

    def wanted_width(self) -> int:
        """As wide as the widest of the first rows, within limits."""
        labels, details = self._metrics
        widest = 0
        for each in self._model.proposals[: 3 * ROWS]:
            detail = details.horizontalAdvance(one_line(each.detail, 40)) if each.detail else 0
            widest = max(widest, labels.horizontalAdvance(one_line(each.label, _MOST)) + detail)
        bar = self.verticalScrollBar().sizeHint().width()
        return max(_WIDTH[0], min(_WIDTH[1], widest + _ICON + 4 * _GAP + 2 * _SIDE + bar))


class _RowDelegate(QStyledItemDelegate):
    """Icon and label at the left, with the letters that were typed marked; the detail at the right."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(200, _ROW_HEIGHT)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        proposal = index.data(Qt.ItemDataRole.UserRole)
        is_selected = bool(option.state & QStyle.StateFlag.State_Selected)
        painter.save()
        if is_selected or option.state & QStyle.StateFlag.State_MouseOver:
            painter.fillRect(option.rect, color("select" if is_selected else "hover"))
        rect = QRect(option.rect).adjusted(_SIDE, 0, -_SIDE, 0)
        drawing = icon(_ICONS[proposal.kind], "text" if is_selected else "muted")
        drawing.paint(painter, QRect(rect.left(), rect.top(), _ICON, rect.height()))
        rect.setLeft(rect.left() + _ICON + _GAP)
        used = self._paint_label(painter, rect, str(index.data()), index.model().typed)  # type: ignore[attr-defined]
        rect.setLeft(rect.left() + used + 2 * _GAP)
        painter.setFont(font(SMALL))
        painter.setPen(color("text" if is_selected else "muted"))
        detail = one_line(proposal.detail)
        shown = painter.fontMetrics().elidedText(detail, Qt.TextElideMode.ElideMiddle, max(0, rect.width()))
        painter.drawText(rect, _MIDDLE | Qt.AlignmentFlag.AlignRight, shown)
        painter.restore()

    def _paint_label(self, painter: QPainter, rect: QRect, label: str, typed: str) -> int:
        """Returns the width in pixels."""
        painter.setFont(mono_font(BODY))
        metrics = painter.fontMetrics()
        shown = metrics.elidedText(label, Qt.TextElideMode.ElideMiddle, rect.width())
        lowered = label.lower()
        needle = Needle(typed)
        if typed and shown == label and len(lowered) == len(label) and needle.rank(lowered) is not None:
            for start, end in spans(needle.places(lowered)):
                left = metrics.horizontalAdvance(label[:start])
                width = metrics.horizontalAdvance(label[:end]) - left
                painter.fillRect(QRectF(rect.left() + left, rect.center().y() - 8, width, 17), color("match"))
        painter.setPen(color("text"))
        painter.drawText(rect, _MIDDLE, shown)
        return metrics.horizontalAdvance(shown)
