"""A secret in memory, and what a place that holds secrets can do."""

from typing import Protocol

REDACTED = "••••••"


class Secret:
    """A password or key that does not show itself: no repr, format, pickle or log line has it."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """The secret itself, for the one call that needs it."""
        return self._value

    def __bool__(self) -> bool:
        return bool(self._value)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Secret):
            return NotImplemented
        import hmac  # only here: it loads OpenSSL, which the start of the program can do without

        ours, theirs = (each._value.encode(errors="surrogatepass") for each in (self, other))
        return hmac.compare_digest(ours, theirs)

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"Secret({REDACTED})"

    __str__ = __repr__

    def __reduce__(self) -> tuple[object, ...]:
        raise TypeError("a Secret is not pickled")


class Keychain(Protocol):
    """A place that holds secrets by name. Every call may block, and raises `KeychainError`."""

    def get(self, name: str) -> Secret | None: ...

    def set(self, name: str, secret: Secret) -> None: ...

    def delete(self, name: str) -> None:
        """Forget `name`; nothing happens if it is unknown."""
        ...

    @property
    def label(self) -> str:
        """What the person reads: `Secret Service`, `Encrypted file`."""
        ...
