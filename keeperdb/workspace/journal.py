"""What is open and not saved anywhere else: windows, tabs, text, carets, parameters and staged edits.

`windows.json` says which tabs there are, so that a start reads one small file; each tab has a small file of its own
and another with its text, read when the tab is first looked at. All are replaced atomically, so that `kill -9` loses
at most what came after.
"""

import contextlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from keeperdb.errors import NotFoundError, StoreError
from keeperdb.paths import make_private_folder, set_aside, write_atomically

_WINDOWS = "windows.json"
_CLOSED = "closed"
_TEXT = ".sql"
_LONGEST_TITLE = 1_000  # characters; a tab shows far fewer
_RECOVERED = "Recovered text"
_VERSION = 2
_MOST_CLOSED = 100  # closed tabs that can be opened again
_TAB_ID = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True, slots=True)
class TabHead:
    """What a start needs of a tab. `size` is that of its text in characters.

    `column` and `row` say which pane it stands in, where its window is split.
    """

    id: str
    title: str = ""
    size: int = 0
    column: int = 0
    row: int = 0


@dataclass(frozen=True, slots=True)
class WindowState:
    """One window: the connection it belongs to, its tabs in order, and which one is looked at.

    `is_open` is false for a window that was closed while the program went on: its tabs wait for the connection.
    """

    connection_id: str
    connection: str
    tabs: tuple[TabHead, ...] = ()
    current: str = ""
    engine: str = ""
    path: str = ""  # of a database that is a file
    is_open: bool = True


@dataclass(frozen=True, slots=True)
class TabState:
    """One tab. `caret` and `anchor` are positions in characters; `kind` says what sort of tab it is, and `extra` holds
    what that sort needs besides, such as the table and its staged edits: anything that JSON can hold."""

    id: str
    connection_id: str = ""
    connection: str = ""
    kind: str = "query"
    title: str = ""
    text: str = ""
    file: str = ""
    is_modified: bool = False
    caret: int = 0
    anchor: int = 0
    parameters: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    extra: Mapping[str, Any] = field(default_factory=dict)

    @property
    def head(self) -> TabHead:
        return TabHead(self.id, self.title, len(self.text))


class Journal:
    """The journal in `folder`. Its methods block, and raise `StoreError` where the folder cannot be used."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def windows(self) -> list[WindowState]:
        """What was open. A damaged list is set aside; tabs that no list names come back by their files."""
        for leftover in self.folder.glob(".*.part"):  # of a writer that was killed
            leftover.unlink(missing_ok=True)
        windows = self._listed()
        named = {tab.id for window in windows for tab in window.tabs}
        lost = [self._found(path) for path in self._tab_files() if path.stem not in named]
        for state in lost:
            if state is not None:
                windows = _with_tab(windows, state)
        return windows

    def write_windows(self, windows: Sequence[WindowState]) -> None:
        """Replace the list of what is open."""
        document = {"version": _VERSION, "windows": [asdict(window) for window in windows]}
        write_atomically(self.folder / _WINDOWS, json.dumps(document).encode())

    def read_tab(self, tab_id: str) -> TabState:
        """Raises `NotFoundError` where there is no such tab, or its file was damaged and is now set aside."""
        return self._read(self._path(tab_id))

    def write_tab(self, tab: TabState, *, has_new_text: bool = True) -> None:
        """Write a tab down; its text only if that is not what was written before."""
        path = self._path(tab.id)
        if has_new_text:
            write_atomically(path.with_suffix(_TEXT), tab.text.encode("utf-8", "surrogatepass"))
        document = _document(tab) | {"version": _VERSION, "size": len(tab.text)}
        write_atomically(path, json.dumps(document).encode())

    def drop_tab(self, tab_id: str) -> None:
        """Forget a tab in which there is nothing."""
        self._forget(self._path(tab_id))

    def close_tab(self, tab_id: str) -> None:
        """The tab was closed; it can be opened again until a hundred others were closed. Unknown ones are no error."""
        source, folder = self._path(tab_id), self.folder / _CLOSED
        make_private_folder(folder)
        try:
            source.replace(folder / source.name)
            (folder / source.name).touch()
            _move_text(source, folder / source.name)
            for path in self._closed_files()[_MOST_CLOSED:]:
                self._forget(path)
        except FileNotFoundError:
            return
        except OSError as error:
            raise StoreError(f"{source} could not be moved: {error.strerror}.", "Check its permissions.") from error

    def closed_tabs(self) -> list[TabState]:
        """Tabs that can be opened again, the last closed first; without their texts."""
        states = (self._found(path) for path in self._closed_files())
        return [state for state in states if state is not None]

    def closed_text(self, tab_id: str, most: int) -> str:
        """The first `most` characters of a closed tab. Raises `NotFoundError`."""
        path = (self.folder / _CLOSED / self._path(tab_id).name).with_suffix(_TEXT)
        try:
            with path.open(encoding="utf-8", errors="replace") as file:
                return file.read(most)
        except OSError as error:
            raise NotFoundError("The text of this tab is gone.") from error

    def reopen_tab(self, tab_id: str) -> TabState:
        """Take a closed tab back. Raises `NotFoundError`."""
        path = self.folder / _CLOSED / self._path(tab_id).name
        state = self._read(path)
        self.write_tab(state)
        self._forget(path)
        return state

    def adopt(self, other: "Journal") -> None:
        """Take over every tab of a journal that nobody uses any more; closed ones stay closed."""
        for path in [*other._tab_files(), *other._closed_files()]:
            target = self.folder / path.relative_to(other.folder)
            with contextlib.suppress(OSError):  # what cannot be moved stays where it is
                make_private_folder(target.parent)
                path.replace(target)
                _move_text(path, target)
        with contextlib.suppress(OSError):
            (other.folder / _WINDOWS).unlink(missing_ok=True)

    def _path(self, tab_id: str) -> Path:
        if not _TAB_ID.fullmatch(tab_id):  # it becomes the name of a file
            raise NotFoundError("That is not a tab of the journal.")
        return self.folder / f"{tab_id}.json"

    def _tab_files(self) -> list[Path]:
        """One path per tab, also for a text whose other file was never written."""
        found = (path for suffix in (".json", _TEXT) for path in self.folder.glob(f"*{suffix}"))
        return sorted({path.with_suffix(".json") for path in found if _TAB_ID.fullmatch(path.stem)})

    def _closed_files(self) -> list[Path]:
        files = [path for path in (self.folder / _CLOSED).glob("*.json") if _TAB_ID.fullmatch(path.stem)]
        return sorted(files, key=lambda path: path.stat().st_mtime_ns, reverse=True)

    def _listed(self) -> list[WindowState]:
        path = self.folder / _WINDOWS
        content = _bytes(path)
        if content is None:
            return []
        try:
            return [_window(each) for each in json.loads(content)["windows"]]
        except (ValueError, KeyError, TypeError, RecursionError):
            set_aside(path, content)
            return []

    def _forget(self, path: Path) -> None:
        path.unlink(missing_ok=True)
        path.with_suffix(_TEXT).unlink(missing_ok=True)

    def _found(self, path: Path) -> TabState | None:
        """A tab without its text; None for one that cannot be read."""
        content = _bytes(path)
        try:
            return _tab(json.loads(content or b""), path.stem)
        except (ValueError, KeyError, TypeError, RecursionError):
            has_text = path.with_suffix(_TEXT).exists()
            return TabState(path.stem, title=_RECOVERED, is_modified=True) if has_text else None

    def _read(self, path: Path) -> TabState:
        content, text = _bytes(path), self._text_of(path)
        if content is None and text is None:
            raise NotFoundError("The text of this tab is gone.", "It may have been closed in another window.")
        try:
            if content is None or text is None:
                raise KeyError(path.name)
            state = _tab(json.loads(content), path.stem)
            length = len(text)
            return replace(state, text=text, caret=min(state.caret, length), anchor=min(state.anchor, length))
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            if text:
                return TabState(path.stem, title=_RECOVERED, text=text, is_modified=True)
            aside = set_aside(path, content) if content is not None else None
            raise NotFoundError(
                "The text of this tab could not be read.", f"What is left of it is in {aside or path}."
            ) from error

    def _text_of(self, path: Path) -> str | None:
        """The text beside the file of a tab; a kill while a tab was closed may have left it in the other folder."""
        for folder in (path.parent, self.folder, self.folder / _CLOSED):
            content = _bytes((folder / path.name).with_suffix(_TEXT))
            if content is not None:
                return _decoded(content)
        return None


def _bytes(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise StoreError(f"{path} could not be read: {error.strerror}.", "Check its permissions.") from error


def _decoded(content: bytes) -> str:
    """Lone surrogates, which a text field may hold, come back; what is no UTF-8 is shown as replacement characters."""
    try:
        return content.decode("utf-8", "surrogatepass")
    except UnicodeDecodeError:
        return content.decode("utf-8", "replace")


def _move_text(source: Path, target: Path) -> None:
    with contextlib.suppress(FileNotFoundError):
        source.with_suffix(_TEXT).replace(target.with_suffix(_TEXT))


def _document(tab: TabState) -> dict[str, Any]:
    """Everything but the text, which may be long."""
    return {name: value for name, value in asdict(replace(tab, text="")).items() if name != "text"}


def _window(document: Mapping[str, Any]) -> WindowState:
    tabs = tuple(
        TabHead(
            _text(tab, "id"),
            _text(tab, "title")[:_LONGEST_TITLE],
            int(tab.get("size", 0)),
            int(tab.get("column", 0)),
            int(tab.get("row", 0)),
        )
        for tab in document["tabs"]
    )
    known = tuple(tab for tab in tabs if _TAB_ID.fullmatch(tab.id))
    return WindowState(
        _text(document, "connection_id"),
        _text(document, "connection"),
        known,
        _text(document, "current"),
        str(document.get("engine", "")),
        str(document.get("path", "")),
        document.get("is_open") is not False,
    )


def _tab(document: Any, tab_id: str) -> TabState:
    """A tab without its text. Raises `ValueError`, `TypeError`, `KeyError` for what is no tab."""
    if not isinstance(document, dict):
        raise TypeError("a tab is an object")
    parameters, extra = document.get("parameters", {}), document.get("extra", {})
    if not isinstance(parameters, dict) or not isinstance(extra, dict):
        raise TypeError("parameters and extra are objects")
    texts = {name: _text(document, name) for name in ("connection_id", "connection", "kind", "title", "file")}
    return TabState(
        tab_id,
        **texts,
        is_modified=document.get("is_modified") is True,
        caret=max(0, int(document.get("caret", 0))),
        anchor=max(0, int(document.get("anchor", 0))),
        parameters={str(name): _texts(given) for name, given in parameters.items()},
        extra=extra,
    )


def _text(document: Mapping[str, Any], name: str) -> str:
    value = document[name]
    if not isinstance(value, str):
        raise TypeError(f"{name} is a text")
    return value


def _texts(document: Any) -> dict[str, str]:
    if not isinstance(document, dict):
        raise TypeError("an object")
    return {str(name): str(value) for name, value in document.items()}


def _with_tab(windows: Sequence[WindowState], state: TabState) -> list[WindowState]:
    """`windows` with the tab in the window of its connection, or in one of its own."""
    for index, window in enumerate(windows):
        if window.connection_id == state.connection_id:
            grown = replace(window, tabs=(*window.tabs, state.head))
            return [*windows[:index], grown, *windows[index + 1 :]]
    return [*windows, WindowState(state.connection_id, state.connection, (state.head,), state.id)]
