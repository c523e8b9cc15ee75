"""Decrypting the answers of a server: in any order, in any form, and whatever else is in them."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keeperdb.demo.protocol import seal, seal_cbc, to_base64, to_url_base64
from keeperdb.vault.decoding import decode_contents
from tests.vault.record_samples import database

APP_KEY, ROOT_KEY, INNER_KEY, RECORD_KEY, STRANGE_KEY = (bytes([number]) * 32 for number in range(1, 6))


def record(uid: str, outer: bytes, **more: Any) -> dict[str, Any]:
    data = seal(json.dumps(database(uid)).encode().ljust(384), RECORD_KEY)
    return {"recordUid": uid, "recordKey": to_base64(seal(RECORD_KEY, outer)), "data": to_base64(data)} | more


def shared(uid: str, *records: Any, key: bytes = ROOT_KEY, outer: bytes = APP_KEY) -> dict[str, Any]:
    return {"folderUid": uid, "folderKey": to_base64(seal(key, outer)), "records": list(records)}


def folder(uid: str, name: str, parent: str = "", key: bytes = ROOT_KEY) -> dict[str, Any]:
    wrapped = seal_cbc(key, ROOT_KEY) if parent else seal(key, APP_KEY)
    data = seal_cbc(json.dumps({"name": name}).encode(), key)
    return {"folderUid": uid, "folderKey": to_base64(wrapped), "data": to_base64(data), "parent": parent or None}


def test_children_may_come_before_their_parents():
    answer = {"folders": [shared("root", record("r", ROOT_KEY, innerFolderUid="leaf"))]}
    folders = [
        folder("leaf", "Leaf", "mid", INNER_KEY),
        folder("mid", "Mid", "root", INNER_KEY),
        folder("root", "Root"),
    ]
    contents = decode_contents(answer, {"folders": folders}, APP_KEY)
    assert contents.path(contents.records["r"]) == ("Root", "Mid", "Leaf")
    assert contents.warnings == ()


def test_a_folder_whose_parents_go_in_a_circle_is_read_without_its_name():
    folders = [folder("a", "A", "b", INNER_KEY), folder("b", "B", "a", INNER_KEY)]
    contents = decode_contents({"folders": [shared("root")]}, {"folders": folders}, APP_KEY)
    assert contents.folders["a"].name == ""


def test_a_record_without_a_key_of_its_own_has_the_applications():
    data = to_base64(seal(json.dumps(database()).encode(), APP_KEY))
    for key in ({}, {"recordKey": ""}, {"recordKey": None}):
        contents = decode_contents({"records": [{"recordUid": "r", "data": data} | key]}, {}, APP_KEY)
        assert contents.records["r"].title == "Orders"


def test_both_kinds_of_base64_are_read():
    url_safe = record("r", APP_KEY)
    url_safe |= {
        name: url_safe[name].translate(str.maketrans("+/", "-_")).rstrip("=") for name in ("recordKey", "data")
    }
    assert decode_contents({"records": [url_safe]}, {}, APP_KEY).records["r"].title == "r"
    assert to_url_base64(b"\xff\xfe\xfd") == "__79"


def test_a_record_in_a_folder_may_be_wrapped_with_the_applications_key():
    contents = decode_contents({"folders": [shared("root", record("r", APP_KEY))]}, {}, APP_KEY)
    assert contents.records["r"].title == "r"


def test_the_readable_one_of_two_records_counts():
    answer = {"folders": [shared("root", record("r", STRANGE_KEY))], "records": [record("r", APP_KEY)]}
    contents = decode_contents(answer, {}, APP_KEY)
    assert contents.records["r"].title == "r"
    assert contents.warnings == ()


def test_a_record_without_an_identifier_is_counted():
    nameless = [record("", APP_KEY), record("a/b", APP_KEY), record("r", APP_KEY)]
    contents = decode_contents({"records": nameless}, {}, APP_KEY)
    assert list(contents.records) == ["r"]
    assert contents.warnings == ("2 records came without an identifier and cannot be listed.",)


def test_unreadable_records_are_counted_and_named():
    contents = decode_contents({"records": [record(f"r{number}", STRANGE_KEY) for number in range(7)]}, {}, APP_KEY)
    assert contents.warnings == ("7 records could not be decrypted: r0, r1, r2, r3, r4 and 2 more.",)


@pytest.mark.parametrize("text", ["[]", "5", "null", "{", "[" * 100_000])
def test_a_record_that_is_no_object_is_unreadable(text):
    entry = {"recordUid": "r", "recordKey": None, "data": to_base64(seal(text.encode(), APP_KEY))}
    assert decode_contents({"records": [entry]}, {}, APP_KEY).records["r"].content is None


def test_a_file_that_cannot_be_decrypted_does_not_cost_the_record():
    entry = record("r", APP_KEY, files=[{"fileUid": "f", "fileKey": "AAAA", "data": "AAAA"}])
    assert decode_contents({"records": [entry]}, {}, APP_KEY).records["r"].title == "r"


def test_warnings_of_the_server_are_one_line_each():
    contents = decode_contents({"warnings": ["a\nb", 5, None]}, {}, APP_KEY)
    assert contents.warnings == ("a b",)


@pytest.mark.parametrize("value", [None, 0, -1, "soon", 10**30, 1e3])
def test_an_expiry_that_is_no_time_is_never(value):
    assert decode_contents({"expiresOn": value}, {}, APP_KEY).expires_at is None


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=5,
)
good = st.sampled_from([record("r", APP_KEY), shared("root", record("s", ROOT_KEY)), folder("root", "Root")])
entries = st.fixed_dictionaries(
    {},
    optional=dict.fromkeys(
        ["recordUid", "recordKey", "data", "folderUid", "folderKey", "innerFolderUid", "parent", "records", "links",
         "revision"],
        json_values | st.sampled_from(["root", "r", "AAAA"]),
    ),
)  # fmt: skip
answers = st.fixed_dictionaries(
    {},
    optional=dict.fromkeys(
        ["records", "folders", "warnings", "expiresOn"],
        json_values | st.lists(entries | good | json_values, max_size=4),
    ),
)


@given(answers, answers)
def test_no_answer_breaks_the_reading(secrets, folders):
    contents = decode_contents(secrets, folders, APP_KEY)
    for each in contents.records.values():
        assert isinstance(contents.path(each), tuple)
    assert all(warning.isprintable() for warning in contents.warnings)
