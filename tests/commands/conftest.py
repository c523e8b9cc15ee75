"""A small vault, and callers of it."""

from collections.abc import Callable, Iterator

import pytest

from keeperdb.commands.vault_state import VaultState
from keeperdb.demo.record_types import database_record, field, login_record
from keeperdb.demo.vault_server import DemoVault
from keeperdb.keychain import SessionKeychain
from keeperdb.paths import Paths
from keeperdb.task import Task
from keeperdb.vault.endpoint import VaultEndpoint
from keeperdb.workspace import Workspace
from tests.commands.caller import Caller

ONE_TIME_URL = "otpauth://totp/Shop:alice?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Shop"


def fill(vault: DemoVault) -> None:
    """Personal › Sub folder with My Login, Shared Infra (read only) with Prod DB, and one record by itself."""
    personal = vault.add_shared_folder("Personal")
    sub = vault.add_folder(personal, "Sub folder")
    infra = vault.add_shared_folder("Shared Infra", editable=False)
    login = login_record("My Login", "alice", "S3cret!pw", "https://example.com") | {"notes": "line1\nline2"}
    login["fields"].append(field("oneTimeCode", ONE_TIME_URL))
    vault.add_record(login, personal)
    vault.add_record(login_record("Deep one", "bob", "deep secret"), sub)
    vault.add_record(
        database_record(
            "Prod DB",
            "postgresql",
            host="db.example.com",
            port=5432,
            login="app",
            password="db secret",
            custom={"Database": "Chinook"},
        ),
        infra,
    )
    vault.share_record(login_record("Lone", "carol", "lone secret"))


@pytest.fixture(scope="module")
def module_folder(tmp_path_factory: pytest.TempPathFactory):
    return tmp_path_factory.mktemp("commands")


@pytest.fixture(scope="module")
def office(module_folder) -> Iterator[tuple[DemoVault, Workspace, str]]:
    """One server and one attached vault for all tests of a module."""
    with DemoVault() as vault:
        endpoint = VaultEndpoint(vault.endpoint, vault.server_key_id, vault.server_key, vault.ca_file)
        workspace = Workspace(Paths.under(module_folder / "home"), endpoint=endpoint, keychain=SessionKeychain())
        workspace.load(Task())
        fill(vault)
        attached = workspace.attach("Work", vault.issue_token(), Task())
        yield vault, workspace, attached.id


@pytest.fixture
def make_caller(office) -> Callable[[], Caller]:
    """Callers of the vault as it was filled, whatever the test before made of it."""
    vault, workspace, vault_id = office

    def make(*, is_remote: bool = True) -> Caller:
        state = VaultState(workspace, vault_id)
        state.refresh(Task())
        return Caller(state, vault, is_remote=is_remote)

    return make


@pytest.fixture
def remote(office, make_caller) -> Iterator[Caller]:
    """A caller over the network."""
    vault = office[0]
    vault.latency = 0.0
    vault.faults.clear()
    vault.clear()
    fill(vault)
    yield make_caller()
    vault.faults.clear()


@pytest.fixture
def local(remote: Caller) -> Caller:
    """The machine's own user, on the same vault."""
    return remote.another(is_remote=False)
