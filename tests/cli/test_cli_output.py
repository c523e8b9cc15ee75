"""Text for terminals, lists, the worker, and where an error is: without a process of their own."""

import argparse
import io
import json
import os
import signal
import threading
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keeperdb.cli import exit_codes, secret_input
from keeperdb.cli.output import pad, safe, to_json, width, write_list, write_object, write_table
from keeperdb.cli.sql_errors import explain
from keeperdb.cli.worker import Worker, termination_as_interrupt
from keeperdb.errors import (
    Cancelled,
    ConnectError,
    ConnectReason,
    ExportError,
    KeychainError,
    KeychainReason,
    NotFoundError,
    QueryError,
    SettingsError,
    StoreError,
    VaultError,
    VaultReason,
)
from keeperdb.query.statements import Statement


@given(st.text())
def test_safe_text_is_one_line_that_steers_nothing(text) -> None:
    shown = safe(text)
    assert shown.isascii() or not any(char in shown for char in "\x1b\x9b\u202e\u2066\u200b\n")
    assert all(ord(char) >= 0x20 and not 0x7F <= ord(char) <= 0x9F for char in shown)
    shown.encode()


@given(st.text())
def test_json_text_comes_back_and_steers_nothing(text) -> None:
    shown = to_json({"a": text})
    assert json.loads(shown) == {"a": text}
    assert not any(char in shown for char in "\x1b\x9b\x7f\u202e\u2066")


@given(st.text(max_size=20), st.integers(min_value=20, max_value=60))
def test_padded_text_has_the_width_that_was_asked_for(text, columns) -> None:
    shown = safe(text)
    if width(shown) <= columns:
        assert width(pad(shown, columns)) == width(pad(shown, columns, is_right=True)) == columns


def test_wide_and_combining_characters_are_counted_as_they_are_shown() -> None:
    assert (width("漢字"), width("e\u0301"), width("abc")) == (4, 1, 3)


def test_a_table_without_rows_has_its_headings() -> None:
    out = io.StringIO()
    write_table(out, ("name", "last_used"), [])
    assert out.getvalue() == "NAME  LAST USED\n"


def test_lists_hold_the_same_in_every_format() -> None:
    rows = [{"name": "a,b", "parts": ["x", "y"], "on": True, "none": None, "map": {"k": "v"}}]
    out = io.StringIO()
    write_list(out, "csv", rows, ("name", "parts", "on", "none", "map"))
    assert out.getvalue() == 'name,parts,on,none,map\n"a,b",x/y,true,,k=v\n'
    out = io.StringIO()
    write_list(out, "json", rows, ("name",))
    assert json.loads(out.getvalue()) == rows
    out = io.StringIO()
    write_object(out, "table", {"name": "x", "empty": "", "last_used": "now"})
    assert out.getvalue() == "name       x\nlast used  now\n"


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (QueryError("x"), 1),
        (SettingsError("x"), 2),
        (StoreError("x"), 2),
        (NotFoundError("x"), 2),
        (ExportError("x"), 2),
        (KeychainError(KeychainReason.LOCKED, "x"), 2),
        (ConnectError(ConnectReason.LOGIN, "x"), 3),
        (VaultError(VaultReason.THROTTLED, "x"), 4),
    ],
)
def test_each_error_has_its_exit_code(error, code) -> None:
    assert exit_codes.exit_code_of(error) == code


def test_the_mark_stands_below_the_place_whatever_the_width_of_the_text() -> None:
    script = "SELECT 1;\nSELECT '漢字\t', nonsense FROM t"
    statement = Statement(script[10:], 10, len(script))
    text = explain(QueryError("no such column", position=script.index("nonsense") - 10), script, statement)
    line, mark = text.splitlines()[-2:]
    assert "line 2, column 15" in line
    before = line[: line.index("nonsense")]
    assert width(before) == len(mark) - 1


def test_the_mark_stays_in_sight_on_a_long_line() -> None:
    script = "SELECT " + "a, " * 1000 + "nonsense"
    text = explain(QueryError("x", position=len(script) - 8), script, Statement(script, 0, len(script)))
    line, mark = text.splitlines()[-2:]
    assert len(line) < 200
    assert line[len(mark) - 1 :] == "nonsense"


def test_an_error_without_a_place_names_the_line_of_its_statement() -> None:
    script = "SELECT 1;\n\nSELECT 2"
    text = explain(QueryError("x", "Do y.", code="42", detail="More."), script, Statement("SELECT 2", 11, 19))
    assert text.splitlines() == ["Error: x (42)", "  More.", "  Do y.", "  in the statement at line 3: SELECT 2"]


def test_operations_run_on_one_thread_that_is_not_the_main_one() -> None:
    worker = Worker()
    threads = {worker.run(lambda task: threading.get_ident()) for _ in range(3)}
    assert len(threads) == 1
    assert threading.get_ident() not in threads


def test_what_an_operation_raises_reaches_the_caller() -> None:
    with pytest.raises(SettingsError, match="wrong"):
        Worker().run(_fail)


def _fail(task) -> None:
    raise SettingsError("wrong")


def test_an_operation_that_waits_for_another_one_is_a_bug_and_no_hang() -> None:
    worker = Worker()
    with pytest.raises(RuntimeError):
        worker.run(lambda task: worker.run(lambda inner: None))


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_cancels_the_operation_and_waits_for_its_end(number) -> None:
    ended = []

    def wait(task) -> None:
        os.kill(os.getpid(), number)
        try:
            task.sleep(30)
        except Cancelled:
            time.sleep(0.1)
            ended.append(True)
            raise

    with termination_as_interrupt(), pytest.raises(KeyboardInterrupt):
        Worker().run(wait)
    assert ended == [True]


def test_a_hang_up_that_is_ignored_stays_ignored() -> None:
    previous = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with termination_as_interrupt():
            assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGHUP, previous)


def test_a_secret_keeps_its_blanks_and_loses_one_line_break(tmp_path) -> None:
    path = tmp_path / "secret"
    for content, expected in ((b" a b \n", " a b "), (b"x\r\n", "x"), (b"x\n\n", "x\n"), (b"\xef\xbb\xbfx", "x")):
        path.write_bytes(content)
        with path.open("rb") as file:
            assert secret_input.from_descriptor(file.fileno()).reveal() == expected


@pytest.mark.parametrize("content", [b"", b"\n", b"\xff\xfe"])
def test_what_is_no_secret_is_refused(tmp_path, content) -> None:
    path = tmp_path / "secret"
    path.write_bytes(content)
    with path.open("rb") as file, pytest.raises(SettingsError):
        secret_input.from_descriptor(file.fileno())


def test_a_long_wrong_word_is_not_repeated() -> None:
    from keeperdb.cli.arguments import build_parser
    from keeperdb.cli.parser import UsageError

    for word, is_shown in (("short", True), ("x" * 31, False)):
        with pytest.raises(UsageError) as caught:
            build_parser("1").parse_all([word])
        assert (word in str(caught.value)) is is_shown
    assert isinstance(build_parser("1").parse_all([]), argparse.Namespace)
