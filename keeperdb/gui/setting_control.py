"""One option of the settings window: label, control by type, one line of help, and an arrow back to the default."""

from collections.abc import Sequence

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QGridLayout,
    QLineEdit,
    QSizePolicy,
    QSpinBox,
    QToolButton,
    QWidget,
)

from keeperdb.gui.icons import set_icon
from keeperdb.gui.notices import plain_label
from keeperdb.settings import Setting, Value

_CONTROL_WIDTH = 260


class SettingRow(QWidget):
    """`changed(name, value)` follows each change by the person."""

    changed = Signal(str, object)

    def __init__(self, setting: Setting) -> None:
        super().__init__()
        self.setting = setting
        self.control = self._make_control()
        self.control.setAccessibleName(setting.label)
        self.control.setAccessibleDescription(setting.help)
        self.reset = QToolButton()
        set_icon(self.reset, "undo", "accent")
        self.reset.setToolTip("Back to the default")
        self.reset.setAccessibleName(f"Back to the default: {setting.label}")
        policy = self.reset.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        self.reset.setSizePolicy(policy)
        self.reset.clicked.connect(lambda: self.changed.emit(setting.name, setting.default))
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setVerticalSpacing(2)
        grid.setHorizontalSpacing(12)
        label = plain_label(setting.label)
        label.setBuddy(self.control)
        grid.addWidget(label, 0, 0)
        grid.addWidget(self.control, 0, 1)
        grid.addWidget(self.reset, 0, 2)
        grid.addWidget(plain_label(setting.help, "muted", wrap=True), 1, 0, 1, 2)
        grid.setColumnStretch(0, 1)

    def show_value(self, value: Value) -> None:
        """Show `value`, which is in force."""
        with QSignalBlocker(self.control):
            self._put(value)
        self.reset.setVisible(value != self.setting.default)

    def _make_control(self) -> QWidget:
        setting = self.setting
        if setting.choices:
            combo = _Combo()
            for value, text in setting.choices:
                combo.addItem(text, value)
            combo.currentIndexChanged.connect(lambda index: self._emit(combo.itemData(index)))
            return _sized(combo)
        if setting.kind is bool:
            box = QCheckBox()
            box.toggled.connect(self._emit)
            return _sized(box)
        if setting.kind is int:
            spin = _Spin()
            spin.setRange(setting.minimum, setting.maximum)
            spin.setSuffix(f" {setting.unit}" if setting.unit else "")
            spin.setKeyboardTracking(False)
            spin.lineEdit().setTextMargins(6, 0, 0, 0)
            spin.setGroupSeparatorShown(True)
            spin.valueChanged.connect(self._emit)
            return _sized(spin)
        edit = QLineEdit()
        edit.editingFinished.connect(lambda: self._emit(edit.text()))
        return _sized(edit)

    def _emit(self, value: Value) -> None:
        self.changed.emit(self.setting.name, value)

    def _put(self, value: Value) -> None:
        control = self.control
        if isinstance(control, QComboBox):
            control.setCurrentIndex(control.findData(value))
        elif isinstance(control, QCheckBox):
            control.setChecked(value is True)
        elif isinstance(control, QSpinBox) and isinstance(value, int):
            control.setValue(value)
        elif isinstance(control, QLineEdit) and not control.hasFocus():
            control.setText(str(value))


def matches(setting: Setting, words: Sequence[str]) -> bool:
    """Whether every word (lower case) is somewhere in label, help, name or choices."""
    choices = " ".join(text for _, text in setting.choices)
    text = f"{setting.label} {setting.help} {setting.name} {choices}".lower()
    return all(word in text for word in words)


class _Combo(QComboBox):
    """Scrolling the page does not change what the pointer happens to be over."""

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()


class _Spin(QSpinBox):
    """As `_Combo`."""

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()


def _sized(control: QWidget) -> QWidget:
    control.setFixedWidth(_CONTROL_WIDTH)
    control.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
    control.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    return control
