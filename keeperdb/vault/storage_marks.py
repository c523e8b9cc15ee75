"""What a record of ours says about itself, in two custom fields: whose it is, and how it came to be."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from keeperdb.vault.records import LOCAL_ID_LABEL
from keeperdb.vault.storage_documents import Document, FieldValues

PROFILE_LABEL = "keeperdb_profile"
_VERSION = 1
_LONGEST_ID = 100  # characters
_TEXTS = ("machine", "machine_id", "written_at")


@dataclass(frozen=True, slots=True)
class Marks:
    """`uid` is the record's own, so that a copy made in the vault can be told. `body` is what is kept in it, as JSON.

    `replaces`, `changed`: see `Stored`. `digest` is the password's.
    """

    local_id: str
    uid: str
    body: Mapping[str, Any] = field(repr=False)
    digest: str = ""
    replaces: Mapping[str, str] = field(default_factory=dict)
    changed: frozenset[str] = frozenset()
    machine: str = ""
    machine_id: str = ""
    written_at: str = ""

    def put_on(self, document: Document) -> None:
        """Write both fields."""
        document.put_text(LOCAL_ID_LABEL, self.local_id)
        found: dict[str, Any] = {
            "digest": self.digest,
            "replaces": self.replaces,
            "changed": sorted(self.changed),
            **{name: getattr(self, name) for name in _TEXTS},
        }
        always = {"version": _VERSION, "id": self.local_id, "uid": self.uid, "body": self.body}
        text = json.dumps(always | {name: each for name, each in found.items() if each})
        document.put_text(PROFILE_LABEL, text)


def has_marks(fields: FieldValues) -> bool:
    """Whether a record has one of the two fields, with a value or without."""
    return fields.has("text", LOCAL_ID_LABEL) or fields.has("text", PROFILE_LABEL)


def read_local_id(fields: FieldValues) -> str:
    """What the visible field says; nothing if it is missing or can be no id."""
    found = fields.text("text", LOCAL_ID_LABEL).strip()
    return found if can_be_local_id(found) else ""


def can_be_local_id(text: str) -> bool:
    """Whether the visible field can hold that id."""
    return text == text.strip() and text.isprintable() and 0 < len(text) <= _LONGEST_ID


def read_marks(fields: FieldValues) -> Marks | None:
    """The marks as they were written; None if they are missing or damaged, or a newer version wrote them."""
    found = _parsed(fields)
    if found is None or _is_newer(found):
        return None
    try:
        if not isinstance(found["id"], str) or not isinstance(found["body"], dict):
            return None
        return Marks(
            found["id"],
            str(found.get("uid", "")),
            found["body"],
            str(found.get("digest", "")),
            {str(uid): str(each) for uid, each in dict(found.get("replaces", {})).items()},
            frozenset(map(str, found.get("changed", ()))),
            **{name: str(found.get(name, "")) for name in _TEXTS},
        )
    except (ValueError, TypeError, KeyError):
        return None


def is_newer(fields: FieldValues) -> bool:
    """Whether a newer version of the program wrote the marks."""
    found = _parsed(fields)
    return found is not None and _is_newer(found)


def _is_newer(found: dict[str, Any]) -> bool:
    version = found.get("version")
    return isinstance(version, int) and version > _VERSION


def _parsed(fields: FieldValues) -> dict[str, Any] | None:
    text = fields.text("text", PROFILE_LABEL)
    try:
        found = json.loads(text) if text else None
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None
