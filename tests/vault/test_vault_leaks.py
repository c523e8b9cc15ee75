"""Secrets are planted in a vault, every story is run, and everything that was written or said is searched."""

import io
import json
import logging
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from keeperdb import log
from keeperdb.demo.vault_server import DemoVault
from keeperdb.errors import KeeperDBError
from keeperdb.keychain import SessionKeychain
from keeperdb.task import Task
from keeperdb.vault.attached import AttachedVaults
from tests.vault.record_samples import database, field, pam_database, pam_user

PLANTED = (
    "pl4nted-password",
    "pl4nted-login",
    "pl4nted-note",
    "pl4nted-rotated",
    "pl4nted-custom",
    "pl4nted-host-secret",
)


@pytest.fixture
def said(tmp_path: Path) -> Iterator[io.StringIO]:
    """Everything that any logger says, at every level."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    root = logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    log.set_up(tmp_path / "logs", logging.DEBUG)
    yield stream
    log.tear_down()
    root.removeHandler(handler)
    root.setLevel(level)


@pytest.fixture
def planted(demo_vault: DemoVault) -> DemoVault:
    folder = demo_vault.add_shared_folder("Databases")
    record = database("Orders", custom=[field("secret", PLANTED[4], "API key")])
    record["fields"][2:4] = [field("login", PLANTED[1]), field("password", PLANTED[0])]
    folder.add_record(record | {"notes": PLANTED[2]})
    folder.add_record(database("Broken", host=f"user:{PLANTED[5]}@host"))
    folder.add_record(database("URL", host=f"postgresql://user:{PLANTED[5]}@host/db"))
    billing = folder.add_record(pam_database("Billing"))
    user = folder.add_record(pam_user(login=PLANTED[1], password=PLANTED[0]))
    demo_vault.link(billing, user, is_launch_credential=True)
    return demo_vault


def run_every_story(vaults: AttachedVaults, vault: DemoVault) -> Iterator[object]:
    """Yields what a person or a log could see of each."""
    token = vault.issue_token()
    state = vaults.attach("My vault", token, Task())
    yield state
    yield vaults.profiles()
    for profile in vaults.profiles():
        yield profile
        if profile.is_usable:
            yield vaults.credential(profile, Task()).password
    vault.find_record("billing admin").update(pam_user(password=PLANTED[3]))
    yield vaults.refresh(state.id, Task())
    for kind in ("garbage", "not json", "truncated", "empty", "error", "status", "lost"):
        vault.fail(kind, "get_secret")
        yield vaults.refresh(state.id, Task())
        vault.fail(kind, "get_secret")
        try:
            yield vaults.credential(vaults.profiles()[0], Task()).password
        except KeeperDBError as error:
            yield error
            yield traceback.format_exc()
    try:
        vaults.attach("Again", token, Task())
    except KeeperDBError as error:
        yield error
        yield traceback.format_exc()
    yield vaults.__dict__


def test_no_secret_is_written_said_or_shown(
    tmp_path: Path,
    said: io.StringIO,
    planted: DemoVault,
    keychain: SessionKeychain,
    make_vaults: Callable[..., AttachedVaults],
) -> None:
    seen = [f"{each!r}\n{each}" for each in run_every_story(make_vaults(), planted)]
    (access,) = keychain._secrets.values()
    keys = [value for name, value in json.loads(access.reveal()).items() if name in ("privateKey", "appKey")]
    secrets = [*PLANTED, *keys]
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert any(path.suffix == ".json" for path in files)
    everything = "\n".join([*seen, said.getvalue(), *(path.read_text(errors="replace") for path in files)])
    assert len(keys) == 2
    assert [secret for secret in secrets if secret in everything] == []


def test_the_search_would_find_a_secret(planted: DemoVault, make_vaults: Callable[..., AttachedVaults]) -> None:
    vaults = make_vaults()
    vaults.attach("My vault", planted.issue_token(), Task())
    found = [vaults.credential(profile, Task()) for profile in vaults.profiles() if profile.is_usable]
    assert any(credential.password and credential.password.reveal() == PLANTED[0] for credential in found)
