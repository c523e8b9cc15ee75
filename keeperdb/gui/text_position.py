"""Positions in text: Qt counts UTF-16 units, Python counts characters; they differ after an emoji."""

_BASIC_PLANE = "\uffff"


def to_units(text: str, position: int) -> int:
    """The Qt position of the character at `position`."""
    if text.isascii():
        return position
    return position + sum(character > _BASIC_PLANE for character in text[:position])


def to_characters(text: str, units: int) -> int:
    """The Python index of the character at the Qt position `units`."""
    if text.isascii():
        return units
    counted = 0
    for index, character in enumerate(text):
        if counted >= units:
            return index
        counted += 2 if character > _BASIC_PLANE else 1
    return len(text)


def matching_bracket(text: str, position: int, reach: int = 20_000) -> int | None:
    """Where the bracket at `position` is closed or opened, within `reach` characters; quoted text is skipped."""
    if not 0 <= position < len(text) or text[position] not in _PAIRS:
        return None
    is_opening = text[position] in "([{"
    step, partner, depth = (1 if is_opening else -1), _PAIRS[text[position]], 0
    quote = ""
    end = min(len(text), position + reach) if is_opening else max(-1, position - reach)
    for index in range(position, end, step):
        character = text[index]
        if quote or character in "'\"`":
            quote = ("" if character == quote else quote) if quote else character
        elif character == text[position]:
            depth += 1
        elif character == partner:
            depth -= 1
            if depth == 0:
                return index
    return None


_PAIRS = dict(zip("([{)]}", ")]}([{", strict=True))
