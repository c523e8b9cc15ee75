"""The actions of a grid: which slot each entry of the action table has, and when it cannot act."""

from collections.abc import Callable, Mapping
from functools import partial

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QAction, QGuiApplication
from PySide6.QtWidgets import QMenu

from keeperdb.gui.actions import make_action
from keeperdb.gui.copy_cells import CopyFormat
from keeperdb.gui.grid import Grid
from keeperdb.gui.grid_menu import fill_copy_menu
from keeperdb.gui.masked_columns import toggle_mask

Slot = Callable[[], object]

_COPIES = {
    "grid.copy": CopyFormat.TSV,
    "grid.copy_tsv_headers": CopyFormat.TSV_HEADERS,
    "grid.copy_csv": CopyFormat.CSV,
    "grid.copy_csv_rows": CopyFormat.CSV_ROWS,
    "grid.copy_json": CopyFormat.JSON,
    "grid.copy_jsonl": CopyFormat.JSONL,
    "grid.copy_markdown": CopyFormat.MARKDOWN,
    "grid.copy_html": CopyFormat.HTML,
    "grid.copy_insert": CopyFormat.INSERT,
    "grid.copy_update": CopyFormat.UPDATE,
    "grid.copy_values": CopyFormat.VALUES,
    "grid.copy_in": CopyFormat.IN_LIST,
    "grid.copy_python": CopyFormat.PYTHON,
    "grid.copy_template": CopyFormat.TEMPLATE,
}


class GridActions(QObject):
    """Makes them on `grid`; `copy(form)` copies, `slots` are those that need more than the grid."""

    def __init__(self, grid: Grid, copy: Callable[[CopyFormat], None], slots: Mapping[str, Slot]) -> None:
        super().__init__(grid)
        self._grid = grid
        self._actions: dict[str, QAction] = {}
        for name, form in _COPIES.items():
            self._add(name, partial(copy, form))
        for name, act in {**self._own(), **slots}.items():
            self._add(name, act)

    def __getitem__(self, name: str) -> QAction:
        return self._actions[name]

    def _add(self, name: str, act: Slot) -> None:
        context = Qt.ShortcutContext.WidgetShortcut
        self._actions[name] = make_action(name, self._grid, act, context=context)

    def _own(self) -> dict[str, Slot]:
        grid = self._grid
        columns = grid.columns
        return {
            "grid.copy_as": self._open_copy_menu,
            "grid.copy_name": self._copy_name,
            "grid.go_to_row": grid.ask_row,
            "grid.show_value": grid.show_value,
            "grid.select_all": grid.selectAll,
            "grid.select_column": lambda: self._on_column(grid.selectColumn),
            "grid.select_row": grid.select_rows,
            "grid.pin": lambda: self._on_column(columns.toggle_pin),
            "grid.unpin_all": columns.unpin_all,
            "grid.hide": lambda: self._on_column(columns.hide),
            "grid.show_all": columns.show_all,
            "grid.mask": self._mask,
            "grid.move_left": lambda: self._on_column(lambda column: columns.move(column, -1)),
            "grid.move_right": lambda: self._on_column(lambda column: columns.move(column, 1)),
            "grid.fit": lambda: self._on_column(grid.fit_column),
            "grid.reset_columns": self._reset_columns,
            "grid.sort": lambda: self._on_column(lambda column: grid.sort_requested.emit(column, False)),
            "grid.sort_add": lambda: self._on_column(lambda column: grid.sort_requested.emit(column, True)),
        }

    def _on_column(self, act: Callable[[int], object]) -> None:
        column = self._grid.target_column
        if column >= 0:
            act(column)

    def _mask(self) -> None:
        self._on_column(lambda column: toggle_mask(self._grid, self._grid.column_name(column)))

    def _reset_columns(self) -> None:
        self._grid.columns.reset()
        self._grid.choose_widths()

    def _copy_name(self) -> None:
        def copy(column: int) -> None:
            QGuiApplication.clipboard().setText(self._grid.column_name(column))

        self._on_column(copy)

    def _open_copy_menu(self) -> None:
        grid = self._grid
        menu = QMenu(grid)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        fill_copy_menu(menu, grid)
        place = grid.visualRect(grid.currentIndex()).bottomLeft()
        menu.popup(grid.viewport().mapToGlobal(place))
