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
    ActionSpec("file.save_query", "Save as saved query…", "Keep this tab among the saved queries", ("Ctrl+Alt+G",)),
    ActionSpec("file.closed_tabs", "Closed tabs…", "Choose a closed tab to open it again"),
    ActionSpec("file.close_tab", "Close tab", "Close this tab", ("Ctrl+W",)),
    ActionSpec("file.close_others", "Close other tabs", "Close every other tab of this pane"),
    ActionSpec("file.reopen_tab", "Reopen closed tab", "Bring back the tab that was closed last", ("Ctrl+Shift+T",)),
    ActionSpec("file.close_window", "Close window", "Close this window and its sessions", ("Ctrl+Shift+W",)),
    # history: the panel of what was run
    ActionSpec("history.open", "Open in new tab", "Open the statement in a tab; it is not run", ("Return", "Enter")),
    ActionSpec("history.run_again", "Run again…", "Open the statement in a tab, with a button that runs it"),
    ActionSpec("history.insert", "Insert at caret", "Write the statement into the current tab", ("Ctrl+Return",)),
    ActionSpec("history.copy", "Copy statement", "Copy the statement", ("Ctrl+C",)),
    ActionSpec("history.delete", "Forget statement", "Take the statement out of the history", ("Del",)),
    ActionSpec("history.clear", "Clear history…", "Forget what was run on this connection, or everywhere"),
    # saved: the panel of saved queries
    ActionSpec("saved.open", "Open saved query", "Open it in a tab; Save writes back to its file", ("Return", "Enter")),
    ActionSpec("saved.insert", "Insert saved query", "Write its text into the current tab", ("Ctrl+Return",)),
    ActionSpec("saved.rename", "Rename or move…", "Give it another name or folder", ("F2",)),
    ActionSpec("saved.delete", "Delete saved query", "Take it away; this can be undone", ("Del",)),
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
    # editor: the text of a SQL tab
    ActionSpec("editor.find", "Find…", "Look for a text in this script", ("Ctrl+F",)),
    ActionSpec("editor.replace", "Replace…", "Look for a text in this script and write another", ("Ctrl+H",)),
    ActionSpec("editor.find_next", "Find next", "Go to the next place that was found", ("F3",)),
    ActionSpec("editor.find_previous", "Find previous", "Go to the place found before", ("Shift+F3",)),
    ActionSpec("editor.comment", "Toggle line comment", "Comment the selected lines, or take it away", ("Ctrl+/",)),
    ActionSpec(
        "editor.block_comment",
        "Toggle block comment",
        "Put /* */ around the selection, or take it away",
        ("Alt+Shift+A",),
    ),
    ActionSpec("editor.indent", "Indent lines", "Move the selected lines to the right", ("Ctrl+]",)),
    ActionSpec("editor.outdent", "Outdent lines", "Move the selected lines to the left", ("Ctrl+[",)),
    ActionSpec("editor.move_up", "Move line up", "Exchange the selected lines with the one above", ("Alt+Up",)),
    ActionSpec("editor.move_down", "Move line down", "Exchange the selected lines with the one below", ("Alt+Down",)),
    ActionSpec("editor.duplicate", "Duplicate line", "Write the line or the selection again", ("Ctrl+Shift+D",)),
    ActionSpec("editor.delete_line", "Delete line", "Delete the selected lines", ("Ctrl+Shift+K",)),
    ActionSpec("editor.join_lines", "Join lines", "Put the selected lines on one", ("Ctrl+J",)),
    ActionSpec("editor.upper_case", "Upper case", "Write the selection or the word in capitals", ("Ctrl+Shift+X",)),
    ActionSpec(
        "editor.lower_case", "Lower case", "Write the selection or the word in small letters", ("Ctrl+Shift+Y",)
    ),
    ActionSpec(
        "editor.format", "Format SQL…", "Lay out the selection or the script, after a preview", ("Ctrl+Shift+I",)
    ),
    ActionSpec(
        "editor.next_occurrence",
        "Select next occurrence",
        "Select the word at the caret, then its next occurrence too, with a caret at each",
        ("Ctrl+D",),
    ),
    ActionSpec(
        "editor.all_occurrences",
        "Select all occurrences",
        "Put a caret at every occurrence of the selection or the word",
        ("Ctrl+Shift+L",),
    ),
    ActionSpec("editor.caret_above", "Add caret above", "Type on the line above too", ("Ctrl+Alt+Up",)),
    ActionSpec("editor.caret_below", "Add caret below", "Type on the line below too", ("Ctrl+Alt+Down",)),
    ActionSpec("editor.go_to_line", "Go to line…", "Go to a line by its number", ("Alt+G",)),
    ActionSpec("editor.go_to_bracket", "Go to matching bracket", "Jump between two brackets", ("Ctrl+Shift+\\",)),
    ActionSpec("editor.fold", "Fold", "Fold what is around the caret", ("Ctrl+Shift+[",)),
    ActionSpec("editor.unfold", "Unfold", "Show what is folded at the caret", ("Ctrl+Shift+]",)),
    ActionSpec("editor.fold_all", "Fold all", "Fold every statement of several lines", ("Ctrl+Alt+[",)),
    ActionSpec("editor.unfold_all", "Unfold all", "Show everything that is folded", ("Ctrl+Alt+]",)),
    ActionSpec("editor.zoom_in", "Larger text", "Make the text of this editor larger", ("Ctrl++", "Ctrl+=")),
    ActionSpec("editor.zoom_out", "Smaller text", "Make the text of this editor smaller", ("Ctrl+-",)),
    ActionSpec("editor.zoom_reset", "Normal text size", "Go back to the size of the settings", ("Ctrl+0",)),
    ActionSpec("editor.wrap", "Wrap long lines", "Break long lines at the edge of this editor, or not", ("Alt+Z",)),
    ActionSpec("editor.complete", "Complete", "Show what may stand at the caret", ("Ctrl+Space",)),
    ActionSpec("editor.definition", "Go to definition", "Go to the table, column or alias at the caret", ("F12",)),
    ActionSpec("editor.next_problem", "Next problem", "Go to the next place that is marked as wrong", ("F8",)),
    ActionSpec("editor.save_snippet", "Save selection as snippet…", "Keep the selection under an abbreviation"),
    ActionSpec("editor.snippets", "Snippets…", "Change, share and remove snippets"),
    ActionSpec("editor.show_spaces", "Show spaces and tabs", "Draw a dot for each space and an arrow for each tab"),
    # result: what is done with a result as a whole
    ActionSpec("result.export", "Export result…", "Write the rows of this result to a file", ("Ctrl+E",)),
    ActionSpec("result.filter", "Filter rows", "Show only the fetched rows that match", ("Ctrl+Shift+F",)),
    ActionSpec("result.back", "Back", "Go back to the rows from which a key was followed", ("Alt+Left",)),
    ActionSpec("result.forward", "Forward", "Go to the rows that were left by going back", ("Alt+Right",)),
    ActionSpec("result.pin", "Pin result", "Keep this result when statements are run again", ("Ctrl+Alt+K",)),
    ActionSpec("result.rename", "Rename result…", "Give this result another name"),
    ActionSpec("result.detach", "Detach result", "Show this result in a window of its own", ("Ctrl+Alt+D",)),
    ActionSpec("result.close", "Close result", "Take this result away", ("Ctrl+Alt+W",)),
    # record: rows turned on their side
    ActionSpec("record.copy", "Copy from the record", "Copy the selected cells", ("Ctrl+C",)),
    ActionSpec("record.previous", "Previous row", "Show the row before", ("Alt+Up",)),
    ActionSpec("record.next", "Next row", "Show the row after", ("Alt+Down",)),
    ActionSpec("record.search", "Find a column", "Go to the search by column name", ("Ctrl+F",)),
    ActionSpec("record.back", "Back to the rows", "Leave the record view", ("F4",)),
    # grid: the rows of a result, with the focus in them
    ActionSpec("grid.copy", "Copy", "Copy the selected cells as they are", ("Ctrl+C",)),
    ActionSpec("grid.copy_tsv_headers", "Copy with column names", "Copy with a line of names first", ("Ctrl+Shift+C",)),
    ActionSpec("grid.copy_as", "Copy as…", "Choose the form in which cells are copied", ("Ctrl+Alt+C",)),
    ActionSpec("grid.copy_csv", "Copy as CSV", "Copy as comma-separated values with column names"),
    ActionSpec("grid.copy_csv_rows", "Copy as CSV without column names", "Copy as comma-separated values"),
    ActionSpec("grid.copy_json", "Copy as JSON", "Copy as an array of objects", ("Ctrl+Alt+J",)),
    ActionSpec("grid.copy_jsonl", "Copy as JSON lines", "Copy as one object per line"),
    ActionSpec("grid.copy_markdown", "Copy as Markdown", "Copy as a table of Markdown", ("Ctrl+Alt+M",)),
    ActionSpec("grid.copy_html", "Copy as HTML", "Copy as a table for documents and mail"),
    ActionSpec("grid.copy_insert", "Copy as INSERT", "Copy as INSERT statements", ("Ctrl+Alt+I",)),
    ActionSpec("grid.copy_update", "Copy as UPDATE", "Copy as an UPDATE for each row; the key says which row"),
    ActionSpec("grid.copy_values", "Copy as VALUES", "Copy as a VALUES list"),
    ActionSpec("grid.copy_in", "Copy as IN (…)", "Copy each value once, for an IN condition", ("Ctrl+Alt+N",)),
    ActionSpec("grid.copy_python", "Copy as Python", "Copy as a list of dictionaries"),
    ActionSpec("grid.copy_template", "Copy by own template", "Copy by the template in Settings, Results"),
    ActionSpec("grid.copy_name", "Copy column name", "Copy the name of this column"),
    ActionSpec("grid.find", "Find in cells…", "Find a text in all fetched cells", ("Ctrl+F",)),
    ActionSpec("grid.find_next", "Find next cell", "Go to the next found cell", ("F3",)),
    ActionSpec("grid.find_previous", "Find previous cell", "Go to the found cell before", ("Shift+F3",)),
    ActionSpec("grid.filter_column", "Filter by column…", "Keep the fetched rows with a text in this column"),
    ActionSpec("grid.filter_value", "Filter by this value", "Keep the fetched rows with it", ("Ctrl+Alt+F",)),
    ActionSpec("grid.exclude_value", "Exclude this value", "Leave out the fetched rows with it", ("Ctrl+Alt+X",)),
    ActionSpec("grid.filter_values", "Filter by values…", "Choose among the values of this column", ("Alt+Down",)),
    ActionSpec("grid.condition", "Filter by condition…", "Keep the fetched rows that meet it", ("Ctrl+Alt+E",)),
    ActionSpec("grid.sort", "Sort by column", "Sort the fetched rows: up, down, not", ("Alt+S",)),
    ActionSpec("grid.sort_descending", "Sort descending", "Sort the fetched rows, the greatest first"),
    ActionSpec("grid.sort_add", "Add to sorting", "Sort by this column too", ("Alt+Shift+S",)),
    ActionSpec("grid.sort_none", "Do not sort", "Show the rows in the order in which they came"),
    ActionSpec("grid.columns", "Go to column…", "Find a column by its name; hide and pin columns", ("Ctrl+L",)),
    ActionSpec("grid.pin", "Pin or unpin column", "Keep this column in sight while others scroll", ("Ctrl+Alt+P",)),
    ActionSpec("grid.unpin_all", "Unpin all columns", "Let all columns scroll"),
    ActionSpec("grid.mask", "Mask in privacy mode", "Have privacy mode mask columns of this name, or not"),
    ActionSpec("grid.hide", "Hide column", "Do not show this column", ("Ctrl+Alt+H",)),
    ActionSpec("grid.show_all", "Show all columns", "Show the columns that are hidden"),
    ActionSpec("grid.move_left", "Move column left", "Put it before its neighbour", ("Ctrl+Alt+Shift+Left",)),
    ActionSpec("grid.move_right", "Move column right", "Put it behind its neighbour", ("Ctrl+Alt+Shift+Right",)),
    ActionSpec("grid.fit", "Fit column width", "As wide as what is seen of it needs"),
    ActionSpec("grid.reset_columns", "Reset columns", "All columns as they came, nothing pinned or hidden"),
    ActionSpec("grid.show_value", "Show value", "Open the whole value in a window", ("F2",)),
    ActionSpec("grid.value_panel", "Value panel", "Show the current value beside the rows", ("F7",)),
    ActionSpec("grid.record", "Record view", "Show the selected rows with a line per column", ("F4",)),
    ActionSpec("grid.go_to_row", "Go to row…", "Go to a row by its number", ("Ctrl+G",)),
    ActionSpec("grid.select_all", "Select all", "Select all fetched rows", ("Ctrl+A",)),
    ActionSpec("grid.select_column", "Select column", "Select the column of the current cell", ("Ctrl+Space",)),
    ActionSpec("grid.select_row", "Select rows", "Select the whole rows of the selection", ("Shift+Space",)),
    ActionSpec("grid.follow_key", "Go to referenced row", "Open the row that this foreign key names", ("Ctrl+B",)),
    ActionSpec("grid.referring", "Rows that refer here…", "Choose a table whose rows name this row", ("Ctrl+Shift+B",)),
    # data: the rows of a table and what is staged for them
    ActionSpec(
        "data.edit_result", "Edit rows", "Find out which columns of this result can be changed", ("Ctrl+Alt+R",)
    ),
    ActionSpec("data.refresh", "Refresh rows", "Read this page again; staged changes stay"),
    ActionSpec("data.filter", "Filter table…", "Choose conditions that the server checks", ("Ctrl+Shift+R",)),
    ActionSpec("data.first_page", "First page", "Go to the first rows of the table", ("Ctrl+Alt+Home",)),
    ActionSpec("data.previous_page", "Previous page", "Go to the rows before these", ("Ctrl+Alt+PgUp",)),
    ActionSpec("data.next_page", "Next page", "Go to the rows behind these", ("Ctrl+Alt+PgDown",)),
    ActionSpec("data.last_page", "Last page", "Go to the last rows of the table", ("Ctrl+Alt+End",)),
    ActionSpec("data.choose_key", "Choose key…", "Choose the columns that name a row of a table without a key"),
    ActionSpec("data.edit_cell", "Edit cell", "Change the current cell", ("Return", "Enter")),
    ActionSpec("data.set_null", "Set NULL", "Stage NULL for the selected cells", ("Ctrl+Backspace",)),
    ActionSpec("data.set_default", "Set DEFAULT", "Stage the column's default for the selected cells"),
    ActionSpec("data.set_now", "Set current time", "Stage the server's time for the selected cells", ("Ctrl+;",)),
    ActionSpec("data.set_uuid", "Set UUID", "Stage a new UUID for each of the selected cells"),
    ActionSpec("data.load_file", "Load from file…", "Stage the content of a file for the current cell"),
    ActionSpec("data.paste", "Paste", "Stage the clipboard for the cells from the current one on", ("Ctrl+V",)),
    ActionSpec("data.paste_rows", "Paste as new rows", "Stage the clipboard as rows to be added", ("Ctrl+Shift+V",)),
    ActionSpec("data.add_row", "Add row", "Stage a new row", ("Ins",)),
    ActionSpec("data.duplicate_rows", "Duplicate rows", "Stage copies of the selected rows", ("Alt+Ins",)),
    ActionSpec("data.delete_rows", "Delete rows", "Stage the selected rows to be deleted", ("Del",)),
    ActionSpec("data.revert_rows", "Revert rows", "Take back what is staged for the selected rows", ("Alt+Backspace",)),
    ActionSpec("data.undo", "Undo", "Take back the last staged step", ("Ctrl+Z",)),
    ActionSpec("data.redo", "Redo", "Stage again what was undone", ("Ctrl+Y", "Ctrl+Shift+Z")),
    ActionSpec("data.preview", "Preview SQL", "Show the statements that Commit runs", ("Ctrl+Alt+Q",)),
    ActionSpec(
        "data.commit", "Commit staged changes", "Write them in one transaction", ("Ctrl+Alt+Return", "Ctrl+Alt+Enter")
    ),
    ActionSpec("data.discard", "Discard staged changes", "Take all of them back; Undo brings them back"),
    # objects: the schema tree
    ActionSpec("objects.filter", "Filter objects", "Type a part of a name to find it in the tree", ("Ctrl+Shift+E",)),
    ActionSpec("objects.open_data", "Open data", "Show the rows of this table or view"),
    ActionSpec("objects.export", "Export table…", "Write all rows of this table or view to a file"),
    ActionSpec("objects.select", "Generate SELECT", "Write a SELECT that names every column; it is not run"),
    ActionSpec("objects.insert", "Generate INSERT", "Write an INSERT with a place for each value; it is not run"),
    ActionSpec("objects.update", "Generate UPDATE", "Write an UPDATE by the primary key; it is not run"),
    ActionSpec("objects.delete", "Generate DELETE", "Write a DELETE by the primary key; it is not run"),
    ActionSpec("objects.show_ddl", "Show DDL", "Write the statements that make this object into a tab", ("Ctrl+D",)),
    ActionSpec("objects.copy_ddl", "Copy DDL", "Copy the statements that make this object"),
    ActionSpec("objects.copy_name", "Copy name", "Copy the name of this object", ("Ctrl+C",)),
    ActionSpec("objects.copy_qualified", "Copy qualified name", "Copy the name as SQL needs it", ("Ctrl+Shift+C",)),
    ActionSpec("objects.refresh", "Refresh", "Read what is below this object again", ("F5",)),
    ActionSpec("objects.refresh_all", "Refresh all", "Read every object again", ("Ctrl+F5",)),
    ActionSpec("objects.system", "Show system objects", "Show what the server keeps for itself"),
    # picker: the list of connections
    ActionSpec("picker.new", "New connection…", "Enter the address of a database", ("Ctrl+N",)),
    ActionSpec("picker.attach", "Connect to your Keeper Vault…", "Attach a vault by a token", ("Ctrl+K",)),
    ActionSpec("picker.refresh", "Refresh the vaults", "Read the vaults again", ("F5",)),
    ActionSpec("picker.search", "Search connections", "Go to the search field", ("Ctrl+F",)),
    ActionSpec("picker.edit", "Edit connection…", "Change the connection", ("F2",)),
    ActionSpec("picker.duplicate", "Duplicate connection", "Make a local copy of the connection", ("Ctrl+D",)),
    ActionSpec("picker.copy_url", "Copy URL", "Copy the address without the password", ("Ctrl+Shift+C",)),
    # view: what is seen of the window
    ActionSpec("view.palette", "Command palette…", "Find an action by a few letters of it", ("Ctrl+Shift+P",)),
    ActionSpec(
        "view.go_to", "Go to…", "Find an object, a tab, a connection or a setting by a few letters", ("Ctrl+P",)
    ),
    ActionSpec("view.switch_connection", "Switch connection…", "Go to another connection", ("Ctrl+Shift+O",)),
    ActionSpec("view.connections", "All connections", "Show the list of all connections", ("Ctrl+Shift+N",)),
    ActionSpec("view.next_tab", "Next tab", "Go to the next tab", ("Ctrl+PgDown",)),
    ActionSpec("view.previous_tab", "Previous tab", "Go to the previous tab", ("Ctrl+PgUp",)),
    ActionSpec("view.split", "Split right", "Move this tab to a pane at the right", ("Ctrl+\\",)),
    ActionSpec("view.split_down", "Split down", "Move this tab to a pane below", ("Ctrl+Alt+\\",)),
    ActionSpec("view.other_pane", "Move to the next pane", "Move this tab to the pane beside it", ("Ctrl+Alt+Right",)),
    ActionSpec("view.detach_tab", "Detach tab", "Move this tab to a window of its own", ("Ctrl+Alt+Shift+W",)),
    ActionSpec("view.attach_tab", "Move tab back", "Move this tab back to the main window", ("Ctrl+Alt+A",)),
    ActionSpec(
        "view.objects", "Objects panel", "Go to the tree of objects; hide it if the focus is there", ("Ctrl+Alt+O",)
    ),
    ActionSpec("view.outline", "Outline panel", "Go to the statements of this script", ("Ctrl+Alt+L",)),
    ActionSpec(
        "view.history", "History panel", "Go to what was run before; hide it if the focus is there", ("Ctrl+Alt+Y",)
    ),
    ActionSpec(
        "view.saved", "Saved queries panel", "Go to the saved queries; hide them if the focus is there", ("Ctrl+Alt+B",)
    ),
    ActionSpec("view.reset_panels", "Reset panels", "Put every panel back where it was at first"),
    ActionSpec("view.settings", "Settings…", "Change how KeeperDB looks and works", ("Ctrl+,",)),
    # service: vault commands over HTTP
    ActionSpec("service.start", "Start the service", "Answer vault commands over HTTP, with the vault used last"),
    ActionSpec("service.stop", "Stop the service", "Let the requests under way end, then stop"),
    ActionSpec("service.copy_curl", "Copy curl line of the service", "Copy a line that calls it, without the key"),
    # app: what concerns the whole program
    ActionSpec("app.lock", "Lock now", "Cover every window until the PIN or password is given", ("Ctrl+Alt+Shift+L",)),
    ActionSpec("app.privacy", "Privacy mode", "Mask hosts and chosen columns, or show them", ("Ctrl+Alt+Shift+P",)),
    ActionSpec("app.log", "Log…", "Read what the program wrote down about itself"),
    ActionSpec("app.check_updates", "Check for a newer version", "Read the version file once, now"),
    ActionSpec("app.about", "About KeeperDB", "Versions, licences and what to report"),
)

ACTIONS: dict[str, ActionSpec] = {spec.id: spec for spec in _SPECS}
