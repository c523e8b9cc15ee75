"""A service's configuration as the YAML or JSON that Commander documents, and back.

The members are those of Commander's `service_config.yaml`; `bind`, `certkeyfile`, `trusted_proxies`,
`allowed_hosts` and a key's `connection_list` are additions, and written only where they differ from what is meant
without them.
"""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from keeperdb.errors import SettingsError
from keeperdb.keychain.secret import Secret
from keeperdb.service import validation
from keeperdb.service.config import JSON, LOOPBACK, TITLE, YAML, ApiKey, Ngrok, ServiceConfig, TlsFiles
from keeperdb.settings import did_you_mean

FILE_NAMES = {YAML: "service_config.yaml", JSON: "service_config.json"}

_NEVER = datetime(9999, 12, 31, 23, 59, 59)  # noqa: DTZ001 - Commander writes local times without a zone
_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
_LONGEST = 1_000_000  # characters
_FLAGS = ("ngrok", "tls_certificate", "is_advanced_security_enabled", "encryption", "queue_enabled")
_TEXTS = (
    *("title", "ngrok_auth_token", "ngrok_custom_domain", "ngrok_public_url", "certfile", "certpassword"),
    *("rate_limiting", "ip_allowed_list", "ip_denied_list", "encryption_private_key", "fileformat", "run_mode"),
    *("bind", "certkeyfile", "trusted_proxies", "allowed_hosts"),
)
_KEPT = ("cloudflare", "cloudflare_tunnel_token", "cloudflare_custom_domain", "cloudflare_public_url")
_RECORD = ("api-key", "command_list", "expiration_timestamp", "connection_list")
_MEMBERS = (*_FLAGS, *_TEXTS, *_KEPT, "port", "records")


def to_text(config: ServiceConfig) -> str:
    """The configuration in its own `file_format`. It holds the keys in clear, and goes into the vault only."""
    document = to_document(config)
    if config.file_format == JSON:
        return json.dumps(document, indent=2) + "\n"
    import yaml

    text: str = yaml.safe_dump(document, sort_keys=True, allow_unicode=True)
    return text


def from_text(text: str, file_format: str) -> ServiceConfig:
    """What `to_text` wrote, or Commander. Raises `SettingsError`, which repeats no value."""
    if len(text) > _LONGEST:
        raise _invalid("it is too long")
    try:
        document = json.loads(text) if file_format == JSON else _parse_yaml(text)
    except (ValueError, RecursionError):
        raise _invalid(f"it is not {file_format.upper()}") from None  # the cause would hold the text
    if not isinstance(document, dict):
        raise _invalid("it is not a list of members")
    return from_document(document).with_(file_format=file_format)


def to_document(config: ServiceConfig) -> dict[str, Any]:
    """The members of the documented schema."""
    document: dict[str, Any] = {
        "title": config.title,
        "port": config.port,
        **_ngrok_members(config.ngrok),
        **_tls_members(config.tls),
        "is_advanced_security_enabled": _flag(config.is_advanced),
        "rate_limiting": config.rate_limit,
        "ip_allowed_list": ",".join(config.allowed),
        "ip_denied_list": ",".join(config.denied),
        "encryption": _flag(config.encryption_key is not None),
        "encryption_private_key": _revealed(config.encryption_key),
        "fileformat": config.file_format,
        "run_mode": config.run_mode,
        "queue_enabled": _flag(config.queue_enabled),
        **dict(config.kept),
        "records": [_record(key) for key in config.keys],
    }
    if config.bind != LOOPBACK:
        document["bind"] = config.bind
    if config.trusted_proxies:
        document["trusted_proxies"] = ",".join(config.trusted_proxies)
    if config.hosts:
        document["allowed_hosts"] = ",".join(config.hosts)
    return document


def from_document(document: Mapping[str, Any]) -> ServiceConfig:
    """Members that are missing mean what they mean when nothing is said. Raises `SettingsError`."""
    _check_members(document, _MEMBERS)
    texts = {name: _text(document, name) for name in _TEXTS}
    flags = {name: _is_set(document, name) for name in _FLAGS}
    key = texts["encryption_private_key"]
    return ServiceConfig(
        port=validation.port_number(str(document.get("port", ""))),
        title=texts["title"] or TITLE,
        bind=validation.bind_address(texts["bind"] or LOOPBACK),
        rate_limit=validation.rate_limit(texts["rate_limiting"]),
        allowed=validation.address_list(texts["ip_allowed_list"]),
        denied=validation.address_list(texts["ip_denied_list"]),
        encryption_key=Secret(validation.encryption_key(key)) if key else None,
        queue_enabled=flags["queue_enabled"] or "queue_enabled" not in document,
        run_mode=validation.run_mode(texts["run_mode"] or "foreground"),
        file_format=validation.file_format(texts["fileformat"] or YAML),
        is_advanced=flags["is_advanced_security_enabled"],
        tls=_tls(texts) if flags["tls_certificate"] else None,
        ngrok=_ngrok(texts) if flags["ngrok"] else None,
        trusted_proxies=validation.address_list(texts["trusted_proxies"]),
        hosts=validation.host_names(texts["allowed_hosts"]),
        keys=_keys(document.get("records") or []),
        kept=tuple((name, document[name]) for name in _KEPT if name in document),
    )


def _parse_yaml(text: str) -> object:
    import yaml

    try:
        return yaml.safe_load(text)
    except yaml.YAMLError:
        raise _invalid("it is not YAML") from None


def _check_members(document: Mapping[str, Any], known: tuple[str, ...]) -> None:
    for name in document:
        if name not in known:
            shown = str(name)[:40]
            raise _invalid(f"there is no member “{shown}”", did_you_mean(shown, list(known)))


def _text(document: Mapping[str, Any], name: str) -> str:
    value = document.get(name)
    if value is None:
        return ""
    if isinstance(value, list):
        return ",".join(map(str, value))
    if isinstance(value, str | int):
        return str(value)
    raise _invalid(f"“{name}” is not a text")


def _is_set(document: Mapping[str, Any], name: str) -> bool:
    value = document.get(name)
    if isinstance(value, bool):  # YAML reads yes and no as such
        return value
    if value in (None, "", "y", "n", "Y", "N"):
        return str(value).lower() == "y"
    raise _invalid(f"“{name}” is neither y nor n")


def _ngrok(texts: Mapping[str, str]) -> Ngrok:
    return Ngrok(
        Secret(validation.ngrok_token(texts["ngrok_auth_token"])),
        validation.ngrok_domain(texts["ngrok_custom_domain"]),
        texts["ngrok_public_url"],
    )


def _ngrok_members(ngrok: Ngrok | None) -> dict[str, str]:
    return {
        "ngrok": _flag(ngrok is not None),
        "ngrok_auth_token": _revealed(ngrok.token) if ngrok else "",
        "ngrok_custom_domain": ngrok.domain if ngrok else "",
        "ngrok_public_url": ngrok.public_url if ngrok else "",
    }


def _tls(texts: Mapping[str, str]) -> TlsFiles:
    """Commander writes the path of the key's file where its page has the password; a file of that name is one."""
    certificate = validation.certificate_path(texts["certfile"], "certfile")
    key = validation.certificate_path(texts["certkeyfile"], "certkeyfile")
    password = texts["certpassword"]
    if not key and validation.is_certificate_path(password) and Path(password).is_file():
        key, password = password, ""
    if not certificate:
        raise _invalid("“tls_certificate” is y, and “certfile” is empty")
    return TlsFiles(certificate, key, Secret(password) if password else None)


def _tls_members(tls: TlsFiles | None) -> dict[str, str]:
    members = {
        "tls_certificate": _flag(tls is not None),
        "certfile": tls.certificate if tls else "",
        "certpassword": _revealed(tls.password) if tls else "",
    }
    return members | {"certkeyfile": tls.key} if tls and tls.key else members


def _keys(entries: object) -> tuple[ApiKey, ...]:
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise _invalid("“records” is not a list of keys")
    return tuple(_key(entry) for entry in entries)


def _key(entry: Mapping[str, Any]) -> ApiKey:
    _check_members(entry, _RECORD)
    text = _text(entry, "api-key")
    if not text:
        raise _invalid("one of the “records” has no “api-key”")
    return ApiKey(
        Secret(text),
        _names(entry, "command_list"),
        _moment(entry.get("expiration_timestamp")),
        _names(entry, "connection_list"),
    )


def _record(key: ApiKey) -> dict[str, str]:
    record = {
        "api-key": key.key.reveal(),
        "command_list": ",".join(key.commands),
        "expiration_timestamp": _local(key.expires),
    }
    return record | {"connection_list": ",".join(key.connections)} if key.connections else record


def _names(entry: Mapping[str, Any], name: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in _text(entry, name).split(",") if part.strip())


def _moment(value: object) -> datetime | None:
    """None for never, long ago for nothing. A time without a zone is one of this machine, as Commander reads it."""
    if value in (None, ""):
        return _LONG_AGO
    try:
        moment = value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
    except ValueError:
        raise _invalid("an “expiration_timestamp” is not a time such as 2030-12-31T23:59:59") from None
    if moment.replace(tzinfo=None, microsecond=0) >= _NEVER:
        return None
    return moment.astimezone()


def _local(moment: datetime | None) -> str:
    return (moment.astimezone().replace(tzinfo=None) if moment else _NEVER).isoformat()


def _flag(is_set: bool) -> str:
    return "y" if is_set else "n"


def _revealed(secret: Secret | None) -> str:
    return secret.reveal() if secret else ""


def _invalid(reason: str, hint: str = "") -> SettingsError:
    return SettingsError(
        f"The service's configuration cannot be used: {reason}.",
        hint or "Correct it in the vault, or make a new one with service-create.",
    )
