"""`keeperdb schema`: the objects of a database, the parts of one object, or the statements that make it."""

from keeperdb.cli import exit_codes
from keeperdb.cli.context import Context
from keeperdb.cli.output import safe_lines, write_list
from keeperdb.engines.base import Node
from keeperdb.errors import SettingsError
from keeperdb.query.schema_paths import ROOT, find_object, look_up

_COLUMNS = ("kind", "name", "detail")


def run(context: Context) -> int:
    arguments = context.arguments
    if arguments.ddl and arguments.path in ("", ROOT):
        raise SettingsError("--ddl needs the path of an object.", "`keeperdb schema CONNECTION` shows what there is.")
    session = context.open(context.workspace.find(arguments.name))
    try:
        if arguments.ddl:
            text = context.run(lambda task: session.ddl(find_object(session, arguments.path, task), task))
            context.out.write(safe_lines(text.expandtabs()) if context.out.isatty() else text)
            return exit_codes.OK
        nodes = context.run(lambda task: look_up(session, arguments.path, task))
    finally:
        context.run(lambda task: session.close())
    write_list(context.out, arguments.format, [_row(node) for node in nodes], _COLUMNS)
    return exit_codes.OK


def _row(node: Node) -> dict[str, object]:
    return {
        "kind": str(node.kind),
        "name": node.name,
        "path": "/".join(node.path),
        "detail": node.detail,
        "comment": node.comment,
        "row_estimate": node.row_estimate,
        "size_bytes": node.size_bytes,
    }
