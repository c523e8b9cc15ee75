"""`record-add`, `record-update`, `append-notes` and `rm`."""

from argparse import Namespace
from typing import Any

from keeperdb.commands import changes
from keeperdb.commands.command import Output
from keeperdb.commands.context import Context
from keeperdb.commands.field_syntax import FieldWord, parse_fields, unsupported
from keeperdb.commands.field_types import FILE_TYPE
from keeperdb.commands.local_attachments import attach_local, local_file_words
from keeperdb.commands.lookup import require_folder, require_record, working_folder, writable_place
from keeperdb.commands.record_document import Document, new_document, template_for, unescaped, with_fields, with_notes
from keeperdb.commands.restrictions import check_labels, check_place
from keeperdb.commands.type_info import SYNTAX_HELP
from keeperdb.errors import CommandError, CommandKind
from keeperdb.vault.contents import Json

_SHARING = "A Secrets Manager application cannot share records, send mail, or set up the Gateway."
_SHARING_OPTIONS = ("self_destruct", "pam_config", "send_email", "email_config", "email_message")


def record_add(context: Context, arguments: Namespace) -> Output:
    if arguments.syntax_help:
        return Output(said=SYNTAX_HELP)
    if any(getattr(arguments, name) for name in _SHARING_OPTIONS):
        raise CommandError(CommandKind.FORBIDDEN, _SHARING)
    _require(arguments.title.strip(), "Title parameter is required.")
    _require(arguments.record_type, "Record type parameter is required.")
    words, files = local_file_words(parse_fields(arguments.fields), context)
    check_labels(context, [word.label for word in words])
    words, warnings = _supported(words, force=arguments.force)
    examples = (each.content or {} for each in context.snapshot.records.values())
    template = template_for(arguments.record_type, examples)
    if template is None:
        raise CommandError(CommandKind.NOT_FOUND, f'Record type "{arguments.record_type}" cannot be found.')
    named = require_folder(context, arguments.folder) if arguments.folder else working_folder(context)
    folder_uid = writable_place(context, named)
    check_place(context, folder_uid)
    document = with_fields(new_document(arguments.title, arguments.record_type, template), words)
    if arguments.notes is not None:
        document["notes"] = unescaped(arguments.notes)
    record = changes.add_record(context.vault, document, folder_uid, context.task)
    attach_local(context, record.uid, files)
    return _added(record.uid, arguments, warnings)


def record_update(context: Context, arguments: Namespace) -> Output:
    if arguments.syntax_help:
        return Output(said=SYNTAX_HELP)
    _require(arguments.record, "Record parameter is required.")
    record = require_record(context, arguments.record, 'Record "{}" not found.')
    words, files = local_file_words(parse_fields(arguments.fields), context)
    check_labels(context, [word.label for word in words])
    words, warnings = _supported(words, force=arguments.force)
    if arguments.title is not None:
        _require(arguments.title.strip(), "The title cannot be empty.")

    def edit(content: Json) -> Document:
        return _edited(content, arguments, words)

    edit(dict(record.content or {}))  # what is wrong shows before anything is sent
    changes.change_record(context.vault, record.uid, edit, context.task)
    attach_local(context, record.uid, files)
    return Output(said="\n".join(warnings))


def append_notes(context: Context, arguments: Namespace) -> Output:
    if not arguments.notes.strip():
        raise CommandError(
            CommandKind.BAD_ARGUMENTS, "Missing required parameter: --notes with non-empty value", is_usage=True
        )
    _require(arguments.record, "Record parameter is required.")
    record = require_record(context, arguments.record)
    changes.change_record(
        context.vault, record.uid, lambda content: with_notes(content, f"+{arguments.notes}"), context.task
    )
    return Output()


def rm(context: Context, arguments: Namespace) -> Output:
    records = {each.uid: each for each in (require_record(context, text) for text in arguments.records)}
    if not arguments.force:
        raise CommandError(
            CommandKind.BAD_ARGUMENTS, "Missing required parameters: -f/--force flag to bypass interactive confirmation"
        )
    refusals = changes.remove_records(context.vault, list(records), context.task)
    if refusals:
        named = ", ".join(f"{records[uid].title or uid} ({why})" for uid, why in refusals.items() if uid in records)
        raise CommandError(CommandKind.FORBIDDEN, f"The vault did not delete {named}.")
    return Output()


def _edited(content: Json, arguments: Namespace, words: list[FieldWord]) -> Document:
    document = with_fields(content, words)
    if arguments.title is not None:
        document["title"] = arguments.title
    if arguments.record_type:
        document["type"] = arguments.record_type
    return with_notes(document, arguments.notes) if arguments.notes is not None else document


def _supported(words: list[FieldWord], *, force: bool) -> tuple[list[FieldWord], list[str]]:
    """With `force` fields of unknown types are left out, with a warning each. Raises `CommandError` without."""
    warnings = [warning for word in words if (warning := unsupported(word))]
    if any(word.type == FILE_TYPE for word in words):
        raise CommandError(CommandKind.BAD_ARGUMENTS, "Files are attached with upload-attachment.")
    if warnings and not force:
        raise CommandError(CommandKind.BAD_ARGUMENTS, "; ".join(warnings))
    return [word for word in words if not unsupported(word)], warnings


def _added(uid: str, arguments: Namespace, warnings: list[str]) -> Output:
    """Commander's alias answers in words alone; here they stand beside the data."""
    data: dict[str, Any] = {"record_uid": uid}
    said = None if arguments.format == "json" else "\n".join([*warnings, uid])
    message: str | list[str] | None = warnings or None
    return Output(data, said, message=uid if arguments.word == "ra" else message)


def _require(value: str, message: str) -> None:
    if not value:
        raise CommandError(CommandKind.BAD_ARGUMENTS, message)
