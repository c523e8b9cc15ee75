"""What a vault command is, and what it gives back."""

import json
from argparse import ArgumentParser, Namespace
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from keeperdb.commands.context import Context

Run = Callable[["Context", Namespace], "Output"]


@dataclass(frozen=True, slots=True)
class Output:
    """The result of a command that was carried out.

    `data` is its structure, which JSON can hold. `said` is what the shell and the command line print; None stands for
    `data` as indented JSON. `message` stands beside `data` in an answer over HTTP; without both, it is made of `said`.
    `echo` is what the member `command` of an answer says, where that is not the command's name. `kept_answers` holds
    whole answers by that word, where the same output is given out again and again.
    """

    data: object | None = field(default=None, repr=False)
    said: str | None = field(default=None, repr=False)
    message: str | list[str] | None = field(default=None, repr=False)
    echo: str = ""
    kept_answers: dict[str, bytes] | None = field(default=None, repr=False, compare=False)

    @property
    def text(self) -> str:
        """What the shell and the command line print, without a newline at its end."""
        if self.said is not None:
            return self.said
        return "" if self.data is None else json.dumps(self.data, indent=2, ensure_ascii=False)


@dataclass(frozen=True, slots=True)
class Command:
    """One row of the table.

    `is_write`: it changes the vault. `takes_secrets`: its arguments may be secrets, and are never repeated.
    `is_immediate`: it reads what is in memory and is done in milliseconds, so that a server need not start a thread.
    `gathers` names the positional argument that takes all words that are no options, wherever they stand.
    `writes_file`: its option `--output` names a file of this machine.
    `is_available` is false for those of Commander that a Secrets Manager application cannot do: `run` says why.
    """

    name: str
    aliases: tuple[str, ...]
    category: str
    summary: str
    add_options: Callable[[ArgumentParser], None]
    run: Run
    is_write: bool = False
    takes_secrets: bool = False
    is_available: bool = True
    writes_file: bool = False
    is_immediate: bool = False
    gathers: str = ""


def lazily(place: str) -> Run:
    """The function `module:name` of `keeperdb.commands`, imported when it is first called."""

    @cache
    def find() -> Run:
        module, _, name = place.partition(":")
        found: Run = getattr(import_module(f"keeperdb.commands.{module}"), name)
        return found

    def run(context: "Context", arguments: Namespace) -> Output:
        return find()(context, arguments)

    return run
