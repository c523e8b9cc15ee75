"""The verbs of the Secrets Manager protocol that change a vault: records are made and deleted, folders made."""

import json
from collections.abc import Sequence

from keeper_secrets_manager_core.configkeys import ConfigKeys
from keeper_secrets_manager_core.crypto import CryptoUtils
from keeper_secrets_manager_core.dto.payload import CreateOptions, CreatePayload
from keeper_secrets_manager_core.exceptions import KeeperError
from keeper_secrets_manager_core.keeper_globals import keeper_secrets_manager_sdk_client_id
from keeper_secrets_manager_core.utils import (
    bytes_to_base64,
    generate_random_bytes,
    generate_uid_bytes,
    url_safe_str_to_bytes,
)

from keeperdb.errors import VaultError, VaultReason
from keeperdb.task import Task
from keeperdb.vault.client import VaultClient
from keeperdb.vault.contents import Json, VaultFolder
from keeperdb.vault.decoding import data_digest
from keeperdb.vault.failures import bad_answer

_SHORTEST = 384  # bytes; Keeper's own clients pad with blanks to this, so that lengths say less
_KEY_BYTES = 32
_OK = "ok"


class WritingClient(VaultClient):
    """A client that may also write. Nothing is sent twice: a lost answer raises, and only a new reading can tell."""

    def new_uid(self) -> str:
        """A uid for a record to come."""
        uid: str = CryptoUtils.bytes_to_url_safe_str(generate_uid_bytes())
        return uid

    def write_record(self, uid: str, document: Json, root: VaultFolder, folder_uid: str, task: Task) -> str:
        """Write a record under `uid` into the folder `folder_uid` of the shared folder `root`: one request.

        Returns the digest that `VaultRecord` will have.
        """
        data = json.dumps(document).encode()
        key = generate_random_bytes(_KEY_BYTES)
        payload = CreatePayload()
        payload.clientVersion = keeper_secrets_manager_sdk_client_id
        payload.clientId = self.config.get(ConfigKeys.KEY_CLIENT_ID)
        payload.recordUid = uid
        payload.recordKey = bytes_to_base64(CryptoUtils.public_encrypt(key, self._owner_key()))
        payload.folderUid = root.uid
        payload.folderKey = bytes_to_base64(CryptoUtils.encrypt_aes(key, _key_of(root)))
        payload.data = bytes_to_base64(CryptoUtils.encrypt_aes(data.ljust(_SHORTEST), key))
        payload.subFolderUid = folder_uid if folder_uid != root.uid else None
        with self._working(task):
            self._post_query("create_secret", payload)
        return data_digest(payload.data)

    def remove_records(self, uids: Sequence[str], task: Task) -> dict[str, str]:
        """Delete records in one request; return why not for each that stays. A uid that is unknown is gone already."""
        with self._working(task):
            answer = self._ask("delete_secret", self.prepare_delete_payload(self.config, list(uids)))
        entries = answer.get("records")
        if not isinstance(entries, list):
            raise bad_answer(self.server.host, "to a deletion lists nothing")
        return {
            str(entry.get("recordUid")): str(entry.get("errorMessage") or entry.get("responseCode"))
            for entry in entries
            if isinstance(entry, dict) and entry.get("responseCode") != _OK
        }

    def make_folder(self, name: str, root: VaultFolder, task: Task) -> str:
        """Make a folder directly below the shared folder `root`; return its uid."""
        options = CreateOptions(root.uid, None)
        payload = self.prepare_create_folder_payload(self.config, options, name, _key_of(root))
        with self._working(task):
            self._post_query("create_folder", payload)
        return str(payload.folderUid)

    def remove_folder(self, uid: str, task: Task) -> bool:
        """Delete a folder if it is empty; say whether it is gone."""
        with self._working(task):
            answer = self._ask("delete_folder", self.prepare_delete_folder_payload(self.config, [uid], False))
        entries = answer.get("folders")
        return isinstance(entries, list) and all(
            isinstance(entry, dict) and entry.get("responseCode") == _OK for entry in entries
        )

    def _owner_key(self) -> bytes:
        try:
            key: bytes = url_safe_str_to_bytes(self.config.get(ConfigKeys.KEY_OWNER_PUBLIC_KEY))
        except (KeeperError, ValueError, TypeError, AttributeError) as error:
            raise VaultError(
                VaultReason.READ_ONLY,
                f"The application at {self.server.host} cannot make records: its owner's key is missing.",
                "Create the application anew with a current client, then attach the vault again.",
            ) from error
        return key


def _key_of(root: VaultFolder) -> bytes:
    if root.key is None:
        raise VaultError(VaultReason.BAD_ANSWER, f"The shared folder {root.name or root.uid} could not be decrypted.")
    return root.key
