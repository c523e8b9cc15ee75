"""Saved queries: each is a file in a folder of the person's, with its tags in a comment at the top."""

import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from keeperdb.errors import NotFoundError, SettingsError, StoreError
from keeperdb.paths import make_private_folder, write_atomically

SUFFIX = ".sql"
_TAGS = re.compile(r"--\s*tags:\s*(?P<tags>[^\r\n]*)\r?\n?", re.IGNORECASE)
_HEAD = 4096  # bytes in which the tags are looked for
_MOST_BYTES = 64 * 1024 * 1024
_REMOVED = ".removed"  # folder of what was removed, for undo
# What a file name cannot hold on one of the systems, or would lead out of the folder.
_FORBIDDEN = re.compile(r'[<>:"/\\|?*\x00-\x1f]|^\.|[. ]$')
_RESERVED = {"con", "prn", "aux", "nul", *(f"{name}{number}" for name in ("com", "lpt") for number in range(1, 10))}
_LONGEST = 120  # characters of a name


@dataclass(frozen=True, slots=True)
class SavedQuery:
    """A file below the root: `folder` are the names of the folders down to it, `name` is without the suffix."""

    name: str
    folder: tuple[str, ...]
    tags: tuple[str, ...]
    path: Path
    modified_at: float  # seconds since 1970


class SavedQueries:
    """The saved queries below `root`. They are ordinary files, which other programs may change. All of it blocks."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def all(self) -> list[SavedQuery]:
        """Every query, by folder and name; none if there is no folder yet. Raises `StoreError`."""
        try:
            found = [_described(self.root, path) for path in _files(self.root)]
        except OSError as error:
            raise StoreError(
                f"The saved queries in {self.root} could not be read: {error.strerror}.", "Check its permissions."
            ) from error
        return sorted(found, key=lambda query: (query.folder, query.name.casefold()))

    def read(self, query: SavedQuery) -> str:
        """The text without the line of tags. Raises `NotFoundError`, `StoreError`."""
        return _without_tags(_text(query.path))

    def save(self, name: str, text: str, folder: tuple[str, ...] = (), tags: Iterable[str] = ()) -> SavedQuery:
        """Write a query; one of the same name in the folder is replaced. Raises `SettingsError`, `StoreError`."""
        path = self._path(name, folder)
        line = ", ".join(dict.fromkeys(tag.strip() for tag in tags if tag.strip()))
        content = (f"-- tags: {line}\n" if line else "") + text
        write_atomically(path, content.encode())
        return _described(self.root, path)

    def save_new(
        self, name: str, text: str, folder: tuple[str, ...], tags: Iterable[str], *, replaces: bool = False
    ) -> SavedQuery:
        """As `save`, for a text that may have its tags; `SettingsError` where one is there, unless it `replaces`."""
        if not replaces and self.exists(name, folder):
            raise SettingsError(f"There is a query “{name}” in that folder already.", "Choose another name.")
        return self.save(name, _without_tags(text), folder, tags)

    def whole(self, query: SavedQuery) -> str:
        """The text with the line of tags, as it is in the file. Raises `NotFoundError`, `StoreError`."""
        return _text(query.path)

    def folders(self) -> list[tuple[str, ...]]:
        """Every folder below the root, also those without a query. Raises `StoreError`."""
        try:
            return sorted(Path(folder).relative_to(self.root).parts for folder in _folders(self.root))
        except OSError as error:
            raise StoreError(
                f"The folders in {self.root} could not be read: {error.strerror}.", "Check its permissions."
            ) from error

    def search(self, words: str) -> list[SavedQuery]:
        """The queries that have every word in name, folder, tags or text. Raises `StoreError`."""
        wanted = words.casefold().split()
        return [query for query in self.all() if _has_words(query, wanted)]

    def exists(self, name: str, folder: tuple[str, ...] = ()) -> bool:
        """Whether `save` would replace one. Raises `SettingsError` for a name that cannot be."""
        return self._path(name, folder).exists()

    def move(self, query: SavedQuery, name: str, folder: tuple[str, ...]) -> SavedQuery:
        """Give a query another name or folder. Raises `SettingsError` where one is there already, `StoreError`."""
        path = self._path(name, folder)
        if path == query.path:
            return query
        if path.exists() and not path.samefile(query.path):
            raise SettingsError(f"There is a query “{name}” in that folder already.", "Choose another name.")
        make_private_folder(path.parent)
        _rename(query.path, path)
        return _described(self.root, path)

    def remove(self, query: SavedQuery) -> Path:
        """Take a query away; `restore` with what is returned brings it back. Raises `NotFoundError`, `StoreError`."""
        kept = self.root / _REMOVED
        make_private_folder(kept)
        ignore = kept / ".gitignore"
        if not ignore.exists():
            write_atomically(ignore, b"*\n")
        target, number = kept / query.path.name, 1
        while target.exists():
            number += 1
            target = kept / f"{query.name} {number}{SUFFIX}"
        _rename(query.path, target)
        return target

    def restore(self, query: SavedQuery, kept: Path) -> SavedQuery:
        """Undo `remove`. Raises `StoreError`."""
        make_private_folder(query.path.parent)
        _rename(kept, query.path)
        return _described(self.root, query.path)

    def _path(self, name: str, folder: tuple[str, ...]) -> Path:
        for part in (*folder, name):
            _check_name(part)
        return self.root.joinpath(*folder, f"{name}{SUFFIX}")


def _check_name(name: str) -> None:
    if not name.strip():
        raise SettingsError("The query needs a name.", "Enter a name.")
    if _FORBIDDEN.search(name) or name.lower() in _RESERVED or len(name) > _LONGEST:
        raise SettingsError(
            f"“{name[:40]}” cannot be the name of a file.",
            f"Leave out signs such as / : * ? and dots at its ends, and stay below {_LONGEST} characters.",
        )


def _files(root: Path) -> Iterator[Path]:
    """Files below `root`; links are not followed, hidden folders are left alone."""
    for folder, names, files in os.walk(root):
        names[:] = [name for name in names if not name.startswith(".")]
        for file in files:
            path = Path(folder, file)
            if path.suffix.lower() == SUFFIX and not file.startswith(".") and not path.is_symlink():
                yield path


def _folders(root: Path) -> Iterator[str]:
    for folder, names, _ in os.walk(root):
        names[:] = [name for name in names if not name.startswith(".")]
        if Path(folder) != root:
            yield folder


def _has_words(query: SavedQuery, words: list[str]) -> bool:
    """The text is read only where the rest does not have them all."""
    known = " ".join((query.name, *query.folder, *query.tags)).casefold()
    missing = [word for word in words if word not in known]
    if not missing:
        return True
    try:
        text = _text(query.path).casefold()
    except (NotFoundError, StoreError):
        return False
    return all(word in text for word in missing)


def _described(root: Path, path: Path) -> SavedQuery:
    with path.open("rb") as file:
        head = file.read(_HEAD).decode(errors="replace")
    match = _TAGS.match(head)
    tags = tuple(tag.strip() for tag in match["tags"].split(",") if tag.strip()) if match else ()
    return SavedQuery(path.stem, path.relative_to(root).parts[:-1], tags, path, path.stat().st_mtime)


def _text(path: Path) -> str:
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise StoreError(f"{path.name} is larger than 64 MB.", "Open it as an SQL file instead.")
        return path.read_text("utf-8-sig", errors="replace")
    except FileNotFoundError as error:
        raise NotFoundError(f"The saved query {path.stem} is gone.", "Refresh the list.") from error
    except OSError as error:
        raise StoreError(f"{path} could not be read: {error.strerror}.", "Check its permissions.") from error


def _without_tags(text: str) -> str:
    match = _TAGS.match(text)
    return text[match.end() :] if match else text


def _rename(source: Path, target: Path) -> None:
    try:
        source.rename(target)
    except FileNotFoundError as error:
        raise NotFoundError(f"The saved query {source.stem} is gone.", "Refresh the list.") from error
    except OSError as error:
        raise StoreError(f"{source} could not be moved: {error.strerror}.", "Check its permissions.") from error
