"""`download-attachment`, `upload-attachment`, `delete-attachment` and `file-report`."""

import base64
from argparse import Namespace
from collections.abc import Iterator
from functools import partial
from pathlib import Path, PurePath

from keeperdb.commands import changes
from keeperdb.commands.command import Output
from keeperdb.commands.context import Context
from keeperdb.commands.file_data import FILEDATA, MOST_AT_ONCE, files_in
from keeperdb.commands.local_files import read_bytes, safe_name, write_new
from keeperdb.commands.lookup import folder_at, require_record, working_folder
from keeperdb.commands.protected import is_config_file
from keeperdb.commands.restrictions import LOCAL_FILES, PROTECTED, forbidden
from keeperdb.commands.tables import report
from keeperdb.errors import CommandError, CommandKind, VaultError
from keeperdb.vault.contents import VaultFile, VaultRecord
from keeperdb.vault.file_transfer import LARGEST_FILE

_COLUMNS = {
    "title": "Title",
    "record_uid": "Record UID",
    "record_type": "Record Type",
    "file_id": "File ID",
    "file_name": "File Name",
    "file_size": "File Size",
}


def download(context: Context, arguments: Namespace) -> Output:
    """The contents as base64 in the answer; the machine's own user may have them written into a folder instead."""
    if context.is_remote and (arguments.out_dir is not None or arguments.preserve_dir or arguments.record_title):
        raise forbidden(LOCAL_FILES)
    records = _records(context, arguments)
    wanted = [each for each in records if any(_is_meant(file, arguments.names) for file in each.files)]
    if not wanted:
        raise CommandError(CommandKind.NOT_FOUND, "Attachment not found")
    if context.is_remote or arguments.out_dir is None:
        _check_size(sum(file.size for each in wanted for file in each.files if _is_meant(file, arguments.names)))
        rows = []
        size = 0  # what a file says of its own size need not be true
        for record, file, content in _contents(context, wanted, arguments):
            size += len(content)
            _check_size(size)
            rows.append(_downloaded(record, file, content))
        return Output(rows, said="\n".join(f"{row['file_name']} ({row['file_size']} bytes)" for row in rows))
    folder = Path(arguments.out_dir).expanduser()
    paths = [
        write_new(_place(context, folder, record, arguments), file.name or file.title or file.uid, content)
        for record, file, content in _contents(context, wanted, arguments)
    ]
    return Output(said="\n".join(map(str, paths)))


def upload(context: Context, arguments: Namespace) -> Output:
    record = require_record(context, arguments.record)
    if not arguments.files:
        raise CommandError(CommandKind.BAD_ARGUMENTS, "Missing required parameter: --file")
    files = [each for word in arguments.files for each in _given(context, word)]
    if context.is_remote and any(is_config_file(name) for name, _ in files):
        raise forbidden(PROTECTED)
    rows = []
    for name, content in files:
        file = changes.attach_file(context.vault, record.uid, name, content, context.task)
        rows.append({"file_id": file.uid, "file_name": name, "file_size": len(content), "record_uid": record.uid})
    return Output(rows, said="\n".join(f"{row['file_name']}: {row['file_id']}" for row in rows))


def delete(context: Context, arguments: Namespace) -> Output:
    record = require_record(context, arguments.record)
    if not arguments.names:
        raise CommandError(CommandKind.BAD_ARGUMENTS, "Missing required parameter: --name")
    uids = [file.uid for file in record.files if _is_meant(file, arguments.names)]
    if not uids:
        raise CommandError(CommandKind.NOT_FOUND, "Attachment not found")
    changes.detach_files(context.vault, record.uid, uids, context.task)
    return Output()


def file_report(context: Context, arguments: Namespace) -> Output:
    records = sorted(context.snapshot.records.values(), key=lambda each: (each.title.casefold(), each.uid))
    columns = {**_COLUMNS, "downloadable": "Downloadable"} if arguments.try_download else _COLUMNS
    rows = []
    for record in records:
        states = _tried(context, record) if arguments.try_download and record.files else {}
        for file in record.files:
            row = _described(record, file)
            rows.append(row | {"downloadable": states.get(file.uid, "-")} if arguments.try_download else row)
    return report(arguments, columns, rows, nothing="No files are found")


def _check_size(size: int) -> None:
    if size > MOST_AT_ONCE:
        raise CommandError(
            CommandKind.BAD_ARGUMENTS,
            f"That is more than the {MOST_AT_ONCE >> 20} MiB of one answer.",
            "Download file by file with --name, or on the machine itself with --out-dir.",
        )


def _records(context: Context, arguments: Namespace) -> list[VaultRecord]:
    """Raises `CommandError` for a word that names neither a record nor, with `-r` or as a path, a folder."""
    snapshot = context.snapshot
    found: dict[str, VaultRecord] = {}
    for text in arguments.records:
        folder = folder_at(snapshot, text, working_folder(context)) if arguments.recursive else None
        if folder is None:
            record = require_record(context, text)
            found[record.uid] = record
            continue
        for uid in snapshot.below(folder):
            found |= {each.uid: each for each in snapshot.records_in(uid)}
    return list(found.values())


def _contents(
    context: Context, records: list[VaultRecord], arguments: Namespace
) -> Iterator[tuple[VaultRecord, VaultFile, bytes]]:
    for record in records:
        is_meant = partial(_is_meant, names=arguments.names)
        fetched = changes.fetch_files(context.vault, record.uid, context.task, is_meant)
        yield from ((record, file, content) for file, content in fetched)


def _is_meant(file: VaultFile, names: list[str]) -> bool:
    return not names or any(name in (file.uid, file.name, file.title) for name in names)


def _described(record: VaultRecord, file: VaultFile) -> dict[str, object]:
    return {
        "title": record.title,
        "record_uid": record.uid,
        "record_type": record.type,
        "file_id": file.uid,
        "file_name": file.name or file.title,
        "file_size": file.size,
    }


def _downloaded(record: VaultRecord, file: VaultFile, content: bytes) -> dict[str, object]:
    found = _described(record, file) | {"file_size": len(content), "media_type": file.media_type}
    return found | {"base64": base64.b64encode(content).decode()}


def _place(context: Context, folder: Path, record: VaultRecord, arguments: Namespace) -> Path:
    names = context.snapshot.names_to(context.snapshot.place_of(record)) if arguments.preserve_dir else []
    if arguments.record_title:
        names.append(record.title or record.uid)
    return folder.joinpath(*map(safe_name, names))


def _given(context: Context, word: str) -> list[tuple[str, bytes]]:
    """What came with the request, or a file of the machine's own user. Raises `CommandError`."""
    if word == FILEDATA and context.filedata is not None:
        return files_in(context.filedata)
    if context.is_remote:
        raise forbidden("Uploading attachments from the local filesystem is not permitted through Service Mode")
    return [(PurePath(word).name, read_bytes(word, LARGEST_FILE))]


def _tried(context: Context, record: VaultRecord) -> dict[str, str]:
    found = {}
    for file in record.files:
        try:
            changes.fetch_files(context.vault, record.uid, context.task, partial(_is_meant, names=[file.uid]))
        except VaultError as error:
            found[file.uid] = error.message
        else:
            found[file.uid] = "OK"
    return found
