"""Secrets that are kept in memory until the program ends, and nowhere else."""

from keeperdb.keychain.secret import Secret


class SessionKeychain:
    """The choice *Nowhere: ask each time*: what was typed once serves until the program ends."""

    def __init__(self) -> None:
        self._secrets: dict[str, Secret] = {}

    @property
    def label(self) -> str:
        return "Memory, until KeeperDB is closed"

    def get(self, name: str) -> Secret | None:
        return self._secrets.get(name)

    def set(self, name: str, secret: Secret) -> None:
        self._secrets[name] = secret

    def delete(self, name: str) -> None:
        self._secrets.pop(name, None)

    def forget(self, beginning: str) -> None:
        """Forget every secret whose name begins so."""
        self._secrets = {name: secret for name, secret in self._secrets.items() if not name.startswith(beginning)}
