"""A node in its place in the schema tree: what is below it are plain nodes, until they are looked at."""

from bisect import bisect_left

from keeperdb.engines.base import Node, NodeKind
from keeperdb.gui.cell_text import one_line

MOST_CHILDREN = 1_000  # shown below one node at first: a tree view asks for every row that is open, 20 µs each
MOST_MATCHES = 400  # likewise while a filter is typed


class SchemaItem:
    """A node, or a line of words (`node` None). `nodes` is None until they are loaded.

    `shown` are the numbers of the nodes that can be seen, ascending, at most `limit` of them; `words` is a line of
    words after the last.
    """

    __slots__ = (
        "_made",
        "_names",
        "is_error",
        "is_loading",
        "is_open",
        "limit",
        "node",
        "nodes",
        "parent",
        "row",
        "shown",
        "text",
        "visible",
        "words",
    )

    def __init__(self, node: Node | None, parent: "SchemaItem | None", text: str = "", is_error: bool = False) -> None:
        self.node = node
        self.parent = parent
        self.text = text
        self.is_error = is_error
        self.is_loading = False
        self.is_open = False  # as the person left it, whatever the filter opens
        self.row = 0
        self.limit = MOST_CHILDREN
        self.nodes: list[Node] | None = None if node is None or node.has_children else []
        self.visible: list[int] = []  # numbers of the nodes that no setting hides
        self.shown: list[int] = []
        self.words: SchemaItem | None = None
        self._made: dict[int, SchemaItem] = {}
        self._names: list[str] | None = None

    @property
    def label(self) -> str:
        return one_line(self.node.name) if self.node is not None else self.text

    @property
    def row_count(self) -> int:
        return len(self.shown) + (self.words is not None)

    @property
    def has_children(self) -> bool:
        if self.nodes is None:
            return self.node is None or self.node.has_children
        return self.row_count > 0

    @property
    def holds_something(self) -> bool:
        """Whether it was opened, so that it is not to be made anew."""
        is_loaded = self.nodes is not None and self.node is not None and self.node.has_children
        return is_loaded or self.is_loading or self.is_open or self.words is not None

    @property
    def opened(self) -> "list[tuple[int, SchemaItem]]":
        """The items below that hold something, with their numbers, whether they are shown or not."""
        return [(number, item) for number, item in self._made.items() if item.holds_something]

    @property
    def hides_some(self) -> bool:
        """Whether there are more nodes than are shown at a time."""
        return self.words is not None and bool(self.shown)

    def is_shown(self, item: "SchemaItem") -> bool:
        return 0 <= item.row < len(self.shown) and self._made.get(self.shown[item.row]) is item

    def set_nodes(self, nodes: list[Node] | None) -> None:
        self.nodes = nodes
        self.limit = MOST_CHILDREN
        self.visible = []
        self._made = {}
        self._names = None

    def replace_nodes(self, nodes: list[Node]) -> None:
        """Nodes of the same path say more than those that are there."""
        found = {node.path: node for node in nodes}
        self.nodes = [found.get(node.path, node) for node in self.nodes or ()]
        for number, item in self._made.items():
            item.node = self.nodes[number]

    def child(self, row: int) -> "SchemaItem | None":
        """The item in a row, made now if it was not looked at before."""
        if row == len(self.shown):
            return self.words
        if not 0 <= row < len(self.shown) or self.nodes is None:
            return None
        number = self.shown[row]
        item = self._made.get(number)
        if item is None:
            item = self._made[number] = SchemaItem(self.nodes[number], self)
        item.row = row
        return item

    def set_shown(self, numbers: list[int], words: str = "", *, are_matches: bool = False) -> None:
        """Show these nodes, then `words`. Items that hold nothing are made anew when they are looked at."""
        limit = self.limit - MOST_CHILDREN + MOST_MATCHES if are_matches else self.limit
        self.shown = numbers[:limit]
        self._made = {number: item for number, item in self._made.items() if item.holds_something}
        for number, item in self._made.items():
            place = bisect_left(self.shown, number)
            item.row = place if place < len(self.shown) and self.shown[place] == number else -1
        if len(numbers) > limit:
            words = f"{len(numbers) - limit:,} more: press Enter"
        self.words = SchemaItem(None, self, words) if words else None
        if self.words is not None:
            self.words.row = len(self.shown)

    def set_words(self, text: str, *, is_error: bool = False) -> None:
        """Show a line of words instead of nodes."""
        self.shown = []
        self.words = SchemaItem(None, self, text, is_error)

    def matching(self, text: str) -> list[int]:
        """The numbers of the visible nodes that have `text`, which is folded, in their name."""
        names = self._folded()
        return [number for number in self.visible if text in names[number]]

    def matches(self, text: str) -> bool:
        """Whether `text`, which is folded, is in the item's own name. A heading has none of its own."""
        return self.node is not None and self.node.kind is not NodeKind.GROUP and text in self.node.name.casefold()

    def has_match(self, text: str) -> bool:
        """Whether a node that is shown below has `text` in its name."""
        names = self._folded()
        return any(text in names[number] for number in self.shown)

    def _folded(self) -> list[str]:
        if self._names is None:
            self._names = ["" if node.kind is NodeKind.GROUP else node.name.casefold() for node in self.nodes or ()]
        return self._names
