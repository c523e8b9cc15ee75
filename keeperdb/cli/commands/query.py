"""`keeperdb query`: run SQL and print what it returns."""

import re
import sys
from argparse import Namespace
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from keeperdb.cli import exit_codes
from keeperdb.cli.context import Context
from keeperdb.cli.parser import UsageError
from keeperdb.cli.result_output import ResultPrinter, open_output
from keeperdb.cli.sql_errors import explain
from keeperdb.connections.profile import CommitMode
from keeperdb.errors import KeeperDBError, QueryError, SettingsError
from keeperdb.query.parameters import parameter_names, parse_assignments
from keeperdb.query.safety import ConfirmationRequired
from keeperdb.query.statements import Statement, split

if TYPE_CHECKING:
    from keeperdb.query.session import Session

_COMMENT = re.compile(r"--[^\n]*|/\*.*?\*/", re.DOTALL)
_WORD = re.compile(r"[A-Z]+")
_WRITING = {"INSERT", "UPDATE", "DELETE", "MERGE"}
_READING = {"SELECT", "SHOW", "EXPLAIN", "DESCRIBE", "DESC", "VALUES", "TABLE", "PRAGMA"}


def run(context: Context) -> int:
    arguments = context.arguments
    _check(arguments)
    profile = context.workspace.find(arguments.name)
    script = script_of(arguments)
    session = context.open(profile)
    try:
        with open_output(arguments.output, context.out) as out:
            code = _ScriptRun(context, session, ResultPrinter(context, out), script).run()
            out.flush()
            return code
    except _StatementError as failure:
        context.say(str(failure))
        return exit_codes.SQL
    finally:
        context.run(lambda task: session.close())


class _StatementError(Exception):
    """The server refused a statement; the text says which and where."""


class _ScriptRun:
    """The statements of a script, one after the other, up to the first error."""

    def __init__(self, context: Context, session: "Session", printer: ResultPrinter, script: str) -> None:
        self._context = context
        self._session = session
        self._printer = printer
        self._script = script
        self._parameters = parse_assignments(context.arguments.parameters)
        self._may_have_changed = False

    def run(self) -> int:
        """Returns the exit code. Raises `_StatementError` for the first statement that failed."""
        statements = split(self._script, self._session.engine.dialect)
        if not statements:
            raise SettingsError("There is no SQL statement.", "Write one in quotes, or name a file with -f.")
        require_values(statements, self._parameters, self._session.engine.dialect)
        if not self._context.arguments.yes:
            require_yes(self._context, self._session, statements)
        for statement in statements:
            self._run_one(statement)
        return self._end_transaction()

    def _run_one(self, statement: Statement) -> None:
        try:
            results = self._context.run(
                lambda task: self._session.execute(statement, task, parameters=self._parameters, confirmed=True)
            )
            for result in results:
                self._printer.print(result)
        except QueryError as error:
            if self._session.in_transaction:
                self._roll_back("What was not committed before the error is rolled back.")
            raise _StatementError(explain(error, self._script, statement)) from error
        if not is_reading(statement) or results[0].columns is None:
            self._may_have_changed = True

    def _end_transaction(self) -> int:
        if not self._session.in_transaction:
            return exit_codes.OK
        if self._session.commit_mode is CommitMode.AUTO:
            self._roll_back("A transaction was left open by the script: it is rolled back. End it with COMMIT.")
            return exit_codes.OK
        if self._context.arguments.commit:
            self._context.run(self._session.commit)
            self._context.say("Committed.")
            return exit_codes.OK
        if not self._may_have_changed:
            return exit_codes.OK
        self._roll_back(
            f"“{self._session.profile.name}” commits by hand: the changes are rolled back. Add --commit to keep them."
        )
        return exit_codes.USAGE

    def _roll_back(self, message: str) -> None:
        self._context.say(message)
        try:
            self._context.run(self._session.rollback)
        except KeeperDBError as error:  # closing the connection rolls back as well
            self._context.say(f"Warning: {error.message}")


def require_values(statements: Sequence[Statement], parameters: Mapping[str, Any], dialect: str) -> None:
    """Raise `SettingsError`, before anything runs, for a parameter that has no value."""
    names = [name for statement in statements for name in parameter_names(statement.text, dialect)]
    missing = [name for name in dict.fromkeys(names) if name not in parameters]
    if missing:
        raise SettingsError(
            f"There is no value for {', '.join(missing)}.",
            f"Add --param {missing[0]}=VALUE, or --param {missing[0]}:number=VALUE.",
        )


def require_yes(context: Context, session: "Session", statements: Sequence[Statement]) -> None:
    """Raise `SettingsError`, before anything runs, if one of `statements` has to be confirmed."""
    for statement in statements:
        try:
            context.run(partial(session.require_confirmation, statement.text))
        except ConfirmationRequired as question:
            raise SettingsError(question.message, "Add --yes to run it.") from question


def is_reading(statement: Statement) -> bool:
    """Whether the statement by its words only looks at data; a function that it calls may do otherwise."""
    words = _WORD.findall(_COMMENT.sub(" ", statement.text).upper())
    if words[:1] == ["WITH"]:
        return not _WRITING.intersection(words)
    return bool(words) and words[0] in _READING


def _check(arguments: Namespace) -> None:
    """Raises `UsageError` for options that do not go together."""
    is_piped = arguments.file is None and arguments.sql in (None, "-")
    if arguments.limit is not None and arguments.limit < 0:
        raise UsageError(arguments.parser, "--limit is a number of rows, 0 or more.")
    if arguments.sql is not None and arguments.file is not None:
        raise UsageError(arguments.parser, "SQL is either an argument or in a file, not both.")
    if is_piped and arguments.password_stdin:
        raise UsageError(arguments.parser, "Standard input cannot hold both SQL and a password. Name a file with -f.")
    if arguments.sql is None and is_piped and sys.stdin.isatty():
        raise UsageError(arguments.parser, "There is no SQL. Write it in quotes, or name a file with -f.")


def script_of(arguments: Namespace) -> str:
    """The SQL from the argument, the file or standard input. Raises `SettingsError`."""
    if arguments.file is not None:
        return _read_file(arguments.file)
    if arguments.sql not in (None, "-"):
        return str(arguments.sql)
    return _decode(sys.stdin.buffer.read(), "Standard input")


def _read_file(path: Path) -> str:
    try:
        return _decode(path.read_bytes(), str(path))
    except OSError as error:
        raise SettingsError(f"{path} could not be read: {error.strerror}.", "Check the name.") from error


def _decode(content: bytes, name: str) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise SettingsError(
            f"{name} is not UTF-8 text (byte {error.start + 1}).", "Save it as UTF-8, then try again."
        ) from error
