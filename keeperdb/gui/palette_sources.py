"""What the command palette finds: a small protocol, which every kind of thing implements that can be gone to.

A part of the program that has things to be found writes a class with the members of `Source` and hands it to
`MainWindow.add_palette_source`; nothing else has to know of it.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Protocol

from keeperdb.task import Task

ACTIONS_PREFIX = ">"  # what the text begins with to find actions only


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that can be gone to. All texts are plain; `act` is called on the UI thread when it is chosen.

    `id` is the same for the same thing in the next run; with it, what was used before comes first. `reason` says why
    the entry cannot be chosen now.
    """

    text: str
    act: Callable[[], object]
    id: str = ""
    detail: str = ""  # muted, behind the text; matched too
    kind: str = ""  # muted, at the right: "Table", "Setting"
    keys: str = ""  # at the right, in the platform's words
    icon: str = ""  # a name of the icon set
    reason: str = ""


class Source(Protocol):
    """Where entries come from. `prefix` is empty, or what the text has to begin with for this source."""

    @property
    def prefix(self) -> str: ...

    def prepare(self) -> None:
        """Called on the UI thread each time the palette opens: take hold of what `entries` reads; quick."""

    def entries(self, text: str, task: Task) -> Iterable[Entry]:
        """Called in the background for every change of the text, without its prefix; may be slow and raise `Cancelled`.

        May give everything there is: the palette matches and ranks. A source with an index of its own gives what
        that finds.
        """
