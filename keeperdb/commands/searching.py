"""`search`, `list` and `list-sf`."""

from argparse import Namespace
from collections.abc import Callable, Iterator

from keeperdb.commands.command import Output
from keeperdb.commands.context import Context
from keeperdb.commands.patterns import compiled
from keeperdb.commands.record_text import describe, fields_of, values_of
from keeperdb.commands.snapshot import ROOT, Snapshot, folder_name
from keeperdb.commands.tables import kept_ready, report, table
from keeperdb.errors import CommandError, CommandKind
from keeperdb.vault.contents import VaultFolder, VaultRecord

_LIST_COLUMNS = {
    "record_uid": "Record uid",
    "type": "Type",
    "title": "Title",
    "description": "Description",
    "shared": "Shared",
    "record_category": "Record category",
}
_SF_COLUMNS = {"shared_folder_uid": "Shared Folder UID", "name": "Name", "folder_type": "Type"}
_EVERY = 200  # records between two looks at whether the caller still waits

Fits = Callable[[str], bool]


def search(context: Context, arguments: Namespace) -> Output:
    words = list(arguments.pattern)
    subject = words.pop(0) if len(words) > 1 and words[0] in ("record", "folder") else ""
    if not words:
        raise CommandError(CommandKind.BAD_ARGUMENTS, "the following arguments are required: pattern", is_usage=True)
    wanted = {"record": ["r"], "folder": ["s"]}.get(subject, arguments.categories or ["r", "s"])
    fits = _finder(words, is_regex=arguments.regex)
    records = _fitting_records(context, fits, words) if "r" in wanted else []
    folders = _fitting_folders(context.snapshot, fits, words, every=bool(subject)) if "s" in wanted else []
    if arguments.format == "json":
        rows = [*map(_found_record, records), *map(_found_folder, folders)]
        return Output(rows, echo=f"{arguments.word} {subject or words[0]}")
    said = _found(records, folders, shorten=not arguments.verbose)
    if not subject:
        return Output(said=said)
    found: list[VaultRecord | VaultFolder] = [*records, *folders]
    data = [_numbered(number, each) for number, each in enumerate(found, 1)]
    return Output(data, said, echo=f"{arguments.word} {subject}")


def list_records(context: Context, arguments: Namespace) -> Output:
    options = tuple(str(value) for name, value in sorted(vars(arguments).items()) if name not in ("word", "output"))
    return context.snapshot.kept(("list", options), lambda: kept_ready(_list(context, arguments)))


def list_sf(context: Context, arguments: Namespace) -> Output:
    fits = compiled(arguments.pattern) if arguments.pattern else _anything
    rows = [
        {"shared_folder_uid": each.uid, "name": folder_name(each), "folder_type": "Classic"}
        for each in context.snapshot.subfolders(ROOT)
        if fits(folder_name(each)) or fits(each.uid)
    ]
    return report(arguments, _SF_COLUMNS, rows, nothing="No shared folders are found")


def _list(context: Context, arguments: Namespace) -> Output:
    fits = compiled(arguments.pattern) if arguments.pattern else _anything
    rows = []
    for record in _checked(context):
        row = _list_row(record)
        if _is_of(record, arguments) and fits(f"{record.uid}\n{record.title}\n{row['description']}\n{record.type}"):
            rows.append(row)
    rows.sort(key=lambda row: (str(row["title"]).casefold(), str(row["record_uid"])))
    return report(arguments, _LIST_COLUMNS, rows, nothing="No records are found", shorten=not arguments.verbose)


def _list_row(record: VaultRecord) -> dict[str, object]:
    return {
        "description": describe(record),
        "record_category": "classic",
        "record_uid": record.uid,
        "shared": bool(record.folder_uid),
        "title": record.title,
        "type": record.type,
    }


def _is_of(record: VaultRecord, arguments: Namespace) -> bool:
    """Whether a record is of one of the wanted types, and has every wanted field with a value."""
    if arguments.types and record.type.casefold() not in map(str.casefold, arguments.types):
        return False
    names = {
        str(field.get(key)).casefold() for field in fields_of(record) if values_of(field) for key in ("type", "label")
    }
    return all(each.casefold() in names for each in arguments.fields)


def _checked(context: Context) -> Iterator[VaultRecord]:
    for number, record in enumerate(context.snapshot.records.values()):
        if number % _EVERY == 0:
            context.task.check()
        yield record


def _finder(words: list[str], *, is_regex: bool) -> Fits:
    if words == ["*"]:
        return _anything
    if is_regex:
        return compiled(" ".join(words))
    wanted = [word.casefold() for word in words]
    return lambda text: all(word in text for word in wanted)


def _anything(text: str) -> bool:
    return True


def _fitting_records(context: Context, fits: Fits, words: list[str]) -> list[VaultRecord]:
    """By what they hold; by their UID only if it is one of the words as a whole."""
    texts = context.snapshot.search_texts
    found = [record for record in _checked(context) if record.uid in words or fits(texts[record.uid])]
    return sorted(found, key=lambda each: (each.title.casefold(), each.uid))


def _fitting_folders(snapshot: Snapshot, fits: Fits, words: list[str], *, every: bool) -> list[VaultFolder]:
    """Shared folders, as Commander finds them; with `every` also the ones below."""
    found = [each for each in snapshot.folders.values() if every or not each.parent]
    found = [each for each in found if each.uid in words or fits(folder_name(each).casefold())]
    return sorted(found, key=lambda each: (folder_name(each).casefold(), each.uid))


def _numbered(number: int, item: VaultRecord | VaultFolder) -> dict[str, object]:
    if isinstance(item, VaultFolder):
        return {"number": number, "uid": item.uid, "name": folder_name(item)}
    return {
        "number": number,
        "uid": item.uid,
        "type": item.type,
        "title": item.title,
        "description": describe(item),
    }


def _found_record(record: VaultRecord) -> dict[str, str]:
    details = f"Type: {record.type}, Description: {describe(record)}, Record Category: classic"
    return {"details": details, "name": record.title, "type": "record", "uid": record.uid}


def _found_folder(folder: VaultFolder) -> dict[str, str]:
    kind = "folder" if folder.parent else "shared_folder"
    return {"details": "Folder Type: Classic", "name": folder_name(folder), "type": kind, "uid": folder.uid}


def _found(records: list[VaultRecord], folders: list[VaultFolder], *, shorten: bool) -> str:
    parts = []
    if records:
        rows = [[each.uid, each.type, each.title, describe(each), "classic"] for each in records]
        parts.append(table(["Record UID", "Type", "Title", "Description", "Record Category"], rows, shorten))
    if folders:
        parts.append(table(["Shared Folder UID", "Name"], [[each.uid, folder_name(each)] for each in folders], shorten))
    return "\n\n".join(parts)
