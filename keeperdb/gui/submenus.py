"""Which actions of the menu bar stand in a menu of their own below another, so that none is longer than a screen."""

from keeperdb.gui.grid_menu import COLUMN, COPY_AS, FILTERS, SORTING

_PARTS: dict[str, tuple[str, ...]] = {
    "Find": ("editor.find", "editor.replace", "editor.find_next", "editor.find_previous"),
    "Lines": (
        "editor.comment",
        "editor.block_comment",
        "editor.indent",
        "editor.outdent",
        "editor.move_up",
        "editor.move_down",
        "editor.duplicate",
        "editor.delete_line",
        "editor.join_lines",
        "editor.upper_case",
        "editor.lower_case",
    ),
    "Carets": (
        "editor.next_occurrence",
        "editor.all_occurrences",
        "editor.caret_above",
        "editor.caret_below",
        "editor.go_to_line",
        "editor.go_to_bracket",
    ),
    "Folding": ("editor.fold", "editor.unfold", "editor.fold_all", "editor.unfold_all"),
    "Text": ("editor.zoom_in", "editor.zoom_out", "editor.zoom_reset", "editor.wrap", "editor.show_spaces"),
    "Copy as": ("grid.copy_as", *COPY_AS),
    "Filter and find": (*FILTERS, "grid.find", "grid.find_next", "grid.find_previous"),
    "Sort": SORTING,
    "Column": COLUMN,
    "Select": ("grid.select_all", "grid.select_column", "grid.select_row"),
    "Record view": ("record.copy", "record.previous", "record.next", "record.search", "record.back"),
    "Page": ("data.first_page", "data.previous_page", "data.next_page", "data.last_page"),
    "Set value": ("data.set_null", "data.set_default", "data.set_now", "data.set_uuid", "data.load_file"),
}
SUBMENUS: dict[str, str] = {name: title for title, names in _PARTS.items() for name in names if name}
