"""A Secrets Manager application as the vault's owner sees it: tokens, devices, configurations."""

import base64
import json
import time
from typing import TYPE_CHECKING

from keeperdb.demo import protocol
from keeperdb.demo.vault_state import Application as StoredApplication
from keeperdb.demo.vault_state import Device

if TYPE_CHECKING:
    from keeperdb.demo.account import Account

_TOKEN_SECONDS = 3600.0  # Keeper's own default


class Application:
    """One application of the demo vault, and its devices."""

    def __init__(self, account: "Account", stored: StoredApplication) -> None:
        self._account = account
        self.stored = stored

    @property
    def title(self) -> str:
        return self.stored.title

    @property
    def devices(self) -> list[Device]:
        """In the order of their tokens."""
        return list(self.stored.devices.values())

    def issue_token(
        self,
        *,
        expires_in: float = _TOKEN_SECONDS,
        ip_lock: bool | str = False,
        access_expires_in: float | None = None,
        name: str = "device",
    ) -> str:
        """A one-time token, 43 characters without a host.

        It is good for `expires_in` seconds, and the device's access ends `access_expires_in` seconds from now.
        `ip_lock` True locks the device to the address of its first request, a text to that address.
        """
        token = protocol.new_key()
        self._add_device(token, None, name, expires_in, ip_lock, access_expires_in)
        return protocol.to_url_base64(token)

    def issue_configuration(self, host: str, *, as_base64: bool = True, name: str = "configuration") -> str:
        """A ready configuration of a device that is already bound, as the vault hands it out in place of a token."""
        token, pair = protocol.new_key(), protocol.KeyPair()
        device = self._add_device(token, pair, name, _TOKEN_SECONDS, False, None)
        state = self._account.state
        configuration = {
            "hostname": host,
            "clientId": device.client_id,
            "privateKey": protocol.to_base64(pair.der),
            "appKey": protocol.to_base64(self.stored.key),
            "appOwnerPublicKey": protocol.to_base64(protocol.KeyPair.from_der(state.owner_key).point),
            "serverPublicKeyId": state.server_key_id,
            "serverPublicKey": protocol.to_url_base64(protocol.KeyPair.from_der(state.server_key).point),
        }
        text = json.dumps(configuration)
        return base64.b64encode(text.encode()).decode() if as_base64 else text

    def revoke(self, device: Device) -> None:
        with self._account.changing():
            device.is_revoked = True

    def expire(self, device: Device) -> None:
        """End the device's access now."""
        with self._account.changing():
            device.access_expires_at = time.time()

    def lock_to(self, device: Device, address: str) -> None:
        """From now on the device is only let in from `address`."""
        with self._account.changing():
            device.is_address_locked, device.address = True, address

    def _add_device(
        self,
        token: bytes,
        pair: protocol.KeyPair | None,
        name: str,
        expires_in: float,
        ip_lock: bool | str,
        access_expires_in: float | None,
    ) -> Device:
        now = time.time()
        device = Device(
            client_id=protocol.client_id(token),
            name=name,
            encrypted_app_key=None if pair else protocol.seal(self.stored.key, token),
            token_expires_at=now + expires_in,
            access_expires_at=None if access_expires_in is None else now + access_expires_in,
            is_address_locked=bool(ip_lock),
            address=ip_lock if isinstance(ip_lock, str) else "",
            public_key=pair.point if pair else None,
        )
        with self._account.changing():
            self.stored.devices[device.client_id] = device
        return device
