"""The rows of the picker: connections under headings, found by what is typed, as a model without widgets."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from keeperdb.connections.profile import ConnectionProfile, Source
from keeperdb.gui.icons import engine_icon
from keeperdb.gui.privacy import privacy
from keeperdb.gui.words import ago, engine_name, in_order, name_line

ENTRY_ROLE = int(Qt.ItemDataRole.UserRole) + 1
_ROOT = QModelIndex()
_RECENT_LIMIT = 50
_NEVER = datetime.min.replace(tzinfo=UTC)

Span = tuple[int, int]
Index = QModelIndex | QPersistentModelIndex


class Filter(StrEnum):
    ALL = "all"
    LOCAL = "local"
    VAULT = "vault"
    RECENT = "recent"


@dataclass(frozen=True, slots=True)
class Heading:
    """A line over the connections of one folder; `source` stands at its right end."""

    title: str
    source: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """One connection; where the search matched its texts is looked up for the rows that are painted only."""

    profile: ConnectionProfile
    place: str  # address and database
    last_used: datetime | None = None
    words: tuple[str, ...] = ()  # of the search, in lower case

    @property
    def name(self) -> str:
        return name_line(privacy().sentence(self.profile.name))

    @property
    def name_spans(self) -> tuple[Span, ...]:
        return spans_of(self.words, self.name)

    @property
    def place_spans(self) -> tuple[Span, ...]:
        return spans_of(self.words, self.place)


@dataclass(slots=True)
class _Searchable:
    """A profile with its texts in lower case, made once per change and not per key."""

    profile: ConnectionProfile
    place: str
    text: str
    heading: Heading
    order: tuple[object, ...] = field(default=())


def place_of(profile: ConnectionProfile) -> str:
    """Address and database as one line: `db1.example.com:5432 · orders`; masked in privacy mode."""
    return name_line(" · ".join(privacy().place(part) for part in (profile.address, profile.database) if part))


def heading_of(profile: ConnectionProfile) -> Heading:
    folder = name_line(" / ".join(profile.folder))
    if profile.vault is not None:
        vault = name_line(profile.vault.vault_name)
        return Heading(folder or vault, vault if folder else "")
    return Heading(folder or "Local", "Local" if folder else "")


def spans_of(words: Sequence[str], text: str) -> tuple[Span, ...]:
    """Where `words` (lower case) stand in `text`, as (start, end), in order and not overlapping."""
    lowered = text.lower()
    if not words or len(lowered) != len(text):
        return ()
    marked: set[int] = set()
    for word in words:
        start = lowered.find(word)
        while start >= 0:
            marked.update(range(start, start + len(word)))
            start = lowered.find(word, start + 1)
    return tuple(_runs(sorted(marked)))


def _runs(positions: Sequence[int]) -> Iterable[Span]:
    start = end = -1
    for position in positions:
        if position != end:
            if end >= 0:
                yield start, end
            start = position
        end = position + 1
    if end >= 0:
        yield start, end


class ConnectionListModel(QAbstractListModel):
    """Connections that match the search and the filter, grouped under headings.

    Rows are plain objects; nothing is looked up while a row is painted.
    """

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._all: list[_Searchable] = []
        self._last_used: Callable[[str], datetime | None] = lambda _: None
        self._rows: list[Heading | Entry] = []
        self._busy: dict[str, str] = {}
        self.query = ""
        self.filter = Filter.ALL
        self.total = 0

    def set_connections(
        self, profiles: Sequence[ConnectionProfile], last_used: Callable[[str], datetime | None] = lambda _: None
    ) -> None:
        """Show these; `last_used` answers by profile id."""
        self._last_used = last_used
        self._all = sorted((_searchable(profile) for profile in profiles), key=lambda each: each.order)
        self.total = len(profiles)
        self._rebuild()

    def search(self, query: str) -> None:
        """Show what has every word of `query` somewhere in name, address, database, folder, vault or engine."""
        if query != self.query:
            self.query = query
            self._rebuild()

    def set_filter(self, value: Filter) -> None:
        if value is not self.filter:
            self.filter = value
            self._rebuild()

    def set_busy(self, profile_id: str, text: str) -> None:
        """Show `text` in place of the address while something runs for this connection; empty ends it."""
        if text:
            self._busy[profile_id] = text
        else:
            self._busy.pop(profile_id, None)
        row = self.row_of(profile_id)
        if row >= 0:
            index = self.index(row)
            self.dataChanged.emit(index, index)

    def busy_text(self, profile_id: str) -> str:
        return self._busy.get(profile_id, "")

    def row_of(self, profile_id: str) -> int:
        """The row of a connection, or -1 if it is not shown."""
        for row, item in enumerate(self._rows):
            if isinstance(item, Entry) and item.profile.id == profile_id:
                return row
        return -1

    def profile_at(self, row: int) -> ConnectionProfile | None:
        """The connection of a row; None for a heading."""
        item = self._rows[row] if 0 <= row < len(self._rows) else None
        return item.profile if isinstance(item, Entry) else None

    @property
    def shown(self) -> int:
        """How many connections are shown."""
        return sum(isinstance(item, Entry) for item in self._rows)

    def rowCount(self, parent: Index = _ROOT) -> int:
        return 0 if parent.isValid() else len(self._rows)

    def flags(self, index: Index) -> Qt.ItemFlag:
        item = self._item(index)
        if isinstance(item, Entry):
            return Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemNeverHasChildren
        return Qt.ItemFlag.ItemNeverHasChildren

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        item = self._item(index)
        if item is None:
            return None
        if role == ENTRY_ROLE:
            return item
        if role == Qt.ItemDataRole.DisplayRole:
            return item.title if isinstance(item, Heading) else item.name
        if isinstance(item, Heading):
            return f"{item.title} {item.source}".strip() if role == Qt.ItemDataRole.AccessibleTextRole else None
        if role == Qt.ItemDataRole.DecorationRole:
            return engine_icon(item.profile.engine)
        reader = _ENTRY_TEXTS.get(role)
        return reader(item) if reader else None

    def _item(self, index: Index) -> Heading | Entry | None:
        row = index.row()
        return self._rows[row] if index.isValid() and 0 <= row < len(self._rows) else None

    def _rebuild(self) -> None:
        words = self.query.lower().split()
        chosen = [each for each in self._all if self._passes(each, words)]
        self.beginResetModel()
        self._rows = list(self._recent(chosen, words) if self.filter is Filter.RECENT else self._grouped(chosen, words))
        self.endResetModel()

    def _passes(self, each: _Searchable, words: Sequence[str]) -> bool:
        wanted = {Filter.LOCAL: Source.LOCAL, Filter.VAULT: Source.VAULT}.get(self.filter)
        if wanted is not None and each.profile.source is not wanted:
            return False
        return all(word in each.text for word in words)

    def _grouped(self, chosen: Sequence[_Searchable], words: Sequence[str]) -> Iterable[Heading | Entry]:
        heading = None
        for each in chosen:
            if each.heading != heading:
                heading = each.heading
                yield heading
            yield self._entry(each, words)

    def _recent(self, chosen: Sequence[_Searchable], words: Sequence[str]) -> Iterable[Heading | Entry]:
        used = [entry for entry in (self._entry(each, words) for each in chosen) if entry.last_used is not None]
        used.sort(key=lambda entry: entry.last_used or _NEVER, reverse=True)
        if used:
            yield Heading("Last used")
        yield from used[:_RECENT_LIMIT]

    def _entry(self, each: _Searchable, words: Sequence[str]) -> Entry:
        return Entry(each.profile, each.place, self._last_used(each.profile.id), tuple(words))


def _searchable(profile: ConnectionProfile) -> _Searchable:
    place = place_of(profile)
    vault = profile.vault.vault_name if profile.vault else "local"
    texts = (profile.name, place, *profile.folder, vault, engine_name(profile.engine), profile.environment.value)
    folder = tuple(name.casefold() for name in profile.folder)
    order = (profile.vault is None, vault.casefold(), folder, profile.name.casefold(), profile.id)
    return _Searchable(profile, place, "\n".join(texts).lower(), heading_of(profile), order)


def _accessible(entry: Entry) -> str:
    """What a screen reader says of a row."""
    profile = entry.profile
    parts = [
        entry.name,
        f"Vault {profile.vault.vault_name}" if profile.vault else "Local",
        engine_name(profile.engine),
        profile.environment.value,
        "read-only" if profile.read_only else "",
        f"cannot be used: {profile.problem}" if profile.problem else entry.place,
        f"last used {ago(entry.last_used)}" if entry.last_used else "",
    ]
    return ", ".join(part for part in parts if part)


def _tooltip(entry: Entry) -> str:
    """Plain text: whoever shows it sees to it that no part is taken for HTML."""
    profile = entry.profile
    lines = [
        name_line(privacy().sentence(profile.full_name)),
        f"{engine_name(profile.engine)} · {entry.place}".strip(" ·"),
    ]
    if profile.folder:
        lines.append(name_line(" / ".join(profile.folder)))
    if profile.problem:
        lines += [f"{profile.problem} {profile.problem_hint}".strip()]
    if profile.notes:
        lines.append(in_order(profile.notes))
    return "\n".join(lines)


_ENTRY_TEXTS: Mapping[int, Callable[[Entry], str]] = {
    int(Qt.ItemDataRole.AccessibleTextRole): _accessible,
    int(Qt.ItemDataRole.ToolTipRole): _tooltip,
}
