"""What every source of connections that is a vault must do, whatever stands behind it."""

from abc import ABC, abstractmethod

import pytest

from keeperdb.connections.profile import ConnectionProfile, Source
from keeperdb.errors import KeeperDBError, VaultError
from keeperdb.task import Task
from keeperdb.vault.attached import AttachedVault, AttachedVaults


class VaultBehindIt(ABC):
    """The other side of an attached vault: its owner's hands, for the tests."""

    @abstractmethod
    def access(self) -> str:
        """Text that attaches it, good for once."""

    @abstractmethod
    def put(self, name: str, password: str, *, host: str = "db.example") -> None:
        """Make or replace a PostgreSQL connection in the group `Shared`, with the user `ann`."""

    @abstractmethod
    def remove(self, name: str) -> None: ...

    @abstractmethod
    def go_away(self) -> None:
        """Not reachable until `come_back`."""

    @abstractmethod
    def come_back(self) -> None: ...


class VaultContract:
    """Inherit, and give the fixtures `behind` (a `VaultBehindIt`) and `vaults` (`AttachedVaults` that reach it)."""

    @pytest.fixture
    def attached(self, vaults: AttachedVaults, behind: VaultBehindIt) -> AttachedVault:
        behind.put("Orders", "first")
        return vaults.attach("My vault", behind.access(), Task())

    def find(self, vaults: AttachedVaults, name: str) -> ConnectionProfile:
        return next(profile for profile in vaults.profiles() if profile.name == name)

    def password(self, vaults: AttachedVaults, name: str) -> str:
        password = vaults.credential(self.find(vaults, name), Task()).password
        assert password is not None
        return password.reveal()

    def test_attaching_lists_what_is_shared(self, vaults, attached):
        profile = self.find(vaults, "Orders")
        assert (profile.engine, profile.host, profile.folder) == ("postgresql", "db.example", ("Shared",))
        assert profile.source is Source.VAULT
        assert profile.vault.vault_id == attached.id
        assert profile.is_usable
        assert attached.connection_count == 1

    def test_a_listed_connection_holds_no_secret(self, vaults, attached):
        assert "first" not in repr(vaults.profiles())

    def test_access_is_good_for_once(self, vaults, behind):
        behind.put("Orders", "first")
        access = behind.access()
        vaults.attach("My vault", access, Task())
        with pytest.raises(VaultError):
            vaults.attach("My vault", access, Task())

    def test_the_credential_is_that_of_the_moment(self, vaults, behind, attached):
        assert self.password(vaults, "Orders") == "first"
        behind.put("Orders", "rotated")
        assert self.password(vaults, "Orders") == "rotated"

    def test_refreshing_follows_the_vault(self, vaults, behind, attached):
        before = self.find(vaults, "Orders").id
        behind.put("Orders", "first", host="moved.example")
        behind.put("Invoices", "x")
        vaults.refresh(attached.id, Task())
        assert (self.find(vaults, "Orders").id, self.find(vaults, "Orders").host) == (before, "moved.example")
        behind.remove("Orders")
        state = vaults.refresh(attached.id, Task())
        assert [profile.name for profile in vaults.profiles()] == ["Invoices"]
        assert any("Orders" in warning for warning in state.warnings)

    def test_an_unreachable_vault_keeps_its_list(self, vaults, behind, attached):
        behind.go_away()
        state = vaults.refresh(attached.id, Task())
        assert state.is_stale
        assert state.error
        assert state.error_hint
        assert state.connection_count == 1
        with pytest.raises(KeeperDBError):
            vaults.credential(self.find(vaults, "Orders"), Task())
        behind.come_back()
        assert not vaults.refresh(attached.id, Task()).is_stale
        assert self.password(vaults, "Orders") == "first"

    def test_a_connection_that_is_gone_has_no_credential(self, vaults, behind, attached):
        behind.remove("Orders")
        with pytest.raises(VaultError):
            vaults.credential(self.find(vaults, "Orders"), Task())

    def test_detaching_forgets_it(self, vaults, attached):
        vaults.detach(attached.id)
        assert vaults.all() == []
        assert vaults.profiles() == []
