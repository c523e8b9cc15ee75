"""Reading command lines of the databases' own programs, libpq's strings, and blocks of environment variables."""

import re
import shlex
from collections.abc import Mapping, Sequence
from pathlib import PureWindowsPath

from keeperdb.connections.address_options import Draft
from keeperdb.connections.url import parse_url
from keeperdb.errors import SettingsError

PROGRAMS = {"psql": "postgresql", "mysql": "mysql", "mariadb": "mariadb", "sqlite3": "sqlite"}

_ASSIGNMENT = re.compile(r"(?P<name>[A-Za-z_]\w*)=(?P<value>.*)", re.DOTALL)
_CONNINFO = re.compile(r"\s*(?P<name>\w+)\s*=\s*(?P<value>'(?:[^'\\]|\\.)*'|(?:[^\s'\\]|\\.)*)(?:\s+|$)", re.DOTALL)
_VARIABLE = re.compile(r"\$(\w+|\{\w+\}|\(.*\))|`.*`", re.DOTALL)
_URL_VARIABLE = re.compile(r"(\w+_)?(DATABASE|DB|POSTGRES|MYSQL|MARIADB)_(URL|URI)|JDBC_URL")

# Prefixes of environment variables: of the programs themselves, and of the usual container images.
_PREFIXES = {"PG": "postgresql", "POSTGRES_": "postgresql", "MYSQL_": "mysql", "MARIADB_": "mariadb"}
_VARIABLES = {"TCP_PORT": "port", "UNIX_PORT": "unix_socket"}

# What a flag means: the name of an option, `None` for one that is left out; `=` after it if a value follows.
_FLAGS: Mapping[str, Mapping[str, str | None]] = {
    "postgresql": {
        "-h": "host=",
        "--host": "host=",
        "-p": "port=",
        "--port": "port=",
        "-U": "user=",
        "--username": "user=",
        "-d": "dbname=",
        "--dbname": "dbname=",
        "-W": "ask",
        "--password": "ask",
        **dict.fromkeys(("-w", "--no-password", "-X", "--no-psqlrc", "-q", "--quiet", "-n", "--no-readline"), None),
    },
    "mysql": {
        "-h": "host=",
        "-P": "port=",
        "-u": "user=",
        "-D": "database=",
        "-S": "socket=",
        "-p": "password?",
        "--password": "password?",
        "--ssl": "ssl?",
        "--skip-ssl": "nossl",
        "--ssl-verify-server-cert": "sslverifyservercert?",
        "--skip-ssl-verify-server-cert": "nosslverifyservercert",
        **dict.fromkeys(("-A", "--no-auto-rehash", "-C", "--compress", "-s", "--silent", "-v", "--verbose"), None),
    },
    "sqlite": {
        "-readonly": "readonly",
        **dict.fromkeys(("-header", "-noheader", "-column", "-box", "-table", "-csv", "-json", "-batch"), None),
    },
}


def words_of(text: str) -> list[str]:
    """The words of a shell command, unquoted. Raises `SettingsError`."""
    lines = (line for line in text.replace("\\\n", " ").splitlines() if not line.lstrip().startswith("#"))
    try:
        words = shlex.split("\n".join(lines))
    except ValueError:
        raise SettingsError("A quotation mark in the command is not closed.", "Copy the whole command.") from None
    return words[1:] if words[:1] in (["$"], ["%"], [">"]) else words


def split_environment(words: Sequence[str]) -> tuple[dict[str, str], list[str]]:
    """The leading `NAME=value` words, and what follows; `export`, `set` and `env` are skipped."""
    environment: dict[str, str] = {}
    for index, word in enumerate(words):
        found = _ASSIGNMENT.fullmatch(word)
        if found:
            environment[found["name"]] = found["value"]
        elif word not in ("export", "set", "env"):
            return environment, list(words[index:])
    return environment, []


def program_of(words: Sequence[str]) -> str:
    """`psql` for `/usr/bin/psql`; empty if the first word is not a program that is understood."""
    name = PureWindowsPath(words[0]).name.lower().removesuffix(".exe") if words else ""
    return name if name in PROGRAMS else ""


def parse_command(environment: Mapping[str, str], words: Sequence[str]) -> Draft:
    """What a command line says. Raises `SettingsError`, which never quotes a value."""
    engine = PROGRAMS[program_of(words)]
    draft = Draft(engine)
    for name, value in environment.items():
        _take_variable(draft, name, value)
    positional = _read_flags(draft, list(words[1:]))
    _read_positional(draft, positional)
    if not draft.host and engine in ("mysql", "mariadb"):
        draft.host = "localhost"
    return draft


def parse_environment(environment: Mapping[str, str]) -> Draft | None:
    """What a block of variables says: a database's URL, or `PGHOST` and its like; None if nothing of that is in it."""
    for name, value in environment.items():
        if _URL_VARIABLE.fullmatch(name.upper()) and ":" in value:
            return parse_url(value)
    engines = {engine for name in environment for engine in (_engine_of(name),) if engine}
    if len(engines) != 1:
        return None
    draft = Draft(engines.pop())
    for name, value in environment.items():
        if _engine_of(name):
            _take_variable(draft, name, value)
    draft.host = draft.host or "localhost"
    return draft


def parse_conninfo(text: str) -> Draft:
    """A libpq string such as `host=db1 dbname=shop`. Raises `SettingsError`."""
    draft = Draft("postgresql")
    _read_conninfo(draft, text)
    return draft


def is_conninfo(text: str) -> bool:
    return _CONNINFO.match(text) is not None


def _read_conninfo(draft: Draft, text: str) -> None:
    position = 0
    while position < len(text):
        found = _CONNINFO.match(text, position)
        if found is None:
            raise SettingsError("The connection string cannot be read.", "Write name=value, with quotes: 'a value'.")
        value = found["value"]
        if value.startswith("'"):
            value = value[1:-1]
        draft.take(found["name"], re.sub(r"\\(.)", r"\1", value, flags=re.DOTALL))
        position = found.end()


def _family(engine: str) -> str:
    """MariaDB's program and variables are those of MySQL."""
    return "mysql" if engine == "mariadb" else engine


def _engine_of(variable: str) -> str:
    name = variable.upper()
    return next((engine for prefix, engine in _PREFIXES.items() if name.startswith(prefix) and name != prefix), "")


def _take_variable(draft: Draft, name: str, value: str) -> None:
    """A variable of another product is passed over; one of this product must be understood."""
    engine = _engine_of(name)
    if not engine or _family(engine) != _family(draft.engine):
        return
    prefix = next(prefix for prefix in _PREFIXES if name.upper().startswith(prefix))
    word = name.upper().removeprefix(prefix)
    draft.take(_VARIABLES.get(word, word), _literal(value), shown=name)


def _read_flags(draft: Draft, words: list[str]) -> list[str]:
    """Apply the flags; return what is left, in order."""
    flags = _FLAGS[_family(draft.engine)]
    positional: list[str] = []
    while words:
        word = words.pop(0)
        if word == "--":
            return positional + words
        if not word.startswith("-") or word == "-":
            positional.append(word)
            continue
        name, attached = _name_and_value(word, flags, has_short=draft.engine != "sqlite")
        meaning = flags.get(name, _long_option(draft, name))
        if meaning is None:
            draft.left_out.append(name)
            if attached and not word.startswith("--"):
                words.insert(0, "-" + attached)
        elif meaning.endswith("=") and attached is None and not words:
            raise SettingsError(f"The option “{name}” has no value.", "Copy the whole command.")
        else:
            value = words.pop(0) if meaning.endswith("=") and attached is None else attached
            _apply(draft, name, meaning.rstrip("=?"), value)
    return positional


def _name_and_value(word: str, flags: Mapping[str, str | None], *, has_short: bool) -> tuple[str, str | None]:
    """`--port=1` and `-p1` carry their value; sqlite3 has no short flags, and long ones with one dash or two."""
    if not has_short:
        return ("-" + word.lstrip("-"), None)
    if word in flags:
        return word, None
    if word.startswith("--"):
        name, equals, value = word.partition("=")
        return name, value if equals else None
    return word[:2], word[2:] or None


def _long_option(draft: Draft, name: str) -> str:
    """A long option of mysql has the name that drivers use as well."""
    return name + "=" if name.startswith("--") and draft.engine in ("mysql", "mariadb") else name


def _apply(draft: Draft, flag: str, meaning: str, value: str | None) -> None:
    if meaning == "ask" or (meaning == "password" and value is None):
        draft.asks = True
    elif meaning == "dbname" and value is not None:
        _read_positional(draft, [value])
    elif meaning.startswith("no") and meaning[2:] in ("ssl", "sslverifyservercert"):
        draft.take(meaning[2:], "false", shown=flag)
    else:
        draft.take(meaning.lstrip("-"), _literal(value or ""), shown=flag)


def _read_positional(draft: Draft, words: Sequence[str]) -> None:
    if not words:
        return
    database, rest = words[0], list(words[1:])
    if draft.engine == "postgresql" and (is_conninfo(database) or "://" in database):
        _read_conninfo(draft, database) if "://" not in database else _merge(draft, parse_url(database))
    else:
        setattr(draft, "path" if draft.engine == "sqlite" else "database", _literal(database))
    if rest and draft.engine == "postgresql":
        draft.user = _literal(rest.pop(0))
    if rest:
        raise SettingsError("The command has more than the address of a database.", "Leave out what follows it.")


def _merge(draft: Draft, other: Draft) -> None:
    """What a URL says goes before the flags."""
    for name in ("host", "port", "database", "user", "password", "tls", "tls_ca", "tls_certificate"):
        if getattr(other, name):
            setattr(draft, name, getattr(other, name))
    draft.options.update(other.options)
    draft.left_out.extend(other.left_out)


def _literal(value: str) -> str:
    if _VARIABLE.fullmatch(value):
        raise SettingsError(
            "The command takes a value from a shell variable, which is not known here.", "Write the value itself."
        )
    return value
