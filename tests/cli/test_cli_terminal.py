"""The command line at a terminal: questions, hidden answers, messages."""

import os
import pty
import select
import subprocess
import time

import pytest

from keeperdb.demo.record_types import database_record


class Terminal:
    """A pseudo terminal that a command has as standard input and standard error."""

    def __init__(self, cli, *words: object) -> None:
        self._master, slave = pty.openpty()
        self.process = subprocess.Popen(
            cli.command(*words),
            stdin=slave,
            stdout=subprocess.PIPE,
            stderr=slave,
            cwd=cli.folder,
            env=cli.environment,
            start_new_session=True,
        )
        os.close(slave)
        self.shown = ""

    def wait_for(self, text: str) -> None:
        deadline = time.monotonic() + 30
        while text not in self.shown:
            assert time.monotonic() < deadline, self.shown
            assert self._read(), self.shown

    def answer(self, question: str, text: str) -> None:
        """Type `text` when the question is there and no longer echoes what is typed."""
        self.wait_for(question)
        time.sleep(0.3)
        self.shown = self.shown.replace(question, "(asked)", 1)
        os.write(self._master, text.encode() + b"\n")

    def end(self) -> tuple[int, str, str]:
        """Exit code, standard output, and everything that was on the screen."""
        while self._read():
            pass
        out = self.process.stdout.read().decode()
        self.process.stdout.close()
        code = self.process.wait(30)
        os.close(self._master)
        return code, out, self.shown

    def _read(self) -> bool:
        ready, _, _ = select.select([self._master], [], [], 30)
        assert ready, self.shown
        try:
            data = os.read(self._master, 65536)
        except OSError:  # Linux says so when the other side is closed
            return False
        self.shown += data.decode()
        return bool(data)


def test_a_token_and_a_new_master_password_are_asked_for_unseen(cli, demo_vault, store) -> None:
    demo_vault.add_shared_folder("Databases").add_record(database_record("shop", "sqlite", custom={"Path": str(store)}))
    token = demo_vault.issue_token()
    cli.use_vault(demo_vault)
    terminal = Terminal(cli, "config", "set", "connections.keychain", "file")
    terminal.answer("Choose a master password", "planted-master")
    terminal.answer("once more", "planted-master")
    code, _, shown = terminal.end()
    assert (code, "planted" in shown) == (0, False)
    terminal = Terminal(cli, "vault", "attach", "Work")
    terminal.answer("Master password", "planted-master")
    terminal.answer("One-time token", token)
    code, _, shown = terminal.end()
    assert (code, "1 connection." in shown) == (0, True)
    assert "planted" not in shown
    assert token not in shown


def test_two_different_new_master_passwords_are_refused(cli) -> None:
    terminal = Terminal(cli, "config", "set", "connections.keychain", "file")
    terminal.answer("Choose a master password", "one")
    terminal.answer("once more", "two")
    code, _, shown = terminal.end()
    assert (code, "differ" in shown) == (2, True)
    assert cli.ok("config", "get", "connections.keychain").out == "system\n"


def test_a_password_that_is_kept_nowhere_is_asked_for_unseen(cli, postgresql_server) -> None:
    server = postgresql_server
    cli.ok(
        *("connections", "add", "pg", "--engine", "postgresql", "--host", server.host, "--port", server.port),
        *("--database", server.database, "--user", server.user, "--password-mode", "ask"),
    )
    terminal = Terminal(cli, "query", "pg", "SELECT 1 AS one", "--format", "csv")
    terminal.answer(f"Password of {server.user}", server.password)
    code, out, shown = terminal.end()
    assert (code, out) == (0, "one\n1\n")
    assert server.password not in shown
    assert "1 row, first after" in shown


@pytest.mark.parametrize(("answer", "is_left"), [("n", True), ("", True), ("y", False)])
def test_removing_asks_first(cli, store, answer, is_left) -> None:
    cli.ok("connections", "add", "shop", "--engine", "sqlite", "--path", store)
    terminal = Terminal(cli, "connections", "remove", "shop")
    terminal.answer("[y/N]", answer)
    code, _, _ = terminal.end()
    assert code == 0
    assert bool(cli.ok("connections", "list", "--format", "json").json) is is_left


def test_ctrl_c_at_a_question_ends_and_shows_what_is_typed_again(cli) -> None:
    terminal = Terminal(cli, "config", "set", "connections.keychain", "file")
    terminal.wait_for("Choose a master password")
    terminal.process.send_signal(2)
    code, _, shown = terminal.end()
    assert (code, "Traceback" in shown) == (130, False)
