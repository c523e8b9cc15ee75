"""`keeperdb shell`: lines of a script, of options and of a person; and vault commands on the command line."""

import os
import pty
import re
import select
import subprocess
import time

import pytest
from prompt_toolkit.completion import CompleteEvent
from prompt_toolkit.document import Document

from keeperdb.cli.shell_completion import ShellCompleter, last_word, quoted
from keeperdb.cli.shell_history import ShellHistory, may_hold_secret
from keeperdb.cli.vault_words import vault_command_at
from keeperdb.commands.context import Context
from keeperdb.commands.line import split_line
from keeperdb.commands.vault_state import VaultState
from keeperdb.demo.record_types import login_record
from keeperdb.task import Task
from tests.cli.attached_home import attached_home
from tests.fixtures.database_servers import free_port


def plant(vault):
    folder = vault.add_shared_folder("Team things")
    folder.add_folder("Archive")
    folder.add_record(login_record("My Login", login="alice", password="s3cret"))
    folder.add_record(login_record('It\'s "odd"', login="bob", password="x"))


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    with attached_home(tmp_path_factory.mktemp("attached"), plant) as home:
        yield home


@pytest.fixture
def attached(home, tmp_path):
    with home.copied(tmp_path) as machine:
        yield machine


def test_the_lines_of_a_script_share_a_folder_and_end_with_the_first_that_fails(attached):
    done = attached("shell", stdin="# a comment\n\ncd 'Team things'\nls\nnosuch\ntree\n")
    assert done.code == 2
    assert ("Archive/" in done.out, "My Login" in done.out) == (True, True)
    assert "My Vault" not in done.out
    assert "Unknown command: nosuch" in done.err
    done = attached("shell", "-c", "get nosuch", "-c", "ls")
    assert (done.code, done.out) == (4, "")
    assert attached("shell", stdin="quit\nnosuch\n").code == 0


def test_the_service_is_made_started_and_stopped_in_the_shell_with_answers_in_the_lines_that_follow(attached):
    port = free_port()
    answers = ["n", "n", "n", "n", "background", "ls", "yaml"]
    lines = ["service-create", str(port), *answers, "service-status", "service-start", "service-stop"]
    done = attached("shell", stdin="\n".join(lines) + "\n")
    assert f"http://localhost:{port}/api/v1/executecommand" in done.out
    assert "Commander Service is Running (PID: " in done.out
    assert (done.code, "already running" in done.err) == (2, True)
    stopped = attached("shell", "-c", "service-stop", "-c", "service-status", "-c", "service-create --nonsense")
    assert "Service stopped successfully\nCurrent status: No Commander Service" in stopped.out
    assert (stopped.code, "There is no option --nonsense" in stopped.err) == (2, True)


def test_vault_commands_are_commands_of_their_own_and_help_lists_both_kinds(attached):
    assert attached.ok("--vault", "Work", "find-password", "My Login").out == "s3cret\n"
    listed = attached.ok("help").out
    assert all(each in listed for each in ("service-create", "connections", "record-add", "find-password"))
    assert "usage: keeperdb query" in attached.ok("help", "query").out
    wrong = attached("share-record", "x")
    assert (wrong.code, "has no access to sharing" in wrong.err) == (4, True)


def test_a_person_is_asked_by_the_folder_s_name_and_the_history_holds_no_secret(attached, request):
    master, slave = pty.openpty()
    process = subprocess.Popen(
        attached.command("shell"),
        stdin=slave,
        stdout=slave,
        stderr=slave,
        cwd=attached.folder,
        env=attached.environment | {"TERM": "xterm", "PROMPT_TOOLKIT_NO_CPR": "1"},
        start_new_session=True,
    )
    os.close(slave)
    request.addfinalizer(lambda: (process.kill(), process.wait(), os.close(master)))
    screen = Screen(master)
    screen.type_after("My Vault>", "cd 'Team things'")
    screen.type_after("My Vault/Team things>", "record-add -t New -rt login password=hunter2hunter2")
    screen.type_after("My Vault/Team things>", "nosuch")
    screen.type_after("My Vault/Team things>", "ge\t")
    screen.type_after("My Vault/Team things>", "service-status")
    screen.wait_for("No Commander Service is running currently")
    screen.type_after("My Vault/Team things>", "quit")
    assert process.wait(30) == 0
    history = attached.home / "data" / "shell-history"
    assert history.stat().st_mode & 0o77 == 0
    written = history.read_text()
    assert "+service-status" in written
    assert "hunter2hunter2" not in written
    assert "record-add" not in written


class Screen:
    """What a terminal shows, without the sequences that move its cursor."""

    def __init__(self, master: int) -> None:
        self._master = master
        self._shown = ""

    def wait_for(self, text: str) -> None:
        deadline = time.monotonic() + 30
        while text not in self._shown:
            assert time.monotonic() < deadline, self._shown
            if select.select([self._master], [], [], 1)[0]:
                data = os.read(self._master, 65536).decode(errors="replace")
                self._shown += re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", data)
        self._shown = self._shown[self._shown.index(text) + len(text) :]

    def type_after(self, prompt: str, line: str) -> None:
        self.wait_for(prompt)
        os.write(self._master, line.encode() + b"\r")


@pytest.fixture
def complete(demo_vault, workspace):
    plant(demo_vault)
    vault = workspace.attach("Work", demo_vault.issue_token(), Task())
    context = Context(VaultState(workspace, vault.id), Task())
    context.vault.refresh(Task())
    completer = ShellCompleter(lambda: context)

    def texts(line):
        found = []
        for each in completer.get_completions(Document(line), CompleteEvent()):
            found.append(line[: len(line) + each.start_position] + each.text)
        return found

    return texts


def test_commands_options_and_paths_are_completed(complete):
    assert complete("record-a") == ["record-add"]
    assert "service-create" in complete("service-")
    assert "tree --records" in complete("tree --r")
    assert "service-create --bind" in complete("service-create --b")
    assert complete("cd te") == ["cd 'Team things/'"]
    assert complete("cd 'Team things/A") == ["cd 'Team things/Archive/'"]
    assert complete('get "Team things/my') == ["get 'Team things/My Login'"]
    assert complete("get nosuch/") == []
    assert complete("service-start x") == []


def test_what_is_completed_is_read_back_as_the_title_it_stands_for(complete):
    for line in complete("get 'Team things/It"):
        assert split_line(line)[1] == 'Team things/It\'s "odd"'
    for text in ("plain", "two words", "it's", 'a "b" \\ c', "ä/ö"):
        assert split_line(f"get {quoted(text)}") == ["get", text]


def test_the_word_at_the_caret_is_found_in_open_quotes_too():
    assert [last_word(text) for text in ("", "ls", "ls ", "get 'a b", "get x'y z' ")] == [
        (0, ""),
        (0, "ls"),
        (3, ""),
        (4, "a b"),
        (11, ""),
    ]


@pytest.mark.parametrize(
    "line",
    [
        "record-add -t x -rt login password=hunter2",
        "record-update -r x f.password=$GEN",
        "append-notes x --notes secret",
        "service-create -p 9090 -ng abcdefgh",
        "service-create --encryption_key=0123",
        "get 'unbalanced",
        "get https://user:pass@host/",
        "query x \"alter user a password 'b'\"",
        "x" * 3_000,
    ],
)
def test_lines_that_may_hold_a_secret_are_not_remembered(line, tmp_path):
    assert may_hold_secret(line)
    history = ShellHistory(tmp_path / "history")
    history.append_string(line)
    history.append_string("ls -l")
    assert history.get_strings() == [line, "ls -l"]
    assert line not in (tmp_path / "history").read_text()
    assert list(ShellHistory(tmp_path / "history").load_history_strings()) == ["ls -l"]


@pytest.mark.parametrize("line", ["ls -l", "get 'My Login' --format json", "find-password x", "service-create -p 9090"])
def test_other_lines_are(line):
    assert not may_hold_secret(line)


def test_a_name_that_keeperdb_has_itself_is_its_own_command():
    assert vault_command_at(["--home", "ls", "ls", "-l"]) == 2
    assert vault_command_at(["--home=x", "get", "--help"]) == 1
    for words in (["query", "x"], ["--vault", "ls", "schema", "y"], ["--version"], [], ["nosuch"], ["--home"]):
        assert vault_command_at(words) is None
