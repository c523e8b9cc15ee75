"""`keeperdb export`: write what a query returns, or a table, to a file."""

import sys
from argparse import Namespace
from pathlib import Path

from keeperdb.cli import exit_codes
from keeperdb.cli.commands.query import is_reading, require_values, require_yes, script_of
from keeperdb.cli.context import Context
from keeperdb.cli.parser import UsageError
from keeperdb.cli.sql_errors import explain
from keeperdb.data.export import ExportFormat, ExportOptions, SqlOptions, export_statement
from keeperdb.engines.base import NodeKind
from keeperdb.errors import QueryError, SettingsError
from keeperdb.query.parameters import parse_assignments
from keeperdb.query.schema_paths import find_object
from keeperdb.query.session import Session
from keeperdb.query.statements import Statement, split

_ENDINGS = {form.value: form for form in ExportFormat} | {
    "ndjson": ExportFormat.JSONL,
    "markdown": ExportFormat.MARKDOWN,
    "htm": ExportFormat.HTML,
    "txt": ExportFormat.TSV,
    "pq": ExportFormat.PARQUET,
}
_NO_DELIMITERS = '"\r\n\0'
_TABLES = (NodeKind.TABLE, NodeKind.VIEW, NodeKind.MATERIALIZED_VIEW)


def run(context: Context) -> int:
    arguments = context.arguments
    _check(arguments)
    form = _format(arguments)
    delimiter = _delimiter(context, form)
    profile = context.workspace.find(arguments.name)
    script = None if arguments.table is not None else script_of(arguments)
    session = context.open(profile)
    try:
        statement, table = _table(context, session) if script is None else (_only_statement(script, session), "")
        options = _options(context, session, delimiter, table)
        require_values([statement], parse_assignments(arguments.parameters), session.engine.dialect)
        if not arguments.yes:
            require_yes(context, session, [statement])
        try:
            _export(context, session, statement, form, options)
        except QueryError as error:
            context.say(explain(error, script or statement.text, statement))
            return exit_codes.SQL
        return exit_codes.OK
    finally:
        context.run(lambda task: session.close())


def _export(
    context: Context, session: Session, statement: Statement, form: ExportFormat, options: ExportOptions
) -> None:
    arguments = context.arguments
    notices: list[str] = []
    path: Path = arguments.output.absolute()
    parameters = parse_assignments(arguments.parameters)
    rows = context.run(
        lambda task: export_statement(
            session,
            statement.text,
            path,
            form,
            options,
            task,
            parameters=parameters,
            confirmed=True,
            limit=arguments.limit,
            notices=notices,
        )
    )
    for notice in notices:
        context.say(notice)
    if session.in_transaction and not is_reading(statement):
        context.say(f"“{session.profile.name}” commits by hand: what the statement changed is rolled back.")
    context.say(f"{rows:,} row{'' if rows == 1 else 's'} written to {arguments.output}.")


def _table(context: Context, session: Session) -> tuple[Statement, str]:
    """The statement that reads the table of the command line, and its name. Raises `NotFoundError`."""
    path = context.arguments.table
    node = context.run(lambda task: find_object(session, path, task))
    if node.kind not in _TABLES:
        raise SettingsError(f"“{path}” is a {node.kind}, not a table or a view.", "Name a table.")
    text = session.engine.select_all(node.path)
    return Statement(text, 0, len(text)), node.name


def _only_statement(script: str, session: Session) -> Statement:
    statements = split(script, session.engine.dialect)
    if not statements:
        raise SettingsError("There is no SQL statement.", "Write one in quotes, or name a file with -f.")
    if len(statements) > 1:
        raise SettingsError(
            f"There are {len(statements)} statements, and one file holds what one of them returns.",
            "Export them one by one.",
        )
    return statements[0]


def _options(context: Context, session: Session, delimiter: str, table: str) -> ExportOptions:
    arguments, settings = context.arguments, context.workspace.settings
    target = arguments.insert_into or table or arguments.output.stem
    return ExportOptions(
        delimiter=delimiter,
        has_header=not arguments.no_header,
        guards_formulas=arguments.formula_guard or settings.is_on("results.csv_formula_guard"),
        has_bom=arguments.bom,
        null_text=settings.text("results.null_text"),
        title=table or arguments.output.stem,
        sql=SqlOptions.of(session.engine, (target,)),
    )


def _format(arguments: Namespace) -> ExportFormat:
    if arguments.format is not None:
        return ExportFormat(arguments.format)
    ending = arguments.output.suffix.removeprefix(".").lower()
    if ending not in _ENDINGS:
        raise UsageError(
            arguments.parser, f"The ending of {arguments.output.name} tells no format. Say which with --format."
        )
    return _ENDINGS[ending]


def _delimiter(context: Context, form: ExportFormat) -> str:
    word: str | None = context.arguments.delimiter
    if word is None:
        return context.workspace.settings.text("results.csv_delimiter")
    if form is not ExportFormat.CSV:
        raise UsageError(context.arguments.parser, f"--delimiter is for CSV, and this is {form.upper()}.")
    character = "\t" if word in ("tab", "\\t") else word
    if len(character) != 1 or not character.isascii() or character in _NO_DELIMITERS:
        raise UsageError(
            context.arguments.parser, "--delimiter is one ASCII character, but no quote and no line end; or tab."
        )
    return character


def _check(arguments: Namespace) -> None:
    """Raises `UsageError` for options that do not go together."""
    is_piped = arguments.file is None and arguments.sql in (None, "-")
    if sum(each is not None for each in (arguments.sql, arguments.file, arguments.table)) > 1:
        raise UsageError(arguments.parser, "One of SQL, --table and -f says what to export, not several.")
    if arguments.limit is not None and arguments.limit < 0:
        raise UsageError(arguments.parser, "--limit is a number of rows, 0 or more.")
    if arguments.table is not None:
        return
    if is_piped and arguments.password_stdin:
        raise UsageError(arguments.parser, "Standard input cannot hold both SQL and a password. Name a file with -f.")
    if arguments.sql is None and is_piped and sys.stdin.isatty():
        raise UsageError(arguments.parser, "There is no SQL. Write it in quotes, or name a table with --table.")
