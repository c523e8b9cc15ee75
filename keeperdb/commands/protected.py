"""What no caller over the network may see or change: the service's own configuration, and KeeperDB's storage."""

from keeperdb.vault.contents import VaultContents, VaultRecord
from keeperdb.vault.fields import squeezed
from keeperdb.vault.records import LOCAL_ID_LABEL
from keeperdb.vault.storage_marks import PROFILE_LABEL
from keeperdb.vault.storage_model import FOLDER_NAME

# The titles and attachments of Keeper Commander's service mode and its integrations.
CONFIG_TITLES = frozenset(
    title.casefold()
    for title in (
        "Commander Service Mode",
        "Commander Service Mode Config",
        "Commander Service Mode Docker Config",
        "Commander Service Mode Slack App Config",
        "Commander Service Mode Teams App Config",
        "Commander Service Mode GChat App Config",
        "Commander Service Mode SailPoint App Config",
        "Commander Service Mode Terraform App Config",
    )
)
CONFIG_FILES = frozenset({"service_config.json", "service_config.yaml", "service_config.yml", "config.json"})
_CONFIG_LABELS = frozenset({"service_config_json", "service_config_yaml"})
_STORAGE_LABELS = frozenset({LOCAL_ID_LABEL, PROFILE_LABEL})
_RESERVED_LABELS = frozenset(map(squeezed, _CONFIG_LABELS | _STORAGE_LABELS))


def is_config(record: VaultRecord) -> bool:
    """Whether a record is the configuration of a service."""
    if is_config_title(record.title) or any(is_config_file(file.name or file.title) for file in record.files):
        return True
    return _has_field(record, _CONFIG_LABELS)


def is_storage(record: VaultRecord, contents: VaultContents) -> bool:
    """Whether a record is one that KeeperDB's storage keeps: it may hold the password of a local connection."""
    folder = contents.folders.get(record.inner_folder_uid)
    return (folder is not None and folder.name == FOLDER_NAME) or _has_field(record, _STORAGE_LABELS)


def is_config_title(text: str) -> bool:
    """Whether a record of that title is taken for the configuration of a service."""
    return text.strip().casefold() in CONFIG_TITLES


def is_config_file(name: str) -> bool:
    """Whether an attachment of that name makes its record one."""
    return name.strip().casefold() in CONFIG_FILES


def is_reserved_label(label: str) -> bool:
    """Whether a field of that label makes its record the configuration of a service, or one of the storage."""
    return squeezed(label) in _RESERVED_LABELS


def _has_field(record: VaultRecord, labels: frozenset[str]) -> bool:
    custom = (record.content or {}).get("custom")
    return isinstance(custom, list) and any(
        isinstance(field, dict) and field.get("label") in labels for field in custom
    )
