"""The keys of other clients, for hands that know them: only what differs from the table of actions."""

from collections.abc import Mapping
from dataclasses import dataclass, field

DEFAULT_PRESET = "keeperdb"


@dataclass(frozen=True)
class Preset:
    """`keys` by the action's name; actions that are not named keep the keys of the table."""

    name: str
    title: str
    keys: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


# The defaults on Windows and Linux, as each product's own list of shortcuts has them.
_DBEAVER = {
    "query.run": ("Ctrl+Return", "Ctrl+Enter"),
    "query.run_all": ("Alt+X",),
    "file.new_tab": ("Ctrl+]", "Ctrl+T"),
    "view.palette": ("Ctrl+3", "Ctrl+Shift+P"),
    "view.go_to": ("Ctrl+Shift+D", "Ctrl+P"),
    "view.switch_connection": ("Ctrl+9",),
    "view.next_tab": ("Ctrl+F6", "Ctrl+PgDown"),
    "view.previous_tab": ("Ctrl+Shift+F6", "Ctrl+PgUp"),
    "result.filter": ("Ctrl+F11",),
    "objects.show_ddl": ("F4",),
    "editor.format": ("Ctrl+Shift+F",),
    "editor.block_comment": ("Ctrl+Shift+/",),
    "editor.delete_line": ("Ctrl+D",),
    "editor.duplicate": ("Ctrl+Alt+Down",),
    "editor.upper_case": ("Ctrl+Shift+X",),
    "editor.lower_case": ("Ctrl+Shift+Y",),
}
_DATAGRIP = {
    "query.stop": ("Ctrl+F2", "Esc"),
    "file.new_tab": ("Ctrl+Shift+Q", "Ctrl+T"),
    "file.close_tab": ("Ctrl+F4", "Ctrl+W"),
    "view.palette": ("Ctrl+Shift+A", "Ctrl+Shift+P"),
    "view.go_to": ("Ctrl+N", "Ctrl+P"),
    "view.settings": ("Ctrl+Alt+S",),
    "view.next_tab": ("Alt+Right", "Ctrl+PgDown"),
    "view.previous_tab": ("Alt+Left", "Ctrl+PgUp"),
    "objects.show_ddl": ("Ctrl+B",),
    "objects.refresh": ("Ctrl+F5",),
    "objects.refresh_all": (),
    "editor.replace": ("Ctrl+R",),
    "editor.format": ("Ctrl+Alt+L",),
    "editor.block_comment": ("Ctrl+Shift+/",),
    "editor.duplicate": ("Ctrl+D",),
    "editor.delete_line": ("Ctrl+Y",),
    "editor.join_lines": ("Ctrl+Shift+J",),
    "editor.move_up": ("Alt+Shift+Up",),
    "editor.move_down": ("Alt+Shift+Down",),
    "editor.next_occurrence": ("Alt+J",),
    "editor.all_occurrences": ("Ctrl+Alt+Shift+J",),
    "editor.upper_case": ("Ctrl+Shift+U",),
    "editor.fold": ("Ctrl+-",),
    "editor.unfold": ("Ctrl++", "Ctrl+="),
    "editor.fold_all": ("Ctrl+Shift+-",),
    "editor.unfold_all": ("Ctrl+Shift++",),
}
_TABLEPLUS = {
    "query.run_all": ("Ctrl+Shift+Return", "Ctrl+Shift+Enter"),
    "query.stop": ("Ctrl+.", "Esc"),
    "file.new_tab": ("Ctrl+E", "Ctrl+T"),
    "view.switch_connection": ("Ctrl+Shift+K",),
    "result.export": (),
    "result.filter": ("Ctrl+Alt+F",),
    "objects.refresh": ("Ctrl+R",),
    "objects.refresh_all": ("Ctrl+Shift+R",),
    "editor.format": ("Ctrl+I",),
}
_SSMS = {
    "query.run": ("Ctrl+E", "Ctrl+Return"),
    "query.run_all": ("F5", "Alt+X"),
    "query.stop": ("Alt+Pause", "Esc"),
    "file.new_tab": ("Ctrl+N", "Ctrl+T"),
    "file.close_tab": ("Ctrl+F4", "Ctrl+W"),
    "view.palette": ("Ctrl+Q", "Ctrl+Shift+P"),
    "view.next_tab": ("Ctrl+F6", "Ctrl+PgDown"),
    "view.previous_tab": ("Ctrl+Shift+F6", "Ctrl+PgUp"),
    "result.export": ("Ctrl+Shift+S",),
    "objects.filter": ("F8",),
    "editor.comment": ("Ctrl+K, Ctrl+C",),
    "editor.upper_case": ("Ctrl+Shift+U",),
    "editor.lower_case": ("Ctrl+U",),
    "editor.delete_line": ("Ctrl+L",),
}

PRESETS: dict[str, Preset] = {
    preset.name: preset
    for preset in (
        Preset(DEFAULT_PRESET, "KeeperDB"),
        Preset("dbeaver", "DBeaver", _DBEAVER),
        Preset("datagrip", "DataGrip", _DATAGRIP),
        Preset("tableplus", "TablePlus", _TABLEPLUS),
        Preset("ssms", "SQL Server Management Studio", _SSMS),
    )
}
