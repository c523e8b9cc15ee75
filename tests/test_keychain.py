"""Secrets, secrets in memory, and the system's keychain against a real Secret Service."""

import copy
import pickle
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from keeperdb.errors import SettingsError
from keeperdb.keychain import FileKeychain, Keychain, Secret, SessionKeychain, SystemKeychain, open_keychain
from keeperdb.paths import Paths
from tests.contracts.keychain import KeychainContract

RunPython = Callable[..., str]

_TRY = """
from keeperdb.errors import KeychainError
from keeperdb.keychain import Secret, SystemKeychain
keychain = SystemKeychain()
try:
    {code}
except KeychainError as error:
    print("refused:", error.reason.value)
"""


def trying(code: str) -> str:
    return _TRY.format(code=code.strip().replace("\n", "\n    "))


class TestSecret:
    def test_does_not_show_itself(self) -> None:
        secret = Secret("hunter2")
        for text in (repr(secret), str(secret), f"{secret}", f"{[secret]}", "%s" % secret):  # noqa: UP031
            assert "hunter2" not in text

    def test_is_not_pickled_or_copied(self) -> None:
        with pytest.raises(TypeError):
            pickle.dumps(Secret("hunter2"))
        with pytest.raises(TypeError):
            copy.deepcopy(Secret("hunter2"))

    def test_is_not_a_key_of_a_dictionary(self) -> None:
        with pytest.raises(TypeError):
            hash(Secret("hunter2"))

    def test_compares_by_value(self) -> None:
        assert Secret("a") == Secret("a")
        assert Secret("a") != Secret("b")
        assert Secret("a") != "a"
        assert Secret("\udc80") == Secret("\udc80")

    def test_is_false_when_empty(self) -> None:
        assert not Secret("")
        assert Secret(" ")


class TestSessionKeychain(KeychainContract):
    @pytest.fixture
    def keychain(self) -> Keychain:
        return SessionKeychain()

    def test_forgets_all_with_the_program(self, keychain: Keychain) -> None:
        keychain.set("connection/1", Secret("x"))
        assert SessionKeychain().get("connection/1") is None


class TestSystemKeychain:
    def test_sets_gets_replaces_and_forgets(self, run_with_secret_service: RunPython) -> None:
        code = """
print(keychain.get("connection/1"))
keychain.set("connection/1", Secret("old"))
keychain.set("connection/1", Secret("pässwörd 🔑"))
keychain.set("vault/1", Secret("x" * 5000))
print(keychain.get("connection/1").reveal(), len(keychain.get("vault/1").reveal()), keychain.label)
keychain.delete("connection/1")
keychain.delete("connection/1")
print(keychain.get("connection/1"), keychain.get("vault/1"))
"""
        lines = run_with_secret_service(trying(code)).splitlines()
        assert lines == ["None", "pässwörd 🔑 5000 Secret Service", "None Secret(••••••)"]

    def test_keeps_secrets_beyond_the_program(self, run_with_secret_service: RunPython, home: Path) -> None:
        run_with_secret_service(trying('keychain.set("connection/1", Secret("kept for later"))'))
        assert run_with_secret_service(trying('print(keychain.get("connection/1").reveal())')) == "kept for later\n"
        files = [file for file in home.rglob("*") if file.is_file()]
        assert files
        assert not any(b"kept for later" in file.read_bytes() for file in files)

    def test_says_that_it_is_locked(self, run_with_secret_service: RunPython) -> None:
        run_with_secret_service(trying('keychain.set("connection/1", Secret("x"))'))
        for code in (
            'print(keychain.get("connection/1"))',
            'keychain.set("connection/1", Secret("y"))',
            'keychain.delete("connection/1")',
        ):
            assert run_with_secret_service(trying(code), how="start") == "refused: locked\n"

    def test_a_keychain_that_was_never_made_and_that_nobody_makes_is_locked(
        self, run_with_secret_service: RunPython
    ) -> None:
        assert run_with_secret_service(trying('keychain.get("a/b")'), how="start") == "refused: locked\n"

    def test_says_that_there_is_none_without_a_bus(self, run_without_bus: RunPython, tmp_path: Path) -> None:
        assert run_without_bus(trying('keychain.get("a/b")')) == "refused: missing\n"
        dead = f"unix:path={tmp_path / 'nothing'}"
        assert run_without_bus(trying("keychain.check()"), DBUS_SESSION_BUS_ADDRESS=dead) == "refused: missing\n"

    @pytest.mark.parametrize(
        "backend",
        [
            "keyring.backends.null.Keyring",
            "keyring.backends.fail.Keyring",
            "keyring.backends.chainer.ChainerBackend",
            "keyrings.alt.file.PlaintextKeyring",
            "keyrings.alt.file.EncryptedKeyring",
        ],
    )
    def test_refuses_what_is_no_keychain_of_the_system(self, run_with_secret_service: RunPython, backend: str) -> None:
        code = trying('keychain.set("a/b", Secret("x"))')
        assert run_with_secret_service(code, PYTHON_KEYRING_BACKEND=backend) == "refused: missing\n"

    def test_a_backend_of_the_system_may_be_chosen(self, run_with_secret_service: RunPython) -> None:
        code = trying('keychain.set("a/b", Secret("x")); print(keychain.get("a/b").reveal())')
        chosen = "keyring.backends.SecretService.Keyring"
        assert run_with_secret_service(code, PYTHON_KEYRING_BACKEND=chosen) == "x\n"

    def test_says_so_when_the_service_goes_away(self, run_with_secret_service: RunPython) -> None:
        code = """
keychain.set("a/b", Secret("x"))
import os
del os.environ["DBUS_SESSION_BUS_ADDRESS"]
keychain.get("a/b")
"""
        assert run_with_secret_service(trying(code)) == "refused: failed\n"

    def test_is_not_looked_for_before_its_first_use(self) -> None:
        assert SystemKeychain().label == "System keychain"


class TestOpening:
    @pytest.mark.parametrize(
        ("kind", "expected"), [("system", SystemKeychain), ("file", FileKeychain), ("ask", SessionKeychain)]
    )
    def test_each_kind_is_what_was_chosen(self, kind: str, expected: type, tmp_path: Path) -> None:
        assert isinstance(open_keychain(kind, Paths.under(tmp_path)), expected)
        assert not list(tmp_path.iterdir())

    def test_another_kind_is_refused(self, tmp_path: Path) -> None:
        with pytest.raises(SettingsError):
            open_keychain("plain", Paths.under(tmp_path))

    def test_importing_brings_no_backend_and_no_cryptography(self) -> None:
        code = (
            "import sys, keeperdb.keychain; "
            "print([name for name in ('keyring', 'cryptography', 'argon2', 'filelock') if name in sys.modules])"
        )
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
        assert done.stdout == "[]\n"
