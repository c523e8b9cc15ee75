"""A machine that is attached to a demo vault: made once, and copied for each test."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from keeperdb.demo.vault_server import DemoVault
from tests.fixtures.workspace_fixtures import CommandLine, with_master_password

_PASSWORD = "correct horse battery staple"


class AttachedHome:
    """The vault, and the files of the machine as they were when it had been attached."""

    def __init__(self, vault: DemoVault, folder: Path) -> None:
        self.vault = vault
        self._folder = folder

    @contextmanager
    def copied(self, folder: Path) -> Iterator[CommandLine]:
        """A machine of its own. What it wrote of the service into the vault is deleted afterwards."""
        machine = _machine(folder)
        shutil.copytree(self._folder / "keeperdb-home", machine.home)
        with_master_password(machine, folder, _PASSWORD, is_chosen=True)
        machine.use_vault(self.vault)
        try:
            yield machine
        finally:
            machine.close()
            for record in self.vault.records():
                if record.title == "Commander Service Mode":
                    self.vault.delete_record_as_user(record)


@contextmanager
def attached_home(folder: Path, plant: Callable[[DemoVault], object]) -> Iterator[AttachedHome]:
    """A vault with what `plant` puts into it, and a machine that is attached to it."""
    with DemoVault() as vault:
        plant(vault)
        machine = with_master_password(_machine(folder), folder, _PASSWORD)
        machine.use_vault(vault)
        machine.ok("vault", "attach", "Work", stdin=vault.issue_token())
        yield AttachedHome(vault, folder)


def _machine(folder: Path) -> CommandLine:
    (folder / "work").mkdir()
    return CommandLine(folder / "keeperdb-home", folder / "work")
