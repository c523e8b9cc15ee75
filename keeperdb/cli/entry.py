"""From the words of the command line to an exit code."""

import importlib
import io
import itertools
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from keeperdb import __version__
from keeperdb.cli import exit_codes
from keeperdb.cli.arguments import build_parser
from keeperdb.cli.parser import UsageError
from keeperdb.cli.vault_words import vault_command_at

if TYPE_CHECKING:
    from argparse import Namespace

    from keeperdb.cli.context import Context

_COMMANDS = "keeperdb.cli.commands"


def main(words: Sequence[str] | None = None) -> int:
    """Run one command; `words` default to the process's arguments. Returns the exit code."""
    _prepare_streams()
    try:
        code = _run(list(sys.argv[1:] if words is None else words))
        sys.stdout.flush()
    except BrokenPipeError:  # the reader, such as `head`, has seen enough
        _discard(sys.stdout)
        return exit_codes.OK
    except KeyboardInterrupt:
        _say("Interrupted.")
        return exit_codes.INTERRUPTED
    except OSError as error:
        _discard(sys.stdout)
        _say(f"Error: Standard output could not be written: {error.strerror}.")
        return exit_codes.USAGE
    return code


def _run(words: list[str]) -> int:
    try:
        arguments = _arguments(words)
    except UsageError as error:
        return _say_usage_error(error)
    from keeperdb.cli.context import Context
    from keeperdb.cli.worker import termination_as_interrupt
    from keeperdb.errors import KeeperDBError

    context = Context(arguments)
    with termination_as_interrupt():
        try:
            return find_command(arguments.run)(context)
        except UsageError as error:
            return _say_usage_error(error)
        except KeeperDBError as error:
            context.say_error(error)
            return exit_codes.exit_code_of(error)
        except (OSError, KeyboardInterrupt):
            raise
        except Exception as error:  # noqa: BLE001 - what is not ours is a bug: it is logged, and said in one sentence
            return _report_bug(context, error)


def _arguments(words: list[str]) -> "Namespace":
    """Raises `UsageError`. The words of a vault command are left to its own table."""
    parser = build_parser(__version__, is_gateway=_is_gateway(words))
    at = vault_command_at(words)
    if at is None:
        return parser.parse_all(words)
    arguments = parser.parse_all(words[:at])
    arguments.run, arguments.words = "shell:run_words", words[at:]
    return arguments


def _is_gateway(words: list[str]) -> bool:
    """As the options will say it once they are read: help has to know before."""
    given = [after for word, after in itertools.pairwise(words) if word == "--mode"]
    given += [word.removeprefix("--mode=") for word in words if word.startswith("--mode=")]
    return (given[0] if given else os.environ.get("KEEPERDB_MODE")) == "gateway"


def find_command(name: str) -> "Callable[..., int]":
    """The function `module:function` of `keeperdb.cli.commands`."""
    module, _, function = name.partition(":")
    command: Callable[..., int] = getattr(importlib.import_module(f"{_COMMANDS}.{module}"), function)
    return command


def _say_usage_error(error: UsageError) -> int:
    from keeperdb.cli.output import safe_lines

    _say(f"Error: {safe_lines(str(error))}")
    _say(f"  {error.parser.prog} --help says more.")
    return exit_codes.USAGE


def _say(text: str) -> None:
    sys.stderr.write(text + "\n")
    sys.stderr.flush()


def _report_bug(context: "Context", error: Exception) -> int:
    import logging

    from keeperdb import log

    path = log.set_up(context.options.paths().logs)
    logging.getLogger(__name__).error("A command failed", exc_info=error)
    context.say(f"Error: KeeperDB failed in a way it should not ({type(error).__name__}).\n  Details are in {path}.")
    return exit_codes.BUG


def _prepare_streams() -> None:
    """UTF-8 and plain line feeds on every platform, and text that no encoding has as an escape."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace", newline="\n")


def _discard(stream: TextIO) -> None:
    """Keep the interpreter from writing what is left in `stream` while it ends."""
    try:
        descriptor = stream.fileno()
    except (OSError, ValueError):  # not a real file, as in a test
        return
    with Path(os.devnull).open("wb") as nowhere:
        os.dup2(nowhere.fileno(), descriptor)
