"""The verbs of the Secrets Manager protocol that change a vault: its records, files and folders."""

import json
from collections.abc import Sequence

from keeper_secrets_manager_core.configkeys import ConfigKeys
from keeper_secrets_manager_core.crypto import CryptoUtils
from keeper_secrets_manager_core.dto.payload import CreateOptions, CreatePayload, FileUploadPayload, UpdatePayload
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
from keeperdb.vault.contents import Json, VaultFile, VaultFolder, VaultRecord
from keeperdb.vault.decoding import UNDECRYPTABLE, data_digest
from keeperdb.vault.failures import bad_answer
from keeperdb.vault.file_transfer import FileUpload

_SHORTEST = 384  # bytes; Keeper's own clients pad with blanks to this, so that lengths say less
_KEY_BYTES = 32
_OK = "ok"
_CREATED = 201


class WritingClient(VaultClient):
    """A client that may also write. Nothing is sent twice: a lost answer raises, and only a new reading can tell."""

    def new_uid(self) -> str:
        """A uid for a record or a file to come."""
        uid: str = CryptoUtils.bytes_to_url_safe_str(generate_uid_bytes())
        return uid

    def new_key(self) -> bytes:
        """A key for a file to come."""
        key: bytes = generate_random_bytes(_KEY_BYTES)
        return key

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

    def update_record(self, record: VaultRecord, document: Json, task: Task, removed_files: Sequence[str] = ()) -> str:
        """Replace the content of a record that was read a moment ago, and detach files of it: one request.

        Returns the new digest. Raises `VaultError` (CONFLICT) if it was changed in the meantime.
        """
        data = json.dumps(document).encode()
        payload = UpdatePayload()
        payload.clientVersion = keeper_secrets_manager_sdk_client_id
        payload.clientId = self.config.get(ConfigKeys.KEY_CLIENT_ID)
        payload.recordUid = record.uid
        payload.revision = record.revision
        payload.data = bytes_to_base64(CryptoUtils.encrypt_aes(data.ljust(_SHORTEST), _record_key(record)))
        payload.links2Remove = list(removed_files) or None
        with self._working(task):
            self._post_query("update_secret", payload)
        return data_digest(payload.data)

    def announce_file(
        self, record: VaultRecord, document: Json, file: VaultFile, content: bytes, task: Task
    ) -> FileUpload:
        """Enter a file with a record, whose new `document` refers to it: one request. The content follows by upload.

        `file` has the key that its content is encrypted with.
        """
        about = {"name": file.name, "size": file.size, "title": file.title, "type": file.media_type}
        if file.modified_at is not None:
            about["lastModified"] = int(file.modified_at.timestamp() * 1000)
        file_key, record_key = _file_key(file), _record_key(record)
        blob = CryptoUtils.encrypt_aes(content, file_key)
        payload = FileUploadPayload()
        payload.clientVersion = keeper_secrets_manager_sdk_client_id
        payload.clientId = self.config.get(ConfigKeys.KEY_CLIENT_ID)
        payload.fileRecordUid = file.uid
        payload.fileRecordKey = bytes_to_base64(CryptoUtils.public_encrypt(file_key, self._owner_key()))
        payload.fileRecordData = bytes_to_base64(CryptoUtils.encrypt_aes(json.dumps(about).encode(), file_key))
        payload.ownerRecordUid = record.uid
        payload.ownerRecordRevision = record.revision
        data = json.dumps(document).encode().ljust(_SHORTEST)
        payload.ownerRecordData = bytes_to_base64(CryptoUtils.encrypt_aes(data, record_key))
        payload.linkKey = bytes_to_base64(CryptoUtils.encrypt_aes(file_key, record_key))
        payload.fileSize = len(blob)
        with self._working(task):
            answer = self._ask("add_file", payload)
        return _upload(answer, blob, self.server.host)

    def open_file(self, file: VaultFile, blob: bytes) -> bytes:
        """The content of a file from what was fetched. Raises `VaultError`."""
        try:
            content: bytes = CryptoUtils.decrypt_aes(blob, _file_key(file))
        except UNDECRYPTABLE as error:
            raise bad_answer(self.server.host, "to a download could not be decrypted") from error
        return content

    def remove_records(self, uids: Sequence[str], task: Task) -> dict[str, str]:
        """Delete records in one request; return why not for each that stays. A uid that is unknown is gone already."""
        with self._working(task):
            answer = self._ask("delete_secret", self.prepare_delete_payload(self.config, list(uids)))
        return self._refusals(answer, "records", "recordUid")

    def remove_folders(self, uids: Sequence[str], task: Task) -> dict[str, str]:
        """Delete folders with everything in them, in one request; return why not for each that stays."""
        with self._working(task):
            answer = self._ask("delete_folder", self.prepare_delete_folder_payload(self.config, list(uids), True))
        return self._refusals(answer, "folders", "folderUid")

    def _refusals(self, answer: Json, list_name: str, uid_name: str) -> dict[str, str]:
        entries = answer.get(list_name)
        if not isinstance(entries, list):
            raise bad_answer(self.server.host, "to a deletion lists nothing")
        return {
            str(entry.get(uid_name)): str(entry.get("errorMessage") or entry.get("responseCode"))
            for entry in entries
            if isinstance(entry, dict) and entry.get("responseCode") != _OK
        }

    def make_folder(self, name: str, root: VaultFolder, task: Task) -> str:
        """Make a folder directly below the shared folder `root`; return its uid."""
        return self.add_folder(name, root, "", task).uid

    def add_folder(self, name: str, root: VaultFolder, parent_uid: str, task: Task) -> VaultFolder:
        """Make a folder in the shared folder `root`, below the folder `parent_uid` of it (empty: directly)."""
        options = CreateOptions(root.uid, parent_uid if parent_uid != root.uid else None)
        payload = self.prepare_create_folder_payload(self.config, options, name, _key_of(root))
        key = CryptoUtils.decrypt_aes_cbc(url_safe_str_to_bytes(payload.sharedFolderKey), _key_of(root))
        with self._working(task):
            self._post_query("create_folder", payload)
        return VaultFolder(str(payload.folderUid), name, parent_uid or root.uid, key)

    def rename_folder(self, folder: VaultFolder, name: str, task: Task) -> None:
        """Give a folder another name: one request."""
        payload = self.prepare_update_folder_payload(self.config, folder.uid, name, _key_of(folder))
        with self._working(task):
            self._post_query("update_folder", payload)

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


def _key_of(folder: VaultFolder) -> bytes:
    if folder.key is None:
        kind = "folder" if folder.parent else "shared folder"
        raise VaultError(VaultReason.BAD_ANSWER, f"The {kind} {folder.name or folder.uid} could not be decrypted.")
    return folder.key


def _record_key(record: VaultRecord) -> bytes:
    if record.key is None:
        raise VaultError(VaultReason.BAD_ANSWER, f"The record {record.uid} could not be decrypted.")
    return record.key


def _file_key(file: VaultFile) -> bytes:
    if file.key is None:
        raise VaultError(VaultReason.BAD_ANSWER, f"The file {file.title or file.uid} could not be decrypted.")
    return file.key


def _upload(answer: Json, blob: bytes, host: str) -> FileUpload:
    try:
        parameters = {str(name): str(value) for name, value in json.loads(answer["parameters"]).items()}
        return FileUpload(str(answer["url"]), parameters, int(answer.get("successStatusCode") or _CREATED), blob)
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError):
        raise bad_answer(host, "to a new file says not where to send it") from None
