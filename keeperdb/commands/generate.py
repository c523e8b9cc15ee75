"""`generate`: passwords, phrases and keys."""

import json
import re
from argparse import Namespace
from collections.abc import Callable

from keeperdb.commands import passwords
from keeperdb.commands.clipboard import copy
from keeperdb.commands.command import Output
from keeperdb.commands.context import Context
from keeperdb.commands.passwords import LONGEST, Rules, strength
from keeperdb.commands.restrictions import LOCAL_FILES, forbidden
from keeperdb.commands.tables import table
from keeperdb.errors import CommandError, CommandKind

_MOST = 1000  # at a time
_MESSAGE = "Password generated successfully"


def generate(context: Context, arguments: Namespace) -> Output:
    if context.is_remote and (arguments.clipboard or arguments.word_list):
        raise forbidden(LOCAL_FILES)
    _check_numbers(arguments)
    make = _maker(arguments)
    made = [make() for _ in range(arguments.number)]
    if arguments.clipboard:
        copy("\n".join(made))
        return Output(said="Copied to the clipboard")
    return _output(made, arguments)


def _output(made: list[str], arguments: Namespace) -> Output:
    is_bare = arguments.quiet or arguments.password_list
    if arguments.format == "json":
        rows = [{"password": each} if is_bare else {"password": each, "strength": strength(each)} for each in made]
        return Output(rows, said=json.dumps(rows, indent=max(0, min(arguments.json_indent, 8)) or None))
    if is_bare:
        return Output(_data([{"password": each} for each in made]), "\n".join(made), message=_MESSAGE)
    scored: list[dict[str, object]] = [
        {"password": each, "strength": strength(each), "breach_watch": None} for each in made
    ]
    said = table(["Strength(%)", "Password"], [[each["strength"], each["password"]] for each in scored], shorten=False)
    return Output(_data(scored), said, message=_MESSAGE)


def _data(rows: object) -> dict[str, object]:
    return {"count": len(rows) if isinstance(rows, list) else 0, "passwords": rows}


def _maker(arguments: Namespace) -> Callable[[], str]:
    if arguments.recoveryphrase:
        return passwords.recovery_phrase
    if arguments.dice_rolls:
        listed = _word_list(arguments.word_list)
        return lambda: str(arguments.delimiter).join(passwords.words(arguments.dice_rolls, listed))
    if arguments.passphrase:
        return lambda: passwords.passphrase(
            arguments.pp_count,
            arguments.pp_separator,
            capitalize=not arguments.pp_no_capitalize,
            number=not arguments.pp_no_number,
        )
    if arguments.aes_key:
        return passwords.aes_key
    if arguments.crypto:
        return lambda: passwords.plain_password(arguments.length)
    rules = _rules(arguments)
    return lambda: passwords.random_password(arguments.length, rules)


def _rules(arguments: Namespace) -> Rules:
    """Of `--rules`, with what the single options say before it."""
    numbers: list[int | None] = [None] * 4
    if arguments.rules is not None:
        words = [word.strip() for word in arguments.rules.split(",")]
        if len(words) != 4 or not all(re.fullmatch(r"[0-9]{1,3}", word) for word in words):
            raise _refused("--rules is four numbers: upper case, lower case, digits, symbols, such as 2,2,2,2.")
        numbers = [int(word) for word in words]
    given = (arguments.uppercase, arguments.lowercase, arguments.digits, arguments.symbols)
    return Rules(*(own if own is not None else number for own, number in zip(given, numbers, strict=True)))


def _check_numbers(arguments: Namespace) -> None:
    named = {"--number": (arguments.number, _MOST), "--count": (arguments.length, LONGEST)}
    named |= {"--pp-count": (arguments.pp_count, LONGEST), "--dice-rolls": (arguments.dice_rolls or 1, LONGEST)}
    for name, (number, most) in named.items():
        if not 0 < number <= most:
            raise _refused(f"{name} is a number from 1 to {most}.")
    for number in (arguments.symbols, arguments.digits, arguments.uppercase, arguments.lowercase):
        if number is not None and not 0 <= number <= LONGEST:
            raise _refused(f"At least 0 and at most {LONGEST} of each kind.")


def _word_list(path: str | None) -> list[str]:
    if not path:
        return []
    try:
        found = passwords.read_word_list(path)
    except (OSError, UnicodeDecodeError) as error:
        raise _refused(f"{path} could not be read.") from error
    if len(found) < 2:
        raise _refused(f"{path} holds no list of words.")
    return found


def _refused(message: str) -> CommandError:
    return CommandError(CommandKind.BAD_ARGUMENTS, message)
