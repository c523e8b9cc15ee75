"""`[f.|c.][TYPE][.LABEL]=VALUE`: which field a word of `record-add` or `record-update` means."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from keeperdb.commands.field_types import FIELD_TYPES
from keeperdb.errors import CommandError, CommandKind

STANDARD, CUSTOM = "f", "c"


@dataclass(frozen=True, slots=True)
class FieldWord:
    """One such word. `section` is `f`, `c` or empty: standard where there is such a field, else custom."""

    section: str
    type: str
    label: str
    text: str = field(repr=False)

    @property
    def name(self) -> str:
        return f"{self.type}.{self.label}" if self.label else self.type


def parse_fields(words: Iterable[str]) -> list[FieldWord]:
    """Raises `CommandError` for a word without `=`, which is not repeated: it may be a secret that stands alone."""
    return [_parse(number, word) for number, word in enumerate(words, 1)]


def unsupported(word: FieldWord) -> str:
    """The warning for a type that is not known; nothing if it is."""
    if word.type in FIELD_TYPES:
        return ""
    return f'Field type "{word.type}" is not supported. Field: {word.name}'


def _parse(number: int, word: str) -> FieldWord:
    name, sign, text = word.partition("=")
    if not sign or not name.strip():
        raise CommandError(CommandKind.BAD_ARGUMENTS, f"Expected: <field>=<value>, got: argument {number}; Missing `=`")
    while text.startswith("="):  # a doubled sign belongs to the label, if another follows that ends it
        more, sign, rest = text[1:].partition("=")
        if not sign:
            break
        name, text = f"{name}={more}", rest
    return _named(name.strip(), text)


def _named(name: str, text: str) -> FieldWord:
    section, dot, rest = name.partition(".")
    if not dot or section not in (STANDARD, CUSTOM):
        section, rest = "", name
    kind, dot, label = rest.partition(".")
    if kind in FIELD_TYPES or (dot and kind):
        return FieldWord(section, kind, label, text)
    return FieldWord(section, "text", rest.lstrip("."), text)
