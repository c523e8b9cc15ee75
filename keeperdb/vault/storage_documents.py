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
        return FieldValues(self.content).value(kind, label)


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


class FieldValues:
    """The first value of each field of a record, found in one pass: by type and label, or by type alone."""

    def __init__(self, content: Json) -> None:
        self._values: dict[tuple[str, str], Any] = {}
        for section in ("fields", "custom"):
            fields = content.get(section)
            for field in fields if isinstance(fields, list) else ():
                if isinstance(field, dict):
                    self._add(field)

    def _add(self, field: dict[str, Any]) -> None:
        kind, label, values = field.get("type"), field.get("label"), field.get("value")
        if not isinstance(kind, str):
            return
        value = values[0] if isinstance(values, list) and values else None
        self._values.setdefault((kind, ""), value)
        if isinstance(label, str) and label:
            self._values.setdefault((kind, squeezed(label)), value)

    def has(self, kind: str, label: str = "") -> bool:
        """Whether there is such a field, with or without a value."""
        return (kind, squeezed(label)) in self._values

    def value(self, kind: str, label: str = "") -> Any:
        """The first value of the first such field, or None. No label stands for any."""
        return self._values.get((kind, squeezed(label)))

    def text(self, kind: str, label: str = "") -> str:
        """As `value`, exactly as it is, if it is text; else nothing."""
        value = self.value(kind, label)
        return value if isinstance(value, str) else ""
