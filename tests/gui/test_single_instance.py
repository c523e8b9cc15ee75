"""One program for each home: two starts, what is handed over, what is left by one that was killed, hostile messages."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from keeperdb.connections.profile import ConnectionProfile
from keeperdb.errors import SettingsError, UnsupportedError
from keeperdb.gui.links import LinkQuestion
from keeperdb.gui.single_instance import InstanceServer
from keeperdb.paths import Paths
from keeperdb.workspace.instance import ACCEPTED, MOST_BYTES, Place, Request, claim_or_hand_over

_ROOT = Path(__file__).parents[2]
_WAIT = 30  # seconds, for a process that starts


@pytest.fixture
def start(tmp_path):
    """Starts `keeperdb --home … gui WORDS` as a process of its own; what is left is ended."""
    started = []

    def run(*words: str, home: str = "home") -> subprocess.Popen[str]:
        clean = {name: value for name, value in os.environ.items() if name not in ("DISPLAY", "KEEPERDB_HOME")}
        environment = clean | {"QT_QPA_PLATFORM": "offscreen", "PYTHONPATH": str(_ROOT)}
        command = [sys.executable, "-m", "keeperdb", "--home", str(tmp_path / home), *words]
        process = subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True, cwd=tmp_path)
        started.append(process)
        return process

    yield run
    for process in started:
        process.kill()
        process.communicate()


def place(tmp_path: Path, home: str = "home") -> Place:
    paths = Paths.under(tmp_path / home)
    paths.make()
    return Place.of(paths)


def wait_for_socket(tmp_path: Path, process: subprocess.Popen[str], home: str = "home") -> None:
    path = Path(place(tmp_path, home).socket)
    deadline = time.monotonic() + _WAIT
    while not path.is_socket():
        assert process.poll() is None, process.communicate()[1]
        assert time.monotonic() < deadline
        time.sleep(0.02)


def ask(path: str, line: bytes) -> bytes:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as client:
        client.settimeout(_WAIT)
        client.connect(path)
        client.sendall(line)
        with client.makefile("rb") as reader:
            return reader.readline()


def test_a_second_start_ends_with_0_and_the_first_opens_its_file(start, tmp_path, store):
    first = start("gui")
    wait_for_socket(tmp_path, first)
    second = start("gui", store.as_uri())
    assert second.wait(_WAIT) == 0, second.communicate()[1]
    assert first.poll() is None
    state = tmp_path / "home" / "data" / "state.json"  # when a connection was used last
    deadline = time.monotonic() + _WAIT
    while not state.exists():
        assert first.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_after_kill_9_the_next_start_takes_over_the_stale_socket(start, tmp_path):
    first = start("gui")
    wait_for_socket(tmp_path, first)
    first.send_signal(signal.SIGKILL)
    first.wait(_WAIT)
    assert Path(place(tmp_path).socket).is_socket()
    second = start("gui")
    deadline = time.monotonic() + _WAIT
    while True:
        try:
            assert ask(place(tmp_path).socket, Request().to_line()) == ACCEPTED
            break
        except OSError:
            assert second.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.05)


def test_another_home_has_a_window_of_its_own(start, tmp_path):
    first = start("gui")
    wait_for_socket(tmp_path, first)
    other = start("gui", home="other")
    wait_for_socket(tmp_path, other, "other")
    assert first.poll() is None
    assert other.poll() is None


def test_handing_over_brings_no_window_toolkit(tmp_path):
    code = (
        "import sys\nfrom keeperdb.cli import main\n"
        f"code = main(['--home', {str(tmp_path / 'home')!r}, 'gui', 'x.sql'])\n"
        "print(code, any(name.startswith('PySide6') for name in sys.modules))\n"
    )
    paths = Paths.under(tmp_path / "home")
    paths.make()
    claim = claim_or_hand_over(paths, Request())
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as server:
        server.bind(claim.place.socket)
        server.listen()
        environment = os.environ | {"QT_QPA_PLATFORM": "offscreen", "PYTHONPATH": str(_ROOT)}
        starting = subprocess.Popen(
            [sys.executable, "-c", code], env=environment, stdout=subprocess.PIPE, text=True, cwd=tmp_path
        )
        connection, _ = server.accept()
        with connection, connection.makefile("rb") as reader:
            request = Request.parse(reader.readline())
            connection.sendall(ACCEPTED)
        assert starting.communicate(timeout=_WAIT)[0] == "0 False\n"
    assert request.files == (str(tmp_path / "x.sql"),)
    claim.give_up()


def test_a_program_that_does_not_answer_is_named_and_not_started_twice(tmp_path):
    paths = Paths.under(tmp_path / "home")
    paths.make()
    claim = claim_or_hand_over(paths, Request())
    with pytest.raises(UnsupportedError, match=rf"does not answer.*process {os.getpid()}"):
        claim_or_hand_over(paths, Request(), seconds=0.1)
    claim.give_up()
    again = claim_or_hand_over(paths, Request(), seconds=0.1)
    assert again is not None
    again.give_up()


def test_socket_and_lock_are_this_users_alone(tmp_path):
    found = place(tmp_path)
    assert found.lock.parent.stat().st_mode & 0o077 == 0
    found.lock.parent.chmod(0o755)
    assert Place.of(Paths.under(tmp_path / "home")).lock.parent.stat().st_mode & 0o077 == 0


def test_a_long_path_of_a_home_has_a_socket_elsewhere_that_is_private_too(tmp_path):
    paths = Paths.under(tmp_path / ("x" * 120))
    paths.make()
    found = Place.of(paths)
    assert len(found.socket) < 100
    assert Path(found.socket).parent.stat().st_mode & 0o077 == 0
    assert Place.of(Paths.under(tmp_path / ("y" * 120))).socket != found.socket


@pytest.fixture
def server(qtbot, tmp_path, qapp):
    paths = Paths.under(tmp_path / "home")
    paths.make()
    claim = claim_or_hand_over(paths, Request())
    made = InstanceServer(claim, qapp)
    assert made.is_listening
    yield made
    made.close()
    made.deleteLater()
    claim.give_up()


_EMPTY = {"version": 1, "files": [], "links": [], "names": [], "token": ""}


@pytest.mark.parametrize(
    "line",
    [
        b"\n",
        b"null\n",
        b"[" * 60_000 + b"\n",
        b"\xff\xfe\x00\n",
        json.dumps(_EMPTY | {"version": 2}).encode() + b"\n",
        json.dumps(_EMPTY | {"version": True}).encode() + b"\n",
        json.dumps(_EMPTY | {"run": "rm"}).encode() + b"\n",
        json.dumps(_EMPTY | {"files": ["relative.sql"]}).encode() + b"\n",
        json.dumps(_EMPTY | {"files": [1]}).encode() + b"\n",
        json.dumps(_EMPTY | {"files": ["/a\0b"]}).encode() + b"\n",
        json.dumps(_EMPTY | {"files": ["/x"] * 101}).encode() + b"\n",
        json.dumps(_EMPTY | {"links": ["https://example.com/"]}).encode() + b"\n",
        json.dumps(_EMPTY | {"token": "a b"}).encode() + b"\n",
        json.dumps(_EMPTY | {"names": ["x" * 5_000]}).encode() + b"\n",
        b"a" * (MOST_BYTES + 10),
    ],
    ids=lambda line: line[:40].decode("latin-1"),
)
def test_what_is_no_request_is_refused_and_changes_nothing(qtbot, server, tmp_path, line):
    import threading

    seen, answers = [], []
    server.requested.connect(seen.append)

    def send() -> None:
        try:
            answers.append(ask(place(tmp_path).socket, line))
        except OSError as error:  # the rest of a message that is too long is not waited for
            answers.append(str(error).encode())

    thread = threading.Thread(target=send)
    thread.start()
    qtbot.waitUntil(lambda: bool(answers))
    thread.join()
    assert answers[0] != ACCEPTED
    assert seen == []


def test_a_request_comes_through_as_it_was_sent(qtbot, server, tmp_path):
    import threading

    request = Request(("/a/ü.sql",), ("keeperdb:open/Shop",), ("Work/orders",), "token_TIME123")
    seen = []
    server.requested.connect(seen.append)
    results = []
    paths = Paths.under(tmp_path / "home")
    thread = threading.Thread(target=lambda: results.append(claim_or_hand_over(paths, request)))
    thread.start()
    qtbot.waitUntil(lambda: bool(results))
    thread.join()
    assert (results, seen) == ([None], [request])


def test_words_become_links_and_absolute_paths():
    request = Request.of(["KeeperDB:open/x", "file:///tmp/a%20b.sql", "file://localhost/c.sql", "d.sql"], ["n"], {})
    assert request.links == ("KeeperDB:open/x",)
    assert request.files == ("/tmp/a b.sql", "/c.sql", str(Path("d.sql").absolute()))
    assert request.names == ("n",)
    for word in ("file://elsewhere/etc/passwd", "file:///a%00b", "file:"):
        with pytest.raises(SettingsError):
            Request.of([word], environment={})


# What a link asks for


@pytest.fixture
def app(qtbot, gui_workspace, gui_application, store):
    profile = ConnectionProfile("Shop <b>1</b>", "sqlite", path=str(store), id="shop")
    application = gui_application(gui_workspace(profile))
    application.start()
    qtbot.waitUntil(lambda: application.picker.isVisible() and application.runner.is_idle)
    return application


def question(app) -> LinkQuestion | None:
    return app.requests.links.question


def test_a_link_asks_and_escape_opens_nothing(qtbot, app):
    app.requests.take(Request(links=("keeperdb:open/Shop%20%3Cb%3E1%3C%2Fb%3E",)))
    asked = question(app)
    assert asked.isVisible()
    assert asked.cancel.isDefault()
    assert not asked.agree.isDefault()
    assert dict(asked.lines)["Name"] == "Shop <b>1</b>"
    assert dict(asked.lines)["Server"].endswith("store.sqlite")
    qtbot.keyClick(asked, "\x1b")
    assert question(app) is None
    assert app.windows == []


def test_a_link_opens_its_connection_once_the_person_agrees(qtbot, app):
    app.requests.take(Request(links=("keeperdb:open/Shop%20%3Cb%3E1%3C%2Fb%3E",)))
    question(app).agree.click()
    qtbot.waitUntil(lambda: len(app.windows) == 1)
    qtbot.waitUntil(lambda: app.runner.is_idle)


def test_a_link_to_a_new_server_names_it_with_every_option_and_opens_a_form_only(qtbot, app):
    from keeperdb.gui.connection_dialog import ConnectionDialog

    link = "keeperdb:new/postgresql%3A%2F%2Fme%40evil.example.com%3A6543%2Fdb%3Fsslmode%3Ddisable%26search_path%3Dx"
    app.requests.take(Request(links=(link,)))
    lines = dict(question(app).lines)
    assert (lines["Server"], lines["User"], lines["Database"]) == ("evil.example.com:6543", "me", "db")
    assert lines["Encryption"] == "Nothing is encrypted"
    assert lines["Option search_path"] == "x"
    question(app).agree.click()
    dialog = next(each for each in app.picker.findChildren(ConnectionDialog) if each.isVisible())
    assert dialog.form.profile().host == "evil.example.com"
    assert app.windows == []
    dialog.reject()


@pytest.mark.parametrize(
    "link",
    [
        "keeperdb:",
        "keeperdb:open/Nowhere",
        "keeperdb:run/drop",
        "keeperdb:new/postgresql://u:pw@h/db",
        "keeperdb:new/sqlite:///etc/passwd",
        "keeperdb:open/Shop%00",
        "keeperdb:open/" + "x" * 5_000,
    ],
    ids=lambda link: link[:40],
)
def test_a_link_that_is_not_understood_is_told_and_does_nothing(qtbot, app, link):
    from PySide6.QtWidgets import QDialog

    app.requests.links.ask(link)
    shown = [each for each in app.picker.findChildren(QDialog) if each.isVisible()]
    assert len(shown) == 1
    assert question(app) is None
    assert app.windows == []
    assert "pw" not in shown[0].accessibleName()
    shown[0].close()


def test_a_flood_of_links_is_one_question(app):
    app.requests.take(Request(links=("keeperdb:open/Shop%20%3Cb%3E1%3C%2Fb%3E",) * 50))
    assert len([each for each in app.picker.findChildren(LinkQuestion) if each.isVisible()]) == 1
    question(app).reject()


def test_a_name_opens_its_connection_and_a_second_time_its_window(qtbot, app):
    app.requests.take(Request(names=("Shop <b>1</b>",)))
    qtbot.waitUntil(lambda: len(app.windows) == 1)
    app.requests.take(Request(names=("Shop <b>1</b>",)))
    qtbot.waitUntil(lambda: app.runner.is_idle)
    assert len(app.windows) == 1


def test_copy_link_holds_the_name_only(app):
    from PySide6.QtWidgets import QApplication

    from keeperdb.connections.link import parse_link

    app.picker.command.emit("copy-link", app.workspace.find("Shop <b>1</b>"))
    text = QApplication.clipboard().text()
    assert parse_link(text).name == "Shop <b>1</b>"
    assert "sqlite" not in text


def test_restarting_starts_the_program_once_more_for_the_same_home(tmp_path):
    code = (
        "import sys\nfrom pathlib import Path\nfrom PySide6.QtCore import QTimer\n"
        "from keeperdb.gui import main\nfrom keeperdb.gui.app import Application\n"
        "from keeperdb.workspace import Options\nfrom keeperdb.workspace.instance import Request, claim_or_hand_over\n"
        "home = Path(sys.argv[1])\noptions = Options(home=home)\npaths = options.paths()\npaths.make()\n"
        "claim = claim_or_hand_over(paths, Request())\nqt = main.make_qt()\n"
        "QTimer.singleShot(300, lambda: qt.findChild(Application).restart())\n"
        "raise SystemExit(main.run(options, claim=claim))\n"
    )
    environment = os.environ | {"QT_QPA_PLATFORM": "offscreen", "PYTHONPATH": str(_ROOT)}
    command = [sys.executable, "-c", code, str(tmp_path / "home")]
    first = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    assert first.wait(_WAIT) == 0
    deadline = time.monotonic() + _WAIT
    second = 0
    try:
        while True:
            second = int(place(tmp_path).lock.read_text() or 0)
            try:
                assert ask(place(tmp_path).socket, Request().to_line()) == ACCEPTED
                break
            except OSError:
                assert time.monotonic() < deadline
                time.sleep(0.05)
        assert second not in (0, first.pid)
    finally:
        if second not in (0, first.pid):
            os.kill(second, signal.SIGKILL)
