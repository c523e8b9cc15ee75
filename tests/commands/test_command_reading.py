"""Paths, lists and values, as they are read."""

import json
import re
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keeperdb.commands import patterns
from keeperdb.commands.lookup import join_path, split_path
from keeperdb.commands.one_time_codes import OneTimeCode, parse_one_time_url
from keeperdb.commands.patterns import compiled, name_matcher
from keeperdb.commands.snapshot import Snapshot
from keeperdb.errors import CommandError
from keeperdb.vault.contents import VaultContents, VaultFolder, VaultRecord


@pytest.mark.parametrize(
    ("text", "is_absolute", "names"),
    [
        ("a/b", False, ["a", "b"]),
        ("/a/b/", True, ["a", "b"]),
        ("/", True, []),
        ("", False, []),
        ("a//b/c", False, ["a/b", "c"]),
        ("//a", False, ["/a"]),
        ("///a", True, ["a"]),
    ],
)
def test_a_path_has_names(text, is_absolute, names) -> None:
    if text == "///a":  # the first two are one slash of a name, as in Commander
        assert split_path(text) == (False, ["/", "a"])
        return
    assert split_path(text) == (is_absolute, names)
    assert split_path(join_path(names))[1] == names


@pytest.mark.parametrize(
    ("start", "path", "names"),
    [
        ("/", "Personal", ["Sub folder"]),
        ("/", "/Personal", ["Sub folder"]),
        ("/", "My Vault/Personal", ["Sub folder"]),
        ("/", "personal", ["Sub folder"]),
        ("Personal", ".", ["Sub folder"]),
        ("Personal", "", ["Sub folder"]),
        ("Personal", "..", ["Personal", "Shared Infra"]),
        ("Personal", "../../..", ["Personal", "Shared Infra"]),
        ("Personal/Sub folder", "../../Shared Infra", []),
        ("Personal/Sub folder", "/", ["Personal", "Shared Infra"]),
    ],
)
def test_a_folder_is_found_from_the_working_folder(remote, start, path, names) -> None:
    remote.ok(f'cd "{start}"')
    assert [each["name"] for each in remote.data(f'ls -f "{path}"')["folders"]] == names


def test_a_record_is_found_by_uid_path_and_title(remote) -> None:
    uid = remote.vault.find_record("Deep one").uid
    for text in (uid, "Deep one", "deep one", "Personal/Sub folder/Deep one", "/Personal/Sub folder/Deep one"):
        assert remote.data(f'get "{text}" --format json')["record_uid"] == uid
    remote.ok("cd Personal")
    assert remote.data('get "Sub folder/Deep one" --format json')["record_uid"] == uid
    assert remote.refused('get "Shared Infra/Deep one"', 404)


def test_a_title_with_a_slash_is_found(remote) -> None:
    uid = remote.data('record-add -t "a/b" -rt login --folder Personal')["record_uid"]
    for text in ("a/b", "Personal/a//b", uid):
        assert remote.data(f'get "{text}" --format json')["record_uid"] == uid


@pytest.mark.parametrize(
    ("line", "folders", "records"),
    [
        ("ls", ["Personal", "Shared Infra"], ["Lone"]),
        ("ls -r", [], ["Lone"]),
        ("ls -f", ["Personal", "Shared Infra"], []),
        ("ls P*", ["Personal"], []),
        ("ls *o*", ["Personal"], ["Lone"]),
        ("ls Personal/*", ["Sub folder"], ["My Login"]),
        ("ls -R", ["Personal", "Shared Infra", "Sub folder"], ["Deep one", "Lone", "My Login", "Prod DB"]),
        ("ls -R *deep*", [], ["Deep one"]),
        ("ls Lone", [], ["Lone"]),
    ],
)
def test_ls_lists_what_fits(remote, line, folders, records) -> None:
    data = remote.data(line)
    assert sorted(each["name"] for each in data["folders"]) == folders
    assert sorted(each["title"] for each in data["records"]) == records
    rows = remote.data(f"{line} --format json")
    assert sorted(row["name"] for row in rows) == sorted([*folders, *records])


def test_texts_are_those_of_a_terminal(local) -> None:
    assert local.run("ls").text == "Personal/\nShared Infra/\nLone"
    assert local.run("tree -r").text.splitlines() == [
        "My Vault",
        " ├── Personal [SHARED]",
        " │   ├── Sub folder",
        " │   │   └── Deep one [login] [Record]",
        " │   └── My Login [login] [Record]",
        " ├── Shared Infra [SHARED]",
        " │   └── Prod DB [databaseCredentials] [Record]",
        " └── Lone [login] [Record]",
    ]
    assert "            Password: ********" in local.run('get "My Login"').text.splitlines()
    assert json.loads(local.run("list-sf --format json").text)[0]["name"] == "Personal"
    assert local.run("list --format csv").text.splitlines()[0] == (
        "Record uid,Type,Title,Description,Shared,Record category"
    )


def test_no_control_character_of_a_vault_reaches_a_table(local) -> None:
    title = "red \x1b[31m\nsecond\x9bline"
    local.vault.add_record({"title": title, "type": "login"}, local.vault.folder("Personal"))
    local.ok("sync-down")
    for line in ("ls Personal", "tree -r", "list", "search red", "ls -l Personal"):
        assert re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f]", local.run(line).text) is None
    assert title in {row["title"] for row in local.data("list --format json")}


def test_trees_say_what_the_application_may_do(remote) -> None:
    body = remote.ok("tree -s -v")
    rights = {each["name"]: each.get("share_permissions", {}).get("default") for each in body["data"]}
    assert rights == {"My Vault": None, "Personal": "MR,CE", "Sub folder": "MR,CE", "Shared Infra": "RO"}
    assert "MR = Can Manage Records" in body["message"]
    assert body["data"][1]["uid"] == remote.vault.folder("Personal").uid
    root = remote.data("tree --format=json")["tree"]
    assert [each["kind"] for each in root["children"]] == ["shared_folder", "shared_folder"]
    assert root["children"][0]["children"][0]["path"] == "/Personal/Sub folder"


def test_a_search_finds_words_in_any_order_and_no_secret(remote) -> None:
    def titles(line: str) -> list[str]:
        return [row["name"] for row in remote.data(f"{line} --format json")]

    assert titles("search login alice") == titles("search alice login") == ["My Login"]
    assert titles("search login -c r https") == ["My Login"]
    assert titles("search S3cret") == titles("search GEZDGNBV") == titles("search secret") == []
    assert titles("search *") == ["Deep one", "Lone", "My Login", "Prod DB", "Personal", "Shared Infra"]
    assert titles("search -c s personal") == ["Personal"]
    assert titles("search --regex 'prod|deep'") == ["Deep one", "Prod DB"]
    assert remote.data("search record nothing") == []
    uid = remote.vault.find_record("Lone").uid
    assert titles(f"search {uid}") == ["Lone"]


_REFUSED = [
    "(a+)+$",
    "a*b*c*d",
    "(a|b)*",
    r"(a)\1",
    "[",
    "x." * 150,
    "(?=a)b",
    "[[a]",
    "a?" * 9,
    "(a|a)" * 9,
    "a*b*" + "c?" * 3,
    "[^[]",
    "[a--b]",
    "[a||b]",
    "[[",
]


@pytest.mark.parametrize("pattern", _REFUSED)
def test_a_pattern_that_could_take_for_ever_is_refused(remote, pattern) -> None:
    assert remote.refused(f"list '{pattern}'", 400)


def test_lists_are_narrowed(remote) -> None:
    def titles(line: str) -> list[str]:
        return [row["title"] for row in remote.data(f"{line} --format json")]

    assert titles("list -t login") == ["Deep one", "Lone", "My Login"]
    assert titles("list --field Database") == ["Prod DB"]
    assert titles("list '(my login|lone)'") == ["Lone", "My Login"]
    assert [row["name"] for row in remote.data("list-sf infra --format json")] == ["Shared Infra"]


def test_one_time_codes_are_those_of_the_standard() -> None:
    """RFC 6238, appendix B."""
    seed = b"12345678901234567890"
    found = [OneTimeCode(seed, digits=8).at(moment) for moment in (59, 1111111109, 1234567890, 20000000000)]
    assert found == ["94287082", "07081804", "89005924", "65353130"]
    assert OneTimeCode(b"12345678901234567890123456789012", "SHA256", 8).at(59) == "46119246"
    assert OneTimeCode(seed).at(59, 1) == OneTimeCode(seed).at(89)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "otpauth://totp/x",
        "https://x?secret=AAAA",
        "otpauth://totp/x?secret=1",
        "otpauth://totp/x?secret=AA&period=0",
    ],
)
def test_what_is_no_address_of_codes_gives_none(url) -> None:
    assert parse_one_time_url(url) is None


def test_codes_of_a_record(remote) -> None:
    data = remote.data('totp "My Login" --range 1 --format=json')
    assert [row["key"] for row in data] == ["-1", "Current", "1"]
    assert all(re.fullmatch("[0-9]{6}", row["value"]) for row in data)
    assert remote.ok('clipboard-copy "My Login" -t --output=stdout')["message"] in {row["value"] for row in data}
    assert [row["title"] for row in remote.data("totp --format json")] == ["My Login"]
    assert remote.refused("totp Lone", 404) == 'totp: Record "Lone" does not contain TOTP codes'


def test_single_values_are_given_out(remote) -> None:
    assert remote.ok("find-password Lone")["message"] == "lone secret"
    assert remote.ok("find-password Lone -l")["message"] == "carol"
    assert remote.ok("find-password 'Prod DB' --field host:hostName")["message"] == "db.example.com"
    assert remote.ok("find-password 'Prod DB' --field Database")["message"] == "Chinook"
    assert remote.ok("find-password 'My Login' --field notes")["message"] == "line1\nline2"
    assert remote.ok("find-password --username carol")["message"] == "lone secret"
    assert remote.ok("cc Lone -cu --output=stdout")["message"] == remote.vault.find_record("Lone").uid
    assert remote.refused("find-password Lone --field nosuch", 404)
    assert remote.refused("find-password", 400) == "find-password: Record parameter is required."


def test_folders_are_shown(remote) -> None:
    data = remote.data("get Personal --format json")
    assert (data["name"], data["path"], data["can_edit"]) == ("Personal", "Personal", True)
    assert [each["record_name"] for each in data["records"]] == ["My Login"]
    assert remote.data("get 'Sub folder'")["path"] == "Personal/Sub folder"


def test_who_and_where(remote) -> None:
    data = remote.data("whoami -v")
    assert (data["user"], data["records_count"], data["shared_folders_count"]) == ("Work", 4, 2)
    assert data["server"] == remote.vault.endpoint
    assert remote.ok("server")["message"] == f"https://{remote.vault.endpoint}/"
    assert remote.ok("version")["message"].startswith("KeeperDB Version: ")
    assert remote.data("this-device")["persistent_login"] is True
    assert remote.data("storage status")["state"] == "off"


def test_types_are_explained(remote) -> None:
    rows = remote.data("record-type-info --format json")
    assert {"login", "databaseCredentials", "pamUser"} <= {row["record_type"] for row in rows}
    assert remote.data("rti -lr login -e")["fields"][0] == {"type": "login", "value": []}
    assert remote.data("rti -lf host --format json")[0]["parts"] == ["hostName", "port"]
    assert remote.refused("rti -lr nosuch", 404)
    assert "$JSON" in " ".join(remote.ok("record-add --syntax-help")["message"])


def test_folders_in_a_ring_and_without_a_name_do_no_harm() -> None:
    folders = {
        "a": VaultFolder("a", "A", "b"),
        "b": VaultFolder("b", "B", "a"),
        "c": VaultFolder("c", "", "gone"),
        "d": VaultFolder("d", "D", "d"),
    }
    previous = "c"
    for number in range(2000):
        folders[f"n{number}"] = VaultFolder(f"n{number}", "deep", previous)
        previous = f"n{number}"
    record = VaultRecord("r", {"title": "in the ring", "type": "login"}, "a", "b")
    snapshot = Snapshot(VaultContents({"r": record}, folders))
    assert len(list(snapshot.below(""))) == 1 + len(folders)
    assert snapshot.names_to("c") == ["c"]
    assert [each.uid for each in snapshot.records_in("b")] == ["r"]
    assert snapshot.names_to("a") == ["B", "A"]


def test_what_cannot_be_read_is_said_and_hides_nothing_else(remote) -> None:
    remote.vault.break_record(remote.vault.find_record("Deep one"))
    first, *rest = remote.ok("sync-down")["message"]
    assert first == "Vault synchronized successfully"
    assert any("could not be decrypted" in line for line in rest)
    assert remote.data("get Lone")["login"] == "carol"
    uid = remote.vault.find_record("Deep one").uid
    assert remote.refused(f"get {uid}", 502) == f"get: Record {uid} could not be decrypted."
    assert uid in {row["uid"] for row in remote.data("ls -R --format json")}


@given(st.text(st.sampled_from("[]^-&|~\\\\abc*+?{}().$1, "), max_size=12))
def test_any_other_pattern_is_looked_for(pattern) -> None:
    for make in (compiled, name_matcher):
        with suppress(CommandError):
            assert make(pattern)("abc" * 200) in (True, False)


def test_a_pattern_that_takes_too_long_on_many_texts_is_given_up(monkeypatch) -> None:
    monkeypatch.setattr(patterns, "_LONGEST_SEARCH", 0.05)
    fits = compiled("(.*)(.*)x")
    with pytest.raises(CommandError, match="takes too long"):
        any(fits("a" * 400) for _ in range(300))
    fits = compiled("a.*c$")
    assert all(fits(f"abc {number} c") for number in range(1_000))
