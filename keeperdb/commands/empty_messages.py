"""What an answer says for a command that was carried out and has nothing to show, in Commander's words."""

_MESSAGES = {
    "sync-down": "Vault synchronized successfully",
    "keep-alive": "Session kept alive successfully",
    "record-update": "Record updated successfully",
    "append-notes": "Notes appended successfully",
    "mv": "Item moved successfully",
}
_OTHERWISE = "Command executed successfully but produced no output"


def message_for_nothing(word: str) -> str:
    """By the word that the line began with: Commander's aliases get the general sentence."""
    return _MESSAGES.get(word, _OTHERWISE)
