"""Writes a table or view of the schema tree to a file, with progress and Stop, while the tree can be used on."""

from collections.abc import Callable

from PySide6.QtCore import QObject

from keeperdb.engines.base import Node
from keeperdb.errors import KeeperDBError
from keeperdb.gui.cell_text import elide_middle, one_line
from keeperdb.gui.export_dialog import ExportChoice, ExportDialog, table_export_on
from keeperdb.gui.notices import show_error, show_notice
from keeperdb.gui.query_session import QuerySession
from keeperdb.gui.schema_tree import SchemaTree
from keeperdb.settings import Settings

_NAME_CHARACTERS = 24


class TableExport(QObject):
    """One export at a time, over a session of its own that ends with it."""

    def __init__(self, tree: SchemaTree, settings: Settings) -> None:
        super().__init__(tree)
        self._tree = tree
        self._settings = settings
        self._session: QuerySession | None = None
        tree.export_requested.connect(self.ask)

    @property
    def is_running(self) -> bool:
        return self._session is not None

    def ask(self, node: Node) -> None:
        """Ask where to, then write the rows of `node`."""
        if self.is_running:
            show_notice(self._tree, "Another table is being exported. Wait for it, or stop it.", "warning")
            return
        dialog = ExportDialog(None, self._settings, self._tree.window(), node.name)
        dialog.chosen.connect(lambda choice: self.start(node, choice))
        dialog.open()

    def start(self, node: Node, choice: ExportChoice) -> None:
        """Write the rows of `node` as `choice` says; Stop leaves no half file."""
        notices: list[str] = []
        session = self._session = self._tree.session.another(self)
        session.run(
            table_export_on(node.path, choice, notices),
            done=lambda rows: self._end(lambda: self._tell(choice, rows, notices)),
            failed=lambda error: self._end(lambda: self._refuse(error)),
            cancelled=lambda: self._end(lambda: None),
            progress=self._tree.progress_strip.update_progress,
        )
        name = elide_middle(one_line(node.name), _NAME_CHARACTERS)
        self._tree.progress_strip.begin(f"Exporting {name}", session.cancel)

    def close(self) -> None:
        """Stop what runs; the file that it would have replaced stays."""
        if self._session is not None:
            self._session.close()
            self._session = None

    def _end(self, then: Callable[[], None]) -> None:
        self._tree.progress_strip.hide()
        self.close()
        then()

    def _tell(self, choice: ExportChoice, rows: int, notices: list[str]) -> None:
        words = "1 row was" if rows == 1 else f"{rows:,} rows were"
        show_notice(self._tree, "\n".join([f"{words} written to {choice.path}", *notices]), "success")

    def _refuse(self, error: KeeperDBError) -> None:
        show_error(self._tree.window(), error)
