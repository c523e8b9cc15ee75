"""What every keychain does; each keychain's tests inherit it."""

import pytest

from keeperdb.keychain import Keychain, Secret


class KeychainContract:
    """What every keychain does."""

    @pytest.fixture
    def keychain(self) -> Keychain:
        raise NotImplementedError

    def test_gives_back_what_was_set(self, keychain: Keychain) -> None:
        keychain.set("connection/1", Secret("pässwörd\n\x00🔑"))
        keychain.set("connection/2", Secret("other"))
        assert keychain.get("connection/1") == Secret("pässwörd\n\x00🔑")

    def test_has_nothing_under_an_unknown_name(self, keychain: Keychain) -> None:
        assert keychain.get("connection/none") is None

    def test_replaces_and_forgets(self, keychain: Keychain) -> None:
        keychain.set("vault/1", Secret("old"))
        keychain.set("vault/1", Secret("new"))
        assert keychain.get("vault/1") == Secret("new")
        keychain.delete("vault/1")
        assert keychain.get("vault/1") is None

    def test_forgetting_the_unknown_does_nothing(self, keychain: Keychain) -> None:
        keychain.delete("vault/none")

    def test_has_a_label(self, keychain: Keychain) -> None:
        assert keychain.label
