"""The demo vault: a Secrets Manager server on loopback that speaks the real protocol over HTTPS."""

import threading
import time
from pathlib import Path
from typing import Any

from keeperdb.demo.account import Account
from keeperdb.demo.certificates import make_certificates
from keeperdb.demo.faults import ANY_VERB, Fault, FaultKind, Faults
from keeperdb.demo.https_server import HOST, VaultServer
from keeperdb.demo.journal import Journal
from keeperdb.demo.protocol import KeyPair, to_url_base64
from keeperdb.demo.service import VaultService
from keeperdb.demo.temporary import make_temporary_folder, remove_temporary_folder
from keeperdb.demo.throttle import Throttle, ThrottleRule
from keeperdb.errors import StoreError
from keeperdb.paths import make_private_folder

_POLL_SECONDS = 0.02  # how long stopping may take


class DemoVault(Account):
    """A vault account with its server, which runs between `start` and `stop` or inside `with`.

    `state_file` keeps everything across restarts, with the files' contents and the certificates beside it;
    without it all of that lives in a temporary folder until `close`. `port` 0 takes a free one.
    `latency` is the number of seconds that every request waits. `storage_folder` holds what is beside the state file.
    """

    def __init__(self, *, port: int = 0, state_file: Path | None = None) -> None:
        self._is_temporary = state_file is None
        if state_file is None:
            self.storage_folder = make_temporary_folder("vault")
        else:
            self.storage_folder = state_file.with_name(f"{state_file.name}.d")
        make_private_folder(self.storage_folder)
        super().__init__(self.storage_folder / "files", state_file)
        self.journal = Journal()
        self.faults = Faults()
        self.latency = 0.0
        self._throttle = Throttle(time.monotonic)
        self._port = port or self.state.port
        self._may_move = not port
        self._server: VaultServer | None = None
        self._thread: threading.Thread | None = None

    def __enter__(self) -> "DemoVault":
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def endpoint(self) -> str:
        """`HOST:PORT`; the port is known once the server was started."""
        return f"{HOST}:{self._port}"

    @property
    def server_key_id(self) -> str:
        return self.state.server_key_id

    @property
    def server_key(self) -> str:
        """The public key that clients seal their transmission keys with, 87 characters of URL-safe base64."""
        return to_url_base64(KeyPair.from_der(self.state.server_key).point)

    @property
    def server_key_option(self) -> str:
        """`ID:BASE64URL`, as the option --vault-server-key takes it."""
        return f"{self.server_key_id}:{self.server_key}"

    @property
    def ca_file(self) -> Path:
        """The certificate of the authority that the server's own certificate is signed by."""
        return self.storage_folder / "ca.pem"

    @property
    def _certificate(self) -> Path:
        return self.storage_folder / "server.pem"

    @property
    def is_running(self) -> bool:
        return self._server is not None

    def start(self) -> None:
        """Begin to serve, on the port that was given or else that of the last time. Raises `StoreError`."""
        make_certificates(self.ca_file, self._certificate)
        self._server = self._listen()
        self._may_move = False
        self.faults.begin()
        with self.changing():
            self._port = self.state.port = self._server.port
        self._thread = threading.Thread(target=self._server.serve_forever, args=(_POLL_SECONDS,), name="demo-vault")
        self._thread.start()

    def _listen(self) -> VaultServer:
        """Falls back to a free port where only the one of the last time cannot be had. Raises `StoreError`."""
        ports = [self._port, 0] if self._may_move else [self._port]
        service = VaultService(self, self._throttle)
        failure = OSError()
        for port in ports:
            try:
                return VaultServer(port, self._certificate, service, self.journal, self.faults, lambda: self.latency)
            except OSError as error:
                failure = error
        raise StoreError(
            f"The demo vault cannot listen on {self.endpoint}: {failure.strerror}.", "Choose another port."
        ) from failure

    def stop(self) -> None:
        """End every connection and the server; what the vault holds stays, and `start` goes on with it.

        Raises what went wrong inside the server, if anything did.
        """
        server, self._server = self._server, None
        if server is None or self._thread is None:
            return
        server.shutdown()
        self._thread.join()
        self.faults.end()
        server.disconnect_all()
        server.server_close()
        if server.failures:
            raise server.failures[0]

    def close(self) -> None:
        """Stop, and remove what was temporary."""
        try:
            self.stop()
        finally:
            if self._is_temporary:
                remove_temporary_folder(self.storage_folder)

    def restart(self) -> None:
        """Stop and start on the same port."""
        self.stop()
        self.start()

    def issue_token(
        self,
        *,
        expires_in: float = 3600.0,
        ip_lock: bool | str = False,
        access_expires_in: float | None = None,
        name: str = "device",
    ) -> str:
        """As `Application.issue_token`, for the first application: a bare key, the host comes from `endpoint`."""
        return self.application.issue_token(
            expires_in=expires_in, ip_lock=ip_lock, access_expires_in=access_expires_in, name=name
        )

    def issue_configuration(self, *, as_base64: bool = True) -> str:
        """As `Application.issue_configuration`, for the first application and this server's endpoint."""
        return self.application.issue_configuration(self.endpoint, as_base64=as_base64)

    def throttle(self, limit: int | None, window: float = 10.0, retry_after: float | None = None) -> None:
        """At most `limit` calls per client and verb, see `ThrottleRule`; None lifts the limit."""
        self._throttle.rule = None if limit is None else ThrottleRule(limit, window, retry_after)

    def fail(self, kind: FaultKind | str, verb: str = ANY_VERB, **details: Any) -> None:
        """Let a later request go wrong: `kind` and `details` are those of `Fault`."""
        self.faults.add(Fault(FaultKind(kind), verb, **details))
