"""What a front was started with."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from keeperdb.paths import Paths

if TYPE_CHECKING:
    from keeperdb.vault.endpoint import VaultEndpoint

DESKTOP, GATEWAY = "desktop", "gateway"
MODES = (DESKTOP, GATEWAY)
SETTINGS_FILE = "settings.json"


@dataclass(frozen=True, slots=True)
class Options:
    """What the global options of the command line and the environment say."""

    home: Path | None = None
    mode: str = DESKTOP
    endpoint: "VaultEndpoint | None" = None
    demo: bool = False

    def paths(self) -> Paths:
        return Paths.from_environment(home=self.home)
