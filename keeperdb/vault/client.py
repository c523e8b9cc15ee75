"""The Secrets Manager client: the SDK's cryptography and verbs over a connection of our own."""

import http.client
import json
import logging
import random
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Self

from keeper_secrets_manager_core.configkeys import ConfigKeys
from keeper_secrets_manager_core.core import SecretsManager
from keeper_secrets_manager_core.crypto import CryptoUtils
from keeper_secrets_manager_core.dto.payload import EncryptedPayload, QueryOptions, TransmissionKey
from keeper_secrets_manager_core.exceptions import KeeperError
from keeper_secrets_manager_core.keeper_globals import (
    BASE_THROTTLE_DELAY_SEC,
    MAX_THROTTLE_RETRIES,
    keeper_public_keys,
    logger_name,
)
from keeper_secrets_manager_core.storage import InMemoryKeyValueStorage
from keeper_secrets_manager_core.utils import base64_to_bytes, bytes_to_base64

from keeperdb.errors import VaultError, VaultReason
from keeperdb.keychain import Secret
from keeperdb.task import Task
from keeperdb.vault.channel import Answer, Channel, Timeouts
from keeperdb.vault.contents import Json, VaultContents
from keeperdb.vault.decoding import UNDECRYPTABLE, decode_contents
from keeperdb.vault.endpoint import Server, VaultEndpoint
from keeperdb.vault.failures import Refusal, bad_answer, failed, refused
from keeperdb.vault.token import Access

_MAX_KEY_CHANGES = 2  # a server that keeps naming other keys would otherwise be asked for ever
_LONGEST_WAIT = 600.0  # seconds; a longer pause is the person's to take
_KEY_BYTES = 32
_REPEATABLE = ("get_secret", "get_folders")
_EVERYTHING = QueryOptions(None, None)
_KEYS = frozenset(key.value for key in ConfigKeys)


class VaultClient(SecretsManager):
    """One device of one Secrets Manager application. Used by one thread at a time; `close` it.

    Each call takes the `Task` that stops it, and raises `VaultError`.
    """

    def __init__(
        self,
        server: Server,
        configuration: Mapping[str, str],
        token: str | None = None,
        timeouts: Timeouts | None = None,
    ) -> None:
        # The SDK's constructor is not called: it obeys KSM_CONFIG and KSM_SKIP_VERIFY. What it sets up is here.
        self._init_logger()
        self.logger = logging.getLogger(logger_name)
        self.server = server
        self.token = token
        self.hostname = server.host
        self.verify_ssl_certs = True
        self.custom_post_function = None
        self.proxy_url = None
        self.config = InMemoryKeyValueStorage(_storage_values(server, configuration, token))
        self._timeouts = timeouts or Timeouts()
        self._channel = Channel(server.host, server.ca, self._timeouts)
        self._task = Task()
        self._init()

    @classmethod
    def begin(cls, access: Access, endpoint: VaultEndpoint | None, timeouts: Timeouts | None = None) -> "VaultClient":
        """A client for pasted `access`; nothing is sent. Raises `VaultError` (BAD_TOKEN)."""
        server = access.server(endpoint)
        token = access.token.reveal() if access.token is not None else None
        return cls(server, access.configuration or {}, token, timeouts)

    @classmethod
    def from_stored_form(cls, secret: Secret, timeouts: Timeouts | None = None) -> Self:
        """The client that `stored_form` was made of. Raises `VaultError` if that is damaged."""
        try:
            values: Any = json.loads(secret.reveal())
            ca = values.pop("caFile", None)
            key = values.get("serverPublicKey", "")
            key_id = values["serverPublicKeyId"] if key else ""
            server = Server(values["hostname"], key_id, key, Path(ca) if ca else None)
            return cls(server, values, timeouts=timeouts)
        except (KeyError, TypeError, ValueError, AttributeError):
            raise _damaged_access() from None  # the cause would hold the configuration

    def stored_form(self) -> Secret:
        """What goes into the keychain; it decrypts everything that is shared with the application.

        The SDK's configuration, and for a server of its own the path of the CA beside the server's key.
        """
        values = dict(self.config.read_storage())
        if self.server.ca is not None:
            values["caFile"] = str(self.server.ca)
        return Secret(json.dumps(values, separators=(",", ":")))

    @property
    def is_bound(self) -> bool:
        """Whether the server has accepted this device."""
        return bool(self.config.get(ConfigKeys.KEY_APP_KEY))

    def load_secret_key(self) -> str | None:
        """The one-time token; the SDK's own would prefer KSM_TOKEN."""
        return self.token

    def bind(self, task: Task) -> None:
        """Make this device known to the server, once. After a failure the same object may be asked again.

        The token is spent when this returns, and may be when it raises.
        """
        if self.is_bound:
            return
        with self._working(task):
            for attempt in range(2):
                try:
                    self._bind_once()
                except VaultError as error:
                    # The server may have taken the token all the same; only this object's key pair can tell.
                    if attempt or not _is_answer_lost(error):
                        raise
                    self._say(f"The answer of {self.server.host} was lost. Asking again…")
                else:
                    return

    def read(self, task: Task, uids: Sequence[str] = (), *, even_empty: bool = False) -> VaultContents:
        """Records and folders; with `uids`, those records only and no folder names (one request).

        Folders of a vault without any record are listed only with `even_empty`.
        """
        with self._working(task):
            query = QueryOptions(list(uids) or None, None, request_links=True)
            secrets = self._ask("get_secret", self.prepare_get_payload(self.config, query))
            if "appData" not in secrets and "appOwnerPublicKey" not in secrets:
                raise bad_answer(self.server.host, "is empty")
            folders: Json = {}
            if not uids and (even_empty or _has_folders(secrets)):
                folders = self._ask("get_folders", self.prepare_get_payload(self.config, _EVERYTHING))
            return decode_contents(secrets, folders, self._app_key())

    def close(self) -> None:
        """Close the connection. A later call opens a new one."""
        self._channel.close()

    @contextmanager
    def _working(self, task: Task) -> Iterator[None]:
        outer, self._task = self._task, task
        try:
            yield
        finally:
            self._task = outer

    def _app_key(self) -> bytes:
        try:
            key: bytes = base64_to_bytes(self.config.get(ConfigKeys.KEY_APP_KEY))
        except (KeeperError, ValueError) as error:
            raise _damaged_access() from error
        if len(key) != _KEY_BYTES:
            raise _damaged_access()
        return key

    def _bind_once(self) -> None:
        answer = self._ask("get_secret", self.prepare_get_payload(self.config, _EVERYTHING))
        wrapped = answer.get("encryptedAppKey")
        if not isinstance(wrapped, str):
            raise bad_answer(self.server.host, "to the token lacks the application's key")
        try:
            token = CryptoUtils.url_safe_str_to_bytes(self.config.get(ConfigKeys.KEY_CLIENT_KEY))
            app_key = CryptoUtils.decrypt_aes(CryptoUtils.url_safe_str_to_bytes(wrapped), token)
        except UNDECRYPTABLE as error:
            raise bad_answer(self.server.host, "to the token could not be decrypted") from error
        owner = answer.get("appOwnerPublicKey")
        if isinstance(owner, str):
            self.config.set(ConfigKeys.KEY_OWNER_PUBLIC_KEY, owner)
        self.config.set(ConfigKeys.KEY_APP_KEY, bytes_to_base64(app_key))
        self.config.delete(ConfigKeys.KEY_CLIENT_KEY)
        self.token = None

    def _ask(self, verb: str, payload: object) -> Json:
        """The answer of a reading verb as an object. An empty one is an error: the SDK takes it for an empty vault."""
        content = self._post_query(verb, payload)
        if not content:
            raise bad_answer(self.server.host, "is empty")
        try:
            found = json.loads(content)
        except (ValueError, RecursionError):
            raise bad_answer(self.server.host) from None  # the cause would hold the decrypted answer
        if not isinstance(found, dict):
            raise bad_answer(self.server.host)
        return found

    def _post_query(self, path: str, payload: object) -> bytes:
        """Send one verb, return the decrypted answer. Every verb of the SDK comes through here.

        The SDK's own obeys KSM_HOSTNAME, sleeps for minutes uninterrupted, and follows key changes for ever.
        """
        waits = key_changes = 0
        while True:
            key, sealed = self._seal(payload)
            answer = self._send(path, key, sealed)
            if answer.status == 200:
                return self._open(answer, key)
            refusal = Refusal.from_answer(answer)
            if refusal.code == "throttled" and waits < MAX_THROTTLE_RETRIES and refusal.retry_after <= _LONGEST_WAIT:
                self._wait(waits, refusal.retry_after)
                waits += 1
            elif refusal.code == "key" and key_changes < _MAX_KEY_CHANGES and self._can_use_key(refusal.key_id):
                self.config.set(ConfigKeys.KEY_SERVER_PUBLIC_KEY_ID, refusal.key_id)
                key_changes += 1
            else:
                raise refused(refusal, self.server.host, is_bound=self.is_bound)

    def _seal(self, payload: object) -> tuple[TransmissionKey, EncryptedPayload]:
        try:
            key = self.generate_transmission_key(
                self.config.get(ConfigKeys.KEY_SERVER_PUBLIC_KEY_ID), self.config.get(ConfigKeys.KEY_SERVER_PUBLIC_KEY)
            )
            return key, self.encrypt_and_sign_payload(self.config, key, payload)
        except (KeeperError, ValueError, TypeError) as error:
            raise _damaged_access() from error

    def _send(self, verb: str, key: TransmissionKey, sealed: EncryptedPayload) -> Answer:
        headers = {
            "Content-Type": "application/octet-stream",
            "PublicKeyId": str(key.publicKeyId),
            "TransmissionKey": bytes_to_base64(key.encryptedKey),
            "Authorization": f"Signature {bytes_to_base64(sealed.signature)}",
            "User-Agent": "KeeperDB",
        }
        if self._channel.is_cut:
            self._channel.close()
            self._channel = Channel(self.server.host, self.server.ca, self._timeouts)
        repeatable = verb in _REPEATABLE and self.is_bound
        try:
            with self._task.interrupting(self._channel.interrupt):
                return self._channel.post(
                    f"/api/rest/sm/v1/{verb}", headers, sealed.encrypted_payload, repeatable=repeatable
                )
        except (OSError, http.client.HTTPException) as error:
            raise failed(error, self.server.host) from error

    def _open(self, answer: Answer, key: TransmissionKey) -> bytes:
        if not answer.content:
            return b""
        try:
            content: bytes = CryptoUtils.decrypt_aes(answer.content, key.key)
        except UNDECRYPTABLE as error:
            raise bad_answer(self.server.host) from error
        return content

    def _can_use_key(self, key_id: str) -> bool:
        return not self.server.server_key and key_id in keeper_public_keys

    def _wait(self, waits: int, retry_after: float) -> None:
        """Pause as the SDK does: as the server asks, else 11 s doubling, ±25 % so that devices do not march in step."""
        seconds = retry_after or BASE_THROTTLE_DELAY_SEC * 2**waits
        seconds *= random.uniform(0.75, 1.25)  # noqa: S311 - spreads load, guards nothing
        moment = datetime.now().astimezone() + timedelta(seconds=seconds)
        self._say(f"The vault asks to wait {max(1, round(seconds))} s. It goes on at {moment:%H:%M:%S}.")
        self._task.sleep(seconds)

    def _say(self, text: str) -> None:
        self._task.report(text=text)
        self._task.flush()


def _storage_values(server: Server, configuration: Mapping[str, str], token: str | None) -> dict[str, str]:
    values = {name: value for name, value in configuration.items() if name in _KEYS}
    values["hostname"] = server.host
    if token is not None:
        values["clientKey"] = token
    if server.server_key:
        values |= {"serverPublicKey": server.server_key, "serverPublicKeyId": server.server_key_id}
    elif values.get("serverPublicKeyId") not in keeper_public_keys:
        values["serverPublicKeyId"] = SecretsManager.default_key_id
    return values


def _is_answer_lost(error: VaultError) -> bool:
    """Whether the request may have arrived although nothing of use came back."""
    broken = isinstance(error.__cause__, ConnectionError) and not isinstance(error.__cause__, ConnectionRefusedError)
    return broken or error.reason is VaultReason.BAD_ANSWER


def _damaged_access() -> VaultError:
    return VaultError(
        VaultReason.BAD_TOKEN,
        "The access to the vault is damaged.",
        "Attach the vault with a new token.",
    )


def _has_folders(secrets: Json) -> bool:
    records = secrets.get("records")
    flat = [entry for entry in records if isinstance(entry, dict)] if isinstance(records, list) else []
    return bool(secrets.get("folders")) or any(entry.get("innerFolderUid") for entry in flat)
