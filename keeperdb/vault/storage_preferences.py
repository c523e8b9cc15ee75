"""The preferences in the vault: one record for all settings that follow the person, merged setting by setting."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from keeperdb.errors import SettingsError
from keeperdb.settings import SETTINGS, Value
from keeperdb.vault.contents import Json
from keeperdb.vault.storage_documents import Document, FieldValues
from keeperdb.vault.storage_marks import Marks, read_marks
from keeperdb.vault.storage_model import PREFERENCES_ID

RECORD_TYPE = "encryptedNotes"
_TITLE = "KeeperDB preferences"
_NOTE = "Preferences of KeeperDB, which reads and writes this record by itself."

Dated = tuple[Any, str]  # a value, and when it was set: ISO 8601 in UTC
Preferences = Mapping[str, Dated]


def dated_settings(
    values: Mapping[str, Value], remembered: Preferences, changed_at: Mapping[str, str], otherwise: str
) -> dict[str, Dated]:
    """The synced settings among `values` with the moment of their last change.

    `remembered` are those of the last sync; what was never changed is left out. `otherwise` is the moment for a
    change that nobody noticed.
    """
    found: dict[str, Dated] = dict(remembered)
    for name, value in values.items():
        setting = SETTINGS[name]
        if not setting.synced or (name not in remembered and value == setting.default and name not in changed_at):
            continue
        if name not in remembered or remembered[name][0] != value:
            found[name] = (value, changed_at.get(name, otherwise))
    return found


def newest(sources: Iterable[Preferences]) -> dict[str, Dated]:
    """For each setting the value that was set last; of two at the same moment every machine takes the same."""
    found: dict[str, Dated] = {}
    for source in sources:
        for name, dated in source.items():
            if name not in found or _order(dated) > _order(found[name]):
                found[name] = dated
    return found


def to_apply(preferences: Preferences, values: Mapping[str, Value]) -> dict[str, Value]:
    """What has to be set here; values that this version does not know or allow are passed over."""
    found: dict[str, Value] = {}
    for name, (value, _) in preferences.items():
        setting = SETTINGS.get(name)
        if setting is None or not setting.synced or values.get(name) == value:
            continue
        try:
            found[name] = setting.check(value)
        except SettingsError:
            continue
    return found


def read_preferences(content: Json) -> Preferences | None:
    """What a preferences record holds; None if it is damaged."""
    marks = read_marks(FieldValues(content))
    settings = marks.body.get("settings") if marks is not None else None
    if not isinstance(settings, dict):
        return None
    return {
        str(name): (dated[0], dated[1])
        for name, dated in settings.items()
        if isinstance(dated, list) and len(dated) == 2 and isinstance(dated[1], str)
    }


def write_preferences(preferences: Preferences, uid: str, machine: str, at: str, carried: Json) -> Json:
    """The JSON of the record. What others have put into `carried`, the one it replaces, is kept."""
    document = Document(carried) if carried.get("type") == RECORD_TYPE else Document.new(RECORD_TYPE)
    document.content["title"] = _TITLE
    document.put("note", _NOTE)
    body = {"settings": {name: list(dated) for name, dated in sorted(preferences.items())}}
    Marks(PREFERENCES_ID, uid, body, machine=machine, written_at=at).put_on(document)
    return document.content


def _order(dated: Dated) -> tuple[str, str]:
    return dated[1], json.dumps(dated[0])
