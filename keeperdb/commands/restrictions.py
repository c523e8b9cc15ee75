"""What a command line that comes over the network may not hold, with Commander's words for it."""

import re
from argparse import Namespace
from collections.abc import Iterable, Iterator, Sequence

from keeperdb.commands.context import Context
from keeperdb.commands.protected import is_config_title, is_reserved_label
from keeperdb.commands.snapshot import Snapshot
from keeperdb.errors import CommandError, CommandKind
from keeperdb.vault.storage_model import FOLDER_NAME

PROTECTED = "Service Mode configuration records are not accessible through Service Mode"
LOCAL_FILES = "Local filesystem access is not permitted through Service Mode"
_ENVIRONMENT = re.compile(r"\$\{[A-Za-z_][A-Za-z0-9_]*\}")
_LEGACY_WORDS = "rotate r connect ssh ssh-agent rdp rsync set echo mysql postgresql pg run-as supershell ss"
_LEGACY = frozenset(_LEGACY_WORDS.split())


def check_words(words: Sequence[str], context: Context) -> None:
    """Raises `CommandError` (FORBIDDEN) for what is refused whatever the command means by it."""
    if words[0] in _LEGACY:
        raise forbidden("Legacy commands are not permitted through Service Mode")
    if "--" in words:
        raise forbidden("The '--' argument separator is not permitted through Service Mode")
    if any(_ENVIRONMENT.search(word) for word in words):
        raise forbidden("The '${VARNAME}' environment-variable syntax is not permitted through Service Mode")
    contents = context.vault.contents
    for word in words[1:]:
        _check_value(word, contents)
        if word.startswith("--") and "=" in word:
            _check_value(word.partition("=")[2], contents)


def check_arguments(arguments: Namespace, context: Context) -> None:
    """The same for every value that the command will see. Raises `CommandError`."""
    contents = context.vault.contents
    for text in _texts(vars(arguments).values()):
        if text:
            _check_value(text, contents)


def check_place(context: Context, folder_uid: str) -> None:
    """Raises `CommandError` if a caller over the network may not write into a folder: KeeperDB's storage is in it."""
    contents = context.vault.contents.contents
    folder = contents.folders.get(folder_uid)
    if context.is_remote and folder is not None and folder.name == FOLDER_NAME:
        raise forbidden(PROTECTED)


def check_folder_name(context: Context, name: str) -> None:
    """Raises `CommandError` if a folder of that name would be taken for KeeperDB's storage."""
    if context.is_remote and name.strip().casefold() == FOLDER_NAME.casefold():
        raise forbidden(PROTECTED)


def check_labels(context: Context, labels: Iterable[str]) -> None:
    """The same for fields that would make a record one of the storage's or the service's."""
    if context.is_remote and any(map(is_reserved_label, labels)):
        raise forbidden(PROTECTED)


def forbidden(message: str) -> CommandError:
    return CommandError(CommandKind.FORBIDDEN, message, is_usage=True)


def _check_value(text: str, contents: Snapshot) -> None:
    if is_config_title(text) or text in contents.hidden or text.casefold() in contents.hidden_titles:
        raise forbidden(PROTECTED)


def _texts(values: Iterable[object]) -> Iterator[str]:
    for value in values:
        if isinstance(value, str):
            yield value
        elif isinstance(value, (list, tuple)):
            yield from _texts(value)
