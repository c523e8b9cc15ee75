"""What a running script asks the person: values of parameters, confirmation, and whether to go on after an error."""

from collections.abc import Mapping, Sequence

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from keeperdb.errors import KeeperDBError
from keeperdb.gui.cell_text import elide_middle, one_line
from keeperdb.gui.confirm_dialog import ConfirmDialog
from keeperdb.gui.parameters_dialog import Given, ParametersDialog
from keeperdb.gui.question import ask
from keeperdb.gui.script_run import ScriptRun
from keeperdb.query.safety import ConfirmationRequired


class RunQuestions(QObject):
    """Answers `run` with dialogs over `parent`; lives as long as the run. `given_changed` tells what to remember."""

    given_changed = Signal(object)

    def __init__(self, parent: QWidget, run: ScriptRun, environment: str, given: Mapping[str, Given]) -> None:
        super().__init__(run)
        self._parent = parent
        self._run = run
        self._environment = environment
        self._given = given
        run.parameters_asked.connect(self._ask_parameters)
        run.confirmation_asked.connect(self._ask_confirmation)
        run.error_asked.connect(self._ask_to_go_on)

    def _ask_parameters(self, names: Sequence[str]) -> None:
        dialog = ParametersDialog(self._parent.window(), names, self._given)
        dialog.answered.connect(self._take_parameters)
        dialog.rejected.connect(self._run.give_up)
        dialog.open()

    def _take_parameters(self, values: Mapping[str, object], given: Mapping[str, Given]) -> None:
        self.given_changed.emit(given)
        self._run.set_parameters(values)

    def _ask_confirmation(self, error: ConfirmationRequired) -> None:
        dialog = ConfirmDialog(self._parent.window(), error, self._environment)
        dialog.confirmed.connect(self._run.confirm)
        dialog.rejected.connect(self._run.give_up)
        dialog.open()

    def _ask_to_go_on(self, error: KeeperDBError) -> None:
        left = len(self._run.remaining)
        rest = "1 statement is left" if left == 1 else f"{left:,} statements are left"
        text = f"A statement failed: {elide_middle(one_line(error.message), 200)}"
        ask(
            self._parent.window(),
            text,
            f"{rest} in the script.",
            [("Go on", self._run.go_on)],
            keep="Stop",
            otherwise=self._run.give_up,
        )
