"""How far a connection to a server is checked, and against which certificate authorities."""

import ipaddress
import re
import socket
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

# What to do about what OpenSSL and libpq say
_ADVICE = (
    (r"client certificate|alert|private key", "Check the client certificate of the connection, and its key."),
    (r"expired", "The server needs a new certificate."),
    (r"not yet valid", "Compare the clocks of this machine and of the server."),
    (r"match|not valid for", "Connect by a name that the certificate is for."),
    (r"self.signed|issuer", "Choose the certificate of its authority in the connection, once it is known to be right."),
)


def advice(reason: str) -> str:
    """What to do about a TLS connection that failed for `reason`."""
    found = (hint for pattern, hint in _ADVICE if re.search(pattern, reason, re.IGNORECASE))
    return next(found, "Check the TLS files of the connection, or choose another TLS mode.")


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


def show_certificate(context: ssl.SSLContext, profile: ConnectionProfile) -> None:
    """Have `context` show the client certificate of the profile, if it has one. Raises `ConnectError`.

    Without a password here OpenSSL would ask for one on the terminal.
    """
    if not profile.tls_certificate:
        return
    certificate, key = readable(profile.tls_certificate), readable(profile.tls_key)
    try:
        context.load_cert_chain(certificate, key, password="")
    except (ssl.SSLError, ValueError) as error:
        raise ConnectError(ConnectReason.TLS, *_unusable(error, certificate, key)) from error
    except OSError as error:
        raise ConnectError(
            ConnectReason.PROFILE, f"{key} cannot be read: {error.strerror}.", "Check the file."
        ) from error


def _unusable(error: ssl.SSLError | ValueError, certificate: str, key: str) -> tuple[str, str]:
    """What is wrong with a pair of files, and what to do."""
    reason = getattr(error, "reason", None) or ""
    if reason == "KEY_VALUES_MISMATCH":
        return f"The key {key} does not belong to the certificate {certificate}.", "Choose the key it was made with."
    if "DECRYPT" in reason or "PASSWORD" in reason:
        return f"The key {key} is protected by a password.", "Keep the key in a file without one (openssl pkey)."
    return f"{certificate} and {key} are not a certificate and its key.", "Both are files in PEM form."


def verify_error(profile: ConnectionProfile, sock: socket.socket, seconds: float) -> str:
    """What is wrong with the certificate of the server at the other end of `sock`, which waits for a TLS handshake.

    For drivers that tell no more than that it was refused. Empty where nothing is found.
    """
    context = ssl.create_default_context(cafile=authorities(profile))
    context.verify_flags &= ~ssl.VERIFY_X509_STRICT
    context.check_hostname = effective_mode(profile) is TlsMode.VERIFY_FULL
    sock.settimeout(seconds)
    try:
        with context.wrap_socket(sock, server_hostname=profile.host or "localhost"):
            return ""
    except ssl.SSLCertVerificationError as error:
        return error.verify_message
    except (OSError, ValueError):
        return ""
