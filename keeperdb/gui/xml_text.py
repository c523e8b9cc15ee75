"""XML with a line for each element, by its own characters: nothing in it is resolved, loaded or expanded."""

import re

_PLAIN = re.compile(r"[^>\"']*")  # of a tag, up to its end or a quote
_ENDS = (("<!--", "-->"), ("<![CDATA[", "]]>"), ("<?", "?>"))
_DEEPEST = 200  # levels that are still moved to the right
_LOOK = 200  # characters at the beginning


def looks_like_xml(text: str) -> bool:
    """By its beginning."""
    head = text[:_LOOK].lstrip("\ufeff \t\r\n")
    return bool(re.match(r"<(?:\?xml\b|!--|!DOCTYPE\b|[A-Za-z_][\w.:-]*[\s/>])", head))


def indented_xml(text: str) -> tuple[str, str]:
    """`text` with line ends between its elements, and a note; what cannot be put in order stays as it is.

    An element with text in it stays on its line, and every character of the text stays.
    """
    tokens = _tokens(text)
    if tokens is None:
        return text, "This is not XML that can be put in order; it is shown as it is"
    note = "Entities and the DOCTYPE are shown, not resolved" if "<!DOCTYPE" in text else ""
    return "".join(_lines(tokens)).strip("\n"), note


def _tokens(text: str) -> list[str] | None:
    """Tags, comments and what is between them; None where one does not end. Looks at each character once."""
    tokens: list[str] = []
    position = 0
    while position < len(text):
        if text[position] != "<":
            end = text.find("<", position)
            end = len(text) if end < 0 else end
        else:
            end = _end_of_tag(text, position)
            if end < 0:
                return None
        tokens.append(text[position:end])
        position = end
    return tokens


def _end_of_tag(text: str, start: int) -> int:
    """The position after what begins at `start`; -1 if it does not end."""
    for opening, closing in _ENDS:
        if text.startswith(opening, start):
            end = text.find(closing, start + len(opening))
            return end + len(closing) if end >= 0 else -1
    if text.startswith("<!DOCTYPE", start):
        return _end_of_doctype(text, start)
    position = start
    while position < len(text):
        found = _PLAIN.match(text, position)
        position = found.end() if found is not None else len(text)
        if position >= len(text) or text[position] == ">":
            break
        position = text.find(text[position], position + 1) + 1
        if position <= 0:
            return -1
    return position + 1 if position < len(text) else -1


def _end_of_doctype(text: str, start: int) -> int:
    end, subset = text.find(">", start), text.find("[", start)
    if 0 <= subset < end:
        inner = text.find("]", subset)
        end = text.find(">", inner) if inner >= 0 else -1
    return end + 1 if end >= 0 else -1


def _lines(tokens: list[str]) -> list[str]:
    """Tokens with line ends before those that are not inside an element with text of its own."""
    mixed = _with_text(tokens)
    pieces: list[str] = []
    opened: list[int] = []
    inside = 0  # how many of the open elements have text
    for number, token in enumerate(tokens):
        kind = _kind(token)
        was_inside = inside > 0
        start = opened.pop() if kind == "end" and opened else -1
        inside -= start in mixed
        is_kept = was_inside or kind == "text" or (kind == "end" and start == number - 1)
        if is_kept:
            pieces.append(token)
        elif kind != "space":
            pieces.append("\n" + "  " * min(len(opened), _DEEPEST) + token)
        if kind == "start":
            opened.append(number)
            inside += number in mixed
    return pieces


def _with_text(tokens: list[str]) -> set[int]:
    """The places of start tags of elements that have text between their parts."""
    found: set[int] = set()
    opened: list[int] = []
    for number, token in enumerate(tokens):
        kind = _kind(token)
        if kind == "start":
            opened.append(number)
        elif kind == "end" and opened:
            opened.pop()
        elif kind == "text" and opened:
            found.add(opened[-1])
    return found


def _kind(token: str) -> str:
    if not token.startswith("<"):
        return "text" if token.strip() else "space"
    if token.startswith("</"):
        return "end"
    return "other" if token.startswith(("<!", "<?")) or token.endswith("/>") else "start"
