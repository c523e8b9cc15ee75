"""A tab as the journal keeps it, and back: taken on the UI thread in no time, made whole in the background."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from PySide6.QtGui import QTextCursor

from keeperdb.connections.profile import ConnectionProfile
from keeperdb.data.staged import StagedChanges
from keeperdb.data.table_state import TableState
from keeperdb.errors import StoreError
from keeperdb.gui.parameters_dialog import Given
from keeperdb.gui.query_tab import QueryTab
from keeperdb.gui.table_tab import TableTab
from keeperdb.query.parameters import ParameterKind
from keeperdb.workspace.journal import TabHead, TabState

TABLE = "table"
_ROUND = 1_000_000  # characters; a start needs to know only which tabs are huge


@dataclass(frozen=True, slots=True)
class TabSnapshot:
    """A tab at one moment. `staged` are changes of results, which belong to no tab with a table."""

    state: TabState
    table: TableState | None = None
    staged: tuple[StagedChanges, ...] = ()

    def is_same(self, other: "TabSnapshot | None") -> bool:
        """Whether nothing changed in between; quick however much is staged."""
        if other is None or self.state != other.state or len(self.staged) != len(other.staged):
            return False
        is_same = all(one.holds_same(two) for one, two in zip(self.staged, other.staged, strict=True))
        return is_same and _is_same_table(self.table, other.table)

    def complete(self) -> TabState:
        """With everything in the form that JSON can hold; may take a while."""
        extra: dict[str, Any] = {}
        if self.table is not None:
            extra["table"] = self.table.to_json()
        if self.staged:
            extra["staged"] = [each.to_json() for each in self.staged]
        return replace(self.state, extra=extra)


def is_worth_keeping(tab: QueryTab) -> bool:
    """Whether there is anything in a tab."""
    if isinstance(tab, TableTab) or tab.file_path or tab.staged_count or tab.editor.is_loading:
        return True
    return tab.editor.document().characterCount() > 1


def head_of(tab: QueryTab) -> TabHead:
    """What a start needs to know of a tab; the size is rounded, so that it does not change with each key."""
    size = tab.editor.document().characterCount()
    return TabHead(tab.journal_id, tab.title, size // _ROUND * _ROUND)


def snapshot(tab: QueryTab, profile: ConnectionProfile) -> TabSnapshot:
    """A tab as it is now; its text is shared with the editor and not copied."""
    base = TabState(tab.journal_id, profile.id, profile.name, title=tab.title)
    if isinstance(tab, TableTab):
        table = tab.state()
        staged = table.staged.snapshot() if table.staged is not None else None
        return TabSnapshot(replace(base, kind=TABLE), replace(table, staged=staged))
    caret, anchor = _carets(tab)
    state = replace(
        base,
        text=tab.editor.script(),
        file=tab.file_path,
        is_modified=tab.editor.document().isModified(),
        caret=caret,
        anchor=anchor,
        parameters={name: {"kind": given.kind.value, "text": given.text} for name, given in tab.given.items()},
    )
    staged_now = tuple(changes.snapshot() for changes in tab.result_editing.staged())
    return TabSnapshot(state, staged=staged_now)


def fill(tab: QueryTab, state: TabState) -> None:
    """Put what was kept into a new tab; nothing is run and nothing connected to."""
    tab.journal_id, tab.title = state.id, state.title
    tab.given = _given(state.parameters)
    if state.file:
        tab.set_file(state.file, is_same=False)
    tab.editor.setPlainText(state.text)
    if tab.editor.is_loading:
        tab.editor.loaded.connect(lambda: _place(tab, state))
    else:
        _place(tab, state)
    tab.changed.emit()


def table_of(state: TabState) -> TableState:
    """Raises `StoreError` for a tab that is no table's."""
    kept = state.extra.get("table")
    if not isinstance(kept, dict):
        raise StoreError("The table that was open cannot be read from what was kept.")
    return TableState.from_json(kept)


def staged_of(state: TabState) -> list[StagedChanges]:
    """What was staged in the results of a tab. Raises `StoreError`."""
    kept = state.extra.get("staged", [])
    return [StagedChanges.from_json(each) for each in kept] if isinstance(kept, list) else []


def _is_same_table(one: TableState | None, other: TableState | None) -> bool:
    if one is None or other is None:
        return one is other
    if one.staged is None or other.staged is None:
        return one == other
    return replace(one, staged=None) == replace(other, staged=None) and one.staged.holds_same(other.staged)


def _carets(tab: QueryTab) -> tuple[int, int]:
    if tab.editor.is_loading:
        return 0, 0
    cursor, positions = tab.editor.textCursor(), tab.editor.positions()
    return positions.to_characters(cursor.position()), positions.to_characters(cursor.anchor())


def _place(tab: QueryTab, state: TabState) -> None:
    editor, positions = tab.editor, tab.editor.positions()
    last = editor.document().characterCount() - 1
    cursor = QTextCursor(editor.document())
    cursor.setPosition(min(positions.to_units(state.anchor), last))
    cursor.setPosition(min(positions.to_units(state.caret), last), QTextCursor.MoveMode.KeepAnchor)
    editor.setTextCursor(cursor)
    editor.document().setModified(state.is_modified)


def _given(parameters: Mapping[str, Mapping[str, str]]) -> dict[str, Given]:
    kinds = {kind.value: kind for kind in ParameterKind}
    return {
        name: Given(kinds.get(kept.get("kind", ""), ParameterKind.TEXT), kept.get("text", ""))
        for name, kept in parameters.items()
    }
