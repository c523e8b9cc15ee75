"""What a result may use of the window it is in; each part may be missing, and what needs it is left out then."""

from dataclasses import dataclass

from keeperdb.engines.base import Engine
from keeperdb.gui.column_layouts import ColumnLayouts
from keeperdb.gui.query_session import QuerySession
from keeperdb.gui.window_places import WindowPlaces


@dataclass(slots=True)
class ResultContext:
    """`catalog` is a session that may be asked about tables without harm to open results."""

    engine: Engine | None = None
    layouts: ColumnLayouts | None = None
    catalog: QuerySession | None = None
    places: WindowPlaces | None = None
