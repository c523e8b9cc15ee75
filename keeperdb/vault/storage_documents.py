"""Edits the JSON of a record field by field, and leaves everything else in it as it is."""

import copy
from typing import Any

from keeperdb.vault.contents import Json
from keeperdb.vault.fields import squeezed


class Document:
    """The JSON of one record, to be changed. A field is found by type and label; no label stands for any."""

    def __init__(self, content: Json) -> None:
        self.content: dict[str, Any] = copy.deepcopy(dict(content))

    @classmethod
    def new(cls, record_type: str) -> "Document":
        return cls({"title": "", "type": record_type, "fields": [], "custom": []})

    def put(self, kind: str, value: object, label: str = "", *, section: str = "fields") -> None:
        """Give the field that one value (none for None or empty text), and add it if it is not there."""
        values = [] if value is None or value == "" else [value]
        field = find_field(self.content, kind, label)
        if field is None:
            field = {"type": kind, "label": label} if label else {"type": kind}
            if not isinstance(self.content.get(section), list):
                self.content[section] = []
            self.content[section].append(field)
        field["value"] = values

    def put_text(self, label: str, value: str) -> None:
        """Give a custom text field its value; an empty one is not added."""
        if value or find_field(self.content, "text", label) is not None:
            self.put("text", value, label, section="custom")

    def value(self, kind: str, label: str = "") -> Any:
        """The first value of the field, or None."""
        return first_value(self.content, kind, label)


def find_field(content: Json, kind: str, label: str = "") -> dict[str, Any] | None:
    """The first field of the type and, in any case and spacing, of the label."""
    wanted = squeezed(label)
    for section in ("fields", "custom"):
        fields = content.get(section)
        for field in fields if isinstance(fields, list) else ():
            if isinstance(field, dict) and field.get("type") == kind:
                found = field.get("label")
                if not label or (isinstance(found, str) and squeezed(found) == wanted):
                    return field
    return None


def first_value(content: Json, kind: str, label: str = "") -> Any:
    """The first value of that field, or None."""
    field = find_field(content, kind, label)
    values = field.get("value") if field is not None else None
    return values[0] if isinstance(values, list) and values else None


def text_value(content: Json, kind: str, label: str = "") -> str:
    """The first value of that field exactly as it is, if it is text."""
    value = first_value(content, kind, label)
    return value if isinstance(value, str) else ""
