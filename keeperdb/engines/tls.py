"""How far a connection to a server is checked, and against which certificate authorities."""

import ipaddress
import ssl
from pathlib import Path

from keeperdb.connections.profile import ConnectionProfile, TlsMode
from keeperdb.errors import ConnectError, ConnectReason

_BUNDLES = (  # where the systems keep their authorities
    "/etc/ssl/certs/ca-certificates.crt",  # Debian, Ubuntu, Arch, Alpine
    "/etc/pki/tls/certs/ca-bundle.crt",  # Fedora, RHEL
    "/etc/ssl/ca-bundle.pem",  # openSUSE
    "/etc/ssl/cert.pem",  # macOS, BSD
)


def is_this_machine(host: str) -> bool:
    """Whether `host` is a loopback address, a Unix socket, or empty."""
    if not host or host.startswith(("/", "@")) or host.lower().rstrip(".") == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def effective_mode(profile: ConnectionProfile) -> TlsMode:
    """The mode in force: what the profile says, else verify-full for a remote host and prefer for this machine."""
    if profile.tls is not TlsMode.DEFAULT:
        return profile.tls
    return TlsMode.PREFER if is_this_machine(profile.host) else TlsMode.VERIFY_FULL


def authorities(profile: ConnectionProfile) -> str:
    """The file of certificate authorities: the profile's own, else the system's, else the one of `certifi`.

    The OpenSSL inside a driver's wheel looks in the folders of the machine it was built on, so it is told.
    """
    if profile.tls_ca:
        return str(Path(profile.tls_ca).expanduser())
    candidates = (ssl.get_default_verify_paths().cafile, *_BUNDLES)
    for candidate in candidates:
        if candidate and Path(candidate).is_file():
            return candidate
    import certifi

    return certifi.where()


def readable(name: str) -> str:
    """The path of a certificate or key that is there. Raises `ConnectError`."""
    path = Path(name).expanduser()
    if not path.is_file():
        raise ConnectError(ConnectReason.PROFILE, f"There is no file {path}.", "Check the TLS files of the connection.")
    return str(path)
