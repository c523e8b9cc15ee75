"""The page About: versions, what the program is made of and under which licences, and where to read more."""

import importlib.metadata
import platform
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QUrl, qVersion
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import (
    QApplication,
    QHBoxLayout,
    QHeaderView,
    QPushButton,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from keeperdb import __version__
from keeperdb.gui.cell_text import one_line
from keeperdb.gui.notices import IconLabel, plain_label, show_notice
from keeperdb.gui.question import ask
from keeperdb.task import Task

if TYPE_CHECKING:
    from keeperdb.gui.app import Application

_WHAT = "A desktop database client whose connections come from a Keeper vault. MIT licence."
_INDEPENDENT = (
    "KeeperDB is an independent project. It is not made, endorsed or supported by Keeper Security, Inc., whose names "
    "and marks are theirs."
)
_LGPL = (
    "Qt and PySide6 are used under the GNU Lesser General Public License, version 3, and so is psycopg. They are "
    "separate libraries in the folder of the program, and may be replaced by "
    "versions of your own."
)
_LINKS = (
    ("Licence of Qt", "https://doc.qt.io/qt-6/lgpl.html"),
    ("Source of Qt for Python", "https://code.qt.io/cgit/pyside/pyside-setup.git/"),
    ("Source of psycopg", "https://github.com/psycopg/psycopg"),
    ("GNU LGPL 3", "https://www.gnu.org/licenses/lgpl-3.0.html"),
)
# What the program needs, as pyproject.toml has it; a package of the program has no list of its own.
NEEDS = (
    "argon2-cffi",
    "cryptography",
    "filelock",
    "httptools",
    "jeepney",
    "keeper-secrets-manager-core",
    "keyring",
    "limits",
    "mnemonic",
    "oracledb",
    "platformdirs",
    "prompt_toolkit",
    "psycopg",
    "pyarrow",
    "pymysql",
    "pyodbc",
    "PySide6-Essentials",
    "PyYAML",
    "sqlalchemy",
    "sqlglot",
    "starlette",
    "uvicorn",
    "uvloop",
    "xlsxwriter",
)


@dataclass(frozen=True, slots=True)
class Package:
    """A library that the program uses."""

    name: str
    version: str
    licence: str


class AboutPage(QWidget):
    """Fills by itself; the list of packages is read in the background."""

    def __init__(self, app: "Application") -> None:
        super().__init__()
        self._app = app
        self._packages: list[Package] = []
        self.packages = QTreeWidget()
        self.packages.setHeaderLabels(["Package", "Version", "Licence"])
        self.packages.setRootIsDecorated(False)
        self.packages.setUniformRowHeights(True)
        self.packages.setMinimumHeight(220)
        self.packages.setAccessibleName("Packages")
        self.packages.header().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        self.copy_button = QPushButton("Copy version information")
        self.copy_button.setAutoDefault(False)
        self.copy_button.clicked.connect(self.copy)
        self._lay_out()
        app.runner.start(_packages, owner=self, done=self._show)

    def copy(self) -> None:
        """Put what a report needs on the clipboard."""
        QApplication.clipboard().setText(version_information(self._packages))
        show_notice(self, "The version information was copied.")

    def _show(self, packages: list[Package]) -> None:
        self._packages = packages
        for package in packages:
            item = QTreeWidgetItem([package.name, package.version, package.licence])
            self.packages.addTopLevelItem(item)

    def _lay_out(self) -> None:
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addWidget(plain_label(f"KeeperDB {__version__}", "heading", selectable=True))
        words.addWidget(plain_label(_platform(), "muted", selectable=True))
        head = QHBoxLayout()
        head.setSpacing(12)
        head.addWidget(IconLabel("keeperdb", "", 40))
        head.addLayout(words, 1)
        head.addWidget(self.copy_button, 0, Qt.AlignmentFlag.AlignVCenter)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(12)
        column.addLayout(head)
        for text in (_WHAT, _INDEPENDENT, _LGPL):
            column.addWidget(plain_label(text, wrap=True, selectable=True))
        column.addWidget(self.packages, 1)
        links = QHBoxLayout()
        links.setSpacing(4)
        for text, address in _LINKS:
            links.addWidget(_link(text, address))
        links.addStretch()
        column.addLayout(links)


def version_information(packages: list[Package]) -> str:
    """What a report needs: no name, no path, no address."""
    lines = [f"KeeperDB {__version__}", _platform(), *(f"{each.name} {each.version}" for each in packages)]
    return "\n".join(lines)


def open_address(parent: QWidget, address: str) -> None:
    """Show the whole address, and hand it to the browser only if the person agrees; https alone is opened."""
    url = QUrl(address, QUrl.ParsingMode.StrictMode)
    if url.scheme() != "https" or not url.isValid():
        show_notice(parent, f"Only https addresses are opened: {one_line(address)}", "warning")
        return
    ask(
        parent,
        "Open this page in the browser?",
        address,
        [("Open", lambda: _open(url)), ("Copy the address", lambda: QApplication.clipboard().setText(address))],
        keep="Cancel",
    )


def _open(url: QUrl) -> None:
    QDesktopServices.openUrl(url)


def _packages(task: Task) -> list[Package]:
    """What is installed of `NEEDS`: some are for one system only."""
    found = []
    for name in NEEDS:
        task.check()
        try:
            found.append(_read(name))
        except importlib.metadata.PackageNotFoundError:
            continue
    return found


def _read(name: str) -> Package:
    metadata = importlib.metadata.metadata(name)
    return Package(str(metadata["Name"]), str(metadata["Version"]), _licence(metadata))


def _licence(metadata: importlib.metadata.PackageMetadata) -> str:
    """An expression if there is one, else the classifiers', else the first line of the text."""
    if "License-Expression" in metadata:
        return one_line(metadata["License-Expression"], 80)
    named = [each.rpartition(" :: ")[2] for each in metadata.get_all("Classifier") or () if each.startswith("License")]
    if named:
        return one_line(", ".join(named), 80)
    lines = metadata["License"].strip().splitlines() if "License" in metadata else []
    return one_line(lines[0], 80) if lines else "See the package"


def _platform() -> str:
    system = f"{platform.system()} {platform.release()}"
    return f"Python {platform.python_version()} · Qt {qVersion()} · {system} · {QApplication.platformName()}"


def _link(text: str, address: str) -> QPushButton:
    button = QPushButton(text)
    button.setProperty("role", "link")
    button.setAutoDefault(False)
    button.setToolTip(address)
    button.clicked.connect(lambda _: open_address(button, address))
    return button
