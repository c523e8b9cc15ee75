"""The bodies of Commander's documentation, and the statuses of what goes wrong."""

import json

import pytest

from keeperdb.commands import answers
from keeperdb.commands.command import Output
from keeperdb.errors import CommandError, CommandKind, KeeperDBError, VaultError, VaultReason


def shape(value):
    """Names and types without the values."""
    if isinstance(value, dict):
        return {name: shape(each) for name, each in value.items()}
    return [shape(each) for each in value[:1]] if isinstance(value, list) else type(value).__name__


# As the documentation prints them.
LS = """{ "status": "success", "command": "ls", "data": { "folders": [ { "number": 1,
"uid": "folder_uid_string", "name": "My Folder", "flags": "RW" } ], "records":
[ { "number": 1, "uid": "record_uid_string", "type": "login", "title": "My
Login", "description": "Optional description" } ] } }"""
TREE = """{ "status": "success", "command": "tree", "data": [ { "level": 0, "name":
"Root Folder", "path": "Root Folder" }, { "level": 1, "name": "Subfolder",
"path": "Root Folder/Subfolder" } ] }"""
MKDIR = '{ "status": "success", "command": "mkdir", "data": { "folder_uid": "new_folder_uid_string" } }'
RECORD_ADD = '{ "status": "success", "command": "record-add", "data": { "record_uid": "new_record_uid_string" } }'
SEARCH_RECORD = """{ "status": "success", "command": "search record", "data": [ { "number": 1,
"uid": "record_uid_string", "type": "login", "title": "Matching Record",
"description": "Optional description" } ] }"""
SEARCH_FOLDER = """{ "status": "success", "command": "search folder", "data": [ { "number": 1,
"uid": "folder_uid_string", "name": "Matching Folder" } ] }"""


def documented(text: str):
    return json.loads(text.replace("\n", " "))


def test_ls_answers_as_documented(remote) -> None:
    body = remote.ok("ls Personal")
    assert shape(body) == shape(documented(LS))
    [folder], [record] = body["data"]["folders"], body["data"]["records"]
    assert (folder["number"], folder["name"], folder["flags"]) == (1, "Sub folder", "RW")
    assert (record["type"], record["title"]) == ("login", "My Login")
    assert record["description"] == "alice @ https://example.com"


def test_tree_answers_as_documented(remote) -> None:
    body = remote.ok("tree")
    wanted = documented(TREE)
    assert body.keys() == wanted.keys()
    assert shape(wanted["data"][0]).items() <= shape(body["data"][0]).items()
    assert [(each["level"], each["name"], each["path"]) for each in body["data"]] == [
        (0, "Personal", "Personal"),
        (1, "Sub folder", "Personal/Sub folder"),
        (0, "Shared Infra", "Shared Infra"),
    ]


@pytest.mark.parametrize(
    ("line", "wanted"),
    [
        ("mkdir -uf Personal/New", MKDIR),
        ("record-add -t X -rt login --folder Personal login=ann password=pw", RECORD_ADD),
        ('search record "My Login"', SEARCH_RECORD),
        ("search folder Sub", SEARCH_FOLDER),
    ],
)
def test_an_answer_has_the_documented_form(remote, line, wanted) -> None:
    body = remote.ok(line)
    assert shape(body) == shape(documented(wanted))
    assert body["command"] == documented(wanted)["command"]


def test_get_answers_as_documented(remote) -> None:
    remote.vault.find_record("Deep one").add_file("notes.txt", b"content")
    remote.ok("sync-down")
    body = remote.ok('get "Deep one"')
    uid = remote.vault.find_record("Deep one").uid
    assert (body["command"], body["status"]) == ("get", "success")
    data = body["data"]
    assert (data["uid"], data["title"], data["type"], data["shared"]) == (uid, "Deep one", "login", "True")
    assert data["attachments"].startswith("notes.txt 7b ID: ")
    assert data["password"] == "********"
    assert remote.data('get "Deep one" --unmask')["password"] == "deep secret"


def test_json_lists_answer_with_the_name_of_the_command_and_rows(remote) -> None:
    assert remote.ok("list --format=json")["command"] == "list"
    assert {row["title"] for row in remote.data("list --format json")} == {"My Login", "Deep one", "Prod DB", "Lone"}
    rows = remote.data("ls --format=json")
    assert [(row["type"], row["name"]) for row in rows] == [
        ("folder", "Personal"),
        ("folder", "Shared Infra"),
        ("record", "Lone"),
    ]
    assert rows[0]["details"] == "Flags: S, Parent: /"
    assert rows[2]["details"] == "Type: login, Description: carol"


def test_get_as_json_has_every_field_in_clear(remote) -> None:
    body = remote.ok('get "Prod DB" --format=json')
    record = body["data"]
    assert body["command"] == "get Prod DB"
    assert record["record_uid"] == remote.vault.find_record("Prod DB").uid
    assert record["fields"][1] == {
        "type": "host",
        "label": "",
        "value": [{"hostName": "db.example.com", "port": "5432"}],
    }
    assert record["fields"][3]["value"] == ["db secret"]
    assert record["custom"] == [{"type": "text", "label": "Database", "value": ["Chinook"]}]
    assert record["folder"]["path"] == "Shared Infra"
    assert remote.data('get "Prod DB" --format=password') == {"password": "db secret"}


def test_a_list_is_also_an_array_of_lines(remote) -> None:
    lines = remote.ok("list")["message"]
    assert lines[0].split() == ["#", "Record", "uid", "Type", "Title", "Description", "Shared", "Record", "category"]
    assert len(lines) == 2 + 4
    assert remote.ok("search nothingatall")["message"] == "Command executed successfully but produced no output"
    assert remote.ok("list nothingatall")["message"] == "No records are found"


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("sync-down", "Vault synchronized successfully"),
        ("d", "Command executed successfully but produced no output"),
        ("keep-alive", "Session kept alive successfully"),
        ("append-notes Lone --notes more", "Notes appended successfully"),
        ("record-update -r Lone login=dora", "Record updated successfully"),
        ("cd Personal", "Command executed successfully but produced no output"),
        ('mv "My Login" Personal', "Item moved successfully"),
        ("rm Lone -f", "Command executed successfully but produced no output"),
    ],
)
def test_what_has_nothing_to_show_answers_in_commanders_words(remote, line, message) -> None:
    remote.vault.share(remote.vault.find_record("Lone"), editable=True)
    body = remote.ok(line)
    assert (body["data"], body["message"]) == (None, message)


@pytest.mark.parametrize(
    ("line", "status", "error"),
    [
        ("get nosuch", 404, "get: Cannot find any object with UID: nosuch"),
        ("ls nosuch", 404, "ls: nosuch: No such folder or record"),
        ("cd nosuch", 404, 'cd: Folder "nosuch" not found'),
        ("record-update -r nosuch -t X", 404, 'record-update: Record "nosuch" not found.'),
        ("record-add -rt login", 400, "record-add: Title parameter is required."),
        ("record-add -t X", 400, "record-add: Record type parameter is required."),
        ("record-add -t X -rt nosuch", 404, 'record-add: Record type "nosuch" cannot be found.'),
        ("record-update -t X", 400, "record-update: Record parameter is required."),
        ("record-add --bogus", 400, "unrecognized arguments: --bogus"),
        ("append-notes Lone", 400, "Missing required parameter: --notes with non-empty value"),
        (
            "mkdir Personal/X",
            400,
            (
                "Missing required parameters: folder type flag "
                "(-sf/--shared-folder for shared folder or -uf/--user-folder for user folder)"
            ),
        ),
        ("mkdir -uf Personal/Sub//x/y", 404, 'mkdir: Folder "Personal/Sub//x" not found'),
        ('mkdir -uf "Shared Infra/X"', 403, 'mkdir: The application may only view the shared folder "Shared Infra".'),
        ("rm Lone", 400, "rm: Missing required parameters: -f/--force flag to bypass interactive confirmation"),
        (
            'mv "My Login" "Personal/Sub folder"',
            403,
            "mv: The Secrets Manager protocol has no way to move records: only the vault can.",
        ),
        ("mv Lone nosuch", 404, "mv: Destination path should be existing folder"),
        ("delete-attachment Lone --name x", 404, "delete-attachment: Attachment not found"),
        (
            "trash list",
            403,
            "trash: A Secrets Manager application has no access to the trash and the history of records.",
        ),
        (
            "share-record Lone -e ann@example.com",
            403,
            "share-record: A Secrets Manager application has no access to sharing.",
        ),
        ("", 400, "Command must not be empty"),
        ('ls "', 400, "Invalid command syntax"),
        ("ls\nls", 400, "Invalid command: control characters are not allowed in command input."),
    ],
)
def test_a_failure_has_the_status_of_its_kind(remote, line, status, error) -> None:
    assert remote.refused(line, status) == error


def test_a_folder_that_exists_is_a_conflict_in_commanders_form(remote) -> None:
    status, body = remote('mkdir -uf "Personal/Sub folder"')
    assert status == 409
    assert body["message"] == 'mkdir: Folder "Sub folder" already exists'
    assert (body["status"], body["data"]) == ("warning", None)


def test_words_in_the_data_decide_nothing(remote) -> None:
    for title in ("Backup failed job", "Throttled box", "not found", "already exists", "done error"):
        remote.ok(f'record-add -t "{title}" -rt login --folder Personal')
    assert remote.ok("list")["status"] == "success"
    assert remote.ok('search "throttled box"')["status"] == "success"


def test_failures_of_the_vault_have_their_statuses(remote) -> None:
    for kind, details, status in (
        ("reset", {}, 502),
        ("garbage", {}, 502),
        ("throttled", {"retry_after": 4000.0}, 429),
        ("error", {"code": "access_denied", "message": "Unable to validate application access", "status": 403}, 403),
    ):
        remote.vault.faults.clear()
        remote.vault.fail(kind, "get_secret", times=None, **details)
        got, body = remote("sync-down")
        assert got == status, body
        assert body.get("result_code") == ("throttled" if kind == "throttled" else None)
    remote.vault.faults.clear()
    assert remote.ok("ls")["status"] == "success"


def test_a_timeout_is_told_apart() -> None:
    error = VaultError(VaultReason.TIMEOUT, "vault.example did not answer in time.")
    assert answers.failure("sync-down", error) == (
        504,
        {"command": "sync-down", "error": "sync-down: vault.example did not answer in time.", "status": "error"},
    )


@pytest.mark.parametrize("kind", CommandKind)
def test_every_kind_has_a_status(kind) -> None:
    status, body = answers.failure("ls", CommandError(kind, "why"))
    assert 400 <= status < 600
    assert body["error"] == "ls: why"


def test_a_fault_of_ours_tells_nothing_of_itself() -> None:
    status, body = answers.failure("record-add password=hunter2", ValueError("hunter2"))
    assert status == 500
    assert "hunter2" not in json.dumps(body)
    assert answers.failure("ls", KeeperDBError("Said."))[0] == 400


def test_a_body_is_sorted_compact_and_ascii() -> None:
    status, body = answers.success_bytes("ls", Output({"b": "ü", "a": [1]}))
    assert status == 200
    assert body == b'{"command":"ls","data":{"a":[1],"b":"\\u00fc"},"status":"success"}\n'
