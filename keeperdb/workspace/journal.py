"""What is open and not saved anywhere else: windows, tabs, text, carets, parameters and staged edits.

`windows.json` says which tabs there are, so that a start reads one small file; each tab has a file of its own, read
when the tab is first looked at. Both are replaced atomically, so that `kill -9` loses at most what came after.
"""

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
_VERSION = 1
_MOST_CLOSED = 100  # closed tabs that can be opened again
_TAB_ID = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True, slots=True)
class TabHead:
    """What a start needs of a tab. `size` is that of its text in characters."""

    id: str
    title: str = ""
    size: int = 0


@dataclass(frozen=True, slots=True)
class WindowState:
    """One window: the connection it belongs to, its tabs in order, and which one is looked at."""

    connection_id: str
    connection: str
    tabs: tuple[TabHead, ...] = ()
    current: str = ""


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

    def write_tab(self, tab: TabState) -> None:
        """Write a tab down."""
        write_atomically(self._path(tab.id), json.dumps(asdict(tab) | {"version": _VERSION}).encode())

    def close_tab(self, tab_id: str) -> None:
        """The tab was closed; it can be opened again until a hundred others were closed. Unknown ones are no error."""
        source, folder = self._path(tab_id), self.folder / _CLOSED
        make_private_folder(folder)
        try:
            source.replace(folder / source.name)
            (folder / source.name).touch()
            for path in self._closed_files()[_MOST_CLOSED:]:
                path.unlink(missing_ok=True)
        except FileNotFoundError:
            return
        except OSError as error:
            raise StoreError(f"{source} could not be moved: {error.strerror}.", "Check its permissions.") from error

    def closed_tabs(self) -> list[TabHead]:
        """Tabs that can be opened again, the last closed first."""
        states = (self._found(path) for path in self._closed_files())
        return [state.head for state in states if state is not None]

    def reopen_tab(self, tab_id: str) -> TabState:
        """Take a closed tab back. Raises `NotFoundError`."""
        path = self.folder / _CLOSED / self._path(tab_id).name
        state = self._read(path)
        self.write_tab(state)
        path.unlink(missing_ok=True)
        return state

    def _path(self, tab_id: str) -> Path:
        if not _TAB_ID.fullmatch(tab_id):  # it becomes the name of a file
            raise NotFoundError("That is not a tab of the journal.")
        return self.folder / f"{tab_id}.json"

    def _tab_files(self) -> list[Path]:
        return sorted(path for path in self.folder.glob("*.json") if _TAB_ID.fullmatch(path.stem))

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

    def _found(self, path: Path) -> TabState | None:
        try:
            return self._read(path)
        except NotFoundError:
            return None

    def _read(self, path: Path) -> TabState:
        content = _bytes(path)
        if content is None:
            raise NotFoundError("The text of this tab is gone.", "It may have been closed in another window.")
        try:
            return _tab(json.loads(content), path.stem)
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            aside = set_aside(path, content)
            raise NotFoundError(
                "The text of this tab could not be read.", f"What is left of it is in {aside or path}."
            ) from error


def _bytes(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise StoreError(f"{path} could not be read: {error.strerror}.", "Check its permissions.") from error


def _window(document: Mapping[str, Any]) -> WindowState:
    tabs = tuple(TabHead(_text(tab, "id"), _text(tab, "title"), int(tab.get("size", 0))) for tab in document["tabs"])
    known = tuple(tab for tab in tabs if _TAB_ID.fullmatch(tab.id))
    return WindowState(
        _text(document, "connection_id"), _text(document, "connection"), known, _text(document, "current")
    )


def _tab(document: Any, tab_id: str) -> TabState:
    """Raises `ValueError`, `TypeError`, `KeyError` for what is no tab."""
    if not isinstance(document, dict):
        raise TypeError("a tab is an object")
    parameters, extra = document.get("parameters", {}), document.get("extra", {})
    if not isinstance(parameters, dict) or not isinstance(extra, dict):
        raise TypeError("parameters and extra are objects")
    texts = {name: _text(document, name) for name in ("connection_id", "connection", "kind", "title", "text", "file")}
    length = len(texts["text"])
    return TabState(
        tab_id,
        **texts,
        is_modified=document.get("is_modified") is True,
        caret=min(max(0, int(document.get("caret", 0))), length),
        anchor=min(max(0, int(document.get("anchor", 0))), length),
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
