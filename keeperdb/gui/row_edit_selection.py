"""The selected cells and rows of a grid, one by one."""

from keeperdb.gui.grid import Grid
from keeperdb.gui.notices import show_notice

Cells = list[tuple[int, int]]

_MOST_CELLS = 200_000  # that are changed at once


class SelectedCells:
    """What is selected in `grid` now."""

    def __init__(self, grid: Grid) -> None:
        self._grid = grid

    def cells(self) -> Cells:
        """Each selected cell once; none, with a notice, if they are too many."""
        selection = self._grid.selected_cells()
        found: Cells = []
        for top, left, bottom, right in selection.ranges:
            columns = [column for column in selection.columns if left <= column <= right]
            if (bottom - top + 1) * len(columns) + len(found) > _MOST_CELLS:
                show_notice(self._grid, f"More than {_MOST_CELLS:,} cells are too many at once.", "error", seconds=8)
                return []
            found += [(row, column) for row in range(top, bottom + 1) for column in columns]
        return list(dict.fromkeys(found))

    def rows(self) -> list[int]:
        """The places of the rows that have a selected cell, in order."""
        rows: dict[int, None] = {}
        for top, _, bottom, _ in self._grid.selected_cells().ranges:
            rows.update(dict.fromkeys(range(top, bottom + 1)))
        return sorted(rows)
