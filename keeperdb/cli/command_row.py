"""One row of the table of commands."""

from dataclasses import dataclass

from keeperdb.cli.connection_options import Argument, argument

_LIST_FORMATS = ("table", "json", "csv")


@dataclass(frozen=True, slots=True)
class Command:
    """One command, or a group of `commands`.

    `run` is `module:function` in `keeperdb.cli.commands`; `too_many` is said instead of the usual when an argument is
    too many. One that is `desktop_only` is not listed in gateway mode, where it says so when called.
    """

    name: str
    summary: str
    examples: str
    run: str = ""
    arguments: tuple[Argument, ...] = ()
    commands: tuple["Command", ...] = ()
    too_many: str = ""
    desktop_only: bool = False


def format_option(*formats: str) -> Argument:
    return argument("--format", choices=formats, default="table", help="table unless told otherwise")


LIST = format_option(*_LIST_FORMATS)
