"""Reads the credential of one connection from its vault, at the moment it is needed."""

from typing import TYPE_CHECKING

from keeperdb.connections.profile import ConnectionProfile, Credential, VaultOrigin
from keeperdb.errors import ConnectError, ConnectReason, VaultError, VaultReason
from keeperdb.task import Task
from keeperdb.vault.contents import VaultContents, VaultRecord
from keeperdb.vault.fields import linked_credential
from keeperdb.vault.records import credential_from_record

if TYPE_CHECKING:
    from keeperdb.vault.client import VaultClient


def read_credential(client: "VaultClient", profile: ConnectionProfile, origin: VaultOrigin, task: Task) -> Credential:
    """Login and password from the record, or from the one it links to: these records are read, not the vault.

    Raises `VaultError`, and `ConnectError` (CREDENTIAL) if the linked record is not shared with the application.
    """
    uids = [origin.record_uid, *([origin.credential_uid] if origin.credential_uid else [])]
    contents = client.read(task, uids)
    record = _readable(contents, origin.record_uid, profile)
    linked = linked_credential(record)
    if not linked:
        return credential_from_record(record)
    if linked not in uids:  # the link was changed since the list was read
        contents = client.read(task, [linked])
    found = contents.records.get(linked)
    if found is None or found.content is None:
        raise ConnectError(
            ConnectReason.CREDENTIAL,
            f"The credential that “{profile.name}” links to is not shared with this application.",
            "In the vault, share the PAM User record or its folder with the application as well.",
        )
    return credential_from_record(found)


def _readable(contents: VaultContents, uid: str, profile: ConnectionProfile) -> VaultRecord:
    record = contents.records.get(uid)
    if record is None:
        raise VaultError(
            VaultReason.NOT_FOUND,
            f"The record of “{profile.name}” is no longer shared with this application.",
            "Refresh the vault.",
        )
    if record.content is None:
        raise VaultError(
            VaultReason.BAD_ANSWER, f"The record of “{profile.name}” could not be decrypted.", "Share it anew."
        )
    return record
