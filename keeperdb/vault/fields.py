"""Looks things up in the JSON of a record, whatever somebody has put into it."""

import base64
import binascii
import json
import re
from functools import lru_cache
from typing import Any

from keeperdb.vault.contents import Json, VaultRecord


class Fields:
    """The standard and custom fields of one record. Labels match in any case, with or without spaces."""

    def __init__(self, content: Json) -> None:
        self._labels: dict[str, list[Any]] = {}
        self._types: dict[str, list[Any]] = {}
        for field in [*_objects(content.get("fields")), *_objects(content.get("custom"))]:
            values = _values(field.get("value"))
            self._labels.setdefault(_name(field.get("label")), []).extend(values)
            self._types.setdefault(_name(field.get("type")), []).extend(values)

    def has(self, label: str) -> bool:
        """Whether there is a field of that label, with or without a value."""
        return squeezed(label) in self._labels

    def value(self, *names: str) -> Any:
        """The first value that says something, of a field whose label or type is one of `names`; else None."""
        for name in names:
            for values in (self._labels.get(squeezed(name)), self._types.get(squeezed(name))):
                if values:
                    return values[0]
        return None

    def text(self, *names: str) -> str:
        """As `value`, if that is text or a whole number; else nothing. White space around it is dropped."""
        return as_text(self.value(*names))

    def labelled_text(self, *labels: str) -> str:
        """As `text`, by label alone."""
        found = (as_text(value) for label in labels for value in self._labels.get(squeezed(label), []))
        return next((text for text in found if text), "")

    def raw_text(self, field_type: str) -> str:
        """The value of the field of that type exactly as it is: white space belongs to a password."""
        values = self._types.get(squeezed(field_type))
        return values[0] if values and isinstance(values[0], str) else ""

    def flag(self, *names: str) -> bool | None:
        """A check box; None if there is none, or it says nothing."""
        value = self.value(*names)
        if isinstance(value, bool):
            return value
        return _FLAGS.get(as_text(value).lower())


_FLAGS = {"true": True, "yes": True, "on": True, "1": True, "false": False, "no": False, "off": False, "0": False}


def as_text(value: object) -> str:
    """Text or a whole number as text; nothing for anything else."""
    if isinstance(value, bool):
        return ""
    if isinstance(value, int):
        return str(value) if abs(value) < 10**18 else ""
    return value.strip() if isinstance(value, str) else ""


def pam_connection(fields: Fields) -> Json:
    """The `connection` object of pamSettings; empty if there is none."""
    settings = fields.value("pamSettings")
    connection = settings.get("connection") if isinstance(settings, dict) else None
    return connection if isinstance(connection, dict) else {}


def linked_credential(record: VaultRecord) -> str:
    """The uid of the record that holds this one's credential; empty if that is the record itself.

    In Commander's order: the launch link, the first of pamSettings' userRecords, then the admin link.
    """
    if record.content is None:
        return ""
    launch = _linked(record, "is_launch_credential")
    return launch or _first_user_record(record.content) or _linked(record, "is_admin")


def _first_user_record(content: Json) -> str:
    users = pam_connection(Fields(content)).get("userRecords")
    return next((uid for uid in users if _is_uid(uid)), "") if isinstance(users, list) else ""


def _linked(record: VaultRecord, flag: str) -> str:
    for link in record.links:
        uid = link.get("recordUid")
        if not link.get("path") and _is_uid(uid) and uid != record.uid and _link_data(link).get(flag) is True:
            return str(uid)
    return ""


def _link_data(link: Json) -> Json:
    data = link.get("data")
    if not isinstance(data, str):
        return {}
    try:
        found = json.loads(base64.b64decode(data))
    except (binascii.Error, ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _is_uid(value: object) -> bool:
    return isinstance(value, str) and re.fullmatch(r"[A-Za-z0-9_-]{1,64}", value) is not None


def _objects(value: object) -> list[dict[str, Any]]:
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def _values(value: object) -> list[Any]:
    return [each for each in (value if isinstance(value, list) else [value]) if each is not None and each != ""]


def _name(label: object) -> str:
    return squeezed(label) if isinstance(label, str) else ""


@lru_cache(maxsize=1000)
def squeezed(label: str) -> str:
    """A label without what people write differently: case, spaces and signs."""
    return re.sub(r"[^a-z0-9]", "", label.lower())
