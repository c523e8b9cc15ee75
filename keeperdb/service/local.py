"""The service of one user on one machine: its vault, its configuration there, and its process."""

from keeperdb.commands.vault_state import VaultState
from keeperdb.errors import NotFoundError, SettingsError, VaultError, VaultReason
from keeperdb.service.choice import Choice, ChoiceFile
from keeperdb.service.config import ApiKey, ServiceConfig
from keeperdb.service.process import Request, ServicePlace
from keeperdb.service.record import Stored, find_record, read_config, write_config
from keeperdb.task import Task
from keeperdb.vault.attached import AttachedVault
from keeperdb.workspace import Workspace

_ATTEMPTS = 5  # at writing where others write too


class LocalService:
    """What the command line, the shell and the window do with the service. What takes a `Task` speaks to the vault."""

    def __init__(self, workspace: Workspace) -> None:
        """`workspace` is loaded."""
        self.workspace = workspace
        self.place = ServicePlace(workspace.paths.data)
        self._choice = ChoiceFile(workspace.paths.data)
        self._states: dict[str, VaultState] = {}

    @property
    def last_vault_id(self) -> str:
        """The vault that was used last, as a file of this machine has it; empty if there was none."""
        return self._choice.read().vault_id

    def vault(self, name: str | None = None) -> AttachedVault:
        """The vault of that name, else the one that was used before, else the only one. Raises `NotFoundError`."""
        if name:
            return self.workspace.find_vault(name)
        vaults = self.workspace.vaults.all()
        if not vaults:
            raise NotFoundError(
                "No vault is attached.", "`keeperdb vault attach NAME` attaches one by a one-time token."
            )
        chosen = self.last_vault_id
        found = [vault for vault in vaults if vault.id == chosen] or (vaults if len(vaults) == 1 else [])
        if not found:
            names = ", ".join(vault.name for vault in vaults)
            raise SettingsError("Several vaults are attached.", f"Choose one with --vault: {names}.")
        return found[0]

    def state(self, vault_id: str) -> VaultState:
        """The vault as last read, the same one for each caller in this process."""
        return self._states.setdefault(vault_id, VaultState(self.workspace, vault_id))

    def load(self, vault_id: str, task: Task) -> Stored | None:
        """The configuration in the vault, read now; None if there is none.

        The record is remembered from then on. Raises `VaultError`, `KeychainError`, and `SettingsError` for a
        configuration that cannot be used.
        """
        state = self.state(vault_id)
        state.refresh(task)
        record = find_record(state.contents.contents, self._record_uid(vault_id))
        if record is None:
            return None
        stored = read_config(state, record, task)
        if stored is not None:
            self._choice.write(Choice(vault_id, record.uid))
        return stored

    def save(
        self, vault_id: str, config: ServiceConfig, task: Task, folder_name: str = "", basis: Stored | None = None
    ) -> Stored:
        """Write the configuration into the vault: into its record, or a new one in a shared folder.

        `basis` is what was changed: nothing is written if somebody else was faster. A service that runs takes it
        over. Raises `VaultError`, `KeychainError`, `NotFoundError` and `SettingsError`.
        """
        state = self.state(vault_id)
        state.refresh(task)
        record = find_record(state.contents.contents, self._record_uid(vault_id))
        stored = write_config(state, record, config, task, folder_name, basis)
        self._choice.write(Choice(vault_id, stored.record_uid))
        self.ask_to_reload()
        return stored

    def choose(self, vault_id: str, record_uid: str) -> None:
        """Take the configuration of that record from now on. Raises `StoreError`."""
        self._choice.write(Choice(vault_id, record_uid))

    def add_key(self, vault_id: str, stored: Stored, key: ApiKey, task: Task) -> Stored:
        """Keys that others add at the same time stay. Raises as `save`."""
        for _ in range(_ATTEMPTS - 1):
            try:
                return self._add_key(vault_id, stored, key, task)
            except VaultError as error:
                if error.reason is not VaultReason.CONFLICT:
                    raise
            stored = self.load(vault_id, task) or stored
        return self._add_key(vault_id, stored, key, task)

    def _add_key(self, vault_id: str, stored: Stored, key: ApiKey, task: Task) -> Stored:
        config = stored.config.with_(keys=(*stored.config.keys, key))
        return self.save(vault_id, config, task, basis=stored)

    def ask_to_reload(self) -> None:
        """Have a running service read its configuration anew. Raises `StoreError`."""
        if self.place.look().is_running:
            self.place.ask(Request.RELOAD)

    def _record_uid(self, vault_id: str) -> str:
        choice = self._choice.read()
        return choice.record_uid if choice.vault_id == vault_id else ""
