"""Every action of the program: its name, its text, its keys and what it does in one line."""

from dataclasses import dataclass


@dataclass(frozen=True)
class ActionSpec:
    """`keys` are in Qt's portable text ("Ctrl+Shift+P"); the first is the one that menus and tooltips show.

    `group` decides the menu, where its keys work and what is said where it cannot act: see `action_groups.py`.
    """

    id: str  # "group.verb", as the file of changed shortcuts names it
    text: str
    tip: str
    keys: tuple[str, ...] = ()

    @property
    def group(self) -> str:
        return self.id.partition(".")[0]


_SPECS: tuple[ActionSpec, ...] = (
    # file: tabs, scripts, windows
    ActionSpec("file.new_tab", "New tab", "Open an empty SQL tab", ("Ctrl+T",)),
    ActionSpec("file.open", "Open SQL file…", "Open a script in a tab of its own", ("Ctrl+O",)),
    ActionSpec("file.save", "Save SQL", "Write the script of this tab to its file", ("Ctrl+S",)),
    ActionSpec("file.close_tab", "Close tab", "Close this tab", ("Ctrl+W",)),
    ActionSpec("file.reopen_tab", "Reopen closed tab", "Bring back the tab that was closed last", ("Ctrl+Shift+T",)),
    ActionSpec("file.close_window", "Close window", "Close this window and its sessions", ("Ctrl+Shift+W",)),
    # query: what a SQL tab runs
    ActionSpec(
        "query.run", "Run statement", "Run the selection or the statement at the caret", ("Ctrl+Return", "Ctrl+Enter")
    ),
    ActionSpec(
        "query.run_all",
        "Run all",
        "Run the whole script",
        ("F5", "Ctrl+Shift+Return", "Ctrl+Shift+Enter"),
    ),
    ActionSpec("query.stop", "Stop", "Stop what runs in this tab", ("Esc", "Ctrl+.")),
    ActionSpec("query.commit", "Commit", "Keep the changes of the open transaction", ("Ctrl+Shift+M",)),
    ActionSpec("query.rollback", "Roll back", "Undo the changes of the open transaction", ("Ctrl+Shift+U",)),
    ActionSpec("query.switch_focus", "Go to editor or results", "Move between the editor and its results", ("F6",)),
    # result: what is done with a result as a whole
    ActionSpec("result.export", "Export result…", "Write the rows of this result to a file", ("Ctrl+E",)),
    ActionSpec("result.filter", "Filter rows", "Show only the fetched rows that match", ("Ctrl+Shift+F",)),
    # objects: the schema tree
    ActionSpec("objects.filter", "Filter objects", "Type a part of a name to find it in the tree", ("Ctrl+Shift+E",)),
    ActionSpec("objects.open_data", "Open data", "Show the rows of this table or view"),
    ActionSpec("objects.select", "Generate SELECT", "Write a SELECT that names every column; it is not run"),
    ActionSpec("objects.show_ddl", "Show DDL", "Write the statements that make this object into a tab", ("Ctrl+D",)),
    ActionSpec("objects.copy_ddl", "Copy DDL", "Copy the statements that make this object"),
    ActionSpec("objects.copy_name", "Copy name", "Copy the name of this object", ("Ctrl+C",)),
    ActionSpec("objects.copy_qualified", "Copy qualified name", "Copy the name as SQL needs it", ("Ctrl+Shift+C",)),
    ActionSpec("objects.refresh", "Refresh", "Read what is below this object again", ("F5",)),
    ActionSpec("objects.refresh_all", "Refresh all", "Read every object again", ("Ctrl+F5",)),
    ActionSpec("objects.system", "Show system objects", "Show what the server keeps for itself"),
    # view: what is seen of the window
    ActionSpec("view.switch_connection", "Switch connection…", "Go to another connection", ("Ctrl+Shift+O",)),
    ActionSpec("view.connections", "All connections", "Show the list of all connections", ("Ctrl+Shift+N",)),
    ActionSpec("view.next_tab", "Next tab", "Go to the next tab", ("Ctrl+PgDown",)),
    ActionSpec("view.previous_tab", "Previous tab", "Go to the previous tab", ("Ctrl+PgUp",)),
    ActionSpec("view.settings", "Settings…", "Change how KeeperDB looks and works", ("Ctrl+,",)),
)

ACTIONS: dict[str, ActionSpec] = {spec.id: spec for spec in _SPECS}
