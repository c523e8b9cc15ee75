"""What a session holds that is gone when it ends: changes not committed, temporary tables, settings."""

import re
from datetime import UTC, datetime

from keeperdb.query.safety import Kind, Verdict

_TEMPORARY = re.compile(r"\bCREATE\s+(?:OR\s+REPLACE\s+)?(?:GLOBAL\s+|LOCAL\s+)?TEMP(?:ORARY)?\b|\bTABLE\s+#\w", re.I)


class AtStake:
    """Counted statement by statement. Written on the session's lane; plain numbers, so any thread may look."""

    def __init__(self) -> None:
        self.statements = 0  # that changed something since the transaction began
        self.rows = 0  # that they changed, as far as the server said
        self.since: datetime | None = None  # when the transaction was first seen open
        self.has_temporary_tables = False
        self.has_settings = False

    def note(self, verdict: Verdict, statement: str, rows: int, *, in_transaction: bool) -> None:
        """A statement was run and changed `rows`; afterwards the session is `in_transaction` or not."""
        self.has_settings = self.has_settings or verdict.kind is Kind.SESSION
        self.has_temporary_tables = self.has_temporary_tables or bool(_TEMPORARY.search(statement))
        if not in_transaction:
            self.forget_transaction()
            return
        self.since = self.since or datetime.now(UTC)
        if verdict.is_change:
            self.statements += 1
            self.rows += rows

    def forget_transaction(self) -> None:
        """It was committed or rolled back."""
        self.statements, self.rows, self.since = 0, 0, None

    def in_words(self) -> list[str]:
        """What would be lost, each as a phrase."""
        found = []
        if self.since is not None:
            found.append(f"the open transaction ({changes_in_words(self.statements, self.rows)})")
        if self.has_temporary_tables:
            found.append("temporary tables")
        if self.has_settings:
            found.append("settings made with SET")
        return found


def changes_in_words(statements: int, rows: int) -> str:
    """`2 statements, 14 rows`; `no changes`."""
    if not statements:
        return "no changes"
    words = "1 statement" if statements == 1 else f"{statements:,} statements"
    if not rows:
        return words
    return f"{words}, {'1 row' if rows == 1 else f'{rows:,} rows'}"
