"""How wide a column of the grid is, by its name and some of its cells."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QFontMetrics

from keeperdb.gui.grid_header import ARROW_ROOM
from keeperdb.gui.grid_painter import PADDING
from keeperdb.gui.result_model import ResultModel

_SAMPLE_ROWS = 200
_MANY_COLUMNS = 100
_FEW_ROWS = 30  # that are looked at where there are many columns
_NARROWEST, _WIDEST = 5, 48  # characters


def width_of(model: ResultModel, column: int, metrics: QFontMetrics, first: int = 0) -> int:
    """Pixels for the name with its arrow, and for the cells of some rows from `first` on."""
    sample = _SAMPLE_ROWS if model.columnCount() <= _MANY_COLUMNS else _FEW_ROWS
    rows = range(first, min(model.rowCount(), first + sample))
    character = metrics.horizontalAdvance("0")
    longest = max((len(model.cell(row, column)[0]) for row in rows), default=0)
    name = len(str(model.headerData(column, Qt.Orientation.Horizontal)))
    characters = min(max(longest, name + 1, _NARROWEST), _WIDEST)
    with_arrow = min(name, _WIDEST) * character + ARROW_ROOM + 18
    return max(characters * character + 2 * PADDING + 2, with_arrow)
