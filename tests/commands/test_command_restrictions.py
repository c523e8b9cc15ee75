"""What callers over the network cannot reach."""

import json
import shlex

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from keeperdb.commands.line import split_line
from keeperdb.commands.restrictions import LOCAL_FILES, PROTECTED
from keeperdb.commands.table import COMMANDS, all_words
from keeperdb.demo.record_types import database_record, login_record
from keeperdb.errors import CommandError
from keeperdb.vault.records import LOCAL_ID_LABEL
from keeperdb.vault.storage_model import FOLDER_NAME

SECRET = "hunter2-hunter2"


@pytest.fixture
def guarded(remote):
    """The vault with a service's configuration in three disguises, and KeeperDB's storage."""
    vault = remote.vault
    personal = vault.folder("Personal")
    vault.add_record(login_record("Commander Service Mode", "x", SECRET), personal)
    vault.add_record(login_record("Second service", "x", SECRET), personal).add_file("service_config.yaml", b"records:")
    vault.add_record(login_record("Docker", "x", SECRET), personal).add_file("config.json", b"{}")
    storage = vault.add_folder(personal, FOLDER_NAME)
    kept = database_record("orders", "sqlite", login="x", password=SECRET, custom={LOCAL_ID_LABEL: "1"})
    vault.add_record(kept, storage)
    vault.add_record(login_record("user of orders", "x", SECRET), storage)
    remote.ok("sync-down")
    return remote


@pytest.mark.parametrize(
    "line",
    [
        'get "Commander Service Mode"',
        'get "commander service mode" --format=json',
        "get 'Second service'",
        "get Docker",
        "find-password Docker",
        'download-attachment "Second service"',
        'ls "Commander Service Mode"',
        'rm -f "Commander Service Mode"',
        'record-update --record="Commander Service Mode" password=x',
        'record-update -r"Commander Service Mode" password=x',
        'record-add -t "Commander Service Mode Config" -rt login',
        'record-add --title="Commander Service Mode Config" -rt login',
        f"record-add -t X -rt login c.text.{LOCAL_ID_LABEL}=1 --folder Personal",
        f'record-add -t X -rt login --folder "Personal/{FOLDER_NAME}"',
        f'rmdir -f "Personal/{FOLDER_NAME}"',
        f'rndir "Personal/{FOLDER_NAME}" -n Open',
        f'rndir "Personal/Sub folder" -n "{FOLDER_NAME}"',
        f'mkdir -uf "Personal/Sub folder/{FOLDER_NAME}"',
        f'mkdir -uf "Personal/{FOLDER_NAME}/Below"',
        "record-add -t X -rt login 'c.text.KeeperDB Local-ID=1' --folder Personal",
    ],
)
def test_a_services_configuration_and_the_storage_are_out_of_reach(guarded, line) -> None:
    assert guarded.refused(line, 403) == PROTECTED


def test_what_is_guarded_stands_in_no_list(guarded) -> None:
    everything = [
        guarded.ok(line)
        for line in (
            "list", "list --format=json", "ls -R", "ls -R --format=json", "tree -r", "tree -r --format=json",
            "search *", "search x --format=json", "file-report", "get Personal --format=json", "totp --format json",
        )
    ]  # fmt: skip
    text = json.dumps(everything)
    for word in ("Commander Service Mode", "Second service", "Docker", "orders", SECRET, "service_config"):
        assert word not in text


def test_what_is_guarded_is_not_found_by_uid_or_title(guarded) -> None:
    vault = guarded.vault
    for title in ("Second service", "orders", "user of orders"):
        uid = vault.find_record(title).uid
        assert guarded.refused(f"get {uid} --format json", 403) == PROTECTED
    assert guarded.refused('get "user of orders"', 404)
    local = guarded.another(is_remote=False)
    assert local.data('get "Second service" --format password') == {"password": SECRET}


def test_a_folder_with_a_configuration_in_it_is_not_deleted_over_the_network(guarded) -> None:
    vault = guarded.vault
    below = vault.add_folder(vault.folder("Personal", "Sub folder"), "Below")
    vault.add_record(login_record("Commander Service Mode Config", "x", SECRET), below)
    guarded.ok("sync-down")
    assert guarded.refused('rmdir -f "Personal/Sub folder"', 403) == PROTECTED
    assert vault.find_record("Commander Service Mode Config")


def test_a_record_does_not_become_a_configuration_by_an_upload(remote) -> None:
    files = {"name": "Service_Config.json", "text": "{}"}
    assert remote.refused('upload-attachment "My Login" --file FILEDATA', 403, files) == PROTECTED


@pytest.mark.parametrize(
    ("line", "error"),
    [
        ("ls -- x", "The '--' argument separator is not permitted through Service Mode"),
        ("ls ${HOME}", "The '${VARNAME}' environment-variable syntax is not permitted through Service Mode"),
        ("rotate x", "Legacy commands are not permitted through Service Mode"),
        ("ls --output /tmp/x", LOCAL_FILES),
        ("ls --outp=/tmp/x", LOCAL_FILES),
        ("generate -o /tmp/x", LOCAL_FILES),
        ("generate --dice-rolls 3 --word-list /etc/passwd", LOCAL_FILES),
        ("download-attachment Lone --out-dir /tmp", LOCAL_FILES),
        ("da Lone --out-d=/tmp", LOCAL_FILES),
        (
            "upload-attachment Lone --file /etc/passwd",
            "Uploading attachments from the local filesystem is not permitted through Service Mode",
        ),
        (
            "upload-attachment Lone --file FILEDATA",
            "Uploading attachments from the local filesystem is not permitted through Service Mode",
        ),
        (
            "record-add -t X -rt login --folder Personal file=@/etc/passwd",
            "File attachments by local path are not permitted through Service Mode",
        ),
        (
            "record-update -r 'My Login' f.file=@/etc/passwd",
            "File attachments by local path are not permitted through Service Mode",
        ),
    ],
)
def test_local_files_and_shells_are_out_of_reach(remote, line, error) -> None:
    assert remote.refused(line, 403) == error


def test_the_clipboard_is_the_machines_own(remote) -> None:
    assert "out of reach" in remote.refused("clipboard-copy Lone", 403)
    assert remote.ok("clipboard-copy Lone --output=stdout")["message"] == "lone secret"


def test_the_working_folder_is_the_callers_own(remote) -> None:
    other = remote.another()
    remote.ok("cd Personal")
    assert [each["name"] for each in remote.data("ls")["folders"]] == ["Sub folder"]
    assert [each["name"] for each in other.data("ls")["folders"]] == ["Personal", "Shared Infra"]


_PIECES = """
    -- --format=json --format json csv -f -r -R -l -v * ? [a .. . / // /.. ../.. ${HOME} FILEDATA Personal Lone
    'My\\ Vault' -h --help --output=/tmp/keeperdb-must-not-exist --unmask --limit -1 record folder My\\ Login
    $JSON:{ $BASE64:x $GEN:rand,99999999 password= =x a=b f.=1 c..=2 host=[::1]:5 date=9e9 -rt login -t X
"""
_WORDS = st.one_of(
    st.sampled_from(sorted(all_words())),
    st.sampled_from(_PIECES.split()),
    st.text(max_size=12),
    st.text(st.sampled_from("\\'\"$`*?[]{}()|;&<>/.-=: \t\n\0\u202eé"), max_size=12),
)
_LINES = st.tuples(st.sampled_from(sorted(all_words())), st.lists(_WORDS, max_size=5), st.booleans()).map(
    lambda parts: shlex.join([parts[0], *parts[1]]) if parts[2] else " ".join([parts[0], *parts[1]])
)


@settings(max_examples=400, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(_LINES | st.text(max_size=60))
def test_no_line_brings_the_program_out_of_step(reading, line) -> None:
    """Any status but 500, and nothing done by any command but the one that is named."""
    before = reading.context.folder_uid
    status, body = reading(line)
    assert status in (200, 400, 403, 404, 409), body
    named = body["command"].split(" ")[0]
    try:
        word = next(iter(split_line(line)), "")
    except CommandError:
        assert status == 400
    else:
        assert named == (word if word in all_words() else "")
    if named not in ("cd", ""):
        assert reading.context.folder_uid == before


@pytest.fixture
def reading(remote):
    """A caller whose vault takes no writes: what a made-up line would delete is not needed again."""
    remote.vault.share(remote.vault.folder("Personal"), editable=False)
    remote.vault.share(remote.vault.find_record("Lone"), editable=False)
    remote.ok("sync-down")
    return remote


@given(secret=st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=8, max_size=20))
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_answer_repeats_a_secret(reading, secret) -> None:
    secret = f"Zz{secret}9q"
    for template in (
        "record-add -t X -rt login password={}",
        "record-add -t X -rt nosuch password={}",
        "record-add -t X -rt login {}",
        "record-add -t X -rt login --pasword {}",
        "record-add -t X -rt login --pasword={}",
        "record-add -t X -rt login --format {}",
        "record-add -t X -rt login 'date={}'",
        "record-add -t X -rt login 'host=$JSON:{}'",
        "record-add -t X -rt login 'password=$BASE64:{}'",
        "record-update -r Lone password={}",
        "append-notes Lone --notes {} --bogus {}",
        "append-notes Lone {} {}",
    ):
        _, body = reading(
            template.format(*[shlex.quote(secret)] * 2) if "'" not in template else template.format(secret)
        )
        assert secret not in json.dumps(body)


def test_every_command_explains_itself(remote) -> None:
    for name in COMMANDS:
        assert f"usage: {name}" in " ".join(remote.ok(f"help {name}")["message"])
        assert f"usage: {name}" in " ".join(remote.ok(f"{name} --help")["message"])


def test_a_word_of_megabytes_is_answered_shortly(reading) -> None:
    for name in COMMANDS:
        for word in ("x" * 1_000_000, "*a" * 100_000, "9" * 100_000, "/" * 100_000):
            status, body = reading(f"{name} {word}")
            assert status != 500
            assert len(json.dumps(body)) < 10_000
