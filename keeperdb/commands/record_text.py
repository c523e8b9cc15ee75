"""What a record shows of itself in lists, and which of its values are secrets."""

from collections.abc import Iterator, Mapping
from typing import Any

from keeperdb.vault.contents import VaultRecord

_HIDDEN_TYPES = "password secret pinCode oneTimeCode otp keyPair privateKey trafficEncryptionSeed passkey note json"
SECRET_TYPES = frozenset(_HIDDEN_TYPES.split())
_SECRET_PARTS = {"paymentCard": ("cardNumber", "cardSecurityCode"), "bankAccount": ("accountNumber",)}
_HOSTS = ("host", "pamHostname")
_ADDRESSES = ("url", "rbiUrl")


def fields_of(record: VaultRecord, *sections: str) -> Iterator[Mapping[str, Any]]:
    """The fields of a record, the standard ones first."""
    for section in sections or ("fields", "custom"):
        fields = (record.content or {}).get(section)
        for field in fields if isinstance(fields, list) else ():
            if isinstance(field, dict):
                yield field


def values_of(field: Mapping[str, Any]) -> list[Any]:
    """The values of a field that say something."""
    value = field.get("value")
    values = value if isinstance(value, list) else [value]
    return [each for each in values if each not in (None, "", {}, [])]


def first_value(record: VaultRecord, *types: str) -> Any:
    """The first value of a field of one of these types, or None."""
    for field in fields_of(record):
        if field.get("type") in types:
            for value in values_of(field):
                return value
    return None


def notes_of(record: VaultRecord) -> str:
    notes = (record.content or {}).get("notes")
    return notes if isinstance(notes, str) else ""


def describe(record: VaultRecord) -> str:
    """`login @ address`, or the end of a card's number and its holder, as Commander describes a record."""
    login, address = _text(first_value(record, "login")), _address(record)
    if login or address:
        return " @ ".join(part for part in (login, address) if part)
    card = first_value(record, "paymentCard")
    number = card.get("cardNumber") if isinstance(card, dict) else None
    return f"*{number[-4:]}" if isinstance(number, str) and len(number) > 4 else ""


def shown_value(kind: str, value: object, *, unmask: bool) -> object:
    """A value of a field of type `kind`, with what is secret in it replaced unless `unmask`."""
    if unmask:
        return value
    if kind in SECRET_TYPES:
        return MASK
    hidden = _SECRET_PARTS.get(kind, ())
    if isinstance(value, dict) and hidden:
        return {name: MASK if name in hidden and part else part for name, part in value.items()}
    return value


MASK = "********"


def search_text(record: VaultRecord) -> str:
    """Everything of a record that may be searched, in lower case: no secrets."""
    words = [record.title, record.type, notes_of(record)]
    for field in fields_of(record):
        kind = field.get("type")
        words.append(_text(field.get("label")))
        for value in values_of(field) if kind not in SECRET_TYPES else ():
            shown = shown_value(str(kind), value, unmask=False)
            words += map(_text, shown.values()) if isinstance(shown, dict) else [_text(shown)]
    words += [file.title or file.name for file in record.files]
    return "\n".join(word for word in words if word).casefold()


def _address(record: VaultRecord) -> str:
    url = _text(first_value(record, *_ADDRESSES))
    if url:
        return url
    host = first_value(record, *_HOSTS)
    if not isinstance(host, dict):
        return _text(host)
    name, port = _text(host.get("hostName")), _text(host.get("port"))
    return f"{name}:{port}" if port else name


def _text(value: object) -> str:
    return str(value) if isinstance(value, (str, int)) and not isinstance(value, bool) else ""
