"""One typed schema of everything a person can set.

The file, its checks, the settings window, `keeperdb config`, the preferences record in the vault and the
documentation derive from `SCHEMA`. Secrets are never settings.
"""

import difflib
import json
import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from keeperdb.errors import SettingsError, StoreError
from keeperdb.paths import locked, set_aside, write_atomically

Value = bool | int | str


@dataclass(frozen=True, slots=True)
class Setting:
    """One thing that can be set. `name` is `page.word`; limits are inclusive; `unit` follows a number."""

    name: str
    label: str
    default: Value
    help: str
    choices: tuple[tuple[str, str], ...] = ()  # (value, what the person reads)
    minimum: int = 0
    maximum: int = 0
    unit: str = ""
    synced: bool = True  # follows the person to the next machine

    @property
    def kind(self) -> type[bool] | type[int] | type[str]:
        return type(self.default)

    def parse(self, text: str) -> Value:
        """The value that `text` stands for. Raises `SettingsError`."""
        if self.kind is bool:
            words = {
                "true": True,
                "on": True,
                "yes": True,
                "1": True,
                "false": False,
                "off": False,
                "no": False,
                "0": False,
            }
            if text.lower() not in words:
                raise SettingsError(f"{self.name} is on or off, not “{text}”.", "Use true or false.")
            return words[text.lower()]
        if self.kind is int:
            try:
                return self.check(int(text))
            except ValueError:
                raise SettingsError(f"{self.name} is a whole number, not “{text}”.", self._range()) from None
        return self.check(text)

    def check(self, value: object) -> Value:
        """`value` if it may be set. Raises `SettingsError`."""
        if not isinstance(value, (bool, int, str)) or type(value) is not self.kind:
            raise SettingsError(f"{self.name} must be {_KIND_WORDS[self.kind]}.", self._range())
        if isinstance(value, int) and self.kind is int and not self.minimum <= value <= self.maximum:
            raise SettingsError(f"{self.name} cannot be {value}.", self._range())
        if self.choices and value not in dict(self.choices):
            close = did_you_mean(str(value), dict(self.choices))
            raise SettingsError(f"{self.name} cannot be “{value}”.", close or self._range())
        return value

    def _range(self) -> str:
        if self.choices:
            return "One of: " + ", ".join(value for value, _ in self.choices) + "."
        if self.kind is int:
            return f"A whole number from {self.minimum} to {self.maximum}{' ' + self.unit if self.unit else ''}."
        return ""


_KIND_WORDS = {bool: "true or false", int: "a whole number", str: "text"}


@dataclass(frozen=True, slots=True)
class Page:
    """One page of the settings window."""

    name: str
    title: str
    settings: tuple[Setting, ...]


SCHEMA: tuple[Page, ...] = (
    Page(
        "appearance",
        "Appearance",
        (
            Setting(
                "appearance.theme",
                "Theme",
                "system",
                "Light, dark, high contrast, or whatever the desktop uses.",
                choices=(("system", "System"), ("light", "Light"), ("dark", "Dark"), ("contrast", "High contrast")),
            ),
            Setting(
                "appearance.density",
                "Row height",
                "comfortable",
                "How tall the rows of grids and lists are.",
                choices=(("comfortable", "Comfortable"), ("compact", "Compact")),
            ),
            Setting(
                "appearance.notify_after",
                "Tell when a query has ended",
                10,
                "Tells the desktop of a query that took this long and ended while its window was not in use; 0 never.",
                maximum=86_400,
                unit="seconds",
            ),
        ),
    ),
    Page(
        "editor",
        "Editor",
        (
            Setting(
                "editor.font_size",
                "Font size",
                13,
                "Size of the text in the SQL editor.",
                minimum=8,
                maximum=32,
                unit="px",
            ),
            Setting(
                "editor.tab_width", "Tab width", 4, "Columns that one tab takes.", minimum=1, maximum=16, unit="columns"
            ),
            Setting(
                "editor.indent_with_spaces", "Indent with spaces", True, "The Tab key inserts spaces instead of a tab."
            ),
            Setting("editor.word_wrap", "Wrap long lines", False, "Break long lines at the edge of the editor."),
            Setting("editor.line_numbers", "Line numbers", True, "Show the number of each line."),
            Setting("editor.show_spaces", "Show spaces and tabs", False, "Draw a dot for a space, an arrow for a tab."),
            Setting(
                "editor.close_pairs",
                "Close brackets and quotes",
                False,
                "Typing an opening bracket or a quote writes the closing one too, or puts both around the selection.",
            ),
            Setting("editor.folding", "Folding", True, "Show arrows beside what can be folded away."),
            Setting(
                "editor.completion",
                "Completion",
                "typing",
                "When proposals for names and keywords are shown. Nothing is inserted that was not chosen.",
                choices=(("typing", "While typing"), ("asked", "On Ctrl+Space only")),
            ),
            Setting(
                "editor.live_marks",
                "Mark problems while typing",
                True,
                "Underlines what cannot be read, unknown tables and columns, and changes on a read-only connection.",
            ),
        ),
    ),
    Page(
        "results",
        "Results",
        (
            Setting(
                "results.page_size",
                "Page size",
                1000,
                "Rows that are fetched at first; more follow when the grid is scrolled.",
                minimum=10,
                maximum=1_000_000,
                unit="rows",
            ),
            Setting(
                "results.memory_budget",
                "Memory for rows",
                512,
                "Rows of all results beyond this wait in a private temporary file.",
                minimum=16,
                maximum=65_536,
                unit="MB",
                synced=False,
            ),
            Setting(
                "results.null_text",
                "NULL is shown as",
                "NULL",
                "The word in cells that hold no value. It is set in italics.",
            ),
            Setting(
                "results.time_zone",
                "Times with a zone are shown",
                "sent",
                "Applies to columns whose values carry a zone; the status bar says which one is in force.",
                choices=(
                    ("sent", "As sent by the server"),
                    ("session", "In the session's time zone"),
                    ("local", "In this computer's time zone"),
                    ("utc", "In UTC"),
                ),
            ),
            Setting(
                "results.csv_delimiter",
                "CSV delimiter",
                ",",
                "What stands between two values when a result is exported.",
                choices=((",", "Comma"), (";", "Semicolon"), ("\t", "Tab"), ("|", "Vertical bar")),
            ),
            Setting(
                "results.copy_template",
                "Copy template",
                "",
                "Text for each copied row: {name} or {1} is a value, {name:sql} a literal, \\n a line end.",
            ),
            Setting(
                "results.csv_formula_guard",
                "Guard against spreadsheet formulas",
                False,
                "Puts an apostrophe before text that a spreadsheet would run as a formula; the file is not exact then.",
            ),
        ),
    ),
    Page(
        "tabs",
        "Tabs and history",
        (
            Setting(
                "tabs.at_start",
                "When the program starts",
                "restore",
                "Nothing is run and nothing connected to until you want it.",
                choices=(
                    ("restore", "Restore windows and tabs"),
                    ("ask", "Ask"),
                    ("list", "Show the list of connections"),
                ),
            ),
            Setting(
                "tabs.record_history",
                "Keep a history of statements",
                True,
                "What was run, where, when and how it went. Passwords, keys and tokens are left out.",
            ),
            Setting(
                "tabs.history_days",
                "Forget the history after",
                0,
                "Days that a statement is kept; 0 keeps all of them.",
                maximum=36_500,
                unit="days",
            ),
            Setting(
                "tabs.queries_folder",
                "Folder of saved queries",
                "",
                "Saved queries are .sql files in this folder. Empty for a folder of the program's own.",
                synced=False,
            ),
        ),
    ),
    Page(
        "safety",
        "Safety",
        (
            Setting(
                "safety.confirmation",
                "Ask before",
                "environment",
                "Which statements have to be confirmed. Production always asks before what destroys.",
                choices=(
                    ("environment", "As the environment of the connection has it"),
                    ("dangerous", "DROP, TRUNCATE, UPDATE and DELETE of all rows"),
                    ("changes", "Every change"),
                    ("off", "Nothing"),
                ),
            ),
            Setting(
                "safety.on_error",
                "When a statement of a script fails",
                "stop",
                "What happens with the statements after it.",
                choices=(("stop", "Stop"), ("continue", "Go on with the next"), ("ask", "Ask")),
            ),
            Setting(
                "safety.statement_timeout",
                "Statement time-out",
                0,
                "Seconds after which the server ends a statement; 0 is as the environment has it.",
                maximum=86_400,
                unit="seconds",
            ),
            Setting(
                "safety.row_cap",
                "Row cap",
                0,
                "Rows of one result that are kept at most; 0 is as the environment has it.",
                maximum=1_000_000_000,
                unit="rows",
            ),
            Setting(
                "safety.idle_minutes",
                "Warn of open transactions after",
                0,
                "Minutes without a statement; 0 is as the environment has it.",
                maximum=1_440,
                unit="minutes",
            ),
        ),
    ),
    Page(
        "connections",
        "Connections",
        (
            Setting(
                "connections.connect_timeout",
                "Connect time-out",
                15,
                "How long to wait for a server before giving up.",
                minimum=1,
                maximum=300,
                unit="seconds",
            ),
            Setting(
                "connections.keychain",
                "Passwords are kept in",
                "system",
                "Where passwords of local connections and vault access live on this machine.",
                choices=(
                    ("system", "The system keychain"),
                    ("file", "An encrypted file with a master password"),
                    ("ask", "Nowhere: ask each time"),
                ),
                synced=False,
            ),
        ),
    ),
    Page(
        "vaults",
        "External Vaults",
        (
            Setting(
                "vaults.refresh_at_start", "Refresh at start", True, "Read the attached vaults when the program starts."
            ),
            Setting(
                "vaults.refresh_minutes",
                "Refresh every",
                15,
                "Minutes between two reads of the attached vaults; 0 reads them on demand only.",
                minimum=0,
                maximum=1440,
                unit="minutes",
            ),
        ),
    ),
    Page(
        "storage",
        "Storage",
        (
            Setting(
                "storage.sync_at_start",
                "Sync at start",
                True,
                "Bring this machine and the vault up to date when the program starts.",
            ),
            Setting(
                "storage.sync_minutes",
                "Sync every",
                15,
                "Minutes between two syncs; 0 syncs after a save and on demand only.",
                minimum=0,
                maximum=1440,
                unit="minutes",
            ),
        ),
    ),
    Page(
        "service",
        "Service",
        (
            Setting(
                "service.start_with_window",
                "Start with the window",
                False,
                "Start the service when KeeperDB starts, with the configuration in the vault.",
                synced=False,
            ),
        ),
    ),
    Page("shortcuts", "Shortcuts", ()),
    Page(
        "privacy",
        "Privacy",
        (
            Setting(
                "privacy.mode",
                "Privacy mode",
                False,
                "Masks hosts, users, database names and the columns below, such as while a screen is shared.",
                synced=False,
            ),
            Setting(
                "privacy.columns",
                "Columns to mask",
                "*password*, *passwd*, *secret*, *token*, *ssn*, *iban*, *card_number*",
                "Names of columns that privacy mode masks, with commas between them; * stands for any text.",
            ),
            Setting(
                "privacy.lock_minutes",
                "Lock after",
                0,
                "Minutes without a key or a click after which KeeperDB is locked; 0 never.",
                maximum=1_440,
                unit="minutes",
            ),
            Setting(
                "privacy.lock_with_session",
                "Lock with the desktop",
                False,
                "Lock KeeperDB when the desktop session is locked and before the computer sleeps.",
            ),
            Setting(
                "privacy.lock_at_start",
                "Locked at the start",
                False,
                "Ask for the PIN or the master password when KeeperDB starts.",
                synced=False,
            ),
            Setting(
                "privacy.lock_clears_rows",
                "Forget rows when locking",
                False,
                "Take fetched rows out of memory when KeeperDB is locked; results with staged changes stay.",
            ),
            Setting(
                "privacy.check_updates",
                "Look for a newer version at the start",
                False,
                "Reads one small file at the address below. Nothing about you or this computer is sent.",
                synced=False,
            ),
            Setting(
                "privacy.update_address",
                "Address of the version file",
                "",
                "A plain file on the web that holds the newest version, such as https://example.com/keeperdb.txt.",
                synced=False,
            ),
        ),
    ),
    Page("about", "About", ()),
)

SETTINGS: dict[str, Setting] = {setting.name: setting for page in SCHEMA for setting in page.settings}


def did_you_mean(word: str, candidates: Iterable[str]) -> str:
    """`Did you mean …?` for the nearest candidate, or nothing."""
    close = difflib.get_close_matches(word, list(candidates), n=1, cutoff=0.5)
    return f"Did you mean “{close[0]}”?" if close else ""


def find_setting(name: str) -> Setting:
    """The setting of that name. Raises `SettingsError` with the nearest name."""
    if name not in SETTINGS:
        hint = did_you_mean(name, SETTINGS) or "`keeperdb config list` shows all of them."
        raise SettingsError(f"There is no setting “{name}”.", hint)
    return SETTINGS[name]


class Settings:
    """The values one user has set, kept in a JSON file that holds only what differs from the default.

    Reading never fails: a damaged file is set aside and named in `warnings`, and so is each value that cannot be
    used. Names that this version does not know are kept, so that a newer version finds them again.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._listeners: list[Callable[[str], None]] = []
        self.warnings: list[str] = []
        self._values = self._read()

    def get(self, name: str) -> Value:
        """The value in force. Raises `SettingsError` for an unknown name."""
        setting = find_setting(name)
        value = self._values.get(name, setting.default)
        try:
            return setting.check(value)
        except SettingsError:
            return setting.default

    def text(self, name: str) -> str:
        value = self.get(name)
        return value if isinstance(value, str) else str(value)

    def number(self, name: str) -> int:
        value = self.get(name)
        return int(value)

    def is_on(self, name: str) -> bool:
        return self.get(name) is True

    def is_default(self, name: str) -> bool:
        return self.get(name) == find_setting(name).default

    def set(self, name: str, value: Value) -> None:
        """Check and write one value. Raises `SettingsError` or `StoreError`; writes a file, so not on the UI thread."""
        self.set_many({name: value})

    def set_many(self, values: Mapping[str, Value]) -> None:
        """Check all, then write all at once."""
        checked = {name: find_setting(name).check(value) for name, value in values.items()}
        with self._lock, locked(self._path):
            current = self._load()  # another window may have written in the meantime
            for name, value in checked.items():
                if value == SETTINGS[name].default:
                    current.pop(name, None)
                else:
                    current[name] = value
            content = json.dumps(current, indent=2, sort_keys=True, ensure_ascii=False)
            write_atomically(self._path, content.encode(errors="surrogatepass"))
            self._values = current
        for name in checked:
            for listener in list(self._listeners):
                listener(name)

    def reset(self, name: str) -> None:
        self.set(name, find_setting(name).default)

    def subscribe(self, listener: Callable[[str], None]) -> None:
        """Call `listener(name)` after each change, on the thread that made it."""
        self._listeners.append(listener)

    def _read(self) -> dict[str, object]:
        try:
            return self._load()
        except StoreError as error:
            self._warn(f"{error.message} The defaults are used.")
            return {}

    def _load(self) -> dict[str, object]:
        """What the file holds, usable or not. Raises `StoreError` if it cannot be read."""
        try:
            content = self._path.read_bytes()
        except FileNotFoundError:
            return {}
        except OSError as error:
            raise StoreError(f"{self._path} could not be read: {error.strerror}.", "Check its permissions.") from error
        try:
            values = json.loads(content.decode(errors="surrogatepass"))
            if not isinstance(values, dict):
                raise ValueError("not an object")
        except (ValueError, RecursionError):
            aside = set_aside(self._path, content)
            if aside is None:  # another window has written it anew
                return self._load()
            self._warn(f"The settings could not be read and were set aside as {aside}. The defaults are used.")
            return {}
        self._warn_about(values)
        return values

    def _warn_about(self, values: Mapping[str, object]) -> None:
        for name, value in values.items():
            if name not in SETTINGS:
                hint = did_you_mean(name, SETTINGS)
                self._warn(f"{self._path.name}: unknown setting “{name}”. {hint}".strip())
                continue
            try:
                SETTINGS[name].check(value)
            except SettingsError as error:
                self._warn(f"{error} The default is used.")

    def _warn(self, text: str) -> None:
        if text not in self.warnings:
            self.warnings.append(text)
