"""The rules for what a service may be told, with Commander's own messages."""

import ipaddress
import re
import socket
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

from keeperdb.errors import SettingsError
from keeperdb.service.addresses import parse_address

_PORTS = range(1024, 65536)
_RATE = re.compile(r"(\d+)(?:/| per )(minute|hour|day)", re.IGNORECASE)
_PERIOD = re.compile(r"([0-9]{1,9})([mhd])", re.IGNORECASE)
_UNITS = {"m": "minutes", "h": "hours", "d": "days"}
_NGROK_TOKEN = re.compile(r"[0-9a-zA-Z_-]{8,}")
_ENCRYPTION_KEY = re.compile(r"[0-9A-Za-z@#$%^&+=]+")
_KEY_CHARACTERS = 32
_CERTIFICATE_ENDINGS = (".pem", ".crt", ".cer", ".key")
_LONGEST_NAME = 253  # characters (RFC 1035, 2.3.4)
_LABEL = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?")
_HOST_LABEL = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?")  # container names have underscores


def port_number(text: str) -> int:
    """A port from 1024 to 65535. Raises `SettingsError`."""
    try:
        number = int(text)
    except ValueError:
        raise SettingsError("Port must be a valid integer") from None
    if number not in _PORTS:
        raise SettingsError("Port must be between 1024 and 65535")
    return number


def free_port(text: str, address: str) -> int:
    """A port on which a server can listen at `address` now. Raises `SettingsError`."""
    number = port_number(text)
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address, number))
        except OSError:
            raise SettingsError(f"Port {number} is already in use") from None
    return number


def bind_address(text: str) -> str:
    """The address of one of this machine's interfaces. Raises `SettingsError`."""
    try:
        return str(ipaddress.ip_address("127.0.0.1" if text.strip() == "localhost" else text.strip()))
    except ValueError:
        raise SettingsError(
            f"--bind takes an address, not “{text}”.", "127.0.0.1 is this machine only, 0.0.0.0 every interface."
        ) from None


def yes_or_no(text: str) -> bool:
    answer = text.strip().lower()
    if answer not in ("y", "n"):
        raise SettingsError("Invalid input. Please enter 'y' or 'n'.")
    return answer == "y"


def queue_setting(text: str) -> bool:
    if text.strip().lower() not in ("y", "n"):
        raise SettingsError(f"Invalid queue setting '{text}'. Must be 'y' or 'n'.")
    return text.strip().lower() == "y"


def run_mode(text: str) -> str:
    mode = text.strip().lower()
    if mode not in ("foreground", "background"):
        raise SettingsError(f"Invalid run mode '{text}'. Must be 'foreground' or 'background'.")
    return mode


def file_format(text: str) -> str:
    name = text.strip().lower()
    if name not in ("json", "yaml"):
        raise SettingsError(f"Invalid file format '{text}'. Must be 'json' or 'yaml'.")
    return name


def rate_limit(text: str) -> str:
    """Empty for the default. Raises `SettingsError`."""
    limit = " ".join(text.split())
    if not limit:
        return ""
    match = _RATE.fullmatch(limit)
    if match is None:
        raise SettingsError(
            "Invalid rate limit format. Use formats like 'X/minute', 'X/hour', 'X/day', 'X per minute', "
            "'X per hour', or 'X per day'."
        )
    if int(match[1]) == 0:
        raise SettingsError("Rate limit value cannot be 0. Please specify a positive number.")
    return limit


def address_list(text: str) -> tuple[str, ...]:
    """Addresses, networks and ranges split by commas; none for an empty text. Raises `SettingsError`."""
    items = tuple(item.strip() for item in text.split(",") if item.strip())
    for item in items:
        if not _is_address(item):
            raise SettingsError(f"Invalid IP address or CIDR block: {item}")
    return items


def host_names(text: str) -> tuple[str, ...]:
    """Names split by commas, without a port; none for an empty text. Raises `SettingsError`."""
    names = tuple(name.strip().lower() for name in text.split(",") if name.strip())
    for name in names:
        if len(name) > _LONGEST_NAME or not all(_HOST_LABEL.fullmatch(label) for label in name.split(".")):
            raise SettingsError(f"Invalid host name: {name}", "Write names such as db.example.com, without a port.")
    return names


def encryption_key(text: str) -> str:
    """The characters are the key of AES-256. Raises `SettingsError` without repeating any of them."""
    if not text:
        raise SettingsError("Encryption key cannot be empty")
    if len(text) != _KEY_CHARACTERS:
        raise SettingsError(f"Encryption key must be {_KEY_CHARACTERS} characters long")
    if not _ENCRYPTION_KEY.fullmatch(text):
        raise SettingsError("Encryption key must contain only alphanumeric and special characters (@#$%^&+=)")
    return text


def lifetime(text: str) -> timedelta | None:
    """Such as `30m`, `24h` or `7d`; None, which is for ever, if empty. Raises `SettingsError`."""
    if not text.strip():
        return None
    match = _PERIOD.fullmatch(text.strip())
    if match is None:
        raise SettingsError("Invalid expiration format. Use Xm, Xh, or Xd (e.g., 30m, 24h, 7d)")
    if int(match[1]) == 0:
        raise SettingsError("Duration must be a positive number")
    return timedelta(**{_UNITS[match[2].lower()]: int(match[1])})


def expiry(text: str, now: datetime) -> datetime | None:
    """The moment `lifetime` after `now`; None for never. Raises `SettingsError`."""
    duration = lifetime(text)
    try:
        return None if duration is None else now + duration
    except OverflowError:
        raise SettingsError("Invalid expiration format. Use Xm, Xh, or Xd (e.g., 30m, 24h, 7d)") from None


def ngrok_token(text: str) -> str:
    if not text.strip():
        raise SettingsError("Ngrok auth token cannot be empty")
    if not _NGROK_TOKEN.fullmatch(text.strip()):
        raise SettingsError("Invalid Ngrok auth token format")
    return text.strip()


def ngrok_domain(text: str) -> str:
    """A bare name or a domain; may be empty. Raises `SettingsError`."""
    domain = text.strip().lower()
    if domain and (len(domain) > _LONGEST_NAME or not all(_LABEL.fullmatch(label) for label in domain.split("."))):
        raise SettingsError(
            "Invalid domain format. Domain must contain only letters, numbers, hyphens, and dots.",
        )
    return domain


def certificate_path(text: str, option: str) -> str:
    """A path whose ending is that of a certificate or key. Raises `SettingsError`; the file is not looked at."""
    path = text.strip()
    if path and not is_certificate_path(path):
        raise SettingsError(f"Invalid file format for {option}: it ends with .pem, .crt, .cer or .key.")
    return path


def is_certificate_path(text: str) -> bool:
    return text.strip().lower().endswith(_CERTIFICATE_ENDINGS)


def command_list(text: str, is_known: Callable[[str], bool], known: Iterable[str]) -> tuple[str, ...]:
    """Names or aliases of commands. Raises `SettingsError`, which lists what there is."""
    names = tuple(dict.fromkeys(name.strip() for name in text.split(",") if name.strip()))
    if not names:
        raise SettingsError("Command list cannot be empty")
    wrong = [name for name in names if not is_known(name)]
    if wrong:
        raise SettingsError(f"Invalid commands: {', '.join(wrong)}", f"One or more of: {', '.join(known)}.")
    return names


def _is_address(item: str) -> bool:
    first, dash, last = item.partition("-")
    if dash:
        low, high = parse_address(first), parse_address(last)
        return low is not None and high is not None and low.version == high.version and int(low) <= int(high)
    try:
        ipaddress.ip_network(item, strict=False)
    except ValueError:
        return False
    return True
