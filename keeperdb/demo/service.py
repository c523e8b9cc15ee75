"""Turns one request into its answer: opens it, checks the caller, runs the verb, stores what changed."""

import json
import time
from collections.abc import Callable
from copy import copy
from dataclasses import dataclass, field

from keeperdb.demo import file_verbs, reading_verbs, wire, writing_verbs
from keeperdb.demo.access import SignedRequest, authenticate, open_transmission_key
from keeperdb.demo.account import Account
from keeperdb.demo.calls import Call
from keeperdb.demo.journal import JournalEntry
from keeperdb.demo.protocol import CipherError, Json, seal, to_json, unseal
from keeperdb.demo.throttle import Throttle
from keeperdb.demo.vault_state import Device

VERBS: dict[str, Callable[[Call], Json | None]] = {
    "get_secret": reading_verbs.get_secret,
    "get_folders": reading_verbs.get_folders,
    "create_secret": writing_verbs.create_secret,
    "update_secret": writing_verbs.update_secret,
    "finalize_secret_update": writing_verbs.finalize_secret_update,
    "rollback_secret_update": writing_verbs.rollback_secret_update,
    "delete_secret": writing_verbs.delete_secret,
    "create_folder": writing_verbs.create_folder,
    "update_folder": writing_verbs.update_folder,
    "delete_folder": writing_verbs.delete_folder,
    "add_file": file_verbs.add_file,
}
_READING = frozenset({"get_secret", "get_folders"})


@dataclass(frozen=True, slots=True)
class Answer:
    """What is sent back. `transmission_key` is empty where the request was not opened."""

    status: int
    body: bytes
    content_type: str = "application/octet-stream"
    transmission_key: bytes = field(default=b"", repr=False)


class VaultService:
    """The verbs over one account. Requests are handled one after the other."""

    def __init__(self, account: Account, throttle: Throttle, clock: Callable[[], float] = time.time) -> None:
        self._account = account
        self._throttle = throttle
        self._clock = clock

    def answer(self, request: SignedRequest, base_url: str, entry: JournalEntry) -> Answer:
        """Raises `WireError` where the request is refused, `StoreError` where a change cannot be stored."""
        account = self._account
        with account.lock:
            state = account.state
            key = open_transmission_key(request, state)
            payload = _open_payload(request.body, key)
            entry.describe(payload)
            self._throttle.check(entry.client_id, request.verb)
            was_known = _device_now(payload, account)
            application, device = authenticate(request, payload, state, self._clock())
            verb = VERBS.get(request.verb)
            if verb is None:
                raise wire.WireError("not_found", "No such verb", status=404)
            result = verb(Call(state, application, device, payload, account.files, base_url))
            if request.verb not in _READING or device != was_known:
                account.store()
        body = b"" if result is None else seal(to_json(result), key)
        return Answer(200, body, transmission_key=key)

    def upload(self, content_type: str, body: bytes) -> Answer:
        """Raises `WireError`, `StoreError`."""
        with self._account.lock:
            file_verbs.accept_upload(self._account.state, self._account.files, content_type, body)
            self._account.store()
        return Answer(file_verbs.UPLOADED, b"")

    def download(self, uid: str, ticket: str) -> Answer:
        """Raises `WireError`."""
        with self._account.lock:
            return Answer(200, file_verbs.read_download(self._account.state, self._account.files, uid, ticket))


def _device_now(payload: Json, account: Account) -> Device | None:
    """A copy, to see whether the request changes it."""
    found = account.state.find_device(payload.get("clientId"))
    return copy(found[1]) if found else None


def _open_payload(body: bytes, key: bytes) -> Json:
    try:
        payload = json.loads(unseal(body, key))
    except (CipherError, ValueError) as error:
        raise wire.bad_request("The payload cannot be opened") from error
    if not isinstance(payload, dict):
        raise wire.bad_request("The payload is not an object")
    return payload
