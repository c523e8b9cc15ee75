"""`clipboard-copy` and `find-password`: one value of a record."""

import time
from argparse import Namespace

from keeperdb.commands.clipboard import copy
from keeperdb.commands.command import Output
from keeperdb.commands.context import Context
from keeperdb.commands.lookup import records_at, require_record
from keeperdb.commands.one_time_codes import one_time_urls, parse_one_time_url
from keeperdb.commands.record_text import fields_of, first_value, notes_of, search_text, values_of
from keeperdb.commands.restrictions import forbidden
from keeperdb.errors import CommandError, CommandKind
from keeperdb.vault.contents import VaultRecord


def clipboard_copy(context: Context, arguments: Namespace) -> Output:
    return _give(context, arguments, arguments.output or "clipboard")


def find_password(context: Context, arguments: Namespace) -> Output:
    return _give(context, arguments, arguments.output or "stdout")


def _give(context: Context, arguments: Namespace, target: str) -> Output:
    if arguments.revision:
        raise CommandError(CommandKind.FORBIDDEN, "A Secrets Manager application has no access to earlier revisions.")
    if target == "variable":
        raise CommandError(CommandKind.BAD_ARGUMENTS, "There are no variables here.", "Use --output stdout.")
    if target == "clipboard" and context.is_remote:
        raise forbidden("The clipboard of the service's machine is out of reach; use --output=stdout")
    value = _value(_record(context, arguments), arguments)
    if target == "clipboard":
        copy(value)
        return Output(said="Copied to the clipboard")
    return Output(said=value, message=value)


def _record(context: Context, arguments: Namespace) -> VaultRecord:
    """The one that is named, or else the one that has the words and the login that are asked for."""
    if not arguments.record and not arguments.username:
        raise CommandError(CommandKind.BAD_ARGUMENTS, "Record parameter is required.")
    if arguments.record and (records_at(context, arguments.record) or not arguments.username):
        record = require_record(context, arguments.record)
        if arguments.username in ("", first_value(record, "login")):
            return record
    words = arguments.record.casefold()
    fitting = [
        each
        for each in context.snapshot.records.values()
        if first_value(each, "login") == arguments.username and words in search_text(each)
    ]
    if len(fitting) != 1:
        kind = CommandKind.NOT_FOUND if not fitting else CommandKind.BAD_ARGUMENTS
        raise CommandError(kind, f"{len(fitting)} records have that login.", "Name one by its UID.")
    return fitting[0]


def _value(record: VaultRecord, arguments: Namespace) -> str:
    if arguments.copy_uid:
        return record.uid
    if arguments.totp:
        return _code(record)
    name = arguments.field or ("login" if arguments.login else "password")
    found = notes_of(record) if name == "notes" else _field(record, name)
    if not found:
        raise CommandError(CommandKind.NOT_FOUND, f"Record {record.uid} has no {name}.")
    return found


def _code(record: VaultRecord) -> str:
    for url in one_time_urls(record):
        code = parse_one_time_url(url)
        if code is not None:
            return code.at(time.time())
    raise CommandError(CommandKind.NOT_FOUND, f"Record {record.uid} does not contain TOTP codes")


def _field(record: VaultRecord, name: str) -> str:
    """A field by type or label; `host:hostName` is one part of it."""
    kind, _, part = name.partition(":")
    for field in fields_of(record):
        label = field.get("label")
        names = (field.get("type"), label.casefold() if isinstance(label, str) else None)
        if kind in names or kind.casefold() in names:
            for value in values_of(field):
                return _text(value, part)
    return ""


def _text(value: object, part: str) -> str:
    if isinstance(value, dict):
        if part:
            return str(value.get(part) or "")
        return " ".join(str(each) for each in value.values() if each not in (None, ""))
    return str(value)
