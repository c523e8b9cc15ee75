"""The table of commands, and what importing it costs."""

import subprocess
import sys
from pathlib import Path

import pytest

from keeperdb.commands.table import COMMANDS, all_words, find

_ROOT = Path(__file__).parents[2]
_WANTED = """
    whoami ls tree cd get search list list-sf mkdir rmdir rndir record-add record-update append-notes rm mv totp
    generate download-attachment upload-attachment delete-attachment file-report clipboard-copy find-password
    record-type-info sync-down server version this-device keep-alive help connections query schema storage
"""
_ALIASES = """
    g:get s:search l:list lsf:list-sf ra:record-add ru:record-update an:append-notes gen:generate
    da:download-attachment ua:upload-attachment cc:clipboard-copy rti:record-type-info d:sync-down v:version
"""
_UNAVAILABLE = "share-record enterprise-info trash ln record-history one-time-share pam import export audit-report"


def test_every_command_is_there() -> None:
    assert set(_WANTED.split()) == COMMANDS.keys()
    for pair in _ALIASES.split():
        alias, name = pair.split(":")
        assert find(alias) is COMMANDS[name]
    assert find("LS") is None
    assert find("") is None


def test_no_word_means_two_commands() -> None:
    words = [word for command in COMMANDS.values() for word in (command.name, *command.aliases)]
    assert len(words) == len(set(words))
    assert set(words) < all_words()


@pytest.mark.parametrize("word", _UNAVAILABLE.split())
def test_what_the_application_cannot_do_is_said_in_one_sentence(remote, word) -> None:
    command = find(word)
    assert command is not None
    assert not command.is_available
    assert word not in COMMANDS
    for line in (f"{word} any --thing here", f"{word} --format=json", f"{word} -h"):
        assert remote.refused(line, 403).startswith(f"{word}: A Secrets Manager application has no access to ")


def test_the_writing_commands_are_marked() -> None:
    assert {command.name for command in COMMANDS.values() if command.is_write} == {
        *("mkdir", "rmdir", "rndir", "mv", "record-add", "record-update", "append-notes", "rm"),
        *("upload-attachment", "delete-attachment"),
    }


def test_the_table_is_cheap_to_import() -> None:
    code = "import keeperdb.commands.table, sys; print(*sorted({name.partition('.')[0] for name in sys.modules}))"
    done = subprocess.run([sys.executable, "-c", code], cwd=_ROOT, capture_output=True, text=True, check=True)
    heavy = {"keeper_secrets_manager_core", "cryptography", "sqlalchemy", "sqlglot", "PySide6", "mnemonic", "requests"}
    assert not heavy & set(done.stdout.split())


def test_help_lists_every_command(remote) -> None:
    text = "\n".join(remote.ok("help")["message"])
    assert all(name in text for name in COMMANDS)
    assert remote.ok("help trash")["message"].startswith("A Secrets Manager application")
    assert remote.refused("help nosuch", 404)


def test_no_command_that_tries_a_pattern_on_everything_runs_where_all_others_wait() -> None:
    assert not any(find(name).is_immediate for name in ("list", "list-sf", "search", "ls", "tree"))
