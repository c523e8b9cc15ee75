"""The preview of a sync and the choice of what to take in, by themselves."""

import pytest
from PySide6.QtCore import Qt

from keeperdb.gui.storage_plan_view import PlanDialog
from keeperdb.gui.storage_restore_dialog import RestoreDialog
from keeperdb.gui.storage_words import progress_text, standing
from keeperdb.task import Progress
from keeperdb.vault.storage_model import (
    PREFERENCES_ID,
    ChangeKind,
    DeletionQuestion,
    OfferedConnection,
    PlanLine,
    StorageFailure,
    StorageOffer,
    StoragePlan,
    StorageState,
)

_LEFT = Qt.MouseButton.LeftButton


def offered(number, *, is_here=False):
    return OfferedConnection(f"id{number}", f"Orders {number}", "postgresql", f"db{number}:5432", is_here)


@pytest.fixture
def restore(qtbot, themed):
    """The dialog on three connections, of which the last is here already, and preferences."""
    offer = StorageOffer((offered(1), offered(2), offered(3, is_here=True)), has_preferences=True)
    dialog = RestoreDialog(offer, "Team vault")
    qtbot.addWidget(dialog)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, on=False)
    dialog.show()
    return dialog


def test_everything_that_is_not_here_is_checked_at_first(restore):
    assert restore.selection == {"id1", "id2", PREFERENCES_ID}
    assert [item.text(3) for item in restore.tree.items()] == ["", "", "already here"]
    assert restore.all.checkState() is Qt.CheckState.Checked


def test_the_box_above_checks_and_clears_all_and_shows_when_some_are(qtbot, restore):
    restore._items()[0].setCheckState(0, Qt.CheckState.Unchecked)
    assert restore.all.checkState() is Qt.CheckState.PartiallyChecked
    restore.all.click()
    assert restore.selection == {"id1", "id2", PREFERENCES_ID}
    restore.all.click()
    assert restore.selection == {PREFERENCES_ID}
    restore.preferences.click()
    assert restore.selection == frozenset()
    assert not restore.go.isEnabled()


def test_the_box_above_acts_on_what_the_search_has_left(qtbot, restore):
    qtbot.keyClicks(restore.search, "db2")
    restore.all.click()
    assert restore.selection == {"id1", PREFERENCES_ID}
    qtbot.keyClick(restore.search, Qt.Key.Key_Escape)
    assert len(restore.tree.shown()) == 3
    assert restore.isVisible()


def test_the_choice_is_handed_over(qtbot, restore):
    restore.preferences.click()
    with qtbot.waitSignal(restore.chosen) as caught:
        qtbot.mouseClick(restore.go, _LEFT)
    assert caught.args == [frozenset({"id1", "id2"})]
    assert not restore.isVisible()


def test_a_search_that_finds_nothing_says_so(qtbot, restore):
    qtbot.keyClicks(restore.search, "zzz")
    assert restore.tree.nothing.isVisible()
    assert not restore.all.isEnabled()


@pytest.fixture
def show_plan(qtbot, themed):
    def show(*lines, question=None):
        dialog = PlanDialog(StoragePlan(lines, len(lines), question))
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, on=False)
        qtbot.addWidget(dialog)
        dialog.show()
        return dialog

    return show


def test_deletions_stand_first_and_names_are_no_markup(show_plan):
    dialog = show_plan(
        PlanLine(ChangeKind.WRITE, "“<b>Orders</b>” is written to the vault."),
        PlanLine(ChangeKind.DELETE, "“Old” is deleted from the vault."),
    )
    items = dialog.view.tree.items()
    assert [item.text(0) for item in items] == ["Delete", "Write"]
    assert items[1].text(2) == "“<b>Orders</b>” is written to the vault."
    assert "&lt;b&gt;" in items[1].toolTip(2)


def test_a_plan_of_notes_alone_offers_no_sync(show_plan):
    dialog = show_plan(PlanLine(ChangeKind.NOTE, "The record could not be decrypted."))
    assert not dialog.go.isVisible()
    assert dialog.close_button.isDefault()


def test_enter_never_deletes(qtbot, show_plan):
    lines = [PlanLine(ChangeKind.DELETE, f"“{number}” is deleted from the vault.") for number in range(5)]
    dialog = show_plan(*lines, question=DeletionQuestion(in_vault=tuple("01234")))
    accepted = []
    dialog.accepted_all.connect(lambda: accepted.append(True))
    for widget in (dialog.view.search, dialog.view.tree, dialog.close_button):
        widget.setFocus()
        qtbot.keyClick(widget, Qt.Key.Key_Return)
    assert accepted == []


@pytest.mark.parametrize(
    ("state", "text"),
    [
        (StorageState(is_enabled=True), "Not synced yet"),
        (StorageState(is_enabled=True, pending=1), "1 change to sync"),
        (StorageState(is_enabled=True, error="The vault is away."), "Not synced"),
        (StorageState(is_enabled=True, failures=(StorageFailure("a", "b"),)), "1 item could not be synced"),
        (StorageState(is_enabled=True, question=DeletionQuestion(here=("a",))), "Waits for an answer"),
    ],
)
def test_what_matters_most_is_said_first(state, text):
    assert standing(state).text == text


@pytest.mark.parametrize(
    ("progress", "text"),
    [
        (Progress(4, 245, "Configuring… 4 of 245"), "Configuring… 4 of 245"),
        (Progress(4, 245, "Configuring…"), "Configuring… 4 of 245"),
        (Progress(text="Reading the vault…"), "Reading the vault…"),
        (Progress(), "Syncing…"),
    ],
)
def test_progress_is_put_into_words(progress, text):
    assert progress_text(progress) == text
