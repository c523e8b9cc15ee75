"""`totp`: the one-time codes of a record."""

import time
from argparse import Namespace

from keeperdb.commands.command import Output
from keeperdb.commands.context import Context
from keeperdb.commands.lookup import require_record
from keeperdb.commands.one_time_codes import OneTimeCode, one_time_urls, parse_one_time_url
from keeperdb.commands.tables import table
from keeperdb.errors import CommandError, CommandKind

_MOST = 20  # codes before and after


def totp(context: Context, arguments: Namespace) -> Output:
    """The code of now; it does not go on, as Commander's on a terminal does."""
    if not arguments.record:
        return _records(context, arguments)
    if not 0 <= arguments.range <= _MOST:
        raise CommandError(CommandKind.BAD_ARGUMENTS, f"--range is a number from 0 to {_MOST}.")
    record = require_record(context, arguments.record)
    codes = [code for url in one_time_urls(record) if (code := parse_one_time_url(url)) is not None]
    if not codes:
        raise CommandError(CommandKind.NOT_FOUND, f'Record "{record.title}" does not contain TOTP codes')
    now = time.time()
    rows = [(_name(offset), codes[0].at(now, offset)) for offset in range(-arguments.range, arguments.range + 1)]
    if arguments.format == "json":
        return Output([{"key": key, "value": value} for key, value in rows])
    lines = [f"{key}  {value}" for key, value in rows]
    if not arguments.range:
        lines[0] += f"               valid for {codes[0].seconds_left(now)} sec"
    return Output(said="\n".join([*_described(codes[0]), *lines] if arguments.details else lines))


def _name(offset: int) -> str:
    return "Current" if offset == 0 else str(offset)


def _described(code: OneTimeCode) -> list[str]:
    return [f"Algorithm: {code.algorithm}", f"Digits: {code.digits}", f"Period: {code.period}"]


def _records(context: Context, arguments: Namespace) -> Output:
    rows = [
        {"record_uid": each.uid, "title": each.title, "type": each.type}
        for each in context.snapshot.records.values()
        if any(parse_one_time_url(url) for url in one_time_urls(each))
    ]
    rows.sort(key=lambda row: row["title"].casefold())
    if arguments.format == "json":
        return Output(rows)
    return Output(said=table(["Record UID", "Title", "Type"], [list(row.values()) for row in rows]) if rows else "")
