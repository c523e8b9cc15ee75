"""Connections as records: lossless both ways, and edits of people in the vault are read for what they are."""

import hashlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keeperdb.connections.profile import (
    CommitMode,
    ConnectionProfile,
    Environment,
    PasswordMode,
    TlsMode,
)
from keeperdb.engines.registry import ENGINES
from keeperdb.keychain import Secret
from keeperdb.vault.contents import VaultContents, VaultRecord
from keeperdb.vault.records import profile_from_record
from keeperdb.vault.storage_content import content_of, profile_of
from keeperdb.vault.storage_documents import FieldValues
from keeperdb.vault.storage_marks import Marks
from keeperdb.vault.storage_records import (
    Reading,
    profile_body,
    read_record,
    write_database,
    write_pam_database,
    write_pam_user,
)

_TEXT = st.text(max_size=20)
_PROFILES = st.builds(
    ConnectionProfile,
    name=st.text(min_size=1, max_size=20),
    engine=st.sampled_from([*ENGINES, "something-newer"]),
    id=st.text("0123456789abcdef", min_size=32, max_size=32),
    host=_TEXT,
    port=st.none() | st.integers(1, 65535),
    database=_TEXT,
    user=_TEXT,
    path=_TEXT,
    options=st.dictionaries(st.sampled_from(["sslmode", "application_name", "x y"]), _TEXT),
    password_mode=st.sampled_from(PasswordMode),
    tls=st.sampled_from(TlsMode),
    tls_ca=_TEXT,
    folder=st.lists(_TEXT, max_size=3).map(tuple),
    color=_TEXT,
    environment=st.sampled_from(Environment),
    read_only=st.booleans(),
    commit_mode=st.sampled_from(CommitMode),
    notes=_TEXT,
)


def _digest(password: Secret) -> str:
    return hashlib.sha256(password.reveal().encode()).hexdigest()


def _marks(profile: ConnectionProfile, password: str | None = None) -> Marks:
    digest = _digest(Secret(password)) if password else ""
    return Marks(profile.id, "R1", profile_body(profile, {}), digest, machine="m", machine_id="i", written_at="2026")


def _database(profile: ConnectionProfile, password: str | None = None) -> VaultRecord:
    secret = Secret(password) if password else None
    return VaultRecord("R1", write_database(profile, secret, _marks(profile, password), {}))


def _read(record: VaultRecord, user: VaultRecord | None = None) -> Reading:
    return read_record(record, FieldValues(record.content or {}), user, _digest)


def _orders(**more: object) -> ConnectionProfile:
    return ConnectionProfile(name="Orders", engine="postgresql", host="db1", port=5432, user="ann").with_(**more)


@given(_PROFILES)
def test_a_profile_survives_as_content(profile: ConnectionProfile) -> None:
    assert profile_of(profile.id, content_of(profile)) == profile


@given(_PROFILES, st.text(min_size=1, max_size=20))
def test_a_profile_survives_as_a_database_record(profile: ConnectionProfile, text: str) -> None:
    password = text if profile.password_mode is PasswordMode.KEYCHAIN else None
    reading = _read(_database(profile, password))
    assert reading.stored is not None
    assert profile_of(reading.local_id, reading.stored.content) == profile
    assert (reading.password.reveal() if reading.password else None) == password
    assert not reading.stored.changed
    assert not reading.stored.flaw


@given(_PROFILES, st.text(min_size=1, max_size=20))
def test_a_profile_survives_as_a_pam_database_with_its_user(profile: ConnectionProfile, text: str) -> None:
    password = text if profile.password_mode is PasswordMode.KEYCHAIN else None
    secret = Secret(password) if password else None
    record = VaultRecord("R1", write_pam_database(profile, "U1", _marks(profile, password), {}))
    user = VaultRecord("U1", write_pam_user(profile, secret, Marks(profile.id, "U1", {}), {}))
    reading = _read(record, user)
    assert reading.stored is not None
    assert profile_of(reading.local_id, reading.stored.content) == profile
    assert reading.stored.uids == ("R1", "U1")
    assert (reading.password.reveal() if reading.password else None) == password


@given(_PROFILES)
def test_no_record_of_ours_is_a_vault_connection(profile: ConnectionProfile) -> None:
    record = _database(profile)
    assert profile_from_record(record, VaultContents({"R1": record}), "v", "Work") is None


@pytest.mark.parametrize(
    ("section", "label", "value", "field", "expected"),
    [
        ("fields", "login", "bob", "user", "bob"),
        ("fields", "host", {"hostName": "db2", "port": "5432"}, "host", "db2"),
        ("fields", "host", {"hostName": "db1", "port": "6000"}, "port", 6000),
        ("fields", "host", {"hostName": "db1", "port": "no number"}, "port", 5432),
        ("fields", "host", {"hostName": "db1", "port": ""}, "port", None),
        ("fields", "type", "MySQL 8", "engine", "mysql"),
        ("fields", "type", "gibberish", "engine", "postgresql"),
        ("custom", "Database", "shop", "database", "shop"),
    ],
)
def test_an_edit_of_a_visible_field_counts(
    section: str, label: str, value: object, field: str, expected: object
) -> None:
    record = _database(_orders())
    document: Any = record.content
    found = [each for each in document[section] if label in (each.get("label"), each["type"])]
    if found:
        found[0]["value"] = [value]
    else:
        document[section].append({"type": "text", "label": label, "value": [value]})
    reading = _read(record)
    assert reading.stored is not None
    profile = profile_of(reading.local_id, reading.stored.content)
    assert getattr(profile, field) == expected
    assert reading.stored.changed == ({field} if expected != getattr(_orders(), field) else set())


def test_a_password_that_somebody_added_is_kept_from_then_on() -> None:
    record = _database(_orders(password_mode=PasswordMode.ASK))
    document: Any = record.content
    next(each for each in document["fields"] if each["type"] == "password")["value"] = ["s3cret"]
    reading = _read(record)
    assert reading.stored is not None
    assert profile_of("x", reading.stored.content).password_mode is PasswordMode.KEYCHAIN
    assert reading.password == Secret("s3cret")


def test_a_record_of_another_program_with_a_local_id_is_read_by_its_fields() -> None:
    document = {
        "title": "Theirs",
        "type": "databaseCredentials",
        "fields": [
            {"type": "text", "label": "Type", "value": ["PostgreSQL"]},
            {"type": "host", "value": [{"hostName": "db7", "port": "5433"}]},
            {"type": "login", "value": ["ann"]},
            {"type": "password", "value": ["s3cret"]},
        ],
        "custom": [{"type": "text", "label": "keeperdb_local_id", "value": ["abc"]}],
    }
    reading = _read(VaultRecord("R9", document))
    assert reading.stored is not None
    profile = profile_of(reading.local_id, reading.stored.content)
    assert (profile.id, profile.name, profile.engine, profile.host, profile.port) == (
        "abc",
        "Theirs",
        "postgresql",
        "db7",
        5433,
    )
    assert not reading.stored.flaw


def test_what_a_newer_version_kept_is_carried_on() -> None:
    profile = _orders()
    newer = Marks(profile.id, "R1", {**profile_body(profile, {}), "shiny": 7})
    old = write_database(profile, None, newer, {})
    again = write_database(profile, None, Marks(profile.id, "R2", profile_body(profile, old)), old)
    assert '"shiny": 7' in str(FieldValues(again).value("text", "keeperdb_profile"))


@pytest.mark.parametrize(
    ("document", "words"),
    [
        ({"title": "A", "type": "databaseCredentials", "fields": [], "custom": []}, "no usable keeperdb_local_id"),
        (
            {
                "title": "A",
                "type": "databaseCredentials",
                "custom": [
                    {"type": "text", "label": "keeperdb_local_id", "value": ["x"]},
                    {"type": "text", "label": "keeperdb_profile", "value": ['{"version": 99}']},
                ],
            },
            "newer version",
        ),
        (
            {
                "title": "A",
                "type": "pamDatabase",
                "custom": [{"type": "text", "label": "keeperdb_local_id", "value": ["x"]}],
            },
            "PAM User",
        ),
        (
            {
                "title": "A",
                "type": "login",
                "custom": [{"type": "text", "label": "keeperdb_local_id", "value": ["x"]}],
            },
            "no connection",
        ),
    ],
)
def test_what_cannot_be_used_says_why(document: dict[str, Any], words: str) -> None:
    reading = _read(VaultRecord("R1", document))
    assert reading.stored is None
    assert words in reading.problem
    assert reading.hint


def test_nothing_of_a_reading_shows_a_secret() -> None:
    assert "s3cret" not in repr(_read(_database(_orders(), "s3cret")))
