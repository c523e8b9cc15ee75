"""Changes of one table's rows that are not written yet: staged, undone, put back, kept as JSON."""

import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from keeperdb.data.edit_cells import Cell, NewValue, cell_from_json, cell_to_json, new_from_json, new_to_json
from keeperdb.errors import StoreError

_VERSION = 1
_MOST_STEPS = 1_000  # that can be undone
_numbers = itertools.count(1)

RowKey = tuple[Cell, ...]  # values of the key's columns, as they are in the database
RowRef = RowKey | int  # an inserted row has a number of its own


class RowState(StrEnum):
    SAME = "same"
    MODIFIED = "modified"
    INSERTED = "inserted"
    DELETED = "deleted"


@dataclass(frozen=True, slots=True)
class StoredRow:
    """A row as it was read: its key, and its values by column name, which it is compared with when it is written."""

    key: RowKey
    values: Mapping[str, Cell]


@dataclass(frozen=True, slots=True)
class RowChange:
    """`row` is None for a row that is inserted; `values` are what its cells are to hold, by column name."""

    state: RowState
    row: StoredRow | None
    values: Mapping[str, NewValue] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Content:
    """Everything that is staged at one moment, in the order in which each row was first changed."""

    changes: Mapping[RowRef, RowChange] = field(default_factory=lambda: MappingProxyType({}))
    next_number: int = 1


@dataclass(frozen=True, slots=True)
class _Step:
    """`number` orders the steps of all tables, so that those of a join are undone in the order they were taken."""

    words: str
    before: _Content
    number: int


class StagedChanges:
    """What is staged for the rows of one table; keyed by row, so that sorting, filtering and fetching do not matter.

    Not safe to use from several threads: the window's alone, or a copy from `to_json`.
    """

    def __init__(self, path: Sequence[str], key_columns: Sequence[str]) -> None:
        self.path = tuple(path)
        self.key_columns = tuple(key_columns)
        self._content = _Content()
        self._undo: list[_Step] = []
        self._redo: list[_Step] = []
        self.on_change: Callable[[], None] | None = None

    def __len__(self) -> int:
        """How many rows are changed."""
        return len(self._content.changes)

    @property
    def changes(self) -> Mapping[RowRef, RowChange]:
        return self._content.changes

    @property
    def inserted(self) -> list[int]:
        """The numbers of the rows that are inserted, in order."""
        return [ref for ref in self._content.changes if isinstance(ref, int)]

    @property
    def undo_words(self) -> str:
        """What `undo` would take back; empty if there is nothing."""
        return self._undo[-1].words if self._undo else ""

    @property
    def redo_words(self) -> str:
        return self._redo[-1].words if self._redo else ""

    @property
    def undo_number(self) -> int:
        """Which of all steps, of whatever table, `undo` would take back; 0 if there is none."""
        return self._undo[-1].number if self._undo else 0

    @property
    def redo_number(self) -> int:
        return self._redo[-1].number if self._redo else 0

    def counts(self) -> Mapping[RowState, int]:
        """How many rows are modified, inserted and deleted."""
        found = dict.fromkeys((RowState.MODIFIED, RowState.INSERTED, RowState.DELETED), 0)
        for change in self._content.changes.values():
            found[change.state] += 1
        return found

    def change(self, ref: RowRef) -> RowChange | None:
        return self._content.changes.get(ref)

    def state(self, ref: RowRef) -> RowState:
        change = self._content.changes.get(ref)
        return change.state if change is not None else RowState.SAME

    def new_value(self, ref: RowRef, column: str) -> NewValue | None:
        """What the cell is to hold; None if it is left as it is."""
        change = self._content.changes.get(ref)
        return change.values.get(column) if change is not None else None

    def set_cells(self, edits: Iterable[tuple[StoredRow | int, str, NewValue]], words: str = "") -> int:
        """Stage new values, as one step; a value that is there already takes the change back.

        Rows that are to be deleted stay as they are. Returns how many cells are different now.
        """
        changes = dict(self._content.changes)
        count = _set_all(changes, edits)
        if count:
            self._take(words or f"Change {count:,} cells" if count > 1 else words or "Change a cell", changes)
        return count

    def insert(self, rows: Sequence[Mapping[str, NewValue]], words: str = "") -> list[int]:
        """Stage rows to be inserted, as one step; columns not named get their default. Returns their numbers."""
        text = words or ("Add a row" if len(rows) == 1 else f"Add {len(rows):,} rows")
        return self.put_block((), rows, text)

    def put_block(
        self, edits: Iterable[tuple[StoredRow | int, str, NewValue]], rows: Sequence[Mapping[str, NewValue]], words: str
    ) -> list[int]:
        """Stage new values and rows to be inserted, together as one step. Returns the numbers of those rows."""
        changes, first = dict(self._content.changes), self._content.next_number
        count = _set_all(changes, edits)
        numbers = list(range(first, first + len(rows)))
        for number, values in zip(numbers, rows, strict=True):
            changes[number] = RowChange(RowState.INSERTED, None, dict(values))
        if count or numbers:
            self._take(words, changes, first + len(rows))
        return numbers

    def delete(self, rows: Iterable[StoredRow | int]) -> int:
        """Stage rows to be deleted, as one step; those that were to be inserted are gone then. Returns how many."""
        changes = dict(self._content.changes)
        count = 0
        for row in rows:
            if isinstance(row, int):
                count += changes.pop(row, None) is not None
                continue
            before = changes.pop(row.key, None)  # so that deletions come in the order in which they were asked for
            if before is not None and before.state is RowState.DELETED:
                changes[row.key] = before
                continue
            changes[row.key] = RowChange(RowState.DELETED, before.row if before is not None else row)
            count += 1
        if count:
            self._take("Delete a row" if count == 1 else f"Delete {count:,} rows", changes)
        return count

    def revert(self, refs: Iterable[RowRef]) -> int:
        """Take back whatever is staged for these rows, as one step. Returns for how many there was something."""
        changes = dict(self._content.changes)
        count = sum(changes.pop(ref, None) is not None for ref in refs)
        if count:
            self._take("Revert a row" if count == 1 else f"Revert {count:,} rows", changes)
        return count

    def rebase(self, ref: RowRef, current: Mapping[str, Cell]) -> bool:
        """Keep the change of a row over what somebody else wrote: `current` is compared from now on, by column name.

        As one step. False if nothing is staged for the row; a cell that has the new value already is not changed.
        """
        change = self._content.changes.get(ref)
        if change is None or change.row is None:
            return False
        row = replace(change.row, values={**change.row.values, **current})
        values = {name: new for name, new in change.values.items() if not _is_same(new, row.values.get(name, _UNREAD))}
        changes = dict(self._content.changes)
        if values or change.state is RowState.DELETED:
            changes[ref] = replace(change, row=row, values=values)
        else:
            changes.pop(ref)
        self._take("Keep the change of a row", changes)
        return True

    def discard(self) -> None:
        """Take back everything; can be undone."""
        if self._content.changes:
            self._take("Discard all changes", {})

    def forget(self) -> None:
        """After a commit: nothing is staged, and nothing can be undone."""
        self._content = _Content(next_number=self._content.next_number)
        self._undo.clear()
        self._redo.clear()
        self._tell()

    def undo(self) -> None:
        """Take back the last step, if there is one."""
        self._move(self._undo, self._redo)

    def redo(self) -> None:
        """Do again what was undone last."""
        self._move(self._redo, self._undo)

    def snapshot(self) -> "StagedChanges":
        """A copy of what is staged now, without the steps, for another thread; made in no time."""
        copy = StagedChanges(self.path, self.key_columns)
        copy._content = self._content
        return copy

    def holds_same(self, other: "StagedChanges") -> bool:
        """Whether `other` was taken from the same moment of the same changes; quick however many there are."""
        return self._content is other._content

    def to_json(self) -> dict[str, Any]:
        """Everything that is staged, with exact values; not the steps."""
        return {
            "version": _VERSION,
            "path": list(self.path),
            "key": list(self.key_columns),
            "next": self._content.next_number,
            "rows": [_row_to_json(ref, change) for ref, change in self._content.changes.items()],
        }

    @classmethod
    def from_json(cls, content: Any) -> "StagedChanges":
        """What `to_json` wrote. Raises `StoreError` for anything else: nothing half read is staged."""
        _require(isinstance(content, dict) and content.get("version") == _VERSION)
        _require(set(content) == {"version", "path", "key", "next", "rows"})
        _require(_are_texts(content["path"]) and _are_texts(content["key"]) and bool(content["path"]))
        _require(isinstance(content["rows"], list) and type(content["next"]) is int)
        staged = cls(content["path"], content["key"])
        changes = dict(_row_from_json(row, len(staged.key_columns)) for row in content["rows"])
        _require(len(changes) == len(content["rows"]))
        _require(all(ref < content["next"] for ref in changes if isinstance(ref, int)))
        staged._content = _Content(MappingProxyType(changes), content["next"])
        return staged

    def _take(self, words: str, changes: Mapping[RowRef, RowChange], next_number: int | None = None) -> None:
        self._undo = [*self._undo, _Step(words, self._content, next(_numbers))][-_MOST_STEPS:]
        self._redo.clear()
        number = self._content.next_number if next_number is None else next_number
        self._content = _Content(MappingProxyType(dict(changes)), number)
        self._tell()

    def _move(self, source: list[_Step], target: list[_Step]) -> None:
        if source:
            step = source.pop()
            target.append(_Step(step.words, self._content, step.number))
            number = max(self._content.next_number, step.before.next_number)  # a number is never used twice
            self._content = replace(step.before, next_number=number)
            self._tell()

    def _tell(self) -> None:
        if self.on_change is not None:
            self.on_change()


def _set_all(changes: dict[RowRef, RowChange], edits: Iterable[tuple[StoredRow | int, str, NewValue]]) -> int:
    """How many cells are different now."""
    return sum(_set(changes, row, column, value) for row, column, value in edits)


def _set(changes: dict[RowRef, RowChange], row: StoredRow | int, column: str, value: NewValue) -> bool:
    ref: RowRef = row if isinstance(row, int) else row.key
    change = changes.get(ref)
    if isinstance(row, int):
        if change is None or change.values.get(column) == value:
            return False
        changes[ref] = replace(change, values={**change.values, column: value})
        return True
    if change is None:
        change = RowChange(RowState.MODIFIED, row)
    if change.state is RowState.DELETED or change.row is None:
        return False
    values = {name: each for name, each in change.values.items() if name != column}
    if not _is_same(value, change.row.values.get(column, _UNREAD)):
        values[column] = value
    if change.values == values:
        return False
    if values:
        changes[ref] = replace(change, values=values)
    else:
        changes.pop(ref, None)
    return True


_UNREAD = object()


def _is_same(value: NewValue, old: object) -> bool:
    """1 and 1.0 are different in SQLite."""
    return value.stand is None and type(value.cell) is type(old) and value.cell == old


def _row_to_json(ref: RowRef, change: RowChange) -> dict[str, Any]:
    content: dict[str, Any] = {"state": change.state.value}
    if change.row is None:
        content["number"] = ref
    else:
        content["key"] = [cell_to_json(cell) for cell in change.row.key]
        content["old"] = {name: cell_to_json(cell) for name, cell in change.row.values.items()}
    content["new"] = {name: new_to_json(value) for name, value in change.values.items()}
    return content


def _row_from_json(content: Any, key_size: int) -> tuple[RowRef, RowChange]:
    _require(isinstance(content, dict) and content.get("state") in _STATES and _is_named(content.get("new")))
    state = RowState(content["state"])
    new = {name: new_from_json(value) for name, value in content["new"].items()}
    if state is RowState.INSERTED:
        _require(set(content) == {"state", "number", "new"} and type(content["number"]) is int)
        return content["number"], RowChange(state, None, new)
    _require(set(content) == {"state", "key", "old", "new"} and _is_named(content["old"]))
    _require(isinstance(content["key"], list) and len(content["key"]) == key_size > 0)
    _require(bool(new) == (state is RowState.MODIFIED))
    key = tuple(cell_from_json(cell) for cell in content["key"])
    old = {name: cell_from_json(cell) for name, cell in content["old"].items()}
    return key, RowChange(state, StoredRow(key, old), new)


_STATES = (RowState.MODIFIED, RowState.INSERTED, RowState.DELETED)


def _is_named(content: Any) -> bool:
    return isinstance(content, dict) and all(isinstance(name, str) for name in content)


def _are_texts(content: Any) -> bool:
    return isinstance(content, list) and all(isinstance(each, str) for each in content)


def _require(holds: bool) -> None:
    if not holds:
        raise StoreError("The staged changes that were kept cannot be read.", "They were written by another version.")


def iterate(staged: StagedChanges) -> Iterator[tuple[RowRef, RowChange]]:
    """Deletions, then updates, then insertions: so that unique values that go are free for those that come."""
    order = {RowState.DELETED: 0, RowState.MODIFIED: 1, RowState.INSERTED: 2}
    yield from sorted(staged.changes.items(), key=lambda item: order[item[1].state])
