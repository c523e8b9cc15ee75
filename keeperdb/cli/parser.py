"""An argument parser that suggests the nearest word, and never repeats a value that may be a secret."""

import argparse
import re
from collections.abc import Iterable, Sequence
from typing import Any, NoReturn

_SECRET_OPTIONS = (
    "--password",
    "--passwd",
    "--pass",
    "--pw",
    "--token",
    "--secret",
    "--master-password",
    "--configuration",
)
_NEVER_AN_ARGUMENT = (
    "{} is not an option: a secret on a command line can be read by other programs and stays in the shell's history.\n"
    "Hand it over through standard input, or type it when asked. Consider one that was typed here as exposed."
)
_LONGEST_WORD = 30  # characters; what is longer may be a token that went astray, and is not repeated


class UsageError(Exception):
    """The arguments cannot be used; the text says why."""

    def __init__(self, parser: argparse.ArgumentParser, message: str) -> None:
        super().__init__(message)
        self.parser = parser


class Parser(argparse.ArgumentParser):
    """As in the library, except for the words of its errors."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        options.setdefault("allow_abbrev", False)
        options.setdefault("formatter_class", argparse.RawDescriptionHelpFormatter)
        self._is_intermixing = False
        super().__init__(*arguments, **options)

    def parse_all(self, words: list[str]) -> argparse.Namespace:
        """The arguments. Raises `UsageError`; exits after help."""
        for name in _names(words):
            if name in _SECRET_OPTIONS:
                raise UsageError(self, _NEVER_AN_ARGUMENT.format(name))
        arguments, extra = self.parse_known_args(words)
        if extra:
            raise UsageError(getattr(arguments, "parser", self), _explain_extra(extra, arguments, self))
        return arguments

    def error(self, message: str) -> NoReturn:
        explicit = re.match(r"argument (\S+): ignored explicit argument", message)
        if explicit:
            message = f"{explicit[1]} takes no value"
        raise UsageError(self, message[:1].upper() + message[1:] + ("" if message.endswith((".", "?")) else "."))

    def parse_known_args(  # type: ignore[override]  # the library's own signature is a set of overloads
        self, args: Sequence[str] | None = None, namespace: argparse.Namespace | None = None
    ) -> tuple[argparse.Namespace, list[str]]:
        """As in the library, but options may stand between positional arguments."""
        if self._subparsers is not None or self._is_intermixing:
            return super().parse_known_args(args, namespace)
        self._is_intermixing = True
        try:
            return super().parse_known_intermixed_args(args, namespace)
        finally:
            self._is_intermixing = False

    def option_names(self) -> list[str]:
        return [name for action in self._actions for name in action.option_strings]

    def _check_value(self, action: argparse.Action, value: Any) -> None:
        if action.choices is None or value in action.choices:
            return
        from keeperdb.settings import did_you_mean

        choices = [str(choice) for choice in action.choices]
        what = "command" if isinstance(action, argparse._SubParsersAction) else (action.metavar or action.dest)
        hint = did_you_mean(str(value), choices) or f"One of: {', '.join(choices)}."
        named = f"There is no {what} “{value}”." if len(str(value)) <= _LONGEST_WORD else f"This is no {what}."
        raise UsageError(self, f"{named} {hint}")


def _explain_extra(extra: list[str], arguments: argparse.Namespace, root: Parser) -> str:
    """One sentence on arguments that no one wants, naming options but never their values."""
    parser: Parser = getattr(arguments, "parser", root)
    for name in _names(extra):
        if parser is not root and name in root.option_names():
            return (
                f"{name} stands before the command: {root.prog} {name} … {parser.prog.removeprefix(root.prog).strip()}."
            )
        from keeperdb.settings import did_you_mean

        return f"There is no option {name}. {did_you_mean(name, parser.option_names())}".strip()
    if getattr(arguments, "too_many", ""):
        return str(arguments.too_many)
    count = "1 argument is" if len(extra) == 1 else f"{len(extra)} arguments are"
    return f"{count} too many. Text with spaces, such as SQL, stands in quotes."


def _names(words: Iterable[str]) -> list[str]:
    return [word.split("=")[0] for word in words if re.match(r"--?[A-Za-z]", word)]
