"""The log file: what gets into it, and that what looks like a secret does not."""

import json
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from keeperdb import log

TOKEN = "oSLnaLGVvnRdmqvGbsuMG27nXMpFBrqpFYrIqGL1xJA"
PLANTED = "hunter2"


@pytest.fixture
def log_file(tmp_path: Path) -> Iterator[Path]:
    yield log.set_up(tmp_path / "logs")
    log.tear_down()


@pytest.mark.parametrize(
    "text",
    [
        "postgresql://joe:hunter2@db1/shop",
        "could not connect to mysql+pymysql://joe:hunter2@db1:3306/shop?x=1 in time",
        "https://:hunter2@proxy",
        "postgresql://joe:p@hunter2@db1/shop",
        "postgresql://joe:p/hunter2@db1/shop",
        "postgresql://joe:p'hunter2'@db1/shop",
        "password=hunter2",
        "host=h password=a,hunter2 user=joe",
        "PWD=a;hunter2",
        "Password : hunter2",
        "PGPASSWORD=hunter2 psql",
        "MYSQL_PWD=hunter2",
        '{"password": "hunter2"}',
        '{"password": "a \\" hunter2"}',
        "{'password': 'a b hunter2'}",
        "{'password': b'hunter2'}",
        'password="cut off a b hunter2',
        json.dumps({"data": json.dumps({"password": "a hunter2"})}),
        '{"clientKey": "hunter2", "x": 1}',
        '{"privateKey":"hunter2"}',
        "app_key=hunter2",
        "secretKey: hunter2",
        "client_secret='hunter2'",
        "passphrase=hunter2",
        "api-key: hunter2",
        "apikey=hunter2&x=1",
        "mysql --password=hunter2",
        "mysql --password hunter2 -u joe",
        "Authorization: Bearer hunter2",
        "Authorization: Basic hunter2",
        "CREATE USER joe IDENTIFIED BY 'hunter2'",
        "create user joe identified by 'it''s a hunter2'",
        "create user joe identified by 'a\\' hunter2'",
        'create user joe identified by "a hunter2"',
        "CREATE USER joe IDENTIFIED WITH caching_sha2_password BY 'hunter2'",
        "GRANT ALL ON *.* TO joe IDENTIFIED BY PASSWORD 'hunter2'",
        "ALTER ROLE joe WITH ENCRYPTED PASSWORD 'hunter2'",
        "ALTER ROLE joe PASSWORD E'a\\'hunter2'",
        "ALTER ROLE joe PASSWORD $$a hunter2$$",
        "ALTER ROLE joe PASSWORD $x$a hunter2$x$",
        "SET PASSWORD = 'hunter2'",
        "SET PASSWORD FOR 'joe'@'%' = 'hunter2'",
        "SET PASSWORD FOR joe = PASSWORD('hunter2')",
        "-----BEGIN PRIVATE KEY-----\nhunter2\n-----END PRIVATE KEY-----",
        "-----BEGIN EC PRIVATE KEY-----\nhunter2",
    ],
)
def test_a_secret_vanishes(text: str) -> None:
    redacted = log.redact(text)
    assert PLANTED not in redacted
    assert "[redacted]" in redacted
    assert log.redact(redacted).count("[redacted]") == redacted.count("[redacted]")


@pytest.mark.parametrize("text", [f"US:{TOKEN}", TOKEN, f"token {TOKEN}.", f"host.example.com:{TOKEN}"])
def test_a_one_time_token_vanishes(text: str) -> None:
    assert TOKEN not in log.redact(text)


def test_a_vault_configuration_vanishes() -> None:
    import base64

    for document in ('{"hostname": "keepersecurity.com", "clientId": "a"}', '{\n  "hostname": "keepersecurity.com"}'):
        encoded = base64.b64encode(document.encode()).decode()
        assert encoded[:30] not in log.redact(f"configuration {encoded} read")


@pytest.mark.parametrize(
    "text",
    [
        "Connected to db1:5432 in 12 ms",
        "password authentication failed for user joe",
        "https://keepersecurity.com/api/rest/sm/v1/get_secret answered 403",
        "SELECT * FROM tokens WHERE id = 5",
        "read 12 records of vault 0f8fad5b-d9cb-469f-a165-70867728950e",
    ],
)
def test_what_is_no_secret_stays(text: str) -> None:
    assert log.redact(text) == text


_SECRETS = st.text(st.characters(categories=("L", "N", "P", "S")), min_size=8, max_size=20).filter(
    lambda text: not set(text) & set("\"'\\&") and "redacted" not in text
)


@given(
    _SECRETS,
    st.sampled_from(
        [
            "postgresql://joe:{}@db1/shop",
            "host=h password={} user=joe",
            '{{"password": "{}", "user": "joe"}}',
            "{{'clientKey': '{}'}}",
            "CREATE USER joe IDENTIFIED BY '{}' ;",
            "ALTER ROLE joe PASSWORD '{}'",
            "PGPASSWORD={} psql -h db1",
            "https://h/?token={}&user=joe",
        ],
    ),
    st.text(max_size=20).filter(lambda text: "'" not in text and '"' not in text),
)
def test_any_secret_vanishes_in_the_shapes_that_are_known(secret: str, shape: str, before: str) -> None:
    assume(secret not in before + shape)
    assert secret not in log.redact(before + " " + shape.format(secret))


@given(st.text())
def test_redacting_never_fails(text: str) -> None:
    assert isinstance(log.redact(text), str)


def test_a_line_in_the_file_is_redacted_with_its_arguments_and_traceback(log_file: Path) -> None:
    logger = logging.getLogger("keeperdb.test")
    logger.warning("opening %s", "postgresql://joe:hunter2@db1/shop")
    try:
        raise ValueError("password=hunter2")
    except ValueError:
        logger.exception("it failed")
    content = log_file.read_text()
    assert "postgresql://joe:[redacted]@db1/shop" in content
    assert "ValueError" in content
    assert PLANTED not in content


def test_the_level_is_kept_and_lines_of_others_are_not_ours(log_file: Path) -> None:
    logging.getLogger("keeperdb.test").debug("too fine")
    logging.getLogger("keeperdb.test").info("just right")
    logging.getLogger("other").error("not ours")
    content = log_file.read_text()
    assert "just right" in content
    assert "too fine" not in content
    assert "not ours" not in content


def test_nothing_goes_to_the_root_logger_which_redacts_nothing(log_file: Path) -> None:
    lines: list[str] = []
    handler = logging.Handler()
    handler.emit = lambda record: lines.append(record.getMessage())  # type: ignore[method-assign]
    logging.getLogger().addHandler(handler)
    try:
        logging.getLogger("keeperdb.test").error("password=hunter2")
    finally:
        logging.getLogger().removeHandler(handler)
    assert lines == []


def test_setting_up_twice_writes_each_line_once(log_file: Path, tmp_path: Path) -> None:
    again = log.set_up(tmp_path / "logs")
    logging.getLogger("keeperdb.test").warning("once")
    assert again.read_text().count("once") == 1


def test_the_file_is_rotated_before_it_grows_without_end(log_file: Path) -> None:
    logger = logging.getLogger("keeperdb.test")
    for number in range(50):
        logger.warning("%d %s", number, "x " * 50_000)
    files = sorted(log_file.parent.iterdir())
    assert [file.name for file in files] == ["keeperdb.log", *(f"keeperdb.log.{number}" for number in (1, 2, 3))]
    assert all(file.stat().st_size <= 1_000_000 for file in files)


def test_the_folder_is_private(log_file: Path) -> None:
    assert log_file.parent.stat().st_mode & 0o777 == 0o700


def test_after_tearing_down_nothing_is_written_anywhere(log_file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    logging.getLogger("keeperdb.test").warning("before")
    log.tear_down()
    logging.getLogger("keeperdb.test").error("after password=hunter2")
    assert log_file.read_text().count("\n") == 1
    assert capsys.readouterr().err == ""
