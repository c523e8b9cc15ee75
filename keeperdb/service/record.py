"""The record in the vault that holds the configuration: found by its title, read, and written."""

from dataclasses import dataclass

from keeperdb.commands.vault_state import VaultState
from keeperdb.errors import NotFoundError, SettingsError, VaultError, VaultReason
from keeperdb.service.config import JSON, TITLE, YAML, ServiceConfig
from keeperdb.service.config_text import FILE_NAMES, from_text, to_text
from keeperdb.task import Task
from keeperdb.vault.contents import VaultContents, VaultFolder, VaultRecord
from keeperdb.vault.storage_folder import check_writable
from keeperdb.vault.text_attachment import NamedText, add_login, find_text, keep_text, read_record

TITLES = (TITLE, f"{TITLE} Config")

_TYPE = "login"
_NAMES = (NamedText(FILE_NAMES[YAML], "service_config_yaml"), NamedText(FILE_NAMES[JSON], "service_config_json"))
_FORMATS = {FILE_NAMES[each]: each for each in (YAML, JSON)}


@dataclass(frozen=True, slots=True)
class Stored:
    """A configuration and where it is. `version` differs once somebody wrote another one."""

    config: ServiceConfig
    record_uid: str
    version: tuple[str, ...]
    folder: tuple[str, ...] = ()


def find_record(contents: VaultContents, known_uid: str = "") -> VaultRecord | None:
    """The record of exactly one of the two titles and of type *login*; None if there is none.

    `known_uid` is the one that this machine has used. Raises `SettingsError` where it takes a person to tell: there
    are several, or the known one is gone and another is there, which anybody may have put into a shared folder.
    """
    found = [each for each in contents.records.values() if each.title in TITLES and each.type == _TYPE]
    known = [each for each in found if each.uid == known_uid]
    if known or not found:
        return known[0] if known else None
    if known_uid or len(found) > 1:
        places = ", ".join(f"{each.uid} in {'/'.join(contents.path(each)) or 'no folder'}" for each in found)
        what = "is not the one that was used here before" if len(found) == 1 else "exists more than once"
        raise SettingsError(
            f"The record “{found[0].title}” {what}: {places}.", "Choose the right one with --record UID."
        )
    return found[0]


def record_version(record: VaultRecord) -> tuple[str, ...]:
    """Another one after each change of the record or its files."""
    return (record.uid, record.digest, *sorted(file.uid for file in record.files))


def writable_folders(contents: VaultContents) -> tuple[str, ...]:
    """The names of the shared folders that can hold the record."""
    return tuple(each.name or each.uid for each in _writable(contents))


def read_config(state: VaultState, record: VaultRecord, task: Task) -> Stored | None:
    """What the record holds; None if that is no configuration. Raises `VaultError` and `SettingsError`."""
    with state.writing(task) as (client, _):
        found = find_text(client, record, _NAMES, task)
    if found is None:
        return None
    config = from_text(found.text, _FORMATS[found.name])
    return Stored(config, record.uid, record_version(record), state.contents.contents.path(record))


def write_config(
    state: VaultState,
    record: VaultRecord | None,
    config: ServiceConfig,
    task: Task,
    folder_name: str = "",
    basis: Stored | None = None,
) -> Stored:
    """Put the configuration into `record`, or a new one.

    Raises `VaultError`, CONFLICT if the record is no longer the `basis` that was changed, `NotFoundError` and
    `SettingsError`.
    """
    if basis is not None and (record is None or record_version(record) != basis.version):
        raise VaultError(
            VaultReason.CONFLICT,
            "Somebody else changed the service's configuration in the meantime.",
            "Look at it again, then repeat the change.",
        )
    root = None if record is not None else _root_for(state.contents.contents, folder_name)
    name = FILE_NAMES[config.file_format]
    label = next(each.label for each in _NAMES if each.name == name)
    with state.writing(task) as (client, _):
        if root is not None:
            record = read_record(client, add_login(client, TITLE, root, task), task)
        if record is not None:
            keep_text(client, record, NamedText(name, label, to_text(config)), _NAMES, task)
    state.refresh(task)
    written = state.contents.contents.records[record.uid if record is not None else ""]
    return Stored(config, written.uid, record_version(written), state.contents.contents.path(written))


def _root_for(contents: VaultContents, name: str) -> VaultFolder:
    """The shared folder of that name, else the one that has to be the right one. Raises if there is none."""
    roots = _roots(contents)
    if name:
        found = [each for each in roots if name in (each.name, each.uid)]
        if not found:
            raise NotFoundError(
                f"There is no shared folder “{name}”.", f"One of: {', '.join(each.name for each in roots)}."
            )
        check_writable(found[0])
        return found[0]
    writable = _writable(contents)
    if not writable:
        raise VaultError(
            VaultReason.READ_ONLY,
            "The application may not write into any shared folder of the vault.",
            "In the vault, share a folder with the application, with Can Edit.",
        )
    if len(writable) > 1:
        raise SettingsError(
            "Several shared folders can hold the configuration.",
            f"Choose one with --folder: {', '.join(each.name for each in writable)}.",
        )
    return writable[0]


def _roots(contents: VaultContents) -> list[VaultFolder]:
    return sorted((each for each in contents.folders.values() if not each.parent), key=lambda each: each.name)


def _writable(contents: VaultContents) -> list[VaultFolder]:
    return [each for each in _roots(contents) if each.key is not None and each.is_editable is not False]
