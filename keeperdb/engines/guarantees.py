"""What a connection promises, in words: how far TLS protects it, and who keeps it from writing."""

from keeperdb.connections.profile import ConnectionProfile, TlsMode
from keeperdb.engines.base import Engine
from keeperdb.engines.tls import effective_mode

_LOSSES = {
    TlsMode.VERIFY_FULL: "",
    TlsMode.VERIFY_CA: "The host name is not checked: any server with a certificate of the same authority is believed.",
    TlsMode.REQUIRE: "The certificate is not checked: somebody on the way could pose as the server, and read and "
    "change what is sent.",
    TlsMode.PREFER: "Nothing is checked, and somebody on the way could turn the encryption off.",
    TlsMode.DISABLE: "Everything is sent in the clear: whoever is on the way could read and change it.",
}
_DEFAULT = "Another machine is verified in full; on this machine the connection is encrypted if the server can."


def tls_loss(mode: TlsMode, engine: Engine) -> str:
    """What a TLS mode gives up, for a person; empty where it gives up nothing."""
    if mode is TlsMode.DEFAULT:
        return f"{_DEFAULT} {engine.tls_help}".strip()
    if mode is TlsMode.PREFER and not engine.capabilities.negotiates_tls:
        return f"{engine.name} does not negotiate: this is not encrypted. {_LOSSES[TlsMode.DISABLE]}"
    return f"{_LOSSES[mode]} {engine.tls_help}".strip()


def tls_in_force(profile: ConnectionProfile, engine: Engine) -> str:
    """The mode that a connection is opened with, and what it gives up; empty for an engine without TLS."""
    if not engine.capabilities.has_tls:
        return ""
    mode = effective_mode(profile)
    loss = tls_loss(mode, engine)
    return f"{mode.value}. {loss}" if loss else mode.value


def read_only_label(engine: Engine) -> str:
    """`read-only`, with a caveat where the server does not see to it."""
    return "read-only" if engine.capabilities.enforces_read_only else "read-only (best effort)"


def read_only_promise(engine: Engine) -> str:
    """Who sees to it that nothing is written, in a sentence or two."""
    if engine.read_only_help:
        return engine.read_only_help
    return f"Enforced by {'SQLite' if engine.capabilities.is_file else 'the server'}."
