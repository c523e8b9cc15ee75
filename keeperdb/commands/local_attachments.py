"""`file=@PATH` in `record-add` and `record-update`: files of the machine's own user."""

from pathlib import PurePath

from keeperdb.commands import changes
from keeperdb.commands.context import Context
from keeperdb.commands.field_syntax import FieldWord
from keeperdb.commands.local_files import read_bytes
from keeperdb.commands.restrictions import forbidden
from keeperdb.vault.file_transfer import LARGEST_FILE

_REFUSED = "File attachments by local path are not permitted through Service Mode"
LocalFile = tuple[str, bytes]


def local_file_words(words: list[FieldWord], context: Context) -> tuple[list[FieldWord], list[LocalFile]]:
    """The words that are no files, and the files with their contents. Raises `CommandError`."""
    files = [word for word in words if word.type == "text" and word.label == "file"]
    if files and context.is_remote:
        raise forbidden(_REFUSED)
    contents = [_read(word.text.removeprefix("@")) for word in files]
    return [word for word in words if word not in files], contents


def attach_local(context: Context, record_uid: str, files: list[LocalFile]) -> None:
    for name, content in files:
        changes.attach_file(context.vault, record_uid, name, content, context.task)


def _read(path: str) -> LocalFile:
    return PurePath(path).name, read_bytes(path, LARGEST_FILE)
