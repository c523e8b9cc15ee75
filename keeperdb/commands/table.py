"""The table of vault commands: help, the shell, the command line, REST and the window read it.

Nothing heavy is imported here; what carries a command out is imported when it is first run.
"""

from argparse import ArgumentParser
from collections.abc import Callable, Mapping

from keeperdb.commands import table_options as options
from keeperdb.commands.command import Command, lazily
from keeperdb.commands.unavailable import UNAVAILABLE

_Options = Callable[[ArgumentParser], None]


def _row(
    category: str,
    words: str,
    summary: str,
    add_options: _Options,
    place: str,
    *,
    is_write: bool = False,
    takes_secrets: bool = False,
    writes_file: bool = False,
) -> Command:
    """`words` are the name and its aliases."""
    name, *aliases = words.split()
    return Command(
        name,
        tuple(aliases),
        category,
        summary,
        add_options,
        lazily(place),
        is_write,
        takes_secrets=takes_secrets,
        writes_file=writes_file,
        is_immediate=name in _IMMEDIATE,
        gathers=_GATHERING.get(name, ""),
    )


_IMMEDIATE_NAMES = "cd get totp record-type-info whoami server version this-device keep-alive help"
_IMMEDIATE = frozenset(_IMMEDIATE_NAMES.split())
_GATHERING = {
    "record-add": "fields",
    "record-update": "fields",
    "rm": "records",
    "rmdir": "pattern",
    "search": "pattern",
    "download-attachment": "records",
}
_FOLDERS, _RECORDS, _FILES, _DATABASES, _SESSION = "Folders", "Records", "Attachments", "Databases", "Session"
_NONE = options.none

_ROWS = (
    _row(_FOLDERS, "ls", "list what is in a folder", options.ls, "listing:ls", writes_file=True),
    _row(_FOLDERS, "tree", "show folders as a tree", options.tree, "tree:tree", writes_file=True),
    _row(_FOLDERS, "cd", "change the working folder", options.cd, "folders:cd"),
    _row(_FOLDERS, "list-sf lsf", "list the shared folders", options.list_sf, "searching:list_sf", writes_file=True),
    _row(_FOLDERS, "mkdir", "make a folder", options.mkdir, "folders:mkdir", is_write=True),
    _row(_FOLDERS, "rmdir", "delete folders with what is in them", options.rmdir, "folders:rmdir", is_write=True),
    _row(_FOLDERS, "rndir", "rename a folder", options.rndir, "folders:rndir", is_write=True),
    _row(_FOLDERS, "mv", "move a record", options.mv, "moving:mv", is_write=True),
    _row(_RECORDS, "get g", "show a record or a folder", options.get, "details:get"),
    _row(
        _RECORDS, "search s", "find records and folders by words", options.search, "searching:search", writes_file=True
    ),
    _row(_RECORDS, "list l", "list all records", options.list_records, "searching:list_records", writes_file=True),
    _row(
        _RECORDS,
        "record-add ra",
        "add a record",
        options.record_add,
        "record_writing:record_add",
        is_write=True,
        takes_secrets=True,
    ),
    _row(
        _RECORDS,
        "record-update ru",
        "change a record",
        options.record_update,
        "record_writing:record_update",
        is_write=True,
        takes_secrets=True,
    ),
    _row(
        _RECORDS,
        "append-notes an",
        "append to the notes of a record",
        options.append_notes,
        "record_writing:append_notes",
        is_write=True,
        takes_secrets=True,
    ),
    _row(_RECORDS, "rm", "delete records", options.rm, "record_writing:rm", is_write=True),
    _row(_RECORDS, "totp", "show the one-time code of a record", options.totp, "totp:totp"),
    _row(
        _RECORDS, "clipboard-copy cc", "give out a password or field", options.clipboard_copy, "copying:clipboard_copy"
    ),
    _row(_RECORDS, "find-password", "give out a password or field", options.clipboard_copy, "copying:find_password"),
    _row(
        _RECORDS,
        "record-type-info rti",
        "explain record and field types",
        options.record_type_info,
        "type_info:show",
        writes_file=True,
    ),
    _row(
        _FILES,
        "download-attachment da",
        "download the files of a record",
        options.download_attachment,
        "attachments:download",
    ),
    _row(
        _FILES,
        "upload-attachment ua",
        "attach files to a record",
        options.upload_attachment,
        "attachments:upload",
        is_write=True,
    ),
    _row(
        _FILES,
        "delete-attachment",
        "delete files of a record",
        options.delete_attachment,
        "attachments:delete",
        is_write=True,
    ),
    _row(
        _FILES,
        "file-report",
        "list all attached files",
        options.file_report,
        "attachments:file_report",
        writes_file=True,
    ),
    _row(
        _DATABASES,
        "connections",
        "list the database connections",
        options.connections,
        "databases:connections",
        writes_file=True,
    ),
    _row(
        _DATABASES,
        "query",
        "run one SQL statement that reads",
        options.query,
        "databases:query",
        writes_file=True,
        takes_secrets=True,
    ),
    _row(_DATABASES, "schema", "list the objects of a database", options.schema, "databases:schema", writes_file=True),
    _row(
        _DATABASES,
        "storage",
        "show where KeeperDB's storage is and what is pending",
        options.storage,
        "storage:run",
        writes_file=True,
    ),
    _row(_SESSION, "whoami", "show the vault and what it allows", options.whoami, "session:whoami"),
    _row(_SESSION, "sync-down d", "read the vault anew", options.sync_down, "session:sync_down"),
    _row(_SESSION, "generate gen", "make passwords", options.generate, "generate:generate", writes_file=True),
    _row(_SESSION, "server", "show the vault's server", options.server, "session:server"),
    _row(_SESSION, "version v", "show the version", options.version, "session:version"),
    _row(_SESSION, "this-device", "show what is known of this device", options.this_device, "session:this_device"),
    _row(_SESSION, "keep-alive", "do nothing; the session does not end", _NONE, "session:keep_alive"),
    _row(_SESSION, "help h ?", "list or explain the commands", options.help_, "help:show_help"),
)

COMMANDS: Mapping[str, Command] = {command.name: command for command in _ROWS}

_BY_WORD = {word: command for command in UNAVAILABLE for word in (command.name, *command.aliases)} | {
    word: command for command in _ROWS for word in (command.name, *command.aliases)
}
_WORDS = frozenset(_BY_WORD)


def find(word: str) -> Command | None:
    """The command of that name or alias, in exactly that spelling; also one that only says why it is unavailable."""
    return _BY_WORD.get(word)


def all_words() -> frozenset[str]:
    """Every name and alias that `find` knows."""
    return _WORDS
