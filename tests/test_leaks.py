"""Secrets are planted, every story is run, and everything that was written is searched for them."""

import base64
import logging
import subprocess
import traceback
from pathlib import Path

import pytest

from keeperdb import log
from keeperdb.connections.profile import ConnectionProfile
from keeperdb.demo.record_types import database_record, pam_database_record, pam_user_record
from keeperdb.errors import KeeperDBError
from keeperdb.keychain import Secret
from keeperdb.task import Task
from keeperdb.workspace import Workspace

WRONG = "planted-Wr0ng-Pa55"
MASTER = "planted-M4ster-Pa55"
LOCAL = "planted-L0cal-Pa55"
VAULT = "planted-V4ult-Pa55"
PAM = "planted-P4m-Pa55"


def forms(secret: str) -> list[bytes]:
    """A secret as it is, and as something might have encoded it."""
    raw = secret.encode()
    return [raw, base64.b64encode(raw).rstrip(b"="), base64.urlsafe_b64encode(raw).rstrip(b"="), raw.hex().encode()]


def leaks(written: dict[object, bytes], secrets: dict[str, str]) -> list[str]:
    return [
        f"{name} in {place}"
        for place, content in written.items()
        for name, secret in secrets.items()
        if any(form in content for form in forms(secret))
    ]


def test_the_search_finds_what_is_there() -> None:
    for form in forms(LOCAL):
        assert leaks({"file": b"before " + form + b" after"}, {"local": LOCAL}) == ["local in file"]


@pytest.fixture
def planted(demo_vault, postgresql_server):
    """A vault whose passwords are planted ones that no server takes, and one that works."""
    server = postgresql_server
    folder = demo_vault.add_shared_folder("Databases")
    address = {"host": server.host, "port": server.port}
    good = database_record(
        "good",
        "postgresql",
        **address,
        login=server.user,
        password=server.password,
        custom={"Database": server.database},
    )
    folder.add_record(good)
    folder.add_record(database_record("wrong", "postgresql", **address, login=server.user, password=VAULT))
    user = folder.add_record(pam_user_record("dba", server.user, PAM))
    connection = {"protocol": "postgresql", "userRecords": [user.uid]}
    folder.add_record(pam_database_record("pam", "postgresql", **address, connection=connection))
    return demo_vault


def test_no_secret_is_written_by_the_command_line(cli, planted, postgresql_server, tmp_path) -> None:
    server = postgresql_server
    token, used = planted.issue_token(), planted.issue_token()
    master = tmp_path / "master"
    master.write_text(MASTER)
    said: dict[object, bytes] = {}

    def run(*words: object, stdin: str = "") -> int:
        command = ["bash", "-c", 'exec "$@" 9< "$0"', str(master), *cli.command(*words)]
        done = subprocess.run(
            command, input=stdin.encode(), capture_output=True, cwd=cli.folder, env=cli.environment, timeout=60
        )
        said[words] = done.stdout + done.stderr
        return done.returncode

    cli.use_vault(planted)
    cli.options += ["--master-password-fd", "9"]
    pg = ("--engine", "postgresql", "--host", server.host, "--port", server.port, "--user", server.user)
    url = f"postgresql://{server.user}:{LOCAL}@{server.host}:{server.port}/x"
    codes = [
        run("config", "set", "connections.keychain", "file"),
        run("vault", "attach", "Work", stdin=token),
        run("vault", "attach", "Again", stdin=used),
        run("vault", "attach", "Spent", stdin=used),
        run("vault", "attach", "Work", token),
        run("vault", "list", "--format", "json"),
        run("vault", "refresh"),
        run("connections", "add", "local", *pg, "--database", server.database, "--password-stdin", stdin=LOCAL),
        run("connections", "add", "pasted", "--url", "-", stdin=url),
        run("connections", "add", "refused", "--url", url),
        run("connections", "list", "--format", "json"),
        run("connections", "show", "Work/wrong", "--format", "json"),
        run("query", "local", "SELECT 1"),
        run("query", "Work/wrong", "SELECT 1"),
        run("query", "Work/pam", "SELECT 1"),
        run("query", "local", "SELECT 1", "--password-stdin", stdin=WRONG),
        run("query", "Work/good", "SELECT version()", "--format", "csv", "-o", "out.csv"),
        run("query", "Work/good", "SELECT nonsense"),
        run("schema", "Work/good"),
        run("connections", "test", "Work/good"),
        run("vault", "detach", "Again", "--yes"),
        run("connections", "remove", "pasted", "--yes"),
    ]
    assert codes == [0, 0, 0, 4, 2, 0, 0, 0, 0, 2, 0, 0, 3, 3, 3, 3, 0, 1, 0, 0, 0, 0]
    secrets = {"token": token.split(":")[-1], "used": used.split(":")[-1], "master": MASTER, "local": LOCAL}
    secrets |= {"vault": VAULT, "pam": PAM, "wrong": WRONG, "server": server.password}
    assert leaks(cli.files() | said, secrets) == []


def test_no_secret_is_in_errors_logs_reprs_or_files_of_the_workspace(workspace, planted, postgresql_server) -> None:
    server = postgresql_server
    log.set_up(workspace.paths.logs, logging.DEBUG)
    token = planted.issue_token()
    profile = server.profile(name="local")
    stories = {
        "attach": lambda: workspace.attach("Work", token, Task()),
        "attach again": lambda: workspace.attach("Twice", token, Task()),
        "save": lambda: workspace.save(profile, Secret(LOCAL), Task()),
        "open with a wrong password": lambda: workspace.open(profile, Task()),
        "open with a given password": lambda: workspace.open(profile, Task(), password=Secret(WRONG)),
        "open a vault connection": lambda: workspace.open(workspace.find("wrong"), Task()),
        "open a linked one": lambda: workspace.open(workspace.find("pam"), Task()),
        "refresh": lambda: workspace.refresh(None, Task()),
        "copy": lambda: workspace.duplicate(profile),
        "remove": lambda: workspace.remove(profile, Task()),
        "move": lambda: workspace.choose_keychain("file", Task(), master_password=Secret(MASTER)),
    }
    seen: dict[object, bytes] = {}
    try:
        for name, story in stories.items():
            seen[name] = _run(story).encode()
    finally:
        log.tear_down()
    seen |= {path: path.read_bytes() for path in workspace.paths.config.parent.rglob("*") if path.is_file()}
    seen["profiles"] = repr(workspace.profiles()).encode()
    secrets = {
        "token": token.split(":")[-1],
        "local": LOCAL,
        "vault": VAULT,
        "pam": PAM,
        "wrong": WRONG,
        "master": MASTER,
    }
    assert leaks(seen, secrets) == []


def _run(story) -> str:
    """What may be shown or logged of a story: its answer, or the error with its locals left out, as the log has it."""
    logger = logging.getLogger("keeperdb.story")
    try:
        answer = story()
    except KeeperDBError as error:
        logger.exception("A story failed")
        return "".join(traceback.format_exception(error)) + repr(error) + repr(error.args)
    logger.info("A story ended: %r", answer)
    return repr(answer)


def test_what_looks_like_a_secret_is_redacted_in_the_log(tmp_path: Path) -> None:
    path = log.set_up(tmp_path / "logs")
    logging.getLogger("keeperdb.driver").error("failed: postgresql://ann:%s@db password=%s", LOCAL, WRONG)
    log.tear_down()
    assert leaks({"log": path.read_bytes()}, {"local": LOCAL, "wrong": WRONG}) == []


def test_a_bug_is_logged_without_what_was_typed(cli, store) -> None:
    cli.ok("connections", "add", "shop", "--engine", "sqlite", "--path", store)
    code = (
        "import keeperdb.cli.commands.query as query\n"
        "def fail(*_): raise ZeroDivisionError('password=planted-in-a-bug')\n"
        "query.split = fail\n"
        "from keeperdb.cli import main\n"
        "raise SystemExit(main(['query', 'shop', 'SELECT 1']))"
    )
    command = [cli.command()[0], "-c", code]
    done = subprocess.run(command, env=cli.environment, cwd=cli.folder, capture_output=True, text=True)
    assert done.returncode == 70
    assert "Details are in" in done.stderr
    assert "Traceback" not in done.stderr
    written = (cli.home / "logs" / "keeperdb.log").read_text()
    assert "ZeroDivisionError" in written
    assert "planted-in-a-bug" not in written + done.stderr + done.stdout


def test_profiles_and_credentials_show_no_password() -> None:
    from keeperdb.connections.profile import Credential

    assert LOCAL not in repr(Credential("ann", Secret(LOCAL)))
    assert LOCAL not in f"{Secret(LOCAL)} {Secret(LOCAL)!r}"
    assert "ann" in repr(ConnectionProfile("x", "mysql", user="ann"))


def test_a_workspace_shows_nothing_secret(workspace: Workspace) -> None:
    workspace.keychain.set("connection/x", Secret(LOCAL))
    assert LOCAL not in repr(vars(workspace)) + repr(vars(workspace.keychain))
