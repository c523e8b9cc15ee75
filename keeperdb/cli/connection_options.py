"""The options that describe a connection on the command line."""

import argparse
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Argument:
    """One argument of a command, as `argparse` takes it."""

    names: tuple[str, ...]
    options: Mapping[str, Any]


def argument(*names: str, **options: Any) -> Argument:
    return Argument(names, options)


@dataclass(frozen=True, slots=True)
class ProfileOption:
    """One option; `field` is the profile's field if its name differs, `empty` the word for its empty value."""

    name: str
    help: str
    metavar: str | None = None
    choices: tuple[str, ...] | None = None
    field: str = ""
    empty: str = ""


OPTIONS = (
    ProfileOption("engine", "database product, such as sqlite, postgresql, mysql, mariadb", "ENGINE"),
    ProfileOption("host", "name or address of the server", "HOST"),
    ProfileOption("port", "the engine's own unless given", "PORT"),
    ProfileOption("database", "default database or schema", "NAME"),
    ProfileOption("user", "user name at the server", "USER"),
    ProfileOption("path", "file of a file database", "FILE"),
    ProfileOption("folder", "folder in the list, levels split by /", "FOLDER"),
    ProfileOption("color", "such as #d93025", "#RRGGBB"),
    ProfileOption(
        "environment",
        "what it is used for",
        choices=("none", "development", "test", "staging", "production"),
        empty="none",
    ),
    ProfileOption(
        "commit-mode",
        "commit each statement, by hand, or by hand from the first change on; default is as the environment has it",
        choices=("default", "auto", "manual", "smart"),
        empty="default",
    ),
    ProfileOption("password-mode", "where the password comes from", choices=("keychain", "ask", "none")),
    ProfileOption(
        "tls-mode",
        "default is verify-full for another machine",
        choices=("default", "verify-full", "verify-ca", "require", "prefer", "disable"),
        field="tls",
        empty="default",
    ),
    ProfileOption("tls-ca", "certificates to trust", "FILE"),
    ProfileOption("tls-cert", "client certificate", "FILE", field="tls_certificate"),
    ProfileOption("tls-key", "key of the client certificate", "FILE"),
    ProfileOption("notes", "anything worth knowing", "TEXT"),
)


def _to_argument(option: ProfileOption) -> Argument:
    """An option that is absent from the namespace unless it was given."""
    return argument(
        f"--{option.name}",
        metavar=option.metavar,
        choices=option.choices,
        help=option.help,
        default=argparse.SUPPRESS,
    )


PROFILE_ARGUMENTS = (
    *map(_to_argument, OPTIONS),
    argument("--read-only", action=argparse.BooleanOptionalAction, default=argparse.SUPPRESS, help="refuse changes"),
    argument(
        "--option",
        dest="options",
        metavar="NAME=VALUE",
        action="append",
        default=argparse.SUPPRESS,
        help="an option of the driver; may be repeated",
    ),
    argument(
        "--url",
        metavar="TEXT",
        help="URL, JDBC URL, or psql, mysql, mariadb command that says the rest; - reads it from standard input",
    ),
    argument("--password-stdin", action="store_true", help="read the password from standard input"),
)
