"""Makes and changes the JSON of a record by the words of `record-add` and `record-update`."""

import copy
from collections.abc import Iterable, Mapping
from typing import Any

from keeperdb.commands.field_syntax import CUSTOM, STANDARD, FieldWord
from keeperdb.commands.field_types import RECORD_TYPES, TypedField
from keeperdb.commands.field_values import field_values

Document = dict[str, Any]
_SECTIONS = {STANDARD: "fields", CUSTOM: "custom"}


def new_document(title: str, record_type: str, fields: Iterable[TypedField]) -> Document:
    """A record without values."""
    empty = [_empty(each.type, each.label) for each in fields]
    return {"title": title, "type": record_type, "fields": empty, "custom": []}


def template_for(record_type: str, examples: Iterable[Mapping[str, Any]]) -> tuple[TypedField, ...] | None:
    """The standard fields of a record type: a known one, or one that a record of the vault has; None for no such."""
    if record_type in RECORD_TYPES:
        return RECORD_TYPES[record_type]
    for content in examples:
        if content.get("type") == record_type and isinstance(content.get("fields"), list):
            fields = [field for field in content["fields"] if isinstance(field, dict)]
            return tuple(TypedField(str(field.get("type")), str(field.get("label") or "")) for field in fields)
    return None


def with_fields(content: Mapping[str, Any], words: Iterable[FieldWord]) -> Document:
    """A copy with the values of the words in it. Raises `CommandError`."""
    document = copy.deepcopy(dict(content))
    given: set[int] = set()
    for word in words:
        values = field_values(word.type, word.text)
        field = _find(document, word) or (_add(document, word) if values else None)
        if field is not None:
            is_again = id(field) in given and values  # the same field named twice gets both values
            field["value"] = [*field["value"], *values] if is_again else values
            given.add(id(field))
    return document


def with_notes(content: Mapping[str, Any], notes: str) -> Document:
    r"""A copy with other notes; `\n` is a line break and `\\n` is not, and `+` before them appends."""
    text = unescaped(notes.removeprefix("+"))
    before = content.get("notes")
    if notes.startswith("+") and isinstance(before, str) and before:
        text = f"{before}\n{text}"
    return {**content, "notes": text}


def unescaped(text: str) -> str:
    r"""`\n` as a line break, `\\n` as a backslash and an n."""
    return text.replace("\\\\n", "\0").replace("\\n", "\n").replace("\0", "\\n")


def _find(document: Document, word: FieldWord) -> dict[str, Any] | None:
    """The field that is meant: by type and label, or by type alone if no label is given."""
    sections = [_SECTIONS[word.section]] if word.section else ["fields", "custom"]
    for section in sections:
        for field in document.get(section) or ():
            if isinstance(field, dict) and field.get("type") == word.type and _is_labelled(field, word, section):
                if not isinstance(field.get("value"), list):
                    field["value"] = []
                return field
    return None


def _is_labelled(field: Mapping[str, Any], word: FieldWord, section: str) -> bool:
    label = field.get("label")
    found = label if isinstance(label, str) else ""
    if word.label:
        return found.casefold() == word.label.casefold()
    return section == "fields" or not found


def _add(document: Document, word: FieldWord) -> dict[str, Any]:
    section = _SECTIONS.get(word.section, "custom")
    field = _empty(word.type, word.label)
    if not isinstance(document.get(section), list):
        document[section] = []
    document[section].append(field)
    return field


def _empty(kind: str, label: str) -> dict[str, Any]:
    return {"type": kind, "label": label, "value": []} if label else {"type": kind, "value": []}
