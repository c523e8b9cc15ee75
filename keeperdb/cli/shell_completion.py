"""What the shell offers to complete: commands, their options, and paths of folders and records."""

import re
from argparse import ArgumentParser
from collections.abc import Callable, Iterable, Iterator
from functools import cache

from prompt_toolkit.completion import CompleteEvent, Completer, Completion
from prompt_toolkit.document import Document

from keeperdb.cli.output import safe
from keeperdb.cli.service_table import SERVICE_COMMANDS
from keeperdb.commands.context import Context
from keeperdb.commands.lookup import folder_at, join_path, working_folder
from keeperdb.commands.snapshot import folder_name
from keeperdb.commands.table import COMMANDS, find

SERVICE_NAMES = tuple(command.name for command in SERVICE_COMMANDS if command.name.startswith("service-"))
LEAVING = ("quit", "exit", "q")

_FOLDERS_ONLY = frozenset({"cd", "tree", "mkdir", "rmdir", "rndir", "ls"})
_PLAIN = re.compile(r"[\w./@:+,%-]+")
_MOST = 200  # completions; more is no help


class ShellCompleter(Completer):
    """Completes the word at the caret, as the vault was last read."""

    def __init__(self, context: Callable[[], Context]) -> None:
        self._context = context

    def get_completions(self, document: Document, complete_event: CompleteEvent) -> Iterator[Completion]:
        """The vault is not asked."""
        before = document.text_before_cursor
        start, word = last_word(before)
        command = before[:start].split(maxsplit=1)
        for number, (text, meta) in enumerate(self._candidates(command[0] if command else "", word)):
            if number >= _MOST:
                return
            yield Completion(quoted(text), start - len(before), display=safe(text), display_meta=meta)

    def _candidates(self, command: str, word: str) -> Iterator[tuple[str, str]]:
        if not command:
            yield from _matching(_command_names(), word)
        elif word.startswith("-"):
            yield from _matching(((option, "") for option in _options(command)), word)
        elif command not in SERVICE_NAMES:
            yield from self._paths(word, with_records=command not in _FOLDERS_ONLY)

    def _paths(self, word: str, *, with_records: bool) -> Iterator[tuple[str, str]]:
        context = self._context()
        snapshot = context.snapshot
        head, slash, name = word.rpartition("/")
        folder = folder_at(snapshot, head or "/", working_folder(context)) if slash else working_folder(context)
        if folder is None:
            return
        folders = [
            (f"{head}{slash}{join_path([folder_name(each)])}/", "folder") for each in snapshot.subfolders(folder)
        ]
        records = [
            (f"{head}{slash}{join_path([each.title])}", each.type) for each in snapshot.records_in(folder) if each.title
        ]
        prefix = f"{head}{slash}{name}"
        yield from _matching([*folders, *(records if with_records else ())], prefix)


def last_word(text: str) -> tuple[int, str]:
    """Where the word at the end of `text` begins, and the word without its quotes; an open quote is fine."""
    start, quote, value = len(text), "", ""
    in_word = False
    for index, character in enumerate(text):
        if not quote and character in " \t":
            in_word, value = False, ""
            continue
        if not in_word:
            start, in_word = index, True
        if character == quote:
            quote = ""
        elif not quote and character in "'\"":
            quote = character
        else:
            value += character
    return (start, value) if in_word else (len(text), "")


def quoted(text: str) -> str:
    """`text` as one word of a command line."""
    if _PLAIN.fullmatch(text):
        return text
    return "'" + text + "'" if "'" not in text else '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _matching(candidates: Iterable[tuple[str, str]], prefix: str) -> Iterator[tuple[str, str]]:
    wanted = prefix.casefold()
    return ((text, meta) for text, meta in candidates if text.casefold().startswith(wanted) and text.isprintable())


@cache
def _command_names() -> tuple[tuple[str, str], ...]:
    ours = [(command.name, command.summary) for command in SERVICE_COMMANDS if command.name in SERVICE_NAMES]
    vault = [(command.name, command.summary) for command in COMMANDS.values()]
    return (*sorted([*ours, *vault]), ("quit", "leave the shell"))


@cache
def _options(name: str) -> tuple[str, ...]:
    parser = ArgumentParser(add_help=False)
    command = find(name)
    if command is not None:
        command.add_options(parser)
    for service in SERVICE_COMMANDS:
        for argument in service.arguments if service.name == name else ():
            parser.add_argument(*argument.names, **argument.options)
    return tuple(option for option in parser._option_string_actions if option.startswith("--"))
