"""`mv`: what of it the Secrets Manager protocol allows, which is to say so."""

from argparse import Namespace

from keeperdb.commands.command import Output
from keeperdb.commands.context import Context
from keeperdb.commands.lookup import folder_at, records_at, require_record, working_folder
from keeperdb.errors import CommandError, CommandKind

_NO_VERB = "The Secrets Manager protocol has no way to move {}: only the vault can."
_HINT = "Move it in the vault, then run sync-down."


def mv(context: Context, arguments: Namespace) -> Output:
    """Succeeds where there is nothing to move: the record is in that folder already."""
    snapshot, here = context.snapshot, working_folder(context)
    target = folder_at(snapshot, arguments.dst, here)
    if target is None:
        raise CommandError(CommandKind.NOT_FOUND, "Destination path should be existing folder")
    if not records_at(context, arguments.src) and folder_at(snapshot, arguments.src, here) is not None:
        raise CommandError(CommandKind.FORBIDDEN, _NO_VERB.format("folders"), _HINT)
    record = require_record(context, arguments.src)
    if snapshot.place_of(record) == target:
        return Output()
    raise CommandError(CommandKind.FORBIDDEN, _NO_VERB.format("records"), _HINT)
