"""This machine's side of the storage sync: connections, passwords and settings, as the sync asks for them."""

from collections.abc import Collection, Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path

from keeperdb.connections.profile import ConnectionProfile, PasswordMode
from keeperdb.connections.store import ConnectionStore
from keeperdb.errors import KeychainError, KeychainReason, NotFoundError, SettingsError
from keeperdb.keychain import Secret
from keeperdb.settings import SETTINGS, Settings, Value
from keeperdb.vault.storage_content import PASSWORD, Content, content_of
from keeperdb.vault.storage_local import LocalView, Saving
from keeperdb.vault.storage_marks import can_be_local_id
from keeperdb.vault.storage_memory import Memory
from keeperdb.vault.storage_model import PREFERENCES_ID, StorageFailure
from keeperdb.vault.storage_view import View
from keeperdb.workspace.chosen_keychain import ChosenKeychain


class LocalStorageSide:
    """Store, keychain and settings of one workspace."""

    def __init__(
        self, store: ConnectionStore, keychain: ChosenKeychain, settings: Settings, settings_file: Path
    ) -> None:
        self._settings_file = settings_file
        self._contents: dict[str, tuple[ConnectionProfile, Content]] = {}  # without passwords
        self._store = store
        self._keychain = keychain
        self._settings = settings

    def look(self, memory: Memory, view: View) -> LocalView:
        """Contents with digests of passwords; the keychain is asked only where something may have changed."""
        self._store.reload()
        contents: dict[str, Content] = {}
        frozen: dict[str, StorageFailure] = {}
        for profile in self._store.all():
            problem, hint = _problem(profile)
            if problem:
                frozen[profile.id] = StorageFailure(profile.name, f"“{profile.name}”: {problem}", hint)
                continue
            try:
                contents[profile.id] = self._content(profile, self._digest(profile, memory, view))
            except SettingsError as error:
                frozen[profile.id] = StorageFailure(profile.name, f"“{profile.name}”: {error.message}", error.hint)
        return LocalView(contents, frozen)

    def _content(self, profile: ConnectionProfile, digest: str) -> Content:
        """A profile that is the very one of the last time is not looked through again."""
        known, content = self._contents.get(profile.id, (None, {}))
        if known is not profile:
            content = content_of(profile)
            self._contents[profile.id] = (profile, content)
        return {**content, PASSWORD: digest} if digest else content

    def ids(self) -> Collection[str]:
        self._store.reload()
        return [profile.id for profile in self._store.all()]

    def password(self, local_id: str) -> Secret | None:
        """Raises `KeychainError`, unless there is no keychain at all: then nothing can be kept in it."""
        try:
            return self._keychain.password(local_id)
        except KeychainError as error:
            if error.reason is KeychainReason.MISSING:
                return None
            raise

    def save(self, savings: Iterable[Saving]) -> set[str]:
        """Each password before its connection: if it ends in between, the next sync finds the connection missing.

        All connections are written at once. Raises `KeychainError`, `StoreError`.
        """
        self._store.reload()
        wanted = [saving for saving in savings if self._is_as_expected(saving.profile.id, saving.expected)]
        if not wanted:
            return set()
        for saving in wanted:
            if saving.password is not None:
                self._keychain.set_password(saving.profile.id, saving.password)
        self._store.save_many(saving.profile for saving in wanted)
        for saving in wanted:
            if saving.profile.password_mode is not PasswordMode.KEYCHAIN:
                self.forget_password(saving.profile.id)
        return {saving.profile.id for saving in wanted}

    def remove(self, local_id: str, expected: Content) -> bool:
        """The connection before its password: if it ends in between, the next sync deletes the password."""
        self._store.reload()
        if not self._is_as_expected(local_id, expected):
            return False
        try:
            self._store.remove(local_id)
        except NotFoundError:
            return False
        self.forget_password(local_id)
        return True

    def forget_password(self, local_id: str) -> None:
        try:
            self._keychain.forget_password(local_id)
        except KeychainError as error:
            if error.reason is not KeychainReason.MISSING:
                raise

    def settings(self) -> Mapping[str, Value]:
        return {name: self._settings.get(name) for name in SETTINGS}

    def settings_changed_at(self) -> str:
        """The date of the settings' file, or now."""
        try:
            moment = datetime.fromtimestamp(self._settings_file.stat().st_mtime, UTC)
        except OSError:
            moment = datetime.now(UTC)
        return moment.isoformat(timespec="microseconds")

    def apply_settings(self, values: Mapping[str, Value]) -> None:
        self._settings.set_many(values)

    def _digest(self, profile: ConnectionProfile, memory: Memory, view: View) -> str:
        """A password that is kept nowhere here was not therefore removed: only who says so removes it."""
        if profile.password_mode is not PasswordMode.KEYCHAIN:
            return ""
        base = memory.base.get(profile.id)
        remembered = str(base.content.get(PASSWORD, "")) if base is not None else ""
        if base is not None and profile.id not in memory.touched:
            return remembered
        password = self.password(profile.id)
        if password:
            return view.digest(password)
        is_gone = profile.id in memory.forgotten or not view.has_password(remembered)
        return "" if is_gone else remembered

    def _is_as_expected(self, local_id: str, expected: Content | None) -> bool:
        profile = self._store.find(local_id)
        if profile is None or expected is None:
            return profile is None and expected is None
        return content_of(profile) == {name: value for name, value in expected.items() if name != PASSWORD}


def _problem(profile: ConnectionProfile) -> tuple[str, str]:
    """Why a connection cannot be kept in the vault, and what to do; nothing if it can."""
    if profile.problem:
        return profile.problem, profile.problem_hint
    if not can_be_local_id(profile.id) or profile.id == PREFERENCES_ID:
        return "Its id in the list of connections cannot be kept in a record.", "Duplicate it and remove the original."
    return "", ""
