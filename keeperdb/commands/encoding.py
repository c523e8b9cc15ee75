"""JSON as Commander sends it."""

import json


def compact(value: object) -> bytes:
    """Sorted, without blanks, in ASCII."""
    return json.dumps(value, sort_keys=True, separators=(",", ":")).encode()
