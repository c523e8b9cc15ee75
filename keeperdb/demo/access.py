"""Who is calling: tokens, device binding, signatures, address locks and expiry."""

from dataclasses import dataclass

from keeperdb.demo import wire
from keeperdb.demo.protocol import CipherError, Json, KeyPair, from_base64, is_signed_by
from keeperdb.demo.vault_state import Application, Device, VaultState

_BINDING_VERB = "get_secret"


@dataclass(frozen=True, slots=True)
class SignedRequest:
    """One request as it came off the wire."""

    verb: str
    key_id: str
    envelope: bytes
    signature: bytes
    body: bytes
    address: str

    @classmethod
    def from_headers(cls, verb: str, headers: Json, body: bytes, address: str) -> "SignedRequest":
        """Raises `WireError` if a header is missing or not base64. `headers` has lower-case names."""
        scheme, _, signature = str(headers.get("authorization", "")).partition(" ")
        if scheme != "Signature":
            raise wire.denied(wire.SIGNATURE_INVALID)
        try:
            envelope = from_base64(headers.get("transmissionkey"))
            return cls(verb, str(headers.get("publickeyid", "")), envelope, from_base64(signature), body, address)
        except CipherError as error:
            raise wire.bad_request("A header is not base64") from error


def open_transmission_key(request: SignedRequest, state: VaultState) -> bytes:
    """The key that request and answer are sealed under. Raises `WireError`."""
    if request.key_id != state.server_key_id:
        raise wire.other_key(state.server_key_id)
    try:
        return KeyPair.from_der(state.server_key).open_envelope(request.envelope)
    except CipherError as error:
        raise wire.bad_request("The transmission key cannot be opened") from error


def authenticate(request: SignedRequest, payload: Json, state: VaultState, now: float) -> tuple[Application, Device]:
    """The calling device; binds it on its first `get_secret`. Raises `WireError`. `now` is seconds since 1970."""
    found = state.find_device(payload.get("clientId"))
    if found is None:
        raise wire.denied(wire.SIGNATURE_INVALID)
    application, device = found
    point = _device_point(request, payload, device, now)
    if not is_signed_by(point, request.signature, request.envelope + request.body):
        raise wire.denied(wire.SIGNATURE_INVALID)
    _check_still_allowed(application, device, request.address, now)
    device.public_key = point
    if device.is_address_locked:
        device.address = request.address
    if "publicKey" not in payload or payload["publicKey"] is None:
        device.encrypted_app_key = None  # a call without it confirms the binding
    return application, device


def _device_point(request: SignedRequest, payload: Json, device: Device, now: float) -> bytes:
    """The public key that must have signed: the bound one, or the one of the first request."""
    if device.public_key is not None:
        return device.public_key
    if request.verb != _BINDING_VERB or not payload.get("publicKey"):
        raise wire.denied(wire.SIGNATURE_INVALID)
    if now >= device.token_expires_at:
        raise wire.denied(wire.NO_ACCESS)
    try:
        return from_base64(payload["publicKey"])
    except CipherError as error:
        raise wire.denied(wire.SIGNATURE_INVALID) from error


def _check_still_allowed(application: Application, device: Device, address: str, now: float) -> None:
    is_expired = device.access_expires_at is not None and now >= device.access_expires_at
    if device.is_revoked or is_expired or not application.shares:
        raise wire.denied(wire.NO_ACCESS)
    if device.is_address_locked and device.address not in ("", address):
        raise wire.denied(wire.OTHER_ADDRESS)
