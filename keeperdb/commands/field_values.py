"""From the text of a field's value to what a record holds."""

import base64
import binascii
import json
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from keeperdb.commands.field_types import DATE_TYPES, FIELD_TYPES
from keeperdb.commands.generated_values import generated
from keeperdb.errors import CommandError, CommandKind

_JSON, _BASE64, _GENERATED = "$JSON:", "$BASE64:", "$GEN"
_CARD_DIGITS = 15  # the shortest card numbers that a security code follows
_YES, _NO = ("yes", "true", "on", "1", "y"), ("no", "false", "off", "0", "n")


def field_values(kind: str, text: str) -> list[Any]:
    """The values that `text` stands for in a field of type `kind`; none for nothing. Raises `CommandError`.

    No message repeats the text.
    """
    if text.startswith(_JSON):
        return _from_json(kind, text.removeprefix(_JSON))
    if text.startswith(_BASE64):
        text = _from_base64(kind, text.removeprefix(_BASE64))
        return [text] if text else []
    if text == _GENERATED or text.startswith(f"{_GENERATED}:"):
        return [generated(kind, text.removeprefix(_GENERATED).removeprefix(":"))]
    if not text:
        return []
    if kind == "securityQuestion":
        return _questions(text)
    reader = _READERS.get(kind)
    return [reader(text)] if reader is not None else [text]


def _from_json(kind: str, text: str) -> list[Any]:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        raise _refused(kind, "the text after $JSON: is not JSON") from None
    parts = FIELD_TYPES[kind].parts if kind in FIELD_TYPES else ()
    values = found if isinstance(found, list) else [found]
    if kind == "json":
        return [text]
    if parts and not all(isinstance(each, dict) for each in values):
        raise _refused(kind, f"an object with {', '.join(parts)} is expected")
    if not parts and not all(isinstance(each, (str, int, float, bool)) for each in values):
        raise _refused(kind, "text is expected")
    return values


def _from_base64(kind: str, text: str) -> str:
    try:
        return base64.b64decode(text, validate=True).decode()
    except (binascii.Error, ValueError):
        raise _refused(kind, "the text after $BASE64: is not base64 of UTF-8") from None


def _host(text: str) -> Mapping[str, str]:
    """`HOST:PORT`, `[IPv6]:PORT`, or a host alone; the port is text in records."""
    bracketed = re.fullmatch(r"\[([^\[\]]*)\](?::(.*))?", text.strip())
    if bracketed:
        return {"hostName": bracketed[1], "port": bracketed[2] or ""}
    if text.count(":") > 1:
        return {"hostName": text.strip(), "port": ""}
    host, _, port = text.strip().partition(":")
    return {"hostName": host.strip(), "port": port.strip()}


def _phone(text: str) -> Mapping[str, str]:
    kind, colon, rest = text.partition(":")
    words = (rest if colon else text).split()
    region = words.pop(0) if words and re.fullmatch(r"[A-Za-z]{2}", words[0]) else ""
    extension = words.pop() if len(words) > 1 and re.fullmatch(r"x?[0-9]{1,6}", words[-1]) else ""
    found = {"number": " ".join(words), "region": region.upper(), "ext": extension.lstrip("x")}
    found["type"] = kind.strip().capitalize() if colon else ""
    return {name: value for name, value in found.items() if value}


def _name(text: str) -> Mapping[str, str]:
    """`Last, First Middle` or `First Middle Last`."""
    last, comma, rest = text.partition(",")
    words = rest.split() if comma else text.split()
    if not comma:
        last = words.pop() if words else ""
    first = words[0] if words else ""
    return {"first": first, "middle": " ".join(words[1:]), "last": last.strip()}


def _address(text: str) -> Mapping[str, str]:
    """`STREET[, STREET2], CITY, STATE ZIP[, COUNTRY]`."""
    parts = [part.strip() for part in text.split(",")]
    country = parts.pop() if len(parts) > 3 else ""
    found = {"street1": parts.pop(0) if parts else "", "country": country}
    state, _, code = parts.pop().rpartition(" ") if len(parts) > 1 else ("", "", "")
    found |= {"state": state or code, "zip": code if state else ""}
    if parts:
        found["city"] = parts.pop()
    if parts:
        found["street2"] = ", ".join(parts)
    return {name: value for name, value in found.items() if value}


def _card(text: str) -> Mapping[str, str]:
    found: dict[str, str] = {}
    number = ""
    for word in text.split():
        digits = word.replace("-", "")
        if "/" in word:
            found["cardExpirationDate"] = word
        elif len(digits) <= 4 and (found or len(number) >= _CARD_DIGITS):
            found["cardSecurityCode"] = digits
        else:
            number += digits
    return {"cardNumber": number, **found}


def _account(text: str) -> Mapping[str, str]:
    kind, colon, rest = text.partition(":")
    words = (rest if colon else text).split()
    if len(words) != 2:
        raise _refused("bankAccount", "it is written as `Checking: ROUTING ACCOUNT`")
    return {"accountType": kind.strip() if colon else "", "routingNumber": words[0], "accountNumber": words[1]}


def _questions(text: str) -> list[Any]:
    found = []
    for part in text.split(";"):
        question, _, answer = part.partition("?")
        if question.strip():
            found.append({"question": f"{question.strip()}?", "answer": answer.strip()})
    return found


def _date(text: str) -> int:
    """Milliseconds since 1970; a day begins at midnight, UTC."""
    text = text.strip()
    try:
        if re.fullmatch(r"-?[0-9]{1,14}", text):
            number = int(text)
            return number if abs(number) >= 10**10 else number * 1000
        moment = datetime.fromisoformat(text.replace("Z", "+00:00"))
        return int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp() * 1000)
    except (ValueError, OverflowError):
        raise _refused("date", "it is written as YYYY-MM-DD or YYYY-MM-DDTHH:MM:SSZ") from None


def _flag(text: str) -> bool:
    word = text.strip().casefold()
    if word not in (*_YES, *_NO):
        raise _refused("checkbox", "it is yes or no")
    return word in _YES


def _refused(kind: str, why: str) -> CommandError:
    return CommandError(CommandKind.BAD_ARGUMENTS, f'The value of the field "{kind}" cannot be used: {why}.')


_READERS: Mapping[str, Callable[[str], Any]] = {
    "host": _host,
    "pamHostname": _host,
    "phone": _phone,
    "name": _name,
    "address": _address,
    "paymentCard": _card,
    "bankAccount": _account,
    "checkbox": _flag,
    **dict.fromkeys(DATE_TYPES, _date),
}
