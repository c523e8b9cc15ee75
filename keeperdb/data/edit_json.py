"""JSON laid out over several lines without touching any of its values: numbers keep the digits they came with."""

import json
import re

_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\],:]|[^\s{}\[\],:"]+')
_INDENT = "  "


def lay_out_json(text: str) -> str:
    """`text` with a line for each member. Raises `ValueError` for what is no JSON."""
    json.loads(text)
    parts: list[str] = []
    depth = 0
    previous = ""
    for match in _TOKEN.finditer(text):
        sign = match[0]
        if sign in "}]":
            depth -= 1
            if previous not in ("{", "["):
                parts.append("\n" + _INDENT * depth)
        elif previous in ("{", "[", ","):
            parts.append("\n" + _INDENT * depth)
        parts.append(": " if sign == ":" else sign)
        depth += sign in ("{", "[")
        previous = sign
    return "".join(parts)
