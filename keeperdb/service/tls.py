"""The certificate that the service shows."""

import ssl

from keeperdb.errors import SettingsError
from keeperdb.service.config import TlsFiles


def server_context(files: TlsFiles) -> ssl.SSLContext:
    """TLS 1.2 or later. Raises `SettingsError` if certificate, key and password do not fit together."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_alpn_protocols(["http/1.1"])
    _load(context, files)
    return context


def show(context: ssl.SSLContext, files: TlsFiles) -> None:
    """Use this certificate from the next connection on. Raises `SettingsError`; then the old one stays."""
    server_context(files)  # what fails half way leaves a context that can shake no hand
    _load(context, files)


def _load(context: ssl.SSLContext, files: TlsFiles) -> None:
    password = files.password.reveal() if files.password is not None else ""
    try:
        context.load_cert_chain(files.certificate, files.key or None, password=lambda: password)
    except ssl.SSLError as error:
        raise SettingsError(
            f"The certificate {files.certificate} cannot be used: {_reason(error)}.",
            "Check the certificate, its key and the key's password.",
        ) from None  # the cause may hold the password's trace
    except OSError as error:
        name = error.filename or files.certificate
        raise SettingsError(
            f"{name} cannot be read: {error.strerror}.", "Check the path of the certificate."
        ) from error


def _reason(error: ssl.SSLError) -> str:
    words = {
        "KEY_VALUES_MISMATCH": "the key is not the certificate's",
        "BAD_DECRYPT": "the key's password is wrong",
        "PEM_LIB": "it is no PEM file, or its key's password is wrong",
        "NO_START_LINE": "it holds no certificate in PEM form",
    }
    return next((text for word, text in words.items() if word in str(error)), error.reason or "it is damaged")
