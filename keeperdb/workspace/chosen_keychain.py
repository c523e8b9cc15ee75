"""The keychain that the settings choose, the passwords of local connections in it, and moving house."""

from collections.abc import Iterable

from keeperdb.connections.profile import ConnectionProfile
from keeperdb.errors import KeychainError, KeychainReason
from keeperdb.keychain import FileKeychain, Keychain, Secret, SessionKeychain, open_keychain
from keeperdb.paths import Paths
from keeperdb.task import Task

SYSTEM, FILE, ASK = "system", "file", "ask"
PIN = "app/pin"  # the name of the hash of the PIN
_PASSWORDS = "connection/"  # how names of passwords begin


class ChosenKeychain:
    """A keychain that stands for the chosen one, so that whoever holds it need not know when the choice changes.

    Every call may block, and raises `KeychainError`.
    """

    def __init__(self, kind: str, paths: Paths, keychain: Keychain | None = None) -> None:
        """`keychain` is used instead of the one of that `kind`, until another kind is chosen."""
        self._paths = paths
        self.kind = kind
        self.current: Keychain = keychain or open_keychain(kind, paths)

    @property
    def label(self) -> str:
        return self.current.label

    @property
    def is_locked(self) -> bool:
        """Whether it is an encrypted file that waits for its master password."""
        return isinstance(self.current, FileKeychain) and self.current.is_locked

    @property
    def is_new(self) -> bool:
        """Whether it is an encrypted file that does not exist yet: its master password is still to be chosen."""
        return isinstance(self.current, FileKeychain) and not self.current.exists

    def get(self, name: str) -> Secret | None:
        return self.current.get(name)

    def set(self, name: str, secret: Secret) -> None:
        self.current.set(name, secret)

    def delete(self, name: str) -> None:
        self.current.delete(name)

    def unlock(self, master_password: Secret) -> None:
        """Unlock the encrypted file, or create it where there is none yet; does nothing for another kind."""
        _unlock(self.current, master_password)

    def lock(self) -> None:
        """Forget what is in memory only: the key of the encrypted file, and passwords that were typed.

        Access to vaults that nothing else keeps stays: without it they would have to be attached again.
        """
        if isinstance(self.current, FileKeychain):
            self.current.lock()
        elif isinstance(self.current, SessionKeychain):
            self.current.forget(_PASSWORDS)

    def choose(self, kind: str) -> None:
        """Use another kind from now on; what the old one holds stays there."""
        if kind != self.kind:
            self.current = open_keychain(kind, self._paths)
            self.kind = kind

    def count(self, names: Iterable[str], task: Task) -> int:
        """How many of `names` have a secret in a place that outlasts the program."""
        return 0 if self.kind == ASK else sum(_read(self.current, name, task) is not None for name in names)

    def prepare_move(
        self, kind: str, names: Iterable[str], task: Task, master_password: Secret | None, *, removes: bool
    ) -> "Move":
        """Copy what is kept under `names` into the keychain of `kind`; into memory only what `removes` takes away."""
        target = open_keychain(kind, self._paths)
        if master_password is not None:
            _unlock(target, master_password)
        move = Move(self, kind, self.current, target)
        if kind != self.kind and (kind != ASK or removes):
            move.copy(names, task)
        return move

    def password(self, profile_id: str) -> Secret | None:
        return self.get(_password_name(profile_id))

    def set_password(self, profile_id: str, password: Secret) -> None:
        self.set(_password_name(profile_id), password)

    def forget_password(self, profile_id: str) -> None:
        self.delete(_password_name(profile_id))


class Move:
    """Secrets on their way from one keychain to another: in both until `finish` or `give_up`."""

    def __init__(self, chosen: ChosenKeychain, kind: str, old: Keychain, new: Keychain) -> None:
        self._chosen, self._kind, self._old, self._new = chosen, kind, old, new
        self._moved: list[str] = []

    def copy(self, names: Iterable[str], task: Task) -> None:
        try:
            for name in names:
                secret = _read(self._old, name, task)
                if secret is not None:
                    self._new.set(name, secret)
                    self._moved.append(name)
        except BaseException:
            self.give_up()
            raise

    def finish(self) -> None:
        """Use the new keychain, and delete from the old one what was copied."""
        self._chosen.current, self._chosen.kind = self._new, self._kind
        for name in self._moved:
            self._old.delete(name)

    def give_up(self) -> None:
        for name in self._moved:
            self._new.delete(name)


def names_of(profiles: Iterable[ConnectionProfile], vault_ids: Iterable[str]) -> list[str]:
    """The names under which secrets of these connections and vaults may be kept."""
    passwords = [_password_name(profile.id) for profile in profiles]
    return [*passwords, *(f"vault/{vault_id}" for vault_id in vault_ids), PIN]


def _password_name(profile_id: str) -> str:
    return f"{_PASSWORDS}{profile_id}"


def _read(keychain: Keychain, name: str, task: Task) -> Secret | None:
    task.check()
    try:
        return keychain.get(name)
    except KeychainError as error:
        if error.reason is KeychainReason.MISSING:  # then nothing can be in it
            return None
        raise


def _unlock(keychain: Keychain, master_password: Secret) -> None:
    if not isinstance(keychain, FileKeychain):
        return
    if keychain.exists:
        keychain.unlock(master_password)
    else:
        keychain.create(master_password)
