"""Records, folders and their fields, as the vault's owner finds them afterwards."""

import base64
import json
import shlex

import pytest

from keeperdb.commands import attachments
from keeperdb.vault.contents import VaultFolder


def values(record) -> dict[str, object]:
    """The values of a record's fields by label or type."""
    document = record.document
    fields = [*document["fields"], *document["custom"]]
    return {field.get("label") or field["type"]: field["value"] for field in fields if field["value"]}


def test_a_record_is_written_field_by_field(remote) -> None:
    uid = remote.data(
        'record-add -t "New" -rt databaseCredentials --folder "Personal/Sub folder" '
        "text.type=postgresql host=db.example.com:5433 login=ann 'password=p\"w'\"'\"'=$5' "
        "-n 'one\\ntwo\\\\n' c.text.Database=Chinook Colour=blue 'a==b=c' url.Docs=https://docs.example"
    )["record_uid"]
    record = remote.vault.record(uid)
    assert record.folder_path == ("Personal", "Sub folder")
    assert (record.title, record.type) == ("New", "databaseCredentials")
    assert record.document["notes"] == "one\ntwo\\n"
    assert values(record) == {
        "type": ["postgresql"],
        "host": [{"hostName": "db.example.com", "port": "5433"}],
        "login": ["ann"],
        "password": ["p\"w'=$5"],
        "Database": ["Chinook"],
        "Colour": ["blue"],
        "a=b": ["c"],
        "Docs": ["https://docs.example"],
    }
    assert remote.data(f"get {uid} --format json")["fields"][2]["value"] == ["ann"]


@pytest.mark.parametrize(
    ("word", "name", "wanted"),
    [
        ("name=Doe, John", "name", [{"first": "John", "middle": "", "last": "Doe"}]),
        ("name=Jane Ann Doe", "name", [{"first": "Jane", "middle": "Ann", "last": "Doe"}]),
        (
            "phone=Mobile: US (555)555-1234",
            "phone",
            [{"region": "US", "number": "(555)555-1234", "type": "Mobile"}],
        ),
        (
            "c.address=123 Main St, SmallTown, CA 12345, USA",
            "address",
            [{"street1": "123 Main St", "city": "SmallTown", "state": "CA", "zip": "12345", "country": "USA"}],
        ),
        (
            "paymentCard=4111 1111 1111 1111 04/2026 123",
            "paymentCard",
            [{"cardNumber": "4111111111111111", "cardExpirationDate": "04/2026", "cardSecurityCode": "123"}],
        ),
        (
            "bankAccount=Checking: 123456789 987654321",
            "bankAccount",
            [{"accountType": "Checking", "routingNumber": "123456789", "accountNumber": "987654321"}],
        ),
        (
            "securityQuestion=pet? Rex; city? Rome",
            "securityQuestion",
            [{"question": "pet?", "answer": "Rex"}, {"question": "city?", "answer": "Rome"}],
        ),
        ("date=2026-01-02", "date", [1767312000000]),
        ("date=2026-01-02T03:04:05Z", "date", [1767323045000]),
        ("expirationDate=1767312000", "expirationDate", [1767312000000]),
        ("checkbox.Ready=Yes", "Ready", [True]),
        ("host=[::1]:5432", "host", [{"hostName": "::1", "port": "5432"}]),
        ("host=::1", "host", [{"hostName": "::1", "port": ""}]),
        ('host=$JSON:{"hostName": "h", "port": "1"}', "host", [{"hostName": "h", "port": "1"}]),
        ("host.hostName=x", "hostName", [{"hostName": "x", "port": ""}]),
        ("login=$BASE64:cCJ3J3wkXA==", "login", ["p\"w'|$\\"]),
        ("login==x", "login", ["=x"]),
    ],
)
def test_a_value_is_understood(remote, word, name, wanted) -> None:
    uid = remote.data(f"record-add -t X -rt contact --folder Personal {shlex.quote(word)}")["record_uid"]
    assert values(remote.vault.record(uid))[name] == wanted


@pytest.mark.parametrize(
    ("word", "error"),
    [
        ("checkbox=perhaps", 'The value of the field "checkbox" cannot be used: it is yes or no.'),
        (
            "date=soon",
            'The value of the field "date" cannot be used: it is written as YYYY-MM-DD or YYYY-MM-DDTHH:MM:SSZ.',
        ),
        ("host=$JSON:{", 'The value of the field "host" cannot be used: the text after $JSON: is not JSON.'),
        (
            "host=$JSON:1",
            'The value of the field "host" cannot be used: an object with hostName, port is expected.',
        ),
        ("password=$GEN:rand,9999999", "The number of $GEN is one from 1 to 1000."),
        ("url=$GEN", '$GEN makes no values for the field "url".'),
        ("fileRef=x", "Files are attached with upload-attachment."),
        ("foo.bar=1", 'Field type "foo" is not supported. Field: foo.bar'),
        ("oneword", "Expected: <field>=<value>, got: argument 1; Missing `=`"),
    ],
)
def test_a_value_that_cannot_be_used_adds_no_record(remote, word, error) -> None:
    count = len(remote.vault.records())
    said = remote.refused(f"record-add -t X -rt login --folder Personal {shlex.quote(word)}", 400)
    assert said == f"record-add: {error}"
    assert len(remote.vault.records()) == count


def test_values_are_made_here(remote) -> None:
    uid = remote.data(
        "record-add -t X -rt login --folder Personal password=$GEN:rand,30 oneTimeCode=$GEN c.keyPair=$GEN:ed25519"
    )["record_uid"]
    found = values(remote.vault.record(uid))
    assert len(str(found["password"][0])) == 30
    assert found["keyPair"][0]["publicKey"].startswith("ssh-ed25519 ")
    assert len(remote.data(f"totp {uid} --format json")[0]["value"]) == 6


def test_with_force_an_unknown_field_is_left_out_and_said(remote) -> None:
    body = remote.ok("record-add -f -t X -rt login --folder Personal foo.bar=1 login=ann")
    assert body["message"] == ['Field type "foo" is not supported. Field: foo.bar']
    assert values(remote.vault.record(body["data"]["record_uid"])) == {"login": ["ann"]}


def test_the_alias_answers_also_in_words(remote) -> None:
    body = remote.ok("ra -t X -rt login --folder Personal")
    assert body["message"] == body["data"]["record_uid"]
    assert body["command"] == "ra"


def test_without_a_folder_a_record_goes_into_the_only_shared_one_that_can_be_changed(remote) -> None:
    uid = remote.data("record-add -t X -rt login")["record_uid"]
    assert remote.vault.record(uid).folder_path == ("Personal",)
    remote.vault.add_record({"title": "x", "type": "login"}, remote.vault.add_shared_folder("Other"))
    remote.ok("sync-down")
    assert "root of the vault" in remote.refused("record-add -t X -rt login", 403)
    remote.ok("cd Other")
    assert remote.vault.record(remote.data("record-add -t X -rt login")["record_uid"]).folder_path == ("Other",)


def test_a_type_that_only_the_vault_knows_is_taken_from_its_records(remote) -> None:
    own = {"title": "Own", "type": "Badge", "fields": [{"type": "text", "label": "Number", "value": ["1"]}]}
    remote.vault.add_record(own, remote.vault.folder("Personal"))
    remote.ok("sync-down")
    uid = remote.data("record-add -t X -rt Badge --folder Personal f.text.Number=7")["record_uid"]
    assert remote.vault.record(uid).document["fields"] == [{"type": "text", "label": "Number", "value": ["7"]}]


def test_a_change_is_made_from_what_is_in_the_vault_now(remote) -> None:
    record = remote.vault.find_record("My Login")

    def edit(document) -> None:
        document["fields"][0]["value"] = ["changed elsewhere"]
        document["unknown"] = {"kept": True}

    record.update(edit)
    remote.ok('record-update -r "My Login" password=new -n "+three" c.text.Colour=red -t "My new login"')
    after = remote.vault.record(record.uid)
    found = values(after)
    assert (found["login"], found["password"], found["Colour"]) == (["changed elsewhere"], ["new"], ["red"])
    assert after.document["unknown"] == {"kept": True}
    assert after.document["notes"] == "line1\nline2\nthree"
    assert after.title == "My new login"
    shown = remote.data('get "My new login" --unmask')
    assert (shown["login"], shown["password"]) == ("changed elsewhere", "new")
    remote.ok(f"record-update -r {record.uid} login= ")
    assert "login" not in values(remote.vault.record(record.uid))


def test_two_changes_after_each_other_both_count(remote) -> None:
    for number in range(3):
        remote.ok(f'record-update -r "My Login" c.text.n{number}={number}')
    assert {"n0", "n1", "n2"} <= values(remote.vault.find_record("My Login")).keys()


def test_a_change_that_somebody_else_made_first_is_a_conflict(remote) -> None:
    remote.vault.fail("error", "update_secret", code="out_of_sync", message="Revision mismatch", status=409)
    assert "somebody else changed it" in remote.refused('record-update -r "My Login" password=x', 409)


def test_notes_are_appended(remote) -> None:
    remote.ok('append-notes "My Login" --notes "and more"')
    assert remote.vault.find_record("My Login").document["notes"] == "line1\nline2\nand more"


def test_what_the_application_may_only_view_stays(remote) -> None:
    assert remote.refused('record-update -r "Prod DB" password=x', 403)
    assert remote.refused('rm -f "Prod DB"', 403) == "rm: The vault did not delete Prod DB (Record is read only)."
    assert remote.data('get "Prod DB" --format=password') == {"password": "db secret"}


def test_deleted_records_are_gone_at_once(remote) -> None:
    other = remote.another()
    remote.ok('rm -f "My Login"')
    assert other.refused('get "My Login"', 404)
    assert all(record.title != "My Login" for record in remote.vault.records())


def test_a_title_that_two_records_have_names_neither(remote) -> None:
    for folder in ("Personal", "Personal/Sub folder"):
        remote.ok(f'record-add -t Twin -rt login --folder "{folder}"')
    status, body = remote("rm -f Twin")
    assert status == 400
    assert '2 records have the title "Twin"' in body["error"]
    assert "UID" in body["hint"]
    assert remote.ok('get "Personal/Sub folder/Twin"')
    remote.ok("cd Personal")
    assert remote.ok("rm -f Twin")
    assert remote.vault.find_record("Twin").folder_path == ("Personal", "Sub folder")


def test_folders_are_made_renamed_and_deleted(remote) -> None:
    vault = remote.vault
    uid = remote.data('mkdir -uf "Personal/Sub folder/a//b"')["folder_uid"]
    assert [folder.path for folder in vault.folders() if folder.uid == uid] == [("Personal", "Sub folder", "a/b")]
    assert remote.ok(f"rndir {uid} -n Renamed")["message"] == 'Folder "a/b" has been renamed to "Renamed"'
    assert vault.folder("Personal", "Sub folder", "Renamed").uid == uid
    remote.ok(f"record-add -t Inside -rt login --folder {uid}")
    remote.ok("mkdir -uf Personal/Sub*")
    message = remote.ok('rmdir -f "Personal/Sub folder"')["message"]
    assert message == [
        "The following user folder(s) will be removed:",
        "Personal/Sub folder/",
        "1 folder, 2 records",
    ]
    assert {folder.path for folder in vault.folders()} == {("Personal",), ("Personal", "Sub*"), ("Shared Infra",)}
    assert remote.refused("get Inside", 404)
    assert [row["name"] for row in remote.data("tree")] == ["Personal", "Sub*", "Shared Infra"]


def test_shared_folders_are_left_to_the_vault(remote) -> None:
    for line in ("rmdir -f Personal", "rndir Personal -n X", "mkdir -sf Personal/X"):
        assert "cannot" in remote.refused(line, 403)
    assert remote.refused("rmdir -f /", 403)
    assert remote.refused("rmdir -f nosuch", 404)


def test_a_made_folder_can_be_changed_without_reading_the_vault(remote) -> None:
    uid = remote.data("mkdir -uf Personal/New")["folder_uid"]
    folder = remote.state.contents.folders[uid]
    assert isinstance(folder, VaultFolder)
    remote.ok("rndir Personal/New -n Newer")
    assert remote.vault.folder("Personal", "Newer").uid == uid


CONTENT = bytes(range(256)) * 40


def test_attachments_go_through_the_request(remote) -> None:
    files = [
        {"name": "ca.pem", "base64": base64.b64encode(CONTENT).decode()},
        {"name": "größe.txt", "text": "naïve"},
    ]
    rows = remote.data('upload-attachment "My Login" --file FILEDATA', files)
    assert [(row["file_name"], row["file_size"]) for row in rows] == [("ca.pem", 10240), ("größe.txt", 6)]
    assert remote.vault.find_record("My Login").files == {"ca.pem": CONTENT, "größe.txt": "naïve".encode()}
    found = {row["file_name"]: base64.b64decode(row["base64"]) for row in remote.data('da "My Login"')}
    assert found == {"ca.pem": CONTENT, "größe.txt": "naïve".encode()}
    [one] = remote.data(f"da -r Personal --name {rows[0]['file_id']}")
    assert (one["file_name"], one["title"]) == ("ca.pem", "My Login")
    assert {row["file_name"] for row in remote.data("file-report --format json")} == {"ca.pem", "größe.txt"}
    assert [row["downloadable"] for row in remote.data("file-report -d --format json")] == ["OK", "OK"]
    remote.ok('delete-attachment "My Login" --name ca.pem')
    assert remote.vault.find_record("My Login").files.keys() == {"größe.txt"}
    assert [row["file_name"] for row in remote.data("file-report --format json")] == ["größe.txt"]
    assert remote.vault.find_record("My Login").value("fileRef") == rows[1]["file_id"]


def test_an_answer_holds_so_many_bytes_of_files(remote, monkeypatch) -> None:
    remote.ok('ua "My Login" --file FILEDATA', [{"name": name, "text": "12345"} for name in ("a", "b")])
    monkeypatch.setattr(attachments, "MOST_AT_ONCE", 9)
    assert "more than the" in remote.refused('da "My Login"', 400)
    assert len(remote.data('da "My Login" --name a')) == 1


def test_any_other_filedata_is_a_file_of_json(remote) -> None:
    remote.ok('ua "My Login" --file=FILEDATA', {"any": ["thing"]})
    [content] = remote.vault.find_record("My Login").files.values()
    assert json.loads(content) == {"any": ["thing"]}


def test_an_upload_that_fails_leaves_no_entry_behind(remote) -> None:
    remote.vault.fail("status", "upload", status=500)
    assert remote.refused('ua "My Login" --file FILEDATA', 502, {"name": "x", "text": "y"})
    assert not remote.vault.find_record("My Login").document["fields"][3]["value"]
    assert remote.vault.find_record("My Login").stored.files == {}


@pytest.mark.parametrize("name", ["a/b", "a\\b", "", "x" * 300, "a\nb"])
def test_a_file_name_that_is_a_path_is_refused(remote, name) -> None:
    assert remote.refused('ua "My Login" --file FILEDATA', 400, {"name": name, "text": "y"})


def test_the_machines_own_user_has_files_on_disk(local, tmp_path) -> None:
    source = tmp_path / "key.pem"
    source.write_bytes(CONTENT)
    local.ok(f'upload-attachment "My Login" --file "{source}"')
    local.ok(f'record-add -t "With file" -rt login --folder Personal "file=@{source}"')
    assert local.vault.find_record("With file").files == {"key.pem": CONTENT}
    local.vault.find_record("My Login").add_file("../../evil", b"evil")
    target = tmp_path / "out"
    said = local.run(f'download-attachment "My Login" "With file" --out-dir "{target}" --record-title').text
    assert {path.relative_to(target).as_posix(): path.read_bytes() for path in target.rglob("*") if path.is_file()} == {
        "My Login/key.pem": CONTENT,
        "My Login/_.._evil": b"evil",
        "With file/key.pem": CONTENT,
    }
    assert all(line.startswith(str(target)) for line in said.splitlines())
    local.ok(f'da "With file" --out-dir "{target}/With file"')
    assert (target / "With file" / "key (2).pem").read_bytes() == CONTENT
    assert local.run(f'ls --format json --output "{tmp_path}/ls.json"').text == ""
    assert [row["name"] for row in json.loads((tmp_path / "ls.json").read_text())][:1] == ["Personal"]


def test_a_download_does_not_follow_a_link(local, tmp_path) -> None:
    outside = tmp_path / "outside"
    target = tmp_path / "out"
    target.mkdir()
    (target / "a.txt").symlink_to(outside)
    local.vault.find_record("My Login").add_file("a.txt", b"content")
    local.ok("sync-down")
    local.ok(f'da "My Login" --out-dir "{target}"')
    assert not outside.exists()
    assert (target / "a (2).txt").read_bytes() == b"content"
