"""The last known lists on disk."""

import dataclasses
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keeperdb.connections.profile import ConnectionProfile, PasswordMode, Source, TlsMode, VaultOrigin
from keeperdb.errors import StoreError
from keeperdb.vault.cache import KnownVault, VaultCache
from keeperdb.vault.records import profile_id

VAULT_ID = "0123456789abcdef" * 2


def profile(name: str = "Orders", **changes: object) -> ConnectionProfile:
    base = ConnectionProfile(
        name=name,
        engine="postgresql",
        id=profile_id(VAULT_ID, "record-uid"),
        source=Source.VAULT,
        host="db.example",
        port=5433,
        folder=("Databases", "Europe"),
        tls=TlsMode.VERIFY_FULL,
        password_mode=PasswordMode.ASK,
        vault=VaultOrigin(VAULT_ID, "My vault", "record-uid", "user-uid"),
    )
    return base.with_(**changes)


def known(*profiles: ConnectionProfile, **changes: object) -> KnownVault:
    now = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    base = KnownVault(VAULT_ID, "My vault", "127.0.0.1:1", True, now, now, profiles=profiles)
    return dataclasses.replace(base, **changes)


@pytest.fixture
def cache(tmp_path: Path) -> VaultCache:
    return VaultCache(tmp_path)


def test_what_is_written_is_read_again(cache):
    vault = known(
        profile(), profile(engine="", problem="The record has no host.", problem_hint="Add it."), warnings=("a", "b"),
        error="e", error_hint="h", empty_reads=1,
    )  # fmt: skip
    cache.change(lambda others: vault)
    assert cache.read() == [vault]


@given(
    st.text(st.characters(exclude_categories=["Cs"])),
    st.lists(st.text(st.characters(exclude_categories=["Cs"]))),
    st.none() | st.integers(1, 65535),
)
def test_any_connection_is_read_as_it_was_written(tmp_path_factory, text, folder, port):
    cache = VaultCache(tmp_path_factory.mktemp("cache"))
    vault = known(profile(text, database=text, path=text, problem=text, folder=tuple(folder), port=port))
    cache.change(lambda others: vault)
    assert cache.read() == [vault]


def test_a_folder_that_is_absent_holds_no_vaults(tmp_path):
    cache = VaultCache(tmp_path / "absent")
    assert cache.read() == []
    assert cache.stamp() == ()
    cache.remove(VAULT_ID)


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"[]", b"5", b"\xff", b'{"version": 1}', b'{"version": 1, "name": 5}', b"[" * 100_000],
)
def test_a_damaged_file_is_set_aside_and_the_vault_stays(cache, tmp_path, content):
    path = tmp_path / f"{VAULT_ID}.json"
    path.write_bytes(content)
    (vault,) = cache.read()
    assert (vault.id, vault.profiles) == (VAULT_ID, ())
    assert "could not be read" in vault.error
    aside = next(tmp_path.glob("*.damaged*"))
    assert aside.read_bytes() == content
    assert str(aside) in cache.warnings[0]
    assert VaultCache(tmp_path).read() == [vault]


def test_one_damaged_connection_does_not_come_back_half(cache, tmp_path):
    cache.change(lambda others: known(profile()))
    path = tmp_path / f"{VAULT_ID}.json"
    found = json.loads(path.read_bytes())
    found["connections"][0]["name"] = 5
    path.write_text(json.dumps(found))
    assert cache.read()[0].profiles == ()


def test_the_file_of_a_newer_version_is_left_alone(cache, tmp_path):
    path = tmp_path / f"{VAULT_ID}.json"
    path.write_text('{"version": 2, "name": "My vault"}')
    assert cache.read() == []
    assert cache.read() == []
    assert len(cache.warnings) == 1
    assert path.read_text() == '{"version": 2, "name": "My vault"}'


def test_other_files_in_the_folder_are_not_touched(cache, tmp_path):
    (tmp_path / "notes.json").write_text("mine")
    assert cache.read() == []
    assert (tmp_path / "notes.json").read_text() == "mine"


def test_a_file_that_cannot_be_read_is_an_error_in_words(cache, tmp_path):
    (tmp_path / f"{VAULT_ID}.json").mkdir()
    with pytest.raises(StoreError, match="could not be read"):
        cache.read()


def test_files_are_for_this_user_only(cache, tmp_path):
    cache.change(lambda others: known(profile()))
    assert (tmp_path / f"{VAULT_ID}.json").stat().st_mode & 0o077 == 0
