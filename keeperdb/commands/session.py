"""`whoami`, `sync-down`, `server`, `version`, `this-device` and `keep-alive`."""

import platform
from argparse import Namespace
from collections.abc import Mapping
from datetime import UTC, datetime
from importlib import metadata

from keeperdb import __version__
from keeperdb.commands.command import Output
from keeperdb.commands.context import Context
from keeperdb.commands.empty_messages import message_for_nothing
from keeperdb.errors import CommandError, CommandKind
from keeperdb.vault.endpoint import OFFICIAL_HOSTS

_PACKAGES = ("keeper-secrets-manager-core", "cryptography", "SQLAlchemy")


def whoami(context: Context, arguments: Namespace) -> Output:
    """What is known of the application; Commander's members about a person's account are not."""
    snapshot, vault = context.snapshot, context.vault.vault
    expires = snapshot.contents.expires_at
    data: dict[str, object] = {
        "account_type": "Secrets Manager application",
        "admin": False,
        "breachwatch": False,
        "data_center": _region(vault.endpoint),
        "logged_in": not vault.is_stale,
        "server": vault.endpoint,
        "user": vault.name,
        "expires_at": expires.isoformat() if expires else None,
        "last_sync": _when(snapshot.read_at),
    }
    if arguments.verbose:
        data["records_count"] = len(snapshot.records)
        data["shared_folders_count"] = len(snapshot.subfolders(""))
        data["teams_count"] = 0
    if arguments.json or arguments.format == "json":
        return Output(data)
    return Output(data, said="\n".join(_labelled(data)))


def sync_down(context: Context, arguments: Namespace) -> Output:
    """Read the vault anew; what could not be read is said."""
    context.vault.refresh(context.task)
    warnings = [f"Warning: {each}" for each in context.vault.contents.contents.warnings]
    return Output(said="\n".join(warnings), message=[message_for_nothing("sync-down"), *warnings] if warnings else None)


def server(context: Context, arguments: Namespace) -> Output:
    if arguments.region:
        raise CommandError(
            CommandKind.FORBIDDEN, "The server of an attached vault cannot be changed.", "Attach the other vault."
        )
    return Output(said=f"https://{context.vault.vault.endpoint}/")


def version(context: Context, arguments: Namespace) -> Output:
    """Commander's line is about Commander; this one is about what answers."""
    lines = [f"KeeperDB Version: {__version__}"]
    if arguments.verbose:
        lines += [f"Python Version: {platform.python_version()}", f"Operating System: {platform.platform()}"]
    if arguments.packages:
        lines += [f"{name}: {_installed(name)}" for name in _PACKAGES]
    return Output(said="\n".join(lines))


def this_device(context: Context, arguments: Namespace) -> Output:
    """Also how a client asks whether the service is there, so it answers from memory."""
    if arguments.ops:
        raise CommandError(
            CommandKind.FORBIDDEN,
            "A device of a Secrets Manager application is managed in the vault.",
            "Open the application there, tab Devices.",
        )
    vault = context.vault.vault
    data = {
        "available_sub_commands": [],
        "data_key_present": True,
        "device_logout_timeout": None,
        "device_name": f"{vault.name} on {platform.node() or 'this machine'}",
        "ip_auto_approve": False,
        "is_sso_user": False,
        "persistent_login": True,
        "security_key_no_pin": False,
    }
    return Output(data, said="\n".join(_labelled(data)))


def keep_alive(context: Context, arguments: Namespace) -> Output:
    """A Secrets Manager application has no session that could end."""
    return Output()


def _labelled(data: Mapping[str, object]) -> list[str]:
    rows = [(name.replace("_", " ").capitalize(), value) for name, value in data.items() if value not in (None, [])]
    return [f"{label:>20}: {value}" for label, value in rows]


def _region(endpoint: str) -> str:
    return next((region for region, host in OFFICIAL_HOSTS.items() if host == endpoint), "")


def _when(moment: datetime | None) -> str | None:
    return moment.astimezone(UTC).isoformat(timespec="seconds") if moment is not None else None


def _installed(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:  # a packaged program has no such list
        return "built in"
