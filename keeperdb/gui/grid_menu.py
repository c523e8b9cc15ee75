"""The menus of a cell and of a column's head: which actions of the grid stand there, in which order."""

from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QWidget

COPY_AS = (
    "grid.copy_tsv_headers",
    "grid.copy_csv",
    "grid.copy_csv_rows",
    "grid.copy_json",
    "grid.copy_jsonl",
    "grid.copy_markdown",
    "grid.copy_html",
    "",
    "grid.copy_insert",
    "grid.copy_update",
    "grid.copy_values",
    "grid.copy_in",
    "",
    "grid.copy_python",
    "grid.copy_template",
)
FILTERS = (
    "grid.filter_value",
    "grid.exclude_value",
    "grid.filter_values",
    "grid.filter_column",
    "grid.condition",
)
SORTING = ("grid.sort", "grid.sort_descending", "grid.sort_add", "grid.sort_none")
COLUMN = (
    "grid.pin",
    "grid.unpin_all",
    "grid.hide",
    "grid.show_all",
    "grid.mask",
    "",
    "grid.move_left",
    "grid.move_right",
    "grid.fit",
    "grid.reset_columns",
    "",
    "grid.copy_name",
    "grid.columns",
)
_KEYS = ("grid.follow_key", "grid.referring")
_LOOKING = ("grid.show_value", "grid.value_panel", "grid.record", "grid.find", "grid.go_to_row")
_SELECTING = ("grid.select_all", "grid.select_column", "grid.select_row")


def fill_cell_menu(menu: QMenu, grid: QWidget) -> None:
    """What can be done with the selected cells. An action that the grid does not have is left out."""
    actions = {action.objectName(): action for action in grid.actions()}
    _add(menu, actions, ("grid.copy", "grid.copy_tsv_headers"))
    _add_submenu(menu, "Copy as", actions, COPY_AS)
    menu.addSeparator()
    _add(menu, actions, FILTERS)
    _add_submenu(menu, "Sort", actions, SORTING)
    _add_submenu(menu, "Column", actions, COLUMN)
    for section in (_KEYS, _LOOKING, _SELECTING):
        menu.addSeparator()
        _add(menu, actions, section)
    named = {*COPY_AS, *FILTERS, *SORTING, *COLUMN, *_KEYS, *_LOOKING, *_SELECTING, "grid.copy", *_HIDDEN}
    others = [action for name, action in actions.items() if name.startswith("grid.") and name not in named]
    if others:
        menu.addSeparator()
        menu.addActions(others)


_HIDDEN = ("grid.find_next", "grid.find_previous", "grid.copy_as")  # keys only: they belong to what is open


def fill_column_menu(menu: QMenu, grid: QWidget) -> None:
    """What can be done with a column."""
    actions = {action.objectName(): action for action in grid.actions()}
    _add(menu, actions, SORTING)
    menu.addSeparator()
    _add(menu, actions, ("grid.filter_values", "grid.filter_column"))
    menu.addSeparator()
    _add(menu, actions, COLUMN)
    menu.addSeparator()
    _add(menu, actions, ("grid.select_column",))


def fill_copy_menu(menu: QMenu, grid: QWidget) -> None:
    """The forms in which cells can be copied."""
    _add(menu, {action.objectName(): action for action in grid.actions()}, COPY_AS)


def _add_submenu(menu: QMenu, title: str, actions: dict[str, QAction], names: tuple[str, ...]) -> None:
    if any(name in actions for name in names):
        submenu = menu.addMenu(title)
        submenu.setToolTipsVisible(True)
        _add(submenu, actions, names)


def _add(menu: QMenu, actions: dict[str, QAction], names: tuple[str, ...]) -> None:
    for name in names:
        if not name:
            menu.addSeparator()
        elif name in actions:
            menu.addAction(actions[name])
